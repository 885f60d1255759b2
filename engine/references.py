"""The references of a request, whatever their medium: which can be used, and why not the others."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from engine.errors import REMARKS, BadInput
from engine.files import sha256
from engine.media.guard import MAX_FILE_BYTES, read_bytes
from engine.messages import (
    MAX_REFERENCES,
    AdaptRequest,
    Event,
    Progress,
    Reference,
    Refusal,
    Remark,
)
from engine.style import Ancestor

Content = TypeVar("Content")
Decode = Callable[[bytes, str], Content]  # (bytes, file name) -> what is in it; raises BadInput


@dataclass(frozen=True, slots=True)
class ReadReference(Generic[Content]):
    """A reference as the medium's decoder gives it; digest is the sha256 of its file."""

    name: str
    digest: str
    weight: float
    content: Content

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What the decoder has to say of how it was read."""
        return tuple(
            Remark(
                name=self.name,
                message=REMARKS[code].format(name=self.name),
                code=code,
                details={"name": self.name},
            )
            for code in getattr(self.content, "remarks", ())
        )

    @property
    def ancestor(self) -> Ancestor:
        return Ancestor(self.digest, self.name, self.weight)


def read_references(
    job: AdaptRequest, decode: Decode[Content], max_bytes: int = MAX_FILE_BYTES
) -> Generator[Event, None, tuple[list[ReadReference[Content]], list[Refusal]]]:
    """Those that can be used, and why the others cannot; yields Progress.

    Raises BadInput when there are none, too many, or none that can be used.
    """
    references = job.references
    if not references:
        raise BadInput("no_references")
    if len(references) > MAX_REFERENCES:
        raise BadInput("many_references", count=len(references), limit=MAX_REFERENCES)
    usable, refused = [], []
    for reference in references:
        try:
            usable.append(_read(reference, decode, max_bytes))
        except BadInput as error:
            if len(references) == 1:
                raise
            refused.append(refusal(reference.path, error))
        yield Progress(job_id=job.job_id, done=0, total=len(references), stage="reading")
    if not usable:
        raise BadInput("none_usable", first=refused[0].message)
    return usable, refused


def _read(reference: Reference, decode: Decode[Content], max_bytes: int) -> ReadReference[Content]:
    path = Path(reference.path)
    data = read_bytes(path, max_bytes)
    return ReadReference(path.name, sha256(data), reference.weight, decode(data, path.name))


def refusal(path: str, error: BadInput) -> Refusal:
    """Why the reference at `path` was left out."""
    return Refusal(
        path=path,
        message=str(error),
        remedy=error.remedy,
        code=error.code,
        details=error.details,
    )

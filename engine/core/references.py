"""The references of a request, whatever their medium: which can be used, and why not the others."""

import logging
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from engine.core.decoding.decoder import DecoderFault
from engine.core.errors import REMARKS, BadInput
from engine.core.files import sha256
from engine.core.input_files import read_bytes
from engine.core.job_events import with_progress
from engine.core.names import readable
from engine.core.progress import Advance, Pace, shares
from engine.core.style import Ancestor
from engine.protocol import (
    MAX_REFERENCES,
    AdaptRequest,
    Event,
    Progress,
    Reference,
    Refusal,
    Remark,
)

log = logging.getLogger(__name__)

Content = TypeVar("Content")
# (bytes, file name) -> what is in it, in slices; raises BadInput
Decoding = Callable[[bytes, str], Generator[Advance, None, Content]]
MaxBytes = Callable[[str], int]  # file name -> how large it may be


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
        return remarks_of(self.name, getattr(self.content, "remarks", ()))

    @property
    def ancestor(self) -> Ancestor:
        return Ancestor(self.digest, self.name, self.weight)


def remarks_of(name: str, codes: Iterable[str]) -> tuple[Remark, ...]:
    """Of the file `name`; codes of `REMARKS`."""
    return tuple(
        Remark(
            name=name,
            message=REMARKS[code].format(name=name),
            code=code,
            details={"name": name},
        )
        for code in codes
    )


def read_references(
    job: AdaptRequest, decoding: Decoding[Content], max_bytes: MaxBytes
) -> Generator[Event, None, tuple[list[ReadReference[Content]], list[Refusal]]]:
    """Those that can be used, and why the others cannot; yields Progress.

    Raises BadInput when there are none, too many, or none that can be used.
    """
    references = job.references
    if not references:
        raise BadInput("no_references")
    if len(references) > MAX_REFERENCES:
        raise BadInput("many_references", count=len(references), limit=MAX_REFERENCES)
    usable: list[ReadReference[Content]] = []
    refused: list[Refusal] = []
    for number, reference in enumerate(references):
        try:
            slices = shares(_read(reference, decoding, max_bytes), number, len(references))
            usable.append((yield from with_progress(slices, job.job_id, "reading", Pace())))
        except BadInput as error:
            if len(references) == 1:
                raise
            refused.append(refusal(reference.path, error))
        yield Progress(job_id=job.job_id, done=0, total=len(references), stage="reading")
    if not usable:
        raise BadInput("none_usable", first=refused[0].message)
    return usable, refused


def _read(
    reference: Reference, decoding: Decoding[Content], max_bytes: MaxBytes
) -> Generator[Advance, None, ReadReference[Content]]:
    path = Path(reference.path)
    data = read_bytes(path, max_bytes(path.name))
    try:
        content = yield from decoding(data, path.name)
    except BadInput:
        raise
    except Exception as error:  # whatever a decoder meets in one file, the others are good
        log.exception("reading %s failed", readable(path.name))
        reason = error.reason if isinstance(error, DecoderFault) else type(error).__name__
        raise BadInput("decoder_fault", name=path.name, reason=reason) from error
    return ReadReference(readable(path.name), sha256(data), reference.weight, content)


def refusal(path: str, error: BadInput) -> Refusal:
    """Why the reference at `path` was left out."""
    return Refusal(
        path=path,
        message=str(error),
        remedy=error.remedy,
        code=error.code,
        details=error.details,
    )

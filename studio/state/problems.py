"""One line for the artist: its words in whichever language is spoken when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.protocol import Failure, Refusal, Remark
from studio.client.inspector import UnreadableError
from studio.client.job_queue import Job
from studio.i18n import knows, t
from studio.i18n.errors import MaquetteError
from studio.project.project import Project


@dataclass(frozen=True, slots=True)
class Problem:
    """A key of the catalogue with what it speaks of; `retry` when there is a way to try again.

    way_out: the name of another command that helps, such as "save_as". calm: nothing is wrong."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    retry: bool = False
    way_out: str = ""
    calm: bool = False

    @property
    def text(self) -> str:
        return t(self.key, **self.params)


def of_error(error: Exception, retry: bool = False, way_out: str = "") -> Problem:
    """The line of an error of the state, or of the system."""
    if isinstance(error, UnreadableError):
        return of_engine(error.failure, retry)
    if isinstance(error, MaquetteError):
        return Problem(error.catalogue_key, error.params, retry, way_out)
    return Problem("problem.system", {"detail": str(error)}, retry)


def read_only(project: Project) -> Problem:
    """Why nothing can be added to a project that is open for reading alone."""
    return Problem("error.project_read_only", {"name": project.path.name})


def of_job(job: Job) -> Problem:
    """The line of a job that failed: the studio's own words, or the engine's."""
    if job.error is not None:
        return of_error(job.error, retry=True)
    if job.failure is None:
        return Problem("problem.unknown", retry=True)
    return of_engine(job.failure, retry=True)


def of_engine(message: Failure | Refusal | Remark, retry: bool = False) -> Problem:
    """The engine's own sentence: by its code in our words, otherwise as it came."""
    ours = Problem(f"engine_says.{message.code}", message.details, retry)
    try:
        if knows(ours.key) and ours.text:
            return ours
    except (KeyError, IndexError):
        pass  # another version's details leave gaps in our sentence
    remedy = "" if isinstance(message, Remark) else message.remedy
    words = f"{message.message} {remedy}".strip()
    return Problem("problem.engine_words", {"detail": words}, retry)


def pack(problem: Problem) -> dict[str, Any]:
    """As it is kept in a style's lineage."""
    return {"key": problem.key, "params": dict(problem.params)}


def unpack(kept: Mapping[str, Any]) -> Problem:
    """A problem that was kept, in whichever version of the catalogue: it never fails to speak."""
    key, params = str(kept.get("key", "")), dict(kept.get("params", {}))
    return Problem(key, params) if knows(key) else Problem("problem.unknown")

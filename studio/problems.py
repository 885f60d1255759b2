"""One line for the artist: its words in whichever language is spoken when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.errors import MaquetteError
from studio.i18n import t
from studio.jobs import Job


@dataclass(frozen=True, slots=True)
class Problem:
    """A key of the catalogue with what it speaks of; `retry` when there is a way to try again."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    retry: bool = False

    @property
    def text(self) -> str:
        return t(self.key, **self.params)


def of_error(error: Exception, retry: bool = False) -> Problem:
    """The line of an error of the state, or of the system."""
    if isinstance(error, MaquetteError):
        return Problem(error.catalogue_key, error.params, retry)
    return Problem("problem.system", {"detail": str(error)}, retry)


def of_job(job: Job) -> Problem:
    """The line of a job that failed: the studio's own words, or the engine's."""
    if job.error is not None:
        return of_error(job.error, retry=True)
    if job.failure is None:
        return Problem("problem.unknown", retry=True)
    words = f"{job.failure.message} {job.failure.remedy}".strip()
    return Problem(f"problem.{job.failure.kind}", {"detail": words}, retry=True)

"""A work before it is finished, whatever its medium."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor

from engine.core.progress import Pace
from engine.core.style import Style
from engine.media.audio.codec.score import Score
from engine.messages import Event, GenerateRequest, WorkFile
from engine.protocol.briefs import Brief

BriefT = TypeVar("BriefT", bound=Brief)


@dataclass(frozen=True, slots=True, eq=False)
class Draft(Generic[BriefT]):
    """brief: of this one work (count 1). content: what can be judged of it: a picture (3, H, W) in
    [-1, 1], words, notes; None of a texture. kept: what its medium goes on from."""

    brief: BriefT
    content: Tensor | str | Score | None
    kept: object = None


def one_of(brief: BriefT, index: int) -> BriefT:
    """The brief of one work of a batch: made alone, it is the same."""
    return replace(brief, count=1, seed=brief.seed + index)


class Drafting(Protocol):
    """The works of a request, not yet saved. Yields Progress, and Previews."""

    def __call__(
        self, job: GenerateRequest, style: Style, device: torch.device, pace: Pace
    ) -> Generator[Event, None, list[Draft]]: ...


class Completing(Protocol):
    """Drafts, some or all, as files. Yields Progress."""

    def __call__(
        self,
        drafts: Sequence[Draft],
        job: GenerateRequest,
        style: Style,
        digest: str,
        device: torch.device,
    ) -> Generator[Event, None, list[WorkFile]]: ...


class Generating(Protocol):
    """The works of a request, as files. Yields Progress, and Previews."""

    def __call__(
        self, job: GenerateRequest, style: Style, digest: str, device: torch.device, pace: Pace
    ) -> Generator[Event, None, list[WorkFile]]: ...


def all_of(draft: Drafting, complete: Completing) -> Generating:
    """Where a draft is all that a work needs: every one is drafted, then completed."""

    def generate(
        job: GenerateRequest, style: Style, digest: str, device: torch.device, pace: Pace
    ) -> Generator[Event, None, list[WorkFile]]:
        drafts = yield from draft(job, style, device, pace)
        return (yield from complete(drafts, job, style, digest, device))

    return generate

"""A work before it is finished, whatever its medium."""

from dataclasses import dataclass, replace

from torch import Tensor

from engine.brief import Brief
from engine.media.notes_score import Score


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """brief: of this one work (count 1). content: what can be judged of it: a picture (3, H, W) in
    [-1, 1], words, notes; None of a texture. kept: what its medium goes on from."""

    brief: Brief
    content: Tensor | str | Score | None
    kept: object = None


def one_of(brief: Brief, index: int) -> Brief:
    """The brief of one work of a batch: made alone, it is the same."""
    return replace(brief, count=1, seed=brief.seed + index)

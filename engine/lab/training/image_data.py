"""Tasks of the picture denoiser: crops of one style to be told by, crops of the same to denoise.

Legend: B styles a step, K support crops of SUPPORT_PX, M query crops of P px, each at a scale of
chance (`engine.media.image.crops`). Seed, step and rank alone decide a batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.lab.training.corpus.image_works import ImageWorks
from engine.lab.training.corpus.works import Part
from engine.media.image.crops import any_cut, small, stacked
from engine.media.image.generators.transport.denoiser import draw_sigmas
from engine.meta.episodes import TaskBatch

SIDES = (10, 16, 24, 32, 48, 64)  # P, another each step
SUPPORT_PX, SUPPORT_CROPS = 32, 6
PIXELS_A_STEP = 80_000  # of all query crops together
STYLES_A_STEP = 12
SHARES = {"painting": 0.5, "photograph": 0.2, "clip art": 0.3}


@dataclass(frozen=True, slots=True)
class StyleWorks:
    """One style: its support and its query works; where there is none of one, both are all."""

    name: str
    kind: str
    support: Sequence[Image.Image]
    query: Sequence[Image.Image]


@dataclass(frozen=True)
class Crops:
    """Draws tasks from styles. shares: kind -> its share of the tasks."""

    styles: Sequence[StyleWorks]
    shares: Mapping[str, float]

    def batch(self, seed: int, step: int, rank: int, styles: int = STYLES_A_STEP) -> TaskBatch:
        """support_x (B, K, 3, S, S), support_y (B, K) scales, query_x (B, M, 2, 3, P, P) clean
        pictures beside unit noise, query_y (B, M, 2) scales beside σ."""
        rng = np.random.default_rng((seed, step, rank))
        side = SIDES[step % len(SIDES)]
        each = max(1, PIXELS_A_STEP // (styles * side * side))
        chosen = [self.style(rng) for _ in range(styles)]
        support = [_crops(rng, s.support, SUPPORT_CROPS, SUPPORT_PX) for s in chosen]
        query = [_crops(rng, s.query, each, side) for s in chosen]
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        clean = torch.stack([pixels for pixels, _ in query])
        noise = torch.randn(clean.shape, generator=generator)
        sigmas = draw_sigmas(styles * each, generator).view(styles, each)
        return TaskBatch(
            torch.stack([pixels for pixels, _ in support]),
            torch.stack([scales for _, scales in support]),
            torch.stack([clean, noise], dim=2),
            torch.stack([torch.stack([scales for _, scales in query]), sigmas], dim=2),
        )

    def style(self, rng: np.random.Generator) -> StyleWorks:
        """A style of a kind drawn by the shares; one with more works comes more often."""
        return self.styles[int(rng.choice(len(self.styles), p=self._chances))]

    @cached_property
    def _chances(self) -> np.ndarray:
        sizes = np.array([len(style.query) ** 0.5 for style in self.styles])
        kinds = np.array([style.kind for style in self.styles])
        for kind, share in self.shares.items():
            mine = kinds == kind
            sizes[mine] *= share / max(sizes[mine].sum(), 1e-9)
        return sizes / sizes.sum()


def _crops(
    rng: np.random.Generator, works: Sequence[Image.Image], count: int, side: int
) -> tuple[Tensor, Tensor]:
    """(count, 3, side, side) in [-1, 1] and their scales (count,)."""
    return stacked([any_cut(works[int(rng.integers(len(works)))], side, rng) for _ in range(count)])


def load_crops(works: ImageWorks, part: Part) -> Crops:
    """All styles of one part of the corpus, decoded."""
    styles = []
    for name, group in works.by_style(part).items():
        pictures = [small(works.picture(work)) for work in group]
        support = [p for p, work in zip(pictures, group, strict=True) if work.is_support]
        query = [p for p, work in zip(pictures, group, strict=True) if not work.is_support]
        styles.append(StyleWorks(name, group[0].kind, support or pictures, query or pictures))
    return Crops(styles, SHARES)

"""Episodes of the matching network: works of one artist to paint with, another to be painted.

Legend: B episodes (styles) a step, K squares of support works and one of a query work, all of P px
and at one scale, in px as in `pyramid`; K = SUPPORTS. Seed, step and rank alone decide a batch.

Of every square there is what it looks like from further away, enlarged again: that is what is
compared. Half of the queries are what the painter has by then, not what an artist's work looks like
from there: a canvas that was painted at the scale before, with patches of the support.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from engine.lab.training.corpus.image_works import ImageWork, ImageWorks
from engine.lab.training.corpus.works import Part
from engine.lab.training.image_data import SHARES, StyleWorks
from engine.media.image.crops import small
from engine.media.image.generators.painter.nearest import PATCH_PX
from engine.media.image.pyramid import RATIO, resize

SIDES = (32, 48, 64, 96)  # P, another each step
SUPPORTS = 3
PIXELS_A_STEP = 38_000  # of all squares together
SOFTNESS = (RATIO, 0.55, 1.0)  # from how far away is looked, as a share of the scale
NOISE = 0.03  # of the queries, most
_STRIDE = 2


@dataclass(frozen=True, slots=True)
class MatchingEpisode:
    """soft and sharp (1 + K, 3, P, P): the query first, then the support."""

    soft: Tensor
    sharp: Tensor

    def to(self, device: torch.device) -> "MatchingEpisode":
        return MatchingEpisode(self.soft.to(device), self.sharp.to(device))


@dataclass(frozen=True)
class Episodes:
    """Draws episodes from styles."""

    styles: Sequence[StyleWorks]

    def batch(self, seed: int, step: int, rank: int) -> list[MatchingEpisode]:
        """Of one size P."""
        rng = np.random.default_rng((seed, step, rank, 5))
        side = SIDES[step % len(SIDES)]
        count = max(1, PIXELS_A_STEP // ((1 + SUPPORTS) * side * side))
        return [self._episode(side, rng) for _ in range(count)]

    def _episode(self, side: int, rng: np.random.Generator) -> MatchingEpisode:
        style = self.styles[int(rng.choice(len(self.styles), p=self._chances))]
        query = style.query[int(rng.integers(len(style.query)))]
        support = (style.support[int(rng.integers(len(style.support)))] for _ in range(SUPPORTS))
        works = [query, *support]
        least = max(scale_of(work) * side / min(work.size) for work in works)
        most = max(least, min(scale_of(work) for work in works))
        scale = least * (most / least) ** rng.random()
        sharp = torch.stack([square(work, side, scale, rng) for work in works])
        softness = SOFTNESS[int(rng.choice(len(SOFTNESS), p=(0.6, 0.2, 0.2)))]
        soft = softened(sharp, softness)
        if rng.random() < 0.5:
            soft[0] = painted_before(sharp)
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        soft[0] += NOISE * rng.random() * torch.randn(soft[0].shape, generator=generator)
        return MatchingEpisode(soft, sharp)

    @cached_property
    def _chances(self) -> np.ndarray:
        sizes = np.array([len(style.query) ** 0.5 for style in self.styles])
        kinds = np.array([style.kind for style in self.styles])
        for kind, share in SHARES.items():
            mine = kinds == kind
            sizes[mine] *= share / max(sizes[mine].sum(), 1e-9)
        return sizes / sizes.sum()


def load_episodes(works: ImageWorks, part: Part) -> Episodes:
    """Of all styles of one part of the corpus that have two works or more."""
    styles = []
    for name, group in works.by_style(part).items():
        support, query = _roles(group)
        if support and query:
            pictures = [[small(works.picture(one)) for one in each] for each in (support, query)]
            styles.append(StyleWorks(name, group[0].kind, *pictures))
    return Episodes(styles)


def _roles(group: Sequence[ImageWork]) -> tuple[list[ImageWork], list[ImageWork]]:
    """By the works' own digests; where all have one role, those of the last take the other. A work
    and its details stay together."""
    queries = {work.sha256 for work in group if not work.is_support}
    if len(queries) in (0, len({work.sha256 for work in group})):
        queries = {group[-1].sha256}
    support = [work for work in group if work.sha256 not in queries]
    return support, [work for work in group if work.sha256 in queries]


def scale_of(picture: Image.Image) -> float:
    return (picture.width * picture.height) ** 0.5


def square(picture: Image.Image, side: int, scale: float, rng: np.random.Generator) -> Tensor:
    """(3, side, side) in [-1, 1], cut at a place of chance and at a scale in px; of a picture that
    is too small for it, as large as it can be."""
    window = min(side * scale_of(picture) / scale, *picture.size)
    left, top = rng.uniform(0, picture.width - window), rng.uniform(0, picture.height - window)
    box = (left, top, left + window, top + window)
    cut = picture.resize((side, side), Image.Resampling.BICUBIC, box=box)
    return torch.from_numpy(np.asarray(cut, np.float32)).permute(2, 0, 1) / 127.5 - 1


def softened(pictures: Tensor, ratio: float) -> Tensor:
    """(N, 3, P, P) as they look at `ratio` times their scale, enlarged again."""
    if ratio >= 1:
        return pictures.clone()
    side = pictures.shape[-1]
    less = round(side * ratio)
    small = resize(pictures, (less, less))
    return F.interpolate(small, (side, side), mode="bicubic", align_corners=False).clamp(-1, 1)


def painted_before(sharp: Tensor) -> Tensor:
    """(1 + K, 3, P, P) → (3, P, P): the first as the others' patches paint it at the scale before
    (means of the nearest by pixels: Kwatra et al. 2005), enlarged again."""
    side = sharp.shape[-1]
    less = round(side * RATIO)
    small = resize(sharp, (less, less))
    seen = softened(small, RATIO)
    query = F.unfold(seen[:1], PATCH_PX, stride=_STRIDE)[0].T
    keys = F.unfold(seen[1:], PATCH_PX).transpose(1, 2).flatten(0, 1)
    values = F.unfold(small[1:], PATCH_PX).transpose(1, 2).flatten(0, 1)
    nearest = torch.addmm(keys.square().sum(1), query, keys.T, alpha=-2).argmin(1)
    size = small.shape[2:]
    total = F.fold(values[nearest].T[None], size, PATCH_PX, stride=_STRIDE)
    count = F.fold(torch.ones_like(values[nearest]).T[None], size, PATCH_PX, stride=_STRIDE)
    canvas = torch.where(count > 0, total / count.clamp(min=1), seen[:1])
    grown = F.interpolate(canvas, (side, side), mode="bicubic", align_corners=False)
    return grown[0].clamp(-1, 1)

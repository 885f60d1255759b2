"""Restyling in figures: how much of the content stays, and how much of the work is the references'.

Legend: content and work (3, H, W) in [-1, 1]. The content is a query of another reserved artist.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, sobel
from scipy.stats import spearmanr
from torch import Tensor

from engine.core.progress import finished
from engine.lab.bench.image_drawers import Priors, Subject, painter_style
from engine.lab.bench.image_patches import (
    SHORT_PX,
    SIZES,
    at_short,
    coherence_metric,
    coverage_metric,
    similarity,
)
from engine.lab.bench.image_styles import BenchStyle
from engine.lab.bench.image_transfer import (
    GRAM_STEPS,
    PUBLIC_NAME,
    by_gram,
    by_public,
    has_public,
)
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Report, Row
from engine.media.image.codec.raster import to_picture
from engine.media.image.generators.painter.draw import draw as paint
from engine.media.image.generators.painter.features import shipped_features
from engine.media.image.generators.transport.draw import draw
from engine.media.image.generators.transport.weights import fitted
from engine.protocol import PictureBrief, Use

BENCH = "image, restyled"
LIGHTNESS, EDGES, DRAW_S = "lightness kept", "edges kept", "drawing (s)"
STRENGTHS = (0.5, 1.0, 1.5)  # of 0 … 2: the slider's middle is 1
VERSION_1 = "version 1, half strength"
_BLUR_PX, _EDGE_PX, _AROUND_PX = 8, 2, 3


@dataclass(frozen=True, slots=True)
class Structure:
    """Spearman's rank correlations of a work with its content at a short side of 256 px, -1 … 1:
    of lightness, blurred; of the size of its gradients, blurred."""

    lightness: float
    edges: float


def structure(work: Tensor, content: Tensor) -> Structure:
    """The content's size counts."""
    shape = at_short(content, SHORT_PX).shape[1:]
    one, other = (_grey(pixels, (shape[0], shape[1])) for pixels in (content, work))
    lightness = _ranks(gaussian_filter(one, _BLUR_PX), gaussian_filter(other, _BLUR_PX))
    return Structure(lightness, _ranks(_edges(one), _edges(other)))


def _grey(pixels: Tensor, size: tuple[int, int]) -> np.ndarray:
    picture = to_picture(pixels).convert("L").resize((size[1], size[0]))
    return np.asarray(picture, float)


def _edges(grey: np.ndarray) -> np.ndarray:
    smooth = gaussian_filter(grey, _EDGE_PX)
    return gaussian_filter(np.hypot(sobel(smooth, 0), sobel(smooth, 1)), _AROUND_PX)


def _ranks(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.asarray(spearmanr(one.ravel(), other.ravel()))[0])


def restyling(
    report: Report,
    styles: Sequence[BenchStyle],
    priors: Priors,
    device: torch.device,
    count: int,
    tell: Callable[[str], None],
    gram_steps: int = GRAM_STEPS,
) -> list[tuple[str, Tensor, str, Tensor]]:
    """Adds the rows of `count` styles, each given the next one's query to restyle. Returns (name,
    content, arm, work) of all. gram_steps: of descent on Gram matrices, 0 for none."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    shown: list[tuple[str, Tensor, str, Tensor]] = []
    for index, style in enumerate(styles[:count]):
        subject = Subject(style, 1, priors, device)
        other = styles[(index + 1) % len(styles)]
        content = at_short(other.queries[0], SHORT_PX)
        tell(f"restyled · {other.name} in the manner of {style.name}")
        works = chain(_works(subject, content), _rivals(subject, content, gram_steps))
        for arm, seconds, work in works:
            values = found[arm]
            values[DRAW_S].append(seconds)
            kept = structure(work, content)
            values[LIGHTNESS].append(kept.lightness)
            values[EDGES].append(kept.edges)
            alike = similarity(work, subject.references)
            for side, near, whole in zip(SIZES, alike.coherence, alike.coverage, strict=True):
                values[coherence_metric(side)].append(near)
                values[coverage_metric(side)].append(whole)
            shown.append((f"{other.name} as {style.name}", content, arm, work))
    for arm, values in found.items():
        for metric, each in values.items():
            value, low, high = mean_interval(torch.tensor(each))
            report.add(
                Row(
                    bench=BENCH,
                    arm=arm,
                    styles=len(each),
                    references=1,
                    metric=metric,
                    value=value,
                    low=low,
                    high=high,
                )
            )
    return shown


def _works(subject: Subject, content: Tensor) -> Iterator[tuple[str, float, Tensor]]:
    """(arm, seconds, work): of the painter at each strength, and of version 1 at half."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "content.png"
        to_picture(content).save(file)
        height, width = content.shape[1:]
        brief = PictureBrief(
            count=1, use=Use.RESTYLE, content=str(file), height_px=height, width_px=width
        )
        style, prior = painter_style(subject), subject.priors.shipped
        for strength in STRENGTHS:
            begun = time.perf_counter()
            one = replace(brief, strength=strength)
            work = finished(paint(style, one, prior, subject.device)).pictures[0]
            yield f"painter, strength {strength:g} of 2", time.perf_counter() - begun, work
        yield _version_1(subject, brief)


def _rivals(
    subject: Subject, content: Tensor, gram_steps: int
) -> Iterator[tuple[str, float, Tensor]]:
    """The same of public ways, as far as they are installed."""
    reference = at_short(subject.references[0], SHORT_PX)
    if has_public():
        for strength in (0.5, 1.0):
            begun = time.perf_counter()
            work = by_public(content, reference, strength)
            yield f"{PUBLIC_NAME}, strength {strength:g} of 1", time.perf_counter() - begun, work
    if gram_steps:
        begun = time.perf_counter()
        work = by_gram(content, reference, shipped_features(subject.device), gram_steps)
        yield f"Gram matrices, {gram_steps} steps", time.perf_counter() - begun, work


def _version_1(subject: Subject, brief: PictureBrief) -> tuple[str, float, Tensor]:
    """With the last of the weights, which are those that it shipped."""
    weights = subject.priors.weights[-1]
    prior, _ = subject.priors.of(weights)
    style = subject.adapted[weights]
    begun = time.perf_counter()
    own = replace(prior, denoiser=fitted(style, prior))
    work = finished(draw(style, brief, own, subject.device))[0]
    return VERSION_1, time.perf_counter() - begun, work.cpu()

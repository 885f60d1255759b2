"""What pictures cost: seconds of adapting, of the first small work, of drawing; memory."""

import resource
import sys
import time
from collections.abc import Generator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from engine.core.progress import Advance, finished
from engine.lab.bench.report import Report, Row
from engine.media.image.generators.painter import adapt as painter
from engine.media.image.generators.painter.draw import draw as paint
from engine.media.image.generators.painter.generator import PREVIEW_SCALE_PX
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt
from engine.media.image.generators.transport.draw import draw
from engine.media.image.generators.transport.weights import Prior
from engine.protocol import PictureBrief

BENCH = "image, costs"
ADAPT_S, FIRST_S, PEAK_MB = "adapt (s)", "first preview (s)", "peak memory (MB)"
STYLE_MB = "style (MB)"
PAINTER, VERSION_1 = "painter", "version 1"
SIZES = ((256, 256, 1), (512, 352, 1), (512, 352, 4), (1024, 1024, 1))
T = TypeVar("T")


def costs(
    report: Report,
    pictures: Sequence[Tensor],
    prior: Prior,
    device: torch.device,
    references: Sequence[int],
    sizes: Sequence[tuple[int, int, int]],
) -> None:
    """One row a figure, after one run that pays for loading and compiling. Peak memory is the
    process's."""
    first, _ = _adapted(pictures[:1], prior, device)
    finished(paint(first, PictureBrief(count=1, width_px=64, height_px=64), prior, device))
    style = {}
    for count in references:
        style, seconds = _adapted(pictures[:count], prior, device)
        side = round(PREVIEW_SCALE_PX)
        brief = PictureBrief(count=1, width_px=side, height_px=side)
        first_s, _ = timed(paint(style, brief, prior, device))
        _row(report, "adapt", ADAPT_S, seconds, count)
        _row(report, "adapt", FIRST_S, seconds + first_s, count)
        _row(report, "adapt", STYLE_MB, sum(t.nbytes for t in style.values()) / 2**20, count)
    most = max(references)
    old = finished(adapt([WeightedPicture(each) for each in pictures[:most]], 0, device, prior))
    for width, height, count in sizes:
        brief = PictureBrief(count=count, width_px=width, height_px=height)
        metric = f"{count} × {width}×{height} (s)"
        _row(report, PAINTER, metric, timed(paint(style, brief, prior, device))[0], most)
        if count == 1:
            _row(report, VERSION_1, metric, timed(draw(old, brief, prior, device))[0], most)
    _row(report, PAINTER, PEAK_MB, peak_mb(), most)


def _adapted(
    pictures: Sequence[Tensor], prior: Prior, device: torch.device
) -> tuple[dict[str, Tensor], float]:
    weighted = [WeightedPicture(pixels) for pixels in pictures]
    seconds, style = timed(painter.adapt(weighted, 0, device, prior))
    return style, seconds


def peak_mb() -> float:
    """The most memory that this process ever held."""
    unit = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss is in bytes there
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def timed(slices: Generator[Advance, None, T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = finished(slices)
    return time.perf_counter() - start, result


def _row(report: Report, arm: str, metric: str, value: float, references: int) -> None:
    report.add(Row(bench=BENCH, arm=arm, references=references, metric=metric, value=value))

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
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt
from engine.media.image.generators.transport.draw import draw
from engine.media.image.generators.transport.generator import PREVIEW_SCALE_PX, PREVIEW_STEPS
from engine.media.image.generators.transport.weights import Prior
from engine.protocol import PictureBrief

BENCH = "image, costs"
ADAPT_S, FIRST_S, PEAK_MB = "adapt (s)", "first preview (s)", "peak memory (MB)"
TIMED = {"with strokes": PictureBrief().boldness, "transport alone": 0.0}
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
    """One row a figure, after one run that pays for loading. Peak memory is the process's."""
    finished(adapt([WeightedPicture(pictures[0])], 0, device, prior, steps=1))
    style = {}
    for count in references:
        weighted = [WeightedPicture(pixels) for pixels in pictures[:count]]
        seconds, style = timed(adapt(weighted, 0, device, prior))
        side = round(PREVIEW_SCALE_PX)
        brief = PictureBrief(count=1, width_px=side, height_px=side)
        first, _ = timed(draw(style, brief, prior, device, PREVIEW_STEPS))
        _row(report, "adapt", ADAPT_S, seconds, count)
        _row(report, "adapt", FIRST_S, seconds + first, count)
    for width, height, count in sizes:
        for arm, boldness in TIMED.items():
            brief = PictureBrief(count=count, width_px=width, height_px=height, boldness=boldness)
            seconds, _ = timed(draw(style, brief, prior, device))
            _row(report, arm, f"{count} × {width}×{height} (s)", seconds, max(references))
    _row(report, "with strokes", PEAK_MB, peak_mb(), max(references))


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

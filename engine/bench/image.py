"""What pictures cost and how close they come: seconds on the shipped samples, patch distances from
works of reserved artists, which the denoiser never saw.

Distances are taken with patch sizes and filters that the engine does not use
(`engine.image.distance`), for each work from its one reference. Beside them stand those of noise
with the right colours, where drawing starts, and of another work of the same artist, which no
honest work needs to beat.
"""

import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import torch

from engine.bench.report import Report, Row
from engine.device import pick_device
from engine.image import mixture
from engine.image.adapt import WeightedPicture, adapt
from engine.image.distance import patch_distance
from engine.image.draw import draw
from engine.image.jobs import PREVIEW_SCALE_PX, PREVIEW_STEPS
from engine.image.weights import shipped
from engine.media.image import decode
from engine.messages import PICTURE_SUFFIXES, Brief
from engine.progress import Advance, finished

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SAMPLES, RESERVED = ASSETS / "samples" / "images", ASSETS / "bench" / "images"
PATCHES_PX = (5, 9, 15)
SCALE_PX = 256.0
TIMED = {"transport alone": 0.0, "with strokes": Brief().boldness}
ARMS = {**TIMED, "with strokes, boldness 1": 1.0}
SIZES = ((256, 176, 1), (512, 352, 1), (512, 352, 4), (1024, 704, 1))
T = TypeVar("T")


def run(quick: bool, seed: int = 0) -> Report:
    """The report; `quick` leaves out the large sizes and two of the three seeds."""
    device = pick_device()
    pictures = list(_pictures(SAMPLES).values())
    report = Report()
    timed_adapt(report, pictures, device)
    style = finished(adapt(pictures, seed, device, shipped(device)))
    timed_draw(report, style, SIZES[:2] if quick else SIZES, len(pictures), device)
    seeds = range(seed, seed + (1 if quick else 3))
    closeness(report, _pictures(RESERVED), seeds, device)
    return report


def _pictures(folder: Path) -> dict[str, WeightedPicture]:
    """By the file's name."""
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in PICTURE_SUFFIXES]
    return {path.stem: WeightedPicture(decode(path.read_bytes(), path.name)) for path in paths}


def timed_adapt(report: Report, pictures: list[WeightedPicture], device: torch.device) -> None:
    """Seconds of adaptation, and of the first small work after it."""
    for count in (1, len(pictures)):
        seconds, style = timed(adapt(pictures[:count], 0, device, shipped(device)))
        side = round(PREVIEW_SCALE_PX)
        brief = Brief(count=1, width_px=side, height_px=side)
        first, _ = timed(draw(style, brief, shipped(device), device, PREVIEW_STEPS))
        for metric, value in {"adapt (s)": seconds, "first preview (s)": seconds + first}.items():
            row = Row(bench="image", arm="adapt", references=count, metric=metric, value=value)
            report.add(row)


def timed_draw(
    report: Report,
    style: dict[str, torch.Tensor],
    sizes: tuple[tuple[int, int, int], ...],
    references: int,
    device: torch.device,
) -> None:
    for width, height, count in sizes:
        for arm, boldness in TIMED.items():
            brief = Brief(count=count, width_px=width, height_px=height, boldness=boldness)
            value, _ = timed(draw(style, brief, shipped(device), device))
            metric = f"{count} × {width}×{height} (s)"
            row = Row(bench="image", arm=arm, references=references, metric=metric, value=value)
            report.add(row)


def closeness(
    report: Report, pictures: dict[str, WeightedPicture], seeds: range, device: torch.device
) -> None:
    """Mean distances over every single picture ("<artist>-<number>") as a style, and over seeds."""
    rows: dict[tuple[str, int], list[float]] = defaultdict(list)
    for name, reference in pictures.items():
        style = finished(adapt([reference], 0, device, shipped(device)))
        made = [(arm, _drawn(style, s, b, device)) for arm, b in ARMS.items() for s in seeds]
        made += [("noise in its colours", noise_like(style, Brief(seed=seed))) for seed in seeds]
        made += [("another work by the artist", p) for p in _siblings(name, pictures)]
        for arm, picture in made:
            for patch in PATCHES_PX:
                value = patch_distance(picture, [reference.pixels], patch, SCALE_PX)
                rows[arm, patch].append(value)
    for (arm, patch), values in sorted(rows.items()):
        value = sum(values) / len(values)
        metric = f"distance, {patch} px patches"
        row = Row(
            bench="image", arm=arm, styles=len(pictures), references=1, metric=metric, value=value
        )
        report.add(row)


def _siblings(name: str, pictures: dict[str, WeightedPicture]) -> list[torch.Tensor]:
    """The other pictures by the artist of one."""
    artist = name.rpartition("-")[0]
    return [p.pixels for n, p in pictures.items() if n != name and n.rpartition("-")[0] == artist]


def _drawn(
    style: dict[str, torch.Tensor], seed: int, boldness: float, device: torch.device
) -> torch.Tensor:
    brief = Brief(count=1, seed=seed, width_px=304, height_px=208, boldness=boldness)
    return finished(draw(style, brief, shipped(device), device))[0]


def noise_like(style: dict[str, torch.Tensor], brief: Brief) -> torch.Tensor:
    """(3, H, W): noise around the mean colour, with the style's deviation."""
    mean, deviation = mixture.colours(style, torch.ones(1, len(style["weights"])))
    shape = (1, 3, brief.height_px, brief.width_px)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(brief.seed))
    return (mean + deviation * noise)[0].clamp(-1, 1)


def timed(slices: Generator[Advance, None, T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = finished(slices)
    return time.perf_counter() - start, result

"""What pictures cost and how close they come: seconds and patch distances, on the shipped samples.

Nothing in this engine is trained, so that no picture can have been seen before. Distances are taken
with patch sizes and filters that the engine does not use (`engine.image.distance`), for each work
from the references together; beside them stand those of noise with the right colours, where drawing
starts, and of the references from one another, which no honest work needs to beat.
"""

import time
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import torch

from engine.bench.report import Report, Row
from engine.device import pick_device
from engine.image import mixture
from engine.image.adapt import WeightedPicture, adapt
from engine.image.distance import patch_distance
from engine.image.draw import Steps, draw
from engine.image.jobs import PREVIEW_SCALE_PX, PREVIEW_STEPS
from engine.image.weights import shipped
from engine.media.guard import expand
from engine.media.image import decode
from engine.messages import PICTURE_SUFFIXES, Brief
from engine.progress import Advance, finished

SAMPLES = Path(__file__).resolve().parents[2] / "assets" / "samples" / "images"
PATCHES_PX = (5, 9, 15)
SCALE_PX = 256.0
ARMS = {"transport, 10 steps": Steps(8, 2), "transport, 24 steps": Steps()}
SIZES = ((256, 176, 1), (512, 352, 1), (512, 352, 4), (1024, 704, 1))
T = TypeVar("T")


def run(quick: bool, seed: int = 0) -> Report:
    """The report; `quick` leaves out the large sizes and two of the three seeds."""
    device = pick_device()
    paths = expand([SAMPLES], PICTURE_SUFFIXES)
    pictures = [WeightedPicture(decode(path.read_bytes(), path.name)) for path in paths]
    report = Report()
    timed_adapt(report, pictures, device)
    style = finished(adapt(pictures, seed, device, shipped(device)))
    timed_draw(report, style, SIZES[:2] if quick else SIZES, len(pictures), device)
    seeds = range(seed, seed + (1 if quick else 3))
    closeness(report, pictures, seeds, device)
    return report


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
        brief = Brief(count=count, width_px=width, height_px=height)
        seconds, _ = timed(draw(style, brief, shipped(device), device))
        metric = f"{count} × {width}×{height} (s)"
        arm = "transport, 24 steps"
        report.add(Row(bench="image", arm=arm, references=references, metric=metric, value=seconds))


def closeness(
    report: Report, pictures: list[WeightedPicture], seeds: range, device: torch.device
) -> None:
    """Mean distances over every single reference as a style, and over seeds."""
    rows: dict[tuple[str, int], list[float]] = {}
    for k, reference in enumerate(pictures):
        style = finished(adapt([reference], 0, device, shipped(device)))
        others = [p.pixels for i, p in enumerate(pictures) if i != k]
        for patch in PATCHES_PX:
            apart = [patch_distance(o, [reference.pixels], patch, SCALE_PX) for o in others]
            rows.setdefault(("another work by the artist", patch), []).extend(apart)
        for seed in seeds:
            brief = Brief(count=1, seed=seed, width_px=304, height_px=208)
            made = {
                arm: finished(draw(style, brief, shipped(device), device, s))[0]
                for arm, s in ARMS.items()
            }
            made["noise in its colours"] = noise_like(style, brief)
            for arm, picture in made.items():
                for patch in PATCHES_PX:
                    value = patch_distance(picture, [reference.pixels], patch, SCALE_PX)
                    rows.setdefault((arm, patch), []).append(value)
    for (arm, patch), values in sorted(rows.items()):
        metric = f"distance, {patch} px patches"
        value = sum(values) / len(values)
        report.add(
            Row(
                bench="image",
                arm=arm,
                styles=len(pictures),
                references=1,
                metric=metric,
                value=value,
            )
        )


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

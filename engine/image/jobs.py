"""The verbs on picture files: references → style, style → works with their sidecars."""

import math
from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from engine import __version__
from engine.image.adapt import WeightedPicture, adapt as adapt_pictures
from engine.image.blend import blend as blend
from engine.image.draw import Steps, draw
from engine.image.pyramid import size_at
from engine.image.weights import shipped
from engine.media.image import decode, encode_png
from engine.messages import (
    AdaptRequest,
    Brief,
    Event,
    GenerateRequest,
    Preview,
    Progress,
    Refusal,
    WorkFile,
)
from engine.progress import Advance, Pace
from engine.references import ReadReference, read_references
from engine.style import Style
from engine.telling import told
from engine.works import write_work

PREVIEW_SCALE_PX = 120.0  # of the first small work after adapting
PREVIEW_STEPS = Steps(moving=14, settling=3)
_FAST_PNG = 1  # zlib level of previews: they live for seconds

Picture = ReadReference[torch.Tensor]  # (3, H, W) in [-1, 1]


def read(
    job: AdaptRequest,
) -> Generator[Event, None, tuple[list[Picture], list[Refusal]]]:
    """The pictures of a request; see `engine.references`."""
    return (yield from read_references(job, decode))


def adapt(
    job: AdaptRequest, references: list[Picture], device: torch.device, pace: Pace
) -> Generator[Event, None, dict[str, torch.Tensor]]:
    """The tensors of the style; yields Progress."""
    weighted = [WeightedPicture(r.content, r.weight) for r in references]
    slices = adapt_pictures(weighted, job.seed, device, shipped(device))
    return (yield from told(slices, job.job_id, "adapting", pace))


def first_preview(
    job: AdaptRequest,
    references: list[Picture],
    tensors: dict[str, torch.Tensor],
    device: torch.device,
) -> Generator[Event, None, None]:
    """A small work in the references' mean aspect, in the job's preview folder."""
    if job.preview_dir is None:
        return
    shapes = [reference.content.shape for reference in references]
    aspect = math.exp(sum(math.log(width / height) for _, height, width in shapes) / len(shapes))
    height, width = size_at(1000, round(1000 * aspect), PREVIEW_SCALE_PX)
    brief = Brief(count=1, seed=job.seed, width_px=width, height_px=height)
    slices = draw(tensors, brief, shipped(device), device, PREVIEW_STEPS)
    pictures = yield from told(slices, job.job_id, "drawing", Pace())
    yield _write_preview(pictures[0], 0, "first", Path(job.preview_dir), job.job_id)


def generate(
    job: GenerateRequest, style: Style, digest: str, device: torch.device, pace: Pace
) -> Generator[Event, None, list[WorkFile]]:
    """Draws and writes the works; yields Progress, and Previews after every scale.

    Works are written one by one: a job that is stopped keeps those that it has written."""
    slices = draw(style.tensors, job.brief, shipped(device), device)
    show = partial(_grown, folder=job.preview_dir, job_id=job.job_id)
    finished = yield from told(slices, job.job_id, "drawing", pace, show)
    works = []
    for i, pixels in enumerate(finished):
        one = replace(job.brief, count=1, seed=job.brief.seed + i)
        works.append(_write_work(pixels, one, style, digest, device, Path(job.out_dir)))
        yield Progress(job_id=job.job_id, done=1, total=1, stage="saving")
    return works


def _grown(advance: Advance, folder: str | None, job_id: str) -> Iterator[Preview]:
    """A Preview of each picture of a slice that shows some."""
    if folder is not None and advance.pictures is not None:
        for index, pixels in enumerate(advance.pictures):
            stem = f"preview-{advance.done:.0f}"
            yield _write_preview(pixels, index, stem, Path(folder), job_id)


def _write_preview(
    pixels: torch.Tensor, index: int, stem: str, folder: Path, job_id: str
) -> Preview:
    path = folder / f"{stem}-{index}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(pixels, level=_FAST_PNG))
    height, width = pixels.shape[1:]
    return Preview(job_id=job_id, path=str(path), index=index, width_px=width, height_px=height)


def _write_work(
    pixels: torch.Tensor,
    brief: Brief,
    style: Style,
    digest: str,
    device: torch.device,
    folder: Path,
) -> WorkFile:
    texts = {"Software": f"Maquette {__version__}", "Comment": "made with AI"}
    data = encode_png(pixels, texts=texts)
    work = write_work(data, ".png", brief, style, digest, device, folder)
    return replace(work, width_px=brief.width_px, height_px=brief.height_px)

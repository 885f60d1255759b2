"""The verbs on picture files: references → style, style → works with their sidecars."""

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from engine import __version__
from engine.core.draft import Draft, one_of
from engine.core.job_events import as_work, told, within
from engine.core.progress import Advance, Pace
from engine.core.references import ReadReference, read_references
from engine.core.style import Style
from engine.core.works import Origin, source_files, write_work
from engine.media.image.brief import RULES, sources
from engine.media.image.codec.raster import decode, encode_png
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt as adapt_pictures
from engine.media.image.generators.transport.blend import blend as blend
from engine.media.image.generators.transport.draw import Steps, draw
from engine.media.image.generators.transport.fit import MOST_STEPS
from engine.media.image.generators.transport.pyramid import size_at
from engine.media.image.generators.transport.weights import shipped
from engine.messages import (
    AdaptRequest,
    Event,
    GenerateRequest,
    PictureBrief,
    Preview,
    Progress,
    Refusal,
    WorkFile,
)

PREVIEW_SCALE_PX = 120.0  # of the first small work after adapting
PREVIEW_STEPS = Steps(moving=14, settling=3)
DRAFT_SCALE_PX = 80.0  # of pictures that are chosen from
_FAST_PNG = 1  # zlib level of previews: they live for seconds

Picture = ReadReference[torch.Tensor]  # (3, H, W) in [-1, 1]


def read(
    job: AdaptRequest,
) -> Generator[Event, None, tuple[list[Picture], list[Refusal]]]:
    """The pictures of a request; see `engine.core.references`."""
    return (yield from read_references(job, decode, RULES.max_bytes))


def adapt(
    job: AdaptRequest, references: list[Picture], device: torch.device, pace: Pace
) -> Generator[Event, None, dict[str, torch.Tensor]]:
    """The tensors of the style; yields Progress."""
    weighted = [WeightedPicture(r.content, r.weight) for r in references]
    steps = MOST_STEPS if job.seconds else 0
    slices = adapt_pictures(
        weighted, job.seed, device, shipped(device), steps=steps, seconds=job.seconds
    )
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
    brief = PictureBrief(count=1, seed=job.seed, width_px=width, height_px=height)
    slices = draw(tensors, brief, shipped(device), device, PREVIEW_STEPS)
    pictures = yield from told(slices, job.job_id, "drawing", Pace())
    yield _write_preview(pictures[0], 0, "first", Path(job.preview_dir), job.job_id)


def generate(
    job: GenerateRequest[PictureBrief], style: Style, digest: str, device: torch.device, pace: Pace
) -> Generator[Event, None, list[WorkFile]]:
    """Draws and writes the works; yields Progress, and Previews after every scale.

    Works are written one by one: a job that is stopped keeps those that it has written."""
    named = source_files(sources(job.brief))
    origin = Origin(style=style, digest=digest, device=device, sources=named)
    slices = draw(style.tensors, job.brief, shipped(device), device)
    show = _Grown(job.preview_dir, job.job_id, f"preview-{job.brief.seed}")
    finished = yield from told(slices, job.job_id, "drawing", pace, show)
    more = {"drawn_in_parts": True} if show.in_parts else {}
    works = []
    for i, pixels in enumerate(finished):
        one = replace(job.brief, count=1, seed=job.brief.seed + i)
        works.append(_write_work(pixels, one, origin, Path(job.out_dir), more))
        yield Progress(job_id=job.job_id, done=1, total=1, stage="saving")
    return works


def draft(
    job: GenerateRequest[PictureBrief], style: Style, device: torch.device, pace: Pace
) -> Generator[Event, None, list[Draft[PictureBrief]]]:
    """Small pictures (3, H, W) that tell how the works of the same seeds will look: what is drawn
    first is the same, and what comes later adds detail."""
    brief = job.brief
    size = size_at(brief.height_px, brief.width_px, DRAFT_SCALE_PX)
    height, width = min(size, (brief.height_px, brief.width_px))
    small = replace(brief, width_px=width, height_px=height)
    slices = draw(style.tensors, small, shipped(device), device, PREVIEW_STEPS)
    show = _Grown(job.preview_dir, job.job_id, f"draft-{brief.seed}")
    pictures = yield from told(slices, job.job_id, "drawing", pace, show)
    return [Draft(one_of(brief, i), each) for i, each in enumerate(pictures)]


def complete(
    drafts: Sequence[Draft[PictureBrief]],
    job: GenerateRequest[PictureBrief],
    style: Style,
    digest: str,
    device: torch.device,
) -> Generator[Event, None, list[WorkFile]]:
    """Each drawn in full."""
    works, pace = [], Pace()
    for i, each in enumerate(drafts):
        one = generate(replace(job, brief=each.brief), style, digest, device, Pace())
        share = 1 / len(drafts)
        works += yield from within(as_work(one, i), i * share, share, pace)
    return works


@dataclass(slots=True)
class _Grown:
    """A Preview of each picture of a slice that shows some. name: no two of a job have the same.
    in_parts: memory was ever short."""

    folder: str | None
    job_id: str
    name: str = "preview"
    in_parts: bool = False

    def __call__(self, advance: Advance) -> Iterator[Preview]:
        self.in_parts |= advance.in_parts
        if self.folder is not None and advance.pictures is not None:
            for index, pixels in enumerate(advance.pictures):
                stem = f"{self.name}-{advance.done:.0f}"
                yield _write_preview(pixels, index, stem, Path(self.folder), self.job_id)


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
    brief: PictureBrief,
    origin: Origin,
    folder: Path,
    more: Mapping[str, object],
) -> WorkFile:
    texts = {"Software": f"Maquette {__version__}", "Comment": "made with AI"}
    data = encode_png(pixels, texts=texts)
    work = write_work(data, ".png", brief, origin, folder, more)
    return replace(work, width_px=brief.width_px, height_px=brief.height_px)

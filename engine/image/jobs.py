"""The verbs on picture files: references → style, style → works with their sidecars."""

import json
import math
from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch

from engine import __version__
from engine.device import describe
from engine.errors import BadInput
from engine.files import sha256, write_atomic
from engine.image.adapt import WeightedPicture
from engine.image.adapt import adapt as adapt_pictures
from engine.image.blend import blend as blend_tables
from engine.image.draw import Steps, draw
from engine.image.pyramid import size_at
from engine.media.guard import read_bytes
from engine.media.image import decode, encode_png
from engine.messages import (
    MAX_REFERENCES,
    AdaptRequest,
    BlendRequest,
    Brief,
    Event,
    GenerateRequest,
    Medium,
    Preview,
    Progress,
    Reference,
    Refusal,
    WorkFile,
)
from engine.progress import Advance, Pace
from engine.style import Ancestor, Style

SIDECAR_FORMAT = 1
PREVIEW_SCALE_PX = 120.0  # of the first small work after adapting
PREVIEW_STEPS = Steps(moving=14, settling=3)
_FAST_PNG = 1  # zlib level of previews: they live for seconds

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ReadReference:
    name: str
    digest: str
    picture: WeightedPicture


def read_references(
    job: AdaptRequest,
) -> Generator[Event, None, tuple[list[ReadReference], list[Refusal]]]:
    """Those that can be used, and why the others cannot; yields Progress.

    Raises BadInput when there are none, too many, or none that can be used.
    """
    references = job.references
    if not references:
        raise BadInput("no_references")
    if len(references) > MAX_REFERENCES:
        raise BadInput("many_references", count=len(references), limit=MAX_REFERENCES)
    usable, refused = [], []
    for reference in references:
        try:
            usable.append(_read(reference))
        except BadInput as error:
            if len(references) == 1:
                raise
            refused.append(_refusal(reference.path, error))
        yield Progress(job_id=job.job_id, done=0, total=len(references), stage="reading")
    if not usable:
        raise BadInput("none_usable", first=refused[0].message)
    return usable, refused


def _read(reference: Reference) -> ReadReference:
    path = Path(reference.path)
    data = read_bytes(path)
    picture = WeightedPicture(decode(data, path.name), reference.weight)
    return ReadReference(path.name, sha256(data), picture)


def _refusal(path: str, error: BadInput) -> Refusal:
    return Refusal(
        path=path,
        message=str(error),
        remedy=error.remedy,
        code=error.code,
        details=error.details,
    )


def adapt(
    job: AdaptRequest, references: list[ReadReference], device: torch.device, pace: Pace
) -> Generator[Event, None, dict[str, torch.Tensor]]:
    """The tensors of the style; yields Progress."""
    slices = adapt_pictures([r.picture for r in references], job.seed, device)
    return (yield from _told(slices, job.job_id, "adapting", pace))


def first_preview(
    job: AdaptRequest,
    references: list[ReadReference],
    tensors: dict[str, torch.Tensor],
    device: torch.device,
) -> Generator[Event, None, None]:
    """A small work in the references' mean aspect, in the job's preview folder."""
    if job.preview_dir is None:
        return
    shapes = [reference.picture.pixels.shape for reference in references]
    aspect = math.exp(sum(math.log(width / height) for _, height, width in shapes) / len(shapes))
    height, width = size_at(1000, round(1000 * aspect), PREVIEW_SCALE_PX)
    brief = Brief(count=1, seed=job.seed, width_px=width, height_px=height)
    slices = draw(tensors, brief, device, PREVIEW_STEPS)
    pictures = yield from _told(slices, job.job_id, "drawing", Pace())
    yield _write_preview(pictures[0], 0, "first", Path(job.preview_dir), job.job_id)


def generate(
    job: GenerateRequest, style: Style, digest: str, device: torch.device, pace: Pace
) -> Generator[Event, None, list[WorkFile]]:
    """Draws and writes the works; yields Progress, and Previews after every scale.

    Works are written one by one: a job that is stopped keeps those that it has written."""
    slices = draw(style.tensors, job.brief, device)
    finished = yield from _told(slices, job.job_id, "drawing", pace, job.preview_dir)
    works = []
    for i, pixels in enumerate(finished):
        one = replace(job.brief, count=1, seed=job.brief.seed + i)
        works.append(_write_work(pixels, one, style, digest, device, Path(job.out_dir)))
        yield Progress(job_id=job.job_id, done=1, total=1, stage="saving")
    return works


def blend(job: BlendRequest, styles: list[tuple[Style, str]]) -> Style:
    """One style between `styles` (each with its digest), with the weights of the request."""
    weights = [each.weight for each in job.styles]
    for (style, _), each in zip(styles, job.styles, strict=True):
        if style.medium != Medium.IMAGE:
            name = Path(each.path).name
            raise BadInput("other_medium", name=name, medium=style.medium, wanted=Medium.IMAGE)
    parents = tuple(
        Ancestor(digest, Path(each.path).name, each.weight / sum(weights))
        for (_, digest), each in zip(styles, job.styles, strict=True)
    )
    references = tuple(
        replace(reference, weight=reference.weight * parent.weight)
        for (style, _), parent in zip(styles, parents, strict=True)
        for reference in style.references
    )
    tensors = blend_tables([style.tensors for style, _ in styles], weights)
    return Style(Medium.IMAGE, tensors, references, parents)


def _told(
    slices: Generator[Advance, None, Result],
    job_id: str,
    stage: str,
    pace: Pace,
    preview_dir: str | None = None,
) -> Generator[Event, None, Result]:
    """Slices of work as Progress, and as a Preview of each picture where they show some."""
    while True:
        try:
            slice_done = next(slices)
        except StopIteration as end:
            return end.value
        yield Progress(
            job_id=job_id,
            done=slice_done.done,
            total=slice_done.total,
            seconds_left=pace.seconds_left(slice_done),
            stage=stage,
        )
        if preview_dir is not None and slice_done.pictures is not None:
            for index, pixels in enumerate(slice_done.pictures):
                stem = f"preview-{slice_done.done:.0f}"
                yield _write_preview(pixels, index, stem, Path(preview_dir), job_id)


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
    """The picture first, then its sidecar: it never speaks of a work that is not there."""
    recipe = json.dumps([digest, asdict(brief)], sort_keys=True).encode()
    stem = f"{brief.seed}-{sha256(recipe)[:8]}"  # equal recipes meet, unlike ones never do
    texts = {"Software": f"Maquette {__version__}", "Comment": "made with AI"}
    data = encode_png(pixels, texts=texts)
    path, sidecar = folder / f"{stem}.png", folder / f"{stem}.json"
    write_atomic(path, data)
    about = {
        "format": SIDECAR_FORMAT,
        "made_with_ai": True,
        "file": path.name,
        "sha256": sha256(data),
        "brief": asdict(brief),
        "seed": brief.seed,
        "style": {"sha256": digest, "references": [asdict(r) for r in style.references]},
        "engine_version": __version__,
        "torch_version": torch.__version__,
        "device": describe(device),
    }
    write_atomic(sidecar, json.dumps(about, indent=1).encode())
    return WorkFile(
        path=str(path),
        sidecar=str(sidecar),
        seed=brief.seed,
        width_px=brief.width_px,
        height_px=brief.height_px,
    )

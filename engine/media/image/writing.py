"""What is written of pictures: works with their sidecars, and previews while they are made."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from engine import __version__
from engine.core.files import sha256
from engine.core.input_files import read_bytes
from engine.core.names import readable
from engine.core.progress import Advance
from engine.core.style import Style
from engine.core.works import write_work
from engine.media.image.codec.raster import encode_png
from engine.messages import Brief, Palette, Preview, Use, WorkFile

_FAST_PNG = 1  # zlib level of previews: they live for seconds


def write_picture(
    pixels: Tensor,
    brief: Brief,
    style: Style,
    device: torch.device,
    folder: Path,
    more: dict[str, object],
) -> WorkFile:
    """A finished work (3, H, W) with its sidecar, which `more` joins."""
    texts = {"Software": f"Maquette {__version__}", "Comment": "made with AI"}
    data = encode_png(pixels, texts=texts)
    work = write_work(data, ".png", brief, style, device, folder, more)
    return replace(work, width_px=brief.width_px, height_px=brief.height_px)


def sources_of(brief: Brief) -> dict[str, object]:
    """For a sidecar: the files that a work is made from, beside its style, by their part in it."""
    return {part: named_file(path) for part, path in source_files(brief).items()}


def source_files(brief: Brief) -> dict[str, str]:
    """The files that a work is made from, beside its style, by their part in it."""
    wanted = {"content": brief.content, "mask": brief.mask}
    if brief.use is not Use.FILL:
        del wanted["mask"]
    if brief.use is Use.COMPOSE and brief.palette is not Palette.MINE:
        del wanted["content"]
    return wanted


def named_file(path: str) -> dict[str, str]:
    """A file's name and sha256, so that a work can be made again from what it was made from."""
    return {"name": readable(Path(path).name), "sha256": sha256(read_bytes(Path(path)))}


@dataclass(slots=True)
class Previews:
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
                yield write_preview(pixels, index, stem, Path(self.folder), self.job_id)


def write_preview(pixels: Tensor, index: int, stem: str, folder: Path, job_id: str) -> Preview:
    path = folder / f"{stem}-{index}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(pixels, level=_FAST_PNG))
    height, width = pixels.shape[1:]
    return Preview(job_id=job_id, path=str(path), index=index, width_px=width, height_px=height)

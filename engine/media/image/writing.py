"""What is written of pictures: works with their sidecars, and previews while they are made."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from torch import Tensor

from engine import __version__
from engine.core.job_events import each_as
from engine.core.progress import Advance
from engine.core.waiting import meanwhile
from engine.core.works import Origin, write_work
from engine.interfaces import Job
from engine.media.image.codec.raster import encode_png
from engine.protocol import GenerateRequest, PictureBrief, Preview, Progress, WorkFile

_FAST_PNG = 1  # zlib level of previews: they live for seconds


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


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="pictures")


def write_picture(
    pixels: Tensor,
    brief: PictureBrief,
    origin: Origin,
    job: GenerateRequest[PictureBrief],
    more: Mapping[str, object],
    *,
    in_parts: bool,
) -> Job[WorkFile]:
    """A PNG and its sidecar in the job's folder; in_parts: memory was short while it was drawn.
    Yields Progress, also while a large picture is encoded: a job that is stopped meanwhile has not
    written it."""
    texts = {"Software": f"Maquette {__version__}", "Comment": "made with AI"}
    told = Progress(job_id=job.job_id, done=1, total=1, stage="saving")
    encoding = meanwhile(_pool(), partial(encode_png, pixels, texts=texts))
    data = yield from each_as(encoding, told)
    scarce = {"drawn_in_parts": True} if in_parts else {}
    work = write_work(data, ".png", brief, origin, Path(job.out_dir), {**more, **scarce})
    yield told
    return replace(work, width_px=brief.width_px, height_px=brief.height_px, in_parts=in_parts)

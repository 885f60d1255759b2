"""What generators of pictures share: briefs of small pictures, and works finished one by one."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.core.job_events import renumbered, within
from engine.core.progress import Pace
from engine.core.references import ReadReference
from engine.interfaces import Draft, Job
from engine.media.image.codec.raster import Picture
from engine.media.image.pyramid import size_at
from engine.protocol import GenerateRequest, PictureBrief, WorkFile

Request = GenerateRequest[PictureBrief]


def preview_brief(
    references: Sequence[ReadReference[Picture]], seed: int, scale_px: float
) -> PictureBrief:
    """Of one small picture in the references' mean aspect."""
    shapes = [reference.content.pixels.shape for reference in references]
    logs = [math.log(width / height) for _, height, width in shapes]
    aspect = math.exp(sum(logs) / len(logs))
    height, width = size_at(1000, round(1000 * aspect), scale_px)
    return PictureBrief(count=1, seed=seed, width_px=width, height_px=height)


def draft_brief(brief: PictureBrief, scale_px: float) -> PictureBrief:
    """The same at a small scale; never larger than it was."""
    size = size_at(brief.height_px, brief.width_px, scale_px)
    height, width = min(size, (brief.height_px, brief.width_px))
    return replace(brief, width_px=width, height_px=height)


def complete_each(
    generate: Callable[[Request], Job[list[WorkFile]]],
    drafts: Sequence[Draft[PictureBrief]],
    job: Request,
) -> Job[list[WorkFile]]:
    """Each draft generated anew in full, alone."""
    works: list[WorkFile] = []
    pace = Pace()
    for i, each in enumerate(drafts):
        one = generate(replace(job, brief=each.brief))
        share = 1 / len(drafts)
        works += yield from within(renumbered(one, i), i * share, share, pace)
    return works

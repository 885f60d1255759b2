"""The generator of pictures that are painted with the references' patches."""

import base64
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from engine.core.files import sha256
from engine.core.job_events import with_progress
from engine.core.progress import Pace
from engine.core.references import ReadReference
from engine.core.sidecars import source_files
from engine.core.style import Style, Tensors
from engine.core.works import Origin
from engine.interfaces import Draft, Job, StyleFacts, brief_of_one
from engine.media.image.brief import sources
from engine.media.image.codec.raster import Picture
from engine.media.image.generating import complete_each, draft_brief, preview_brief
from engine.media.image.generators.painter import INFO
from engine.media.image.generators.painter.adapt import adapt, blend
from engine.media.image.generators.painter.draw import draw
from engine.media.image.generators.painter.regions import Taken
from engine.media.image.generators.painter.tiles import is_large
from engine.media.image.generators.transport.adapt import weighted_pictures
from engine.media.image.generators.transport.fit import MOST_STEPS
from engine.media.image.generators.transport.generator import TransportPreferences
from engine.media.image.generators.transport.weights import WEIGHTS_FILE, shipped
from engine.media.image.writing import Previews, write_picture, write_preview
from engine.protocol import AdaptRequest, GenerateRequest, PictureBrief, WorkFile

PREVIEW_SCALE_PX = 200.0  # of the first small work after adapting
DRAFT_SCALE_PX = 96.0  # of pictures that are chosen from


def open_generator(device: torch.device) -> "PainterGenerator":
    return PainterGenerator(device)


class PainterGenerator:
    """See `engine.interfaces.Generator`."""

    info = INFO
    draft_share = 0.3
    preferences = TransportPreferences()

    def __init__(self, device: torch.device) -> None:
        self.device = device

    @cached_property
    def base_digest(self) -> str:
        return sha256(WEIGHTS_FILE.read_bytes())

    def adapt(
        self, job: AdaptRequest, references: Sequence[ReadReference[Picture]], pace: Pace
    ) -> Job[Tensors]:
        """The tensors of the style; yields Progress."""
        weighted = weighted_pictures(references)
        slices = adapt(
            weighted,
            job.seed,
            self.device,
            shipped(self.device),
            steps=MOST_STEPS if job.seconds else 0,
            seconds=job.seconds,
        )
        return (yield from with_progress(slices, job.job_id, "adapting", pace))

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference[Picture]], tensors: Tensors
    ) -> Job[None]:
        """A small work in the references' mean aspect, in the job's preview folder."""
        if job.preview_dir is None:
            return
        brief = preview_brief(references, job.seed, PREVIEW_SCALE_PX)
        slices = draw(tensors, brief, shipped(self.device), self.device)
        painted = yield from with_progress(slices, job.job_id, "drawing", Pace())
        yield write_preview(painted.pictures[0], 0, "first", Path(job.preview_dir), job.job_id)

    def generate(
        self, job: GenerateRequest[PictureBrief], style: Style, pace: Pace
    ) -> Job[list[WorkFile]]:
        """Paints and writes the works; yields Progress, and Previews after every scale.

        Works are written one by one: a job that is stopped keeps those that it has written. Large
        ones are also painted one by one."""
        brief = job.brief
        if brief.count > 1 and is_large((brief.height_px, brief.width_px)):
            alone = [Draft(brief_of_one(brief, i), None) for i in range(brief.count)]
            return (yield from self.complete(alone, job, style))
        origin = Origin(style=style, device=self.device, sources=source_files(sources(job.brief)))
        slices = draw(style.tensors, job.brief, shipped(self.device), self.device)
        show = Previews(job.preview_dir, job.job_id, f"preview-{job.brief.seed}")
        painted = yield from with_progress(slices, job.job_id, "drawing", pace, show)
        works = []
        for i, (pixels, taken) in enumerate(zip(painted.pictures, painted.taken, strict=True)):
            about = {"taken": _told_of(taken, painted.has_content)}
            one = brief_of_one(job.brief, i)
            writing = write_picture(pixels, one, origin, job, about, in_parts=show.in_parts)
            works.append((yield from writing))
        return works

    def draft(
        self, job: GenerateRequest[PictureBrief], style: Style, pace: Pace
    ) -> Job[list[Draft]]:
        """Small pictures (3, H, W) that tell how works of the same seeds will look: they have the
        same layouts."""
        brief = job.brief
        small = draft_brief(brief, DRAFT_SCALE_PX)
        slices = draw(style.tensors, small, shipped(self.device), self.device)
        show = Previews(job.preview_dir, job.job_id, f"draft-{brief.seed}")
        painted = yield from with_progress(slices, job.job_id, "drawing", pace, show)
        return [Draft(brief_of_one(brief, i), each) for i, each in enumerate(painted.pictures)]

    def complete(
        self, drafts: Sequence[Draft], job: GenerateRequest[PictureBrief], style: Style
    ) -> Job[list[WorkFile]]:
        """Each painted in full."""
        return (
            yield from complete_each(lambda one: self.generate(one, style, Pace()), drafts, job)
        )

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
        return blend([dict(each) for each in styles], list(weights))

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        return StyleFacts()


def _told_of(taken: Taken, has_content: bool) -> dict[str, object]:
    """For a sidecar. content: the share of the artist's own picture, where there is one, which is
    then the first source; references: theirs, in their order; largest: the side of the largest
    piece, as a share of the work's shorter side; map: of each place of a grid, in rows, the source
    (255: none), and how far down and right in it."""
    own = {"content": round(taken.shares[0], 4)} if has_content else {}
    rows, columns = taken.places.shape[:2]
    return {
        **own,
        "references": [round(share, 4) for share in taken.shares[len(own) :]],
        "largest": round(taken.largest, 4),
        "map": {
            "rows": rows,
            "columns": columns,
            "data": base64.b64encode(taken.places.astype("uint8").tobytes()).decode(),
        },
    }

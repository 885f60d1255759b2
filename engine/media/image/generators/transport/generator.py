"""The generator of pictures by patch transport and a denoiser."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
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
from engine.media.image.generators.transport import INFO, mixture
from engine.media.image.generators.transport.adapt import adapt, weighted_pictures
from engine.media.image.generators.transport.blend import blend
from engine.media.image.generators.transport.draw import Steps, draw
from engine.media.image.generators.transport.fit import MOST_STEPS
from engine.media.image.generators.transport.weights import WEIGHTS_FILE, shipped
from engine.media.image.writing import Previews, write_picture, write_preview
from engine.protocol import (
    AdaptRequest,
    GenerateRequest,
    PictureBrief,
    WorkFile,
)

PREVIEW_SCALE_PX = 120.0  # of the first small work after adapting
PREVIEW_STEPS = Steps(moving=14, settling=3)
DRAFT_SCALE_PX = 80.0  # of pictures that are chosen from


def open_generator(device: torch.device) -> "TransportGenerator":
    return TransportGenerator(device)


class TransportPreferences:
    """See `engine.interfaces.ReferencePreferences`."""

    def leaned_on(self, tensors: Mapping[str, Tensor], events: np.ndarray) -> int:
        mean, deviation = torch.from_numpy(events)
        return mixture.nearest(tensors, mean, deviation)

    def reference_weights(self, tensors: Mapping[str, Tensor]) -> Tensor:
        return tensors["weights"]


class TransportGenerator:
    """See `engine.interfaces.Generator`."""

    info = INFO
    draft_share = 0.35
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
        steps = MOST_STEPS if job.seconds else 0
        slices = adapt(
            weighted, job.seed, self.device, shipped(self.device), steps=steps, seconds=job.seconds
        )
        return (yield from with_progress(slices, job.job_id, "adapting", pace))

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference[Picture]], tensors: Tensors
    ) -> Job[None]:
        """A small work in the references' mean aspect, in the job's preview folder."""
        if job.preview_dir is None:
            return
        brief = preview_brief(references, job.seed, PREVIEW_SCALE_PX)
        slices = draw(tensors, brief, shipped(self.device), self.device, PREVIEW_STEPS)
        pictures = yield from with_progress(slices, job.job_id, "drawing", Pace())
        yield write_preview(pictures[0], 0, "first", Path(job.preview_dir), job.job_id)

    def generate(
        self, job: GenerateRequest[PictureBrief], style: Style, pace: Pace
    ) -> Job[list[WorkFile]]:
        """Draws and writes the works; yields Progress, and Previews after every scale.

        Works are written one by one: a job that is stopped keeps those that it has written."""
        named = source_files(sources(job.brief))
        origin = Origin(style=style, device=self.device, sources=named)
        slices = draw(style.tensors, job.brief, shipped(self.device), self.device)
        show = Previews(job.preview_dir, job.job_id, f"preview-{job.brief.seed}")
        finished = yield from with_progress(slices, job.job_id, "drawing", pace, show)
        works = []
        for i, pixels in enumerate(finished):
            one = brief_of_one(job.brief, i)
            writing = write_picture(pixels, one, origin, job, {}, in_parts=show.in_parts)
            works.append((yield from writing))
        return works

    def draft(
        self, job: GenerateRequest[PictureBrief], style: Style, pace: Pace
    ) -> Job[list[Draft[PictureBrief]]]:
        """Small pictures (3, H, W) that tell how works of the same seeds will look: what is drawn
        first is the same, and what comes later adds detail."""
        brief = job.brief
        small = draft_brief(brief, DRAFT_SCALE_PX)
        slices = draw(style.tensors, small, shipped(self.device), self.device, PREVIEW_STEPS)
        show = Previews(job.preview_dir, job.job_id, f"draft-{brief.seed}")
        pictures = yield from with_progress(slices, job.job_id, "drawing", pace, show)
        return [Draft(brief_of_one(brief, i), each) for i, each in enumerate(pictures)]

    def complete(
        self,
        drafts: Sequence[Draft[PictureBrief]],
        job: GenerateRequest[PictureBrief],
        style: Style,
    ) -> Job[list[WorkFile]]:
        """Each drawn in full."""
        return (
            yield from complete_each(lambda one: self.generate(one, style, Pace()), drafts, job)
        )

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
        return blend(list(styles), list(weights))

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        return StyleFacts()

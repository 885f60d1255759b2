"""The generator of pictures over a diffusion model that the artist has added."""

from collections.abc import Generator as Slices, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.job_events import renumbered, with_progress, within
from engine.core.pretrained.added import MODEL, AddedModel, added, models_folder, with_digest
from engine.core.pretrained.libraries import check_installed
from engine.core.progress import Advance, Pace, one_of
from engine.core.references import ReadReference
from engine.core.sidecars import brief_in, sidecar_of, source_files
from engine.core.style import Style, Tensors
from engine.core.works import Origin
from engine.interfaces import Draft, Job, StyleFacts, brief_of_one
from engine.media.image.brief import sources
from engine.media.image.codec.raster import Picture
from engine.media.image.generating import complete_each, preview_brief
from engine.media.image.generators.diffusion import INFO
from engine.media.image.generators.diffusion.adapt import adapt
from engine.media.image.generators.diffusion.base import Base, Look, load
from engine.media.image.generators.diffusion.beside import Beside, offered, opened
from engine.media.image.generators.diffusion.draw import canvas_size, draw, stretched
from engine.media.image.generators.diffusion.looks import read_looks
from engine.media.image.generators.diffusion.pipelines import lender_of
from engine.media.image.generators.diffusion.preferences import Rated, preferred
from engine.media.image.generators.diffusion.style import DiffusionStyle, blend
from engine.media.image.generators.transport.adapt import weighted_pictures
from engine.media.image.generators.transport.contents import read_picture
from engine.media.image.writing import Previews, write_picture, write_preview
from engine.protocol import AdaptRequest, GenerateRequest, PictureBrief, WorkFile

DRAFT_STEPS = 8  # of pictures that are chosen from
PREVIEW_PX = 512.0


def open_generator(device: torch.device) -> "DiffusionGenerator":
    return DiffusionGenerator(device)


class DiffusionPreferences:
    """See `engine.interfaces.WorkPreferences`."""

    def __init__(self, generator: "DiffusionGenerator") -> None:
        self._generator = generator

    def taught(
        self, tensors: Mapping[str, Tensor], paths: Sequence[str], utilities: np.ndarray
    ) -> Slices[Advance, None, Tensors]:
        style = DiffusionStyle.of_tensors(tensors)
        base = self._generator.base_of(style)
        works = [
            _rated(base, style, path, utility)
            for path, utility in zip(paths, utilities.tolist(), strict=True)
        ]
        moved = yield from preferred(base, style.on(base.device), works, seed=len(works))
        return moved.learned.moved() if moved is not None else {}


def _rated(base: Base, style: DiffusionStyle, path: str, utility: float) -> Rated:
    pixels = read_picture(path)[None]
    height, width = pixels.shape[2:]
    latents = base.to_latents(stretched(pixels, canvas_size(base, (height, width))))
    brief = brief_in(sidecar_of(Path(path)))
    words = ""
    if isinstance(brief, PictureBrief):
        words = brief.prompt or style.motif(brief.seed)
    return Rated(latents, utility, words)


class DiffusionGenerator:
    """See `engine.interfaces.Generator`. Its base is the model that was added first; a style that
    stands over another one finds its own."""

    info = INFO
    draft_share = 0.3

    def __init__(self, device: torch.device, models: Path | None = None) -> None:
        self.device, self.models = device, models or models_folder()
        self._bases: dict[tuple[str, str], Base] = {}
        self.preferences = DiffusionPreferences(self)

    @property
    def base_digest(self) -> str:
        row = self._first()
        return row.digest if row else ""

    def _first(self) -> AddedModel | None:
        rows = added(self.models, "image", MODEL)
        return next((row for row in rows if row.is_there()), None)

    def base(self, digest: str, lender: str = "") -> Base:
        """Loaded once. lender: the folder that a checkpoint in one file has borrowed from; by
        default the first that fits. Raises BadInput where one of them is gone, or the libraries
        are not there."""
        check_installed()
        try:
            row = with_digest(digest, self.models)
            lent = lender_of(row, self.models, lender)
        except BadInput:
            self._bases.clear()  # it was removed while it was in memory
            raise
        key = (digest, lent.digest if lent else "")
        if key not in self._bases:
            self._bases.clear()  # one at a time: they are large
            self._bases[key] = load(row, self.device, lender=lent)
        return self._bases[key]

    def base_of(self, style: DiffusionStyle) -> Base:
        """With what the style names beside it. Raises BadInput where any of it is gone."""
        base = self.base(style.digest, style.lender)
        before, network = base.beside, base.network
        base.beside = Beside()  # where one is gone, nothing of another style stays
        base.beside = opened(
            before, style.control, style.prompt, network, base.row.name, self.models
        )
        return base

    def adapt(
        self, job: AdaptRequest, references: Sequence[ReadReference[Picture]], pace: Pace
    ) -> Job[Tensors]:
        """Yields Progress, and Previews of the best style so far."""
        check_installed()
        if not self.base_digest:
            raise BadInput("no_picture_model")
        base = self.base(self.base_digest)
        near = offered(base.family.id, self.models)
        pictures = weighted_pictures(references)
        slices = adapt(pictures, base, job.seed, seconds=job.seconds, near=near)
        show = Previews(job.preview_dir, job.job_id, "so-far")
        style = yield from with_progress(slices, job.job_id, "adapting", pace, show)
        return style.tensors()

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference[Picture]], tensors: Tensors
    ) -> Job[None]:
        """A work in the references' mean aspect, in the job's preview folder."""
        if job.preview_dir is None:
            return
        style = DiffusionStyle.of_tensors(tensors)
        base = self.base_of(style)
        brief = preview_brief(references, job.seed, float(base.side_px) or PREVIEW_PX)
        slices = draw(base, style, brief, steps=min(base.steps, DRAFT_STEPS))
        drawn = yield from with_progress(slices, job.job_id, "drawing", Pace())
        yield write_preview(drawn[0], 0, "first", Path(job.preview_dir), job.job_id)

    def generate(
        self, job: GenerateRequest[PictureBrief], style: Style, pace: Pace
    ) -> Job[list[WorkFile]]:
        """Draws and writes the works one by one: a job that is stopped keeps those that it has
        written. Yields Progress, and Previews of what is being drawn."""
        base, own, looks = self._opened(style, job.brief)
        origin = Origin(style=style, device=self.device, sources=source_files(sources(job.brief)))
        works: list[WorkFile] = []
        for i in range(job.brief.count):
            one = brief_of_one(job.brief, i)
            show = Previews(job.preview_dir, job.job_id, f"preview-{one.seed}")
            slices = one_of(draw(base, own, one, looks), i, job.brief.count)
            events = with_progress(slices, job.job_id, "drawing", pace, show)
            drawn = yield from renumbered(events, i)
            more = _about(base, looks, own, one)
            writing = write_picture(drawn[0], one, origin, job, more, in_parts=show.in_parts)
            works.append((yield from within(writing, (i + 1) / job.brief.count, 0.0, pace)))
        return works

    def draft(
        self, job: GenerateRequest[PictureBrief], style: Style, pace: Pace
    ) -> Job[list[Draft[PictureBrief]]]:
        """Pictures of the same noise in few steps: the finished ones have the same layouts."""
        base, own, looks = self._opened(style, job.brief)
        slices = draw(base, own, job.brief, looks, min(base.steps, DRAFT_STEPS))
        show = Previews(job.preview_dir, job.job_id, f"draft-{job.brief.seed}")
        drawn = yield from with_progress(slices, job.job_id, "drawing", pace, show)
        return [Draft(brief_of_one(job.brief, i), each) for i, each in enumerate(drawn)]

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
        return blend([DiffusionStyle.of_tensors(each) for each in styles], weights).tensors()

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        return StyleFacts()

    def _opened(self, style: Style, brief: PictureBrief) -> tuple[Base, DiffusionStyle, list[Look]]:
        own = DiffusionStyle.of_tensors(style.tensors, brief.follow)
        base = self.base_of(own)
        return base, own, read_looks(base, brief.looks, self.models)


def _about(
    base: Base, looks: Sequence[Look], style: DiffusionStyle, brief: PictureBrief
) -> dict[str, object]:
    """For a sidecar: the model, its licence, what lent it parts, what worked beside it, and the
    LoRA files."""
    row, lender = base.row, base.lender
    lent = (
        {"name": lender.name, "sha256": lender.digest, "licence": lender.licence}
        if lender
        else None
    )
    return {
        "model": {
            "name": row.name,
            "family": row.family,
            "sha256": row.digest,
            "licence": row.licence,
            "steps": base.steps,
            "guidance": base.guidance,
            "dtype": str(base.dtype).removeprefix("torch."),
            **({"borrowed_from": lent} if lent else {}),
        },
        **_beside(base, style, brief),
        "looks": [{"id": each.name, "sha256": each.digest, "share": each.share} for each in looks],
    }


def _beside(base: Base, style: DiffusionStyle, brief: PictureBrief) -> dict[str, object]:
    rows = {
        "controlnet": base.beside.control.row if base.beside.control else None,
        "ip_adapter": base.beside.prompt.row if base.beside.prompt else None,
    }
    found: dict[str, object] = {
        name: {"name": row.name, "sha256": row.digest, "licence": row.licence}
        for name, row in rows.items()
        if row is not None
    }
    motif = "" if brief.prompt else style.motif(brief.seed)
    return found | ({"motif": motif} if motif else {})

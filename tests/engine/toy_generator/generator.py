"""Pictures in one colour: that of a reference, and a little of chance."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.core.progress import Pace
from engine.core.references import ReadReference
from engine.core.style import Style, Tensors
from engine.core.works import Origin, write_work
from engine.interfaces import Draft, DraftedGenerator, Job, StyleFacts, brief_of_one
from engine.media.image.codec.raster import Picture, encode_png
from engine.protocol import AdaptRequest, GenerateRequest, Preview, Progress, WorkFile
from tests.engine.toy_generator import INFO


def open_generator(device: torch.device) -> "ToyGenerator":
    return ToyGenerator(device)


class ToyGenerator(DraftedGenerator):
    """See `engine.interfaces.Generator`."""

    info = INFO
    base_digest = ""
    draft_share = 0.9
    preferences = None

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def adapt(
        self, job: AdaptRequest, references: Sequence[ReadReference[Picture]], pace: Pace
    ) -> Job[Tensors]:
        yield Progress(job_id=job.job_id, done=1, total=1, stage="adapting")
        return {"colours": torch.stack([r.content.pixels.mean((1, 2)) for r in references])}

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference[Picture]], tensors: Tensors
    ) -> Job[None]:
        if job.preview_dir is not None:
            path = Path(job.preview_dir) / "first.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_png(_field(tensors["colours"][0], 16, 16)))
            yield Preview(job_id=job.job_id, index=0, path=str(path), width_px=16, height_px=16)

    def draft(self, job: GenerateRequest, style: Style, pace: Pace) -> Job[list[Draft]]:
        drafts = []
        for i in range(job.brief.count):
            brief = brief_of_one(job.brief, i)
            chance = torch.Generator().manual_seed(brief.seed)
            colours = style.tensors["colours"]
            colour = colours[brief.seed % len(colours)] + 0.05 * torch.randn(3, generator=chance)
            pixels = _field(colour.clamp(-1, 1), brief.height_px, brief.width_px)
            drafts.append(Draft(brief, pixels, pixels))
            yield Progress(job_id=job.job_id, done=i + 1, total=job.brief.count, stage="drawing")
        return drafts

    def complete(
        self, drafts: Sequence[Draft], job: GenerateRequest, style: Style
    ) -> Job[list[WorkFile]]:
        works = []
        for i, each in enumerate(drafts):
            assert isinstance(each.state, Tensor)
            data, origin = encode_png(each.state), Origin(style=style, device=self.device)
            works.append(write_work(data, ".png", each.brief, origin, Path(job.out_dir)))
            yield Progress(job_id=job.job_id, done=i + 1, total=len(drafts), stage="saving")
        return works

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
        return {"colours": torch.cat([style["colours"] for style in styles])}

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        return StyleFacts()


def _field(colour: Tensor, height: int, width: int) -> Tensor:
    return colour[:, None, None].expand(3, height, width).contiguous()

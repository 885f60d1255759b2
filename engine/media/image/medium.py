"""The medium of pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.core.references import ReadReference, read_references
from engine.core.sidecars import brief_in, sidecar_of
from engine.core.style import Style, Tensors
from engine.interfaces import Choice, Draft, Job, LoadedWork, Measured, Offer
from engine.media.image import ground
from engine.media.image.brief import RULES
from engine.media.image.codec.raster import decode, reading, to_picture
from engine.media.image.crops import small
from engine.media.image.dials import DIALS
from engine.media.image.events import ColourEvents
from engine.media.image.judge import PictureJudge, critic_encoder
from engine.media.image.marks import COMPARABLE, region
from engine.media.image.style_embedding import embedding
from engine.protocol import AdaptRequest, Brief, Mark, Medium as MediumId, Refusal

EMBEDDING = "embedding"  # of a neutral reference


class ImageMedium:
    """See `engine.interfaces.Medium`. Contents of references are `raster.Picture`s, of works pixels
    (3, H, W) in [-1, 1]."""

    id = MediumId.IMAGE
    domains = ("image",)
    max_bytes = RULES.max_bytes("")

    def read(self, job: AdaptRequest) -> Job[tuple[list[ReadReference], list[Refusal]]]:
        return (yield from read_references(job, reading, RULES.max_bytes))

    def choose_generator(
        self, references: Sequence[ReadReference], offered: Mapping[str, Offer]
    ) -> Choice:
        """The first that is registered."""
        return Choice(next(iter(offered)))

    def neutral(self, reference: ReadReference, place: int, device: torch.device) -> Tensors:
        """The critic's embedding (E,), and what was transparent. place: seeds which crops are
        looked at."""
        picture = small(to_picture(reference.content.pixels))
        own = embedding(picture, critic_encoder(device), place).half().cpu()
        return {EMBEDDING: own} | ground.neutral(reference.content)

    def neutral_of_format_1(
        self, tensors: Mapping[str, Tensor], device: torch.device
    ) -> list[Tensors]:
        """Nothing of a style from before there was an encoder, or of another encoder's."""
        rows, size = tensors.get("told", ()), critic_encoder(device).out.out_features
        return [{EMBEDDING: row.clone()} for row in rows if len(row) == size]

    def generator_of_format_1(self, tensors: Mapping[str, Tensor]) -> str:
        return "transport"

    def measured_references(
        self, style: Style, domain: str, device: torch.device
    ) -> tuple[Measured, ...]:
        """Only their embeddings are known."""
        rows = [r[EMBEDDING].double().cpu().numpy() for r in style.neutral if EMBEDDING in r]
        return tuple(Measured(np.zeros(0), row, np.zeros(0)) for row in rows)

    def load(self, path: str, device: torch.device) -> LoadedWork:
        file = Path(path)
        pixels = decode(read_bytes(file, self.max_bytes), file.name)
        return LoadedWork(path, "image", pixels, brief_in(sidecar_of(file)))

    def loaded_draft(self, draft: Draft) -> LoadedWork | None:
        return LoadedWork("", "image", draft.content, draft.brief)

    def judge(self, domain: str, device: torch.device) -> PictureJudge:
        return PictureJudge(device)

    def event_model(self, domain: str, device: torch.device) -> ColourEvents:
        return ColourEvents()

    def cut(self, work: LoadedWork, mark: Mark) -> LoadedWork:
        assert isinstance(work.content, Tensor)
        part = region(work.content, mark)
        if part is None:
            raise BadInput("mark_outside", name=work.name)
        return LoadedWork(work.path, work.domain, part)

    def comparable(self, domain: str) -> frozenset[str]:
        return COMPARABLE

    def dials(self, domain: str) -> Sequence:
        return DIALS

    def can_choose(self, brief: Brief) -> bool:
        return True

    def name_of(self, domain: str) -> str:
        return "pictures"

"""The generator of texts over the language model that was trained here."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.core.files import sha256
from engine.core.job_events import with_progress
from engine.core.progress import Pace
from engine.core.references import ReadReference
from engine.core.style import Style, Tensors
from engine.core.works import Origin
from engine.interfaces import Draft, DraftedGenerator, Job, StyleFacts
from engine.media.text.codec.plain import TextWork
from engine.media.text.codec.script import to_simplified
from engine.media.text.events import token_table
from engine.media.text.generators.maquette_lm import INFO
from engine.media.text.generators.maquette_lm.adapt import WeightedPiece, adapt
from engine.media.text.generators.maquette_lm.expects import nats_a_character
from engine.media.text.generators.maquette_lm.weights import WEIGHTS_FILE, shipped
from engine.media.text.generators.maquette_lm.write import write
from engine.media.text.notation import piece
from engine.media.text.tokens import Piece
from engine.media.text.works import draft_texts, first_text, save_texts, script_of, simplified
from engine.protocol import (
    AdaptRequest,
    GenerateRequest,
    TextBrief,
    WorkFile,
)
from engine.sequence.adapt import blend

FIRST = 40  # characters or words of the first preview
MAX_NATS = {"zh": 0.3, "en": 0.3}  # that ratings may move the next token


def open_generator(device: torch.device) -> "MaquetteLm":
    return MaquetteLm(device)


class TokenPreferences:
    """See `engine.interfaces.SequencePreferences`."""

    max_nats = MAX_NATS

    def learns_from(self, tensors: Mapping[str, Tensor]) -> bool:
        return "tokens" in tensors

    def logit_biases(
        self, worth: np.ndarray, usual: np.ndarray, domain: str, device: torch.device
    ) -> Tensors:
        """The model has the vocabulary of the critic's, so that its tokens are worth the same."""
        return {liked.TOKENS: liked.as_bias((token_table(device) - usual) @ worth)}


class MaquetteLm(DraftedGenerator):
    """See `engine.interfaces.Generator`."""

    info = INFO
    draft_share = 0.98
    preferences = TokenPreferences()

    def __init__(self, device: torch.device) -> None:
        self.device = device

    @cached_property
    def base_digest(self) -> str:
        return sha256(WEIGHTS_FILE.read_bytes())

    def nats_a_character(self, references: Sequence[ReadReference[TextWork]]) -> float | None:
        """See `engine.interfaces.ExpectsReferences`. None in a language that was never learned."""
        return nats_a_character([r.content.text for r in references], shipped(self.device))

    def adapt(
        self, job: AdaptRequest, references: Sequence[ReadReference[TextWork]], pace: Pace
    ) -> Job[Tensors]:
        pieces = [WeightedPiece(_piece(r.content), r.weight) for r in references]
        slices = adapt(pieces, shipped(self.device), seconds=job.seconds)
        return (yield from with_progress(slices, job.job_id, "adapting", pace))

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference], tensors: Tensors
    ) -> Job[None]:
        """A short work in the references' own form, as it is written; none where that fails."""
        if job.preview_dir is None:
            return
        script = script_of(references)
        brief = TextBrief(count=1, seed=job.seed, length=FIRST, script=script)
        slices = write(tensors, [r.name for r in references], simplified(brief), self.device)
        yield from first_text(slices, job.job_id, script)

    def draft(
        self, job: GenerateRequest[TextBrief], style: Style, pace: Pace
    ) -> Job[list[Draft[TextBrief]]]:
        names = [reference.name for reference in style.references]
        slices = write(style.tensors, names, simplified(job.brief), self.device)
        return (yield from draft_texts(slices, job, job.brief.script, pace))

    def complete(
        self, drafts: Sequence[Draft[TextBrief]], job: GenerateRequest[TextBrief], style: Style
    ) -> Job[list[WorkFile]]:
        origin = Origin(style=style, device=self.device)
        return (yield from save_texts(drafts, job, origin))

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
        return blend(list(styles), list(weights))

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        return StyleFacts()


def _piece(work: TextWork) -> Piece:
    if work.language == "zh":
        return piece(to_simplified(work.text), "zh", to_simplified(work.title))
    return piece(work.text, work.language, work.title)

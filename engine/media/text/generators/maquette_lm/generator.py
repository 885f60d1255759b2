"""The generator of texts over the language model that was trained here."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.core.errors import BadInput
from engine.core.files import sha256
from engine.core.job_events import with_progress
from engine.core.progress import Pace
from engine.core.references import ReadReference
from engine.core.style import Style, Tensors
from engine.core.works import Origin
from engine.interfaces import Draft, DraftedGenerator, Job, StyleFacts, brief_of_one
from engine.media.text.codec.plain import TextWork
from engine.media.text.codec.script import to_simplified
from engine.media.text.events import token_table
from engine.media.text.generators.maquette_lm import INFO
from engine.media.text.generators.maquette_lm.adapt import WeightedPiece, adapt
from engine.media.text.generators.maquette_lm.notation import piece
from engine.media.text.generators.maquette_lm.tokens import Piece
from engine.media.text.generators.maquette_lm.weights import WEIGHTS_FILE, shipped
from engine.media.text.generators.maquette_lm.write import write
from engine.media.text.works import Growing, Written, in_script, save_text
from engine.messages import (
    AdaptRequest,
    GenerateRequest,
    Preview,
    Progress,
    Script,
    TextBrief,
    WorkFile,
)
from engine.sequence.adapt import blend

log = logging.getLogger(__name__)

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
        script = _script(references)
        brief = TextBrief(count=1, seed=job.seed, length=FIRST, script=script)
        slices = write(tensors, [r.name for r in references], _simplified(brief), self.device)
        show = Growing(job.job_id, script)
        try:
            works = yield from with_progress(slices, job.job_id, "writing", Pace(), show)
        except BadInput as error:  # the style stands all the same
            log.info("no first text: %s", error)
            return
        yield Preview(job_id=job.job_id, index=0, text=in_script(works[0].text, script))

    def draft(
        self, job: GenerateRequest[TextBrief], style: Style, pace: Pace
    ) -> Job[list[Draft[TextBrief]]]:
        names = [reference.name for reference in style.references]
        slices = write(style.tensors, names, _simplified(job.brief), self.device)
        show = Growing(job.job_id, job.brief.script)
        written = yield from with_progress(slices, job.job_id, "writing", pace, show)
        return [Draft(brief_of_one(job.brief, i), w.text, w) for i, w in enumerate(written)]

    def complete(
        self, drafts: Sequence[Draft[TextBrief]], job: GenerateRequest[TextBrief], style: Style
    ) -> Job[list[WorkFile]]:
        """Saved one by one: a job that is stopped keeps those that it has saved."""
        works, origin = [], Origin(style=style, device=self.device)
        for i, each in enumerate(drafts):
            assert isinstance(each.state, Written)
            script, folder = each.brief.script, Path(job.out_dir)
            works.append(save_text(each.state, script, "", each.brief, origin, folder))
            yield Progress(job_id=job.job_id, done=i + 1, total=len(drafts), stage="saving")
        return works

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
        return blend(list(styles), list(weights))

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        return StyleFacts()


def _piece(work: TextWork) -> Piece:
    if work.language == "zh":
        return piece(to_simplified(work.text), "zh", to_simplified(work.title))
    return piece(work.text, work.language, work.title)


def _script(references: Sequence[ReadReference[TextWork]]) -> Script:
    """How most of the references are written."""
    traditional = sum(r.content.script == Script.TRADITIONAL for r in references)
    return Script.TRADITIONAL if 2 * traditional > len(references) else Script.SIMPLIFIED


def _simplified(brief: TextBrief) -> TextBrief:
    """The artist's words in the script that the model knows."""
    return replace(
        brief,
        prompt=to_simplified(brief.prompt),
        keywords=tuple(to_simplified(word) for word in brief.keywords),
        acrostic=to_simplified(brief.acrostic),
    )

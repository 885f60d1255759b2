"""The generator of texts in languages that no model here has learned: it knows the references."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from engine.core.progress import Pace
from engine.core.references import ReadReference
from engine.core.style import Style, Tensors
from engine.core.works import Origin
from engine.interfaces import Draft, DraftedGenerator, Job, StyleFacts
from engine.media.text.codec.language import name_of
from engine.media.text.codec.plain import TextWork
from engine.media.text.generators.recombining import INFO, generate as recombining
from engine.media.text.works import draft_texts, first_text, save_texts
from engine.protocol import (
    AdaptRequest,
    GenerateRequest,
    Progress,
    Script,
    TextBrief,
    WorkFile,
)

FIRST = 40  # words or letters of the first preview
AS_THEY_ARE = Script.SIMPLIFIED  # the words are left in the script that the references have


def open_generator(device: torch.device) -> "RecombiningGenerator":
    return RecombiningGenerator(device)


class RecombiningGenerator(DraftedGenerator):
    """See `engine.interfaces.Generator`."""

    info = INFO
    base_digest = ""
    draft_share = 0.98
    preferences = None

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def adapt(
        self, job: AdaptRequest, references: Sequence[ReadReference[TextWork]], pace: Pace
    ) -> Job[Tensors]:
        yield Progress(job_id=job.job_id, done=1, total=1, stage="adapting")
        texts = [r.content.text for r in references]
        weights = [r.weight for r in references]
        return recombining.style_of(texts, weights, _commonest_language(references))

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference], tensors: Tensors
    ) -> Job[None]:
        if job.preview_dir is None:
            return
        brief = TextBrief(count=1, seed=job.seed, length=FIRST)
        slices = recombining.write(tensors, [r.name for r in references], brief)
        yield from first_text(slices, job.job_id, AS_THEY_ARE)

    def draft(
        self, job: GenerateRequest[TextBrief], style: Style, pace: Pace
    ) -> Job[list[Draft[TextBrief]]]:
        names = [reference.name for reference in style.references]
        slices = recombining.write(style.tensors, names, job.brief)
        return (yield from draft_texts(slices, job, AS_THEY_ARE, pace))

    def complete(
        self, drafts: Sequence[Draft[TextBrief]], job: GenerateRequest[TextBrief], style: Style
    ) -> Job[list[WorkFile]]:
        origin = Origin(style=style, device=self.device)
        language = self.facts(style.tensors).memory_only
        return (yield from save_texts(drafts, job, origin, AS_THEY_ARE, language))

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
        return recombining.blend(styles, weights)

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        language = recombining.language_of_style(dict(tensors))
        return StyleFacts(memory_only=name_of(language) if language else "")


def _commonest_language(references: Sequence[ReadReference[TextWork]]) -> str:
    """That of most of the weight."""
    shares: defaultdict[str, float] = defaultdict(float)
    for reference in references:
        shares[reference.content.language] += reference.weight
    return max(shares, key=lambda language: shares[language])

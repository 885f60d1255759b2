"""The generator of texts over a pretrained language model that the artist has added."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.job_events import with_progress
from engine.core.progress import Pace
from engine.core.references import ReadReference
from engine.core.style import Style, Tensors
from engine.core.works import Origin
from engine.interfaces import Draft, DraftedGenerator, Job, StyleFacts
from engine.media.text import loading
from engine.media.text.codec.plain import TextWork
from engine.media.text.codec.script import to_simplified
from engine.media.text.features import Words
from engine.media.text.generators.causal_lm import INFO
from engine.media.text.generators.causal_lm.adapters import start_for
from engine.media.text.generators.causal_lm.base import Base, load
from engine.media.text.generators.causal_lm.expects import nats_a_character
from engine.media.text.generators.causal_lm.models import (
    base_folder,
    first_installed,
    installed,
    models_folder,
    shown_name,
)
from engine.media.text.generators.causal_lm.preferences import (
    moved_tensors,
    preferred,
    worth_tensors,
)
from engine.media.text.generators.causal_lm.style import CausalStyle, adapt, blend
from engine.media.text.generators.causal_lm.terms import title_in, title_of
from engine.media.text.generators.causal_lm.write import write
from engine.media.text.works import draft_texts, first_text, save_texts, script_of, simplified
from engine.protocol import (
    AdaptRequest,
    GenerateRequest,
    TextBrief,
    WorkFile,
)

MAX_NATS = {"zh": 0.3, "en": 0.3}  # that ratings may move the next token


def open_generator(device: torch.device) -> "CausalLm":
    return CausalLm(device)


class BasePreferences:
    """See `engine.interfaces.SteppedPreferences`. base: from the digest of a model."""

    max_nats = MAX_NATS

    def __init__(self, base: Callable[[str], Base]) -> None:
        self._base = base

    def learns_from(self, tensors: Mapping[str, Tensor]) -> bool:
        return "base" in tensors

    def logit_biases(
        self, worth: np.ndarray, usual: np.ndarray, domain: str, device: torch.device
    ) -> Tensors:
        """In the critic's embedding: which base the words are written with does not matter."""
        return worth_tensors(worth, usual)

    def stepped(
        self,
        tensors: Mapping[str, Tensor],
        paths: Sequence[str],
        utilities: np.ndarray,
        nats: float,
    ) -> Tensors:
        style = CausalStyle.of_tensors(tensors)
        base = self._base(style.digest)
        texts = [words_at(path) for path in paths]
        wanted = utilities.tolist()
        return moved_tensors(preferred(base, style, start_for(base), texts, wanted, nats))


def words_at(path: str) -> str:
    """The text of a rated work. Raises BadInput."""
    content = loading.load(path).content
    assert isinstance(content, Words)
    return content.text


class CausalLm(DraftedGenerator):
    """See `engine.interfaces.Generator`. Its base is the model that was added first; a style that
    stands over another one finds its own."""

    info = INFO
    draft_share = 0.98

    def __init__(self, device: torch.device, models: Path | None = None) -> None:
        self.device, self.models = device, models or models_folder()
        self._bases: dict[str, Base] = {}
        self.preferences = BasePreferences(self.base)

    @property
    def base_digest(self) -> str:
        row = first_installed(self.models)
        return row.digest if row else ""

    def base(self, digest: str) -> Base:
        """Loaded once. Raises BadInput where it is gone."""
        try:
            folder = base_folder(digest, self.models)
        except BadInput:
            self._bases.pop(digest, None)  # it was removed while it was in memory
            raise
        if digest not in self._bases:
            self._bases.clear()  # one at a time: they are large
            self._bases[digest] = load(folder, self.device)
        return self._bases[digest]

    def nats_a_character(self, references: Sequence[ReadReference[TextWork]]) -> float | None:
        """See `engine.interfaces.ExpectsReferences`. None without a model, or one that is gone."""
        if not self.base_digest:
            return None
        try:
            base = self.base(self.base_digest)
        except BadInput:
            return None
        return nats_a_character([_text(r.content) for r in references], base)

    def adapt(
        self, job: AdaptRequest, references: Sequence[ReadReference[TextWork]], pace: Pace
    ) -> Job[Tensors]:
        if not self.base_digest:
            raise BadInput("no_model")
        base = self.base(self.base_digest)
        texts = [_text(r.content) for r in references]
        weights = [r.weight for r in references]
        slices = adapt(texts, weights, base, start_for(base), seconds=job.seconds)
        style = yield from with_progress(slices, job.job_id, "adapting", pace)
        return style.tensors()

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference], tensors: Tensors
    ) -> Job[None]:
        """A work as long as the references, as it is written; none where that fails."""
        if job.preview_dir is None:
            return
        script = script_of(references)
        brief = TextBrief(count=1, seed=job.seed, script=script)
        names, style = [r.name for r in references], CausalStyle.of_tensors(tensors)
        slices = write(self.base(style.digest), style, names, brief)
        yield from first_text(slices, job.job_id, script)

    def draft(
        self, job: GenerateRequest[TextBrief], style: Style, pace: Pace
    ) -> Job[list[Draft[TextBrief]]]:
        own = CausalStyle.of_tensors(style.tensors)
        names = [reference.name for reference in style.references]
        slices = write(self.base(own.digest), own, names, simplified(job.brief))
        return (yield from draft_texts(slices, job, job.brief.script, pace))

    def complete(
        self, drafts: Sequence[Draft[TextBrief]], job: GenerateRequest[TextBrief], style: Style
    ) -> Job[list[WorkFile]]:
        origin = Origin(style=style, device=self.device)
        return (yield from save_texts(drafts, job, origin))

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors:
        return blend([CausalStyle.of_tensors(each) for each in styles], weights).tensors()

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts:
        """With the name of the model, where it is still there, and the licence that is its own."""
        style = CausalStyle.of_tensors(tensors)
        rows = [row for row in installed(self.models) if row.digest == style.digest]
        if not rows:
            return StyleFacts(licence=title_in(style.notice))
        return StyleFacts(model=shown_name(rows[0].name), licence=title_of(rows[0].licence))


def _text(work: TextWork) -> str:
    return to_simplified(work.text) if work.language == "zh" else work.text

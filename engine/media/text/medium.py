"""The medium of texts."""

from collections.abc import Generator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.core.decoding.decoder import decoding
from engine.core.errors import BadInput
from engine.core.progress import Advance
from engine.core.references import ReadReference, read_references, refusal
from engine.core.style import Style, Tensors
from engine.interfaces import Choice, Draft, Job, LoadedWork, Measured, Offer
from engine.media.text import loading
from engine.media.text.brief import RULES
from engine.media.text.codec.language import name_of
from engine.media.text.codec.plain import TextWork, decode
from engine.media.text.codec.script import to_simplified
from engine.media.text.dials import DIALS
from engine.media.text.events import TokenEvents
from engine.media.text.features import FEATURES, Words
from engine.media.text.judge import TextJudge, critic_tokens
from engine.media.text.marks import COMPARABLE, lines
from engine.media.text.suitability import choose
from engine.media.text.tokens import LANGUAGES, TEXT, special
from engine.protocol import AdaptRequest, Brief, Mark, Medium as MediumId, Refusal
from engine.sequence.adapt import works_of

NEUTRAL_CHARACTERS = 16_000  # of one reference that a style keeps as it was written
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
_TEXT, _LANGUAGE = "text", "language"  # the tensors of a neutral reference: UTF-8, uint8


class TextMedium:
    """See `engine.interfaces.Medium`. Contents are `Words`; a domain is a language."""

    id = MediumId.TEXT
    domains = ("zh", "en")
    max_bytes = RULES.max_bytes("")

    def read(self, job: AdaptRequest) -> Job[tuple[list[ReadReference], list[Refusal]]]:
        """In languages that no model here has learned there are either all of them, for the
        recombining generator, or none: beside others they are refused."""
        usable, refused = yield from read_references(job, reading, RULES.max_bytes)
        if not any(_is_learned(text) for text in usable):
            return usable, refused
        bad = {each.path for each in refused}
        paths = [reference.path for reference in job.references if reference.path not in bad]
        for path, text in zip(paths, usable, strict=True):
            if not _is_learned(text):
                language = name_of(text.content.language)
                error = BadInput("other_language", name=text.name, language=language)
                refused.append(refusal(path, error))
        return [text for text in usable if _is_learned(text)], refused

    def choose_generator(
        self, references: Sequence[ReadReference], offered: Mapping[str, Offer]
    ) -> Choice:
        """By how well each model expects the texts; in a language that none knows, the first
        generator that works without knowing any."""
        return choose(references, offered, learned=_is_learned(references[0]))

    def neutral(self, reference: ReadReference, place: int, device: torch.device) -> Tensors:
        """UTF-8, Chinese in simplified script."""
        work = reference.content
        text = to_simplified(work.text) if work.language == "zh" else work.text
        return _as_neutral(text, work.language)

    def neutral_of_format_1(
        self, tensors: Mapping[str, Tensor], device: torch.device
    ) -> list[Tensors]:
        """Styles that only recombine are in no language that is measured."""
        if "tokens" not in tensors or "starts" not in tensors:
            return [{}]
        tokens, found = critic_tokens(), []
        for row in works_of(dict(tensors)):
            language = next((each for each in LANGUAGES if row[1] == special(each)), "")
            found.append(_as_neutral(tokens.decode(row[row.index(TEXT) :]), language))
        return found

    def generator_of_format_1(self, tensors: Mapping[str, Tensor]) -> str:
        return "recombining" if "memory_only/language" in tensors else "maquette_lm"

    def measured_references(
        self, style: Style, domain: str, device: torch.device
    ) -> tuple[Measured, ...]:
        judge = self.judge(domain, device)
        texts = [_text_in(each, domain) for each in style.neutral if each]
        language = "zh" if domain == "zh" else "en"
        return tuple(
            judge.measure(LoadedWork("", domain, Words(text, language))).measured
            for text in texts
            if text.strip()
        )

    def load(self, path: str, device: torch.device) -> LoadedWork:
        return loading.load(path)

    def loaded_draft(self, draft: Draft) -> LoadedWork | None:
        """None of a text in a language without a model."""
        try:
            words = loading.words_of(decode(str(draft.content).encode(), ""), "")
        except BadInput:
            return None
        return LoadedWork("", words.language, words, draft.brief)

    def judge(self, domain: str, device: torch.device) -> TextJudge:
        return TextJudge(domain, FEATURES[domain], device)

    def event_model(self, domain: str, device: torch.device) -> TokenEvents:
        return TokenEvents(device)

    def cut(self, work: LoadedWork, mark: Mark) -> LoadedWork:
        assert isinstance(work.content, Words)
        part = lines(work, work.content, mark)
        if part is None:
            raise BadInput("mark_outside", name=work.name)
        return LoadedWork(work.path, work.domain, part)

    def comparable(self, domain: str) -> frozenset[str]:
        return COMPARABLE[domain]

    def dials(self, domain: str) -> Sequence:
        return DIALS

    def can_choose(self, brief: Brief) -> bool:
        return True

    def name_of(self, domain: str) -> str:
        return LANGUAGE_NAMES[domain]


def reading(data: bytes, name: str) -> Generator[Advance, None, TextWork]:
    """A reference, decoded in the child. Raises BadInput."""
    return (yield from decoding(decode, data, name))


def _is_learned(text: ReadReference) -> bool:
    return text.content.language in LANGUAGES


def _as_neutral(text: str, language: str) -> Tensors:
    return {
        _TEXT: _bytes(text[:NEUTRAL_CHARACTERS]),
        _LANGUAGE: _bytes(language),
    }


def _bytes(text: str) -> Tensor:
    return torch.from_numpy(np.frombuffer(text.encode(), np.uint8).copy())


def _text_in(neutral: Tensors, language: str) -> str:
    """A neutral reference, where it is in this language; else nothing."""
    text, own = (bytes(neutral[name].tolist()).decode() for name in (_TEXT, _LANGUAGE))
    return text if own == language else ""

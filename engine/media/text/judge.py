"""The judge of texts: how they are measured, what of them is copied, what is wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import torch

from engine.core.critic_assets import critic_file
from engine.interfaces import Feature, LoadedWork, MeasuredWork, Quality
from engine.media.text import features as texts
from engine.media.text.coherence import Coherence, coherence
from engine.media.text.copying import Copying, Source
from engine.media.text.features import ReadingModel, Words
from engine.media.text.forms import violations
from engine.media.text.soundness import can_judge, soundness
from engine.media.text.tokens import START, Tokens
from engine.protocol import TextBrief
from engine.sequence.weights import load_model


@cache
def critic_tokens() -> Tokens:
    """The critic's own vocabulary."""
    return Tokens.load(critic_file("tokenizer.json"))


@lru_cache(maxsize=1)
def critic_base(device: torch.device) -> ReadingModel:
    """The critic's own language model. Raises `WrongCheckpointError`."""
    model = load_model(critic_file("text.safetensors")).to(device)
    return ReadingModel(model, critic_tokens(), START)


@dataclass(frozen=True, slots=True)
class TextJudge:
    domain: str
    features: tuple[Feature, ...]
    device: torch.device

    def measure(self, work: LoadedWork) -> MeasuredWork:
        return MeasuredWork(work, texts.measure([_words(work)], critic_base(self.device))[0])

    def copied(self, work: LoadedWork, references: Sequence[LoadedWork]) -> list[float]:
        """By runs of eight units, as `engine.media.text.copying` counts them."""
        own = _words(work)
        return [
            Copying([Source(r.name, _words(r).text)], own.language).check(own.text).share
            for r in references
        ]

    def quality(self, work: MeasuredWork, references: Sequence[MeasuredWork]) -> Quality:
        """See `engine.media.text.soundness`. Where texts of the references' kind are unknown to the
        critic's language model, only what is said again and what a form lacks are told."""
        own = self._coherence(work)
        theirs = [self._coherence(reference) for reference in references]
        known = can_judge(own, theirs, self.domain)
        factors = soundness(own, theirs, self.domain)
        if not known:
            factors = {"flaw_repetitive": factors["flaw_repetitive"]}
        lacking = _lacking(work.work)
        return Quality(factors | {"flaw_form": max(0.0, 1 - 0.25 * len(lacking))}, known)

    def _coherence(self, work: MeasuredWork) -> Coherence:
        return _coherence_of(_words(work.work), self.device)

    def shared_words(self, work: LoadedWork, reference: LoadedWork) -> list[str]:
        return texts.shared_words(_words(work), _words(reference))


@lru_cache(maxsize=512)
def _coherence_of(words: Words, device: torch.device) -> Coherence:
    """References are asked about again with every work."""
    return coherence(words, critic_base(device))


def _words(work: LoadedWork) -> Words:
    assert isinstance(work.content, Words)
    return work.content


def _lacking(work: LoadedWork) -> list[str]:
    """What a work lacks of the form that it was asked to have."""
    if not isinstance(work.brief, TextBrief) or not work.brief.form:
        return []
    own = _words(work)
    return violations(own.text, work.brief, own.language)

"""The judge of texts: how they are measured, what of them is copied, what is wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import torch

from engine.core.critic_assets import critic_file
from engine.interfaces import Feature, LoadedWork, MeasuredWork, Quality
from engine.media.text import features as texts
from engine.media.text.copying import Copying, Source
from engine.media.text.features import ReadingModel, Words
from engine.media.text.forms import violations
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
        mine = self._named(work)
        theirs = [self._named(reference) for reference in references]
        least = 1.2 * max(row["surprise"] for row in theirs)
        usual = max(row["repetition"] for row in theirs) + 15
        lacking = _lacking(work.work)
        return Quality(
            {
                "flaw_unlikely": min(1.0, least / max(mine["surprise"], 1e-6)),
                "flaw_repetitive": 1 - min(1.0, max(0.0, mine["repetition"] - usual) / 50),
                "flaw_form": max(0.0, 1 - 0.25 * len(lacking)),
            }
        )

    def _named(self, work: MeasuredWork) -> dict[str, float]:
        codes = (feature.code for feature in self.features)
        return dict(zip(codes, work.measured.values.tolist(), strict=True))

    def shared_words(self, work: LoadedWork, reference: LoadedWork) -> list[str]:
        return texts.shared_words(_words(work), _words(reference))


def _words(work: LoadedWork) -> Words:
    assert isinstance(work.content, Words)
    return work.content


def _lacking(work: LoadedWork) -> list[str]:
    """What a work lacks of the form that it was asked to have."""
    if not isinstance(work.brief, TextBrief) or not work.brief.form:
        return []
    own = _words(work)
    return violations(own.text, work.brief, own.language)

"""What the critic measures of texts in Chinese and in English.

Legend: T tokens, C width of the model, units are characters (zh, in simplified script) or words.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from engine.critic.feature_scale import unit
from engine.interfaces import Feature, Measured
from engine.media.text.copying import Language, units_of
from engine.media.text.forms.rhymes import LEVEL, OBLIQUE, rhyme_book
from engine.media.text.forms.sounds import sound_of
from engine.media.text.notation import STOP, piece
from engine.media.text.tokens import SPECIALS, Tokens
from engine.sequence.model import Transformer

_COMMON = (
    Feature("line_length", "units", ratio=True),
    Feature("line_variety", "%"),
    Feature("length", "units", ratio=True),
    Feature("rare_words", "%"),
    Feature("surprise", "nats"),
    Feature("surprise_variety", "nats"),
    Feature("repetition", "%"),
    Feature("rhyme", "%"),
    Feature("echoes", "%"),
    Feature("pauses", "per 100 units", ratio=True),
)
FEATURES: dict[str, tuple[Feature, ...]] = {
    "zh": (*_COMMON, Feature("oblique_tones", "%")),
    "en": (*_COMMON, Feature("long_words", "letters")),
}  # frozen: tastes that artists have taught are weights on exactly these
MOST_TOKENS = 512  # of one work that the model reads
RARE = 1e-4  # the share of a token in all texts, below which it is rare
RECENT = 100  # units within which a word said again is a repetition
RHYMES_WITHIN = 4  # lines
_LIKENESS = 512
_SENTENCE = re.compile(r"(?<![.!?;])[.!?;]+[\"'”’)]*\s+")
_PAUSE = re.compile(r"[,;:—，；：、。！？.!?…]")


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its language; zh in simplified script."""

    text: str
    language: Language
    title: str = ""


@dataclass(frozen=True, slots=True)
class ReadingModel:
    """What reads texts: a model, its vocabulary, and the token that every context begins with."""

    model: Transformer
    tokens: Tokens
    opening: int


def measure(works: Sequence[Words], base: ReadingModel) -> list[Measured]:
    """One after another; about 50 ms each."""
    return [_measure(work, base) for work in works]


def _measure(work: Words, base: ReadingModel) -> Measured:
    log_p, states, ids = _read(work, base)
    units = units_of(work.text, work.language)
    lines = lines_of(work)
    counts = np.array([len(units_of(line, work.language)) for line in lines] or [0])
    usual = torch.log_softmax(base.model.bias.detach().double().cpu(), 0)[ids]
    pauses = len(_PAUSE.findall(work.text))
    found = (
        float(counts.mean()),
        100 * float(counts.std() / max(1e-9, counts.mean())),
        float(len(units)),
        100 * float((usual < math.log(RARE)).double().mean()),
        -float(log_p.mean()),
        float(log_p.std(correction=0)),
        100 * repetition(units),
        100 * rhymes(lines, work.language),
        100 * echoes(lines, work.language),
        100 * (pauses + 0.5) / max(1, len(units)),
        _oblique(units) if work.language == "zh" else _letters(units),
    )
    return Measured(np.array(found), states.mean(0).double().numpy(), _likeness(units))


@torch.no_grad()
def _read(work: Words, base: ReadingModel) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(T,) log p of the tokens of the body, (T, C) the states that have read each, (T,) they."""
    own = piece(work.text, work.language, work.title)
    head = base.tokens.heads([own])[0]
    body = base.tokens.encode(own.text)[:MOST_TOKENS] or [len(SPECIALS)]
    row = torch.tensor([base.opening, *head, *body], device=base.model.bias.device)
    states = base.model.states(row[None])[0]
    start = len(head)
    log_p = torch.log_softmax(base.model.logits(states[start:-1]).float(), -1)
    ids = row[start + 1 :]
    said = log_p.gather(1, ids[:, None])[:, 0]
    return said.cpu().double(), states[start + 1 :].cpu(), ids.cpu()


def lines_of(work: Words) -> list[str]:
    """Lines of verse; of prose its sentences, of Chinese what stands between marks."""
    if work.language == "zh":
        return [part for part in STOP.split(re.sub(r"\s", "", work.text)) if part]
    lines = [line for line in work.text.splitlines() if line.strip()]
    if piece(work.text, "en").form in ("sonnet", "verse", "drama"):
        return lines
    return [part for line in lines for part in _SENTENCE.split(line) if part.strip()]


def repetition(units: Sequence[str]) -> float:
    """The share of units that were said within the last RECENT, 0 … 1."""
    last: dict[str, int] = {}
    again = 0
    for place, word in enumerate(units):
        again += place - last.get(word, -RECENT - 1) <= RECENT
        last[word] = place
    return again / max(1, len(units))


def rhymes(lines: Sequence[str], language: Language) -> float:
    """The share of lines that rhyme with another word at the end of a line near them, 0 … 1."""
    ends = [(units_of(line, language) or [""])[-1] for line in lines]
    sounds = [_sounds(end, language) for end in ends]
    hits = 0
    for i, (end, own) in enumerate(zip(ends, sounds, strict=True)):
        near = range(max(0, i - RHYMES_WITHIN), min(len(ends), i + RHYMES_WITHIN + 1))
        hits += any(ends[j] != end and own & sounds[j] for j in near if j != i)
    return hits / max(1, len(ends))


def _sounds(end: str, language: Language) -> set[str]:
    """What the end of a line rhymes as; empty where nobody knows."""
    if language == "zh":
        return {f"{name} {tone}" for name, tone in rhyme_book().keys("parts", end)}
    sound = sound_of(end) if end else None
    return {sound.rhyme} if sound else set()


def echoes(lines: Sequence[str], language: Language) -> float:
    """The share of lines that begin as another does, 0 … 1."""
    begins = Counter((units_of(line, language) or [""])[0] for line in lines)
    return sum(count for count in begins.values() if count > 1) / max(1, len(lines))


def _oblique(units: Sequence[str]) -> float:
    """In percent, of the characters whose tone is known and single."""
    tones = [rhyme_book().tones.get(unit, set()) for unit in units]
    known = [t for t in tones if t in ({LEVEL}, {OBLIQUE})]
    return 100 * sum(t == {OBLIQUE} for t in known) / len(known) if known else 50.0


def _letters(units: Sequence[str]) -> float:
    return sum(map(len, units)) / max(1, len(units))


def _likeness(units: Sequence[str]) -> np.ndarray:
    """Pairs of neighbours, counted in _LIKENESS boxes."""
    found = np.zeros(_LIKENESS)
    for one, other in pairwise(units):
        found[zlib.crc32(f"{one} {other}".encode()) % _LIKENESS] += 1
    return unit(found)


def shared_words(work: Words, reference: Words) -> list[str]:
    """Rare things that both name: words of four letters or more (en), pairs of characters (zh)."""
    mine, theirs = (_things(each) for each in (work, reference))
    return [thing for thing in mine if thing in theirs]


def _things(work: Words) -> dict[str, None]:
    if work.language == "en":
        return dict.fromkeys(u for u in units_of(work.text, "en") if len(u) > 4)
    lines = [units_of(line, "zh") for line in lines_of(work)]
    return dict.fromkeys(a + b for line in lines for a, b in pairwise(line))

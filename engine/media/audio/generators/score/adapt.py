"""Heard references → the tensors of a style of music: their notes, their sounds, their grain.

Tensors: those of `engine.sequence.adapt` for the tunes (tokens, starts, weights), where there are
any; programs (K, MAX_PARTS) uint8, what plays each part of each tune; part_names (B,) uint8, what
each tune calls its parts, as JSON; the drums of the tunes (see `drumming`) and how loud their bars
are (`dynamics`); chord_symbols (C, 5) of the tunes (see `adding`); owners (K,), which reference
each tune is of, and reference_count (); sound/i/… the timbre of a recording or of one of its parts,
sound_places (S, 2) which, sound_weights (S,); texture/… what textures are made from.
"""

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import torch
from torch import Tensor

from engine.core.progress import Advance, shares, shifted
from engine.media.audio.codec.score import Score
from engine.media.audio.generators.score.adding import (
    SYMBOLS,
    Accompanists,
    symbol_rows,
    with_symbols,
)
from engine.media.audio.generators.score.drumming import Drums
from engine.media.audio.generators.score.dynamics import Dynamics
from engine.media.audio.hearing import Heard, manner_of
from engine.media.audio.score_tokens import decode, encode, span
from engine.media.audio.texture import generate as texture
from engine.media.audio.theory.grid import MAX_PARTS, quantise
from engine.media.audio.timbre import NoteSegment, learning
from engine.media.audio.timbre.in_style import PLACES, SOUND, WEIGHTS, WHOLE, under
from engine.media.audio.timbre.learn import STEPS
from engine.meta.errors import EmptySupportError
from engine.sequence import adapt as sequences
from engine.sequence.adapt import StyleTensors

TIMBRE_S = 4.0  # for the gradient steps of all sounds together
LEAST_OF_PART = 3  # notes of a part, from which its own sound is learned
SOUNDS_SHARE = 0.9  # of the time
TEXTURE = "texture/"
PART_NAMES = "part_names"
_DURATION = span("duration")


@dataclass(frozen=True, slots=True)
class WeightedHeard:
    """weight > 0, relative to the others'."""

    heard: Heard
    weight: float = 1.0


def adapt(
    references: Sequence[WeightedHeard],
    *,
    seconds: float | None = None,
    seed: int = 0,
) -> Generator[Advance, None, StyleTensors]:
    """The tensors of a style. seconds: for the gradient steps of the sounds; the notes take
    none, since steps bring them nothing that the bench can see: see `matching`."""
    style: StyleTensors = {}
    tunes = [(t, r.weight / len(r.heard.tunes)) for r in references for t in r.heard.tunes]
    if tunes:
        rows = [encode(quantise(tune)).tolist() for tune, _ in tunes]
        weights = [weight for _, weight in tunes]
        style |= sequences.style_of(rows, weights)
        style["programs"] = torch.tensor(
            [programs_of(tune) for tune, _ in tunes], dtype=torch.uint8
        )
        style[PART_NAMES] = _as_bytes([[part.name for part in tune.parts] for tune, _ in tunes])
        style |= Drums.of([tune for tune, _ in tunes]).to_tensors()
        style |= Dynamics.of([tune for tune, _ in tunes]).to_tensors()
        if symbols := symbol_rows([quantise(tune) for tune, _ in tunes]):
            style[SYMBOLS] = torch.tensor(symbols, dtype=torch.int32)
        owners = [i for i, r in enumerate(references) for _ in r.heard.tunes]
        style["owners"] = torch.tensor(owners, dtype=torch.int32)
    style["reference_count"] = torch.tensor(len(references), dtype=torch.int32)
    given = TIMBRE_S if seconds is None else seconds
    learned = _learned(references, given, seed)
    style |= yield from shifted(shares(learned, 0, 1), 0, 1, SOUNDS_SHARE)
    recordings = [r.heard.recording for r in references if r.heard.recording is not None]
    if recordings:
        kept = texture.learn_texture(recordings)
        style |= {TEXTURE + name: tensor for name, tensor in kept.to_tensors().items()}
    yield Advance(1, 1)
    return style


def programs_of(tune: Score) -> list[int]:
    """What plays each of MAX_PARTS parts, by General MIDI."""
    programs = [part.program for part in tune.parts[:MAX_PARTS]]
    return programs + [0] * (MAX_PARTS - len(programs))


def part_names_of(style: StyleTensors) -> list[list[str]]:
    """What each tune calls its parts; nothing in styles from before that was kept."""
    if PART_NAMES not in style:
        return [[] for _ in style["programs"]]
    return json.loads(style[PART_NAMES].numpy().tobytes())


def _as_bytes(names: list[list[str]]) -> Tensor:
    text = json.dumps(names, ensure_ascii=False).encode()
    return torch.frombuffer(bytearray(text), dtype=torch.uint8)


def _learned(
    references: Sequence[WeightedHeard], seconds: float, seed: int
) -> Generator[Advance, None, StyleTensors]:
    """The timbre of each recording in which notes can be heard, of several voices each."""
    given = [
        (i, part, notes, reference)
        for i, reference in enumerate(references)
        for part, notes in _by_part(reference.heard)
    ]
    found: StyleTensors = {}
    weights: list[float] = []
    places: list[tuple[int, int]] = []
    for done, (i, part, notes, reference) in enumerate(given):
        steps = learning(notes, seconds=seconds / len(given), seed=seed)
        try:
            timbre = next(steps)
        except EmptySupportError:
            continue
        for step, better in enumerate(steps, start=1):
            timbre = better
            yield Advance(done + min(0.95, step / STEPS), len(given))
        timbre = replace(timbre, manner=manner_of(reference.heard))
        prefix = f"{SOUND}{len(weights)}/"
        found |= {prefix + name: tensor for name, tensor in timbre.to_tensors().items()}
        weights.append(reference.weight)
        places.append((i, part))
    if weights:
        found[WEIGHTS] = torch.tensor(weights)
        found[PLACES] = torch.tensor(places, dtype=torch.int32)
    return found


def _by_part(heard: Heard) -> list[tuple[int, tuple[NoteSegment, ...]]]:
    """(part, its notes), where each part has enough to be learned from; else all of them."""
    if not heard.notes:
        return []
    voices = sorted({note.voice for note in heard.notes})
    parts = [tuple(n for n in heard.notes if n.voice == voice) for voice in voices]
    if len(parts) < 2 or min(map(len, parts)) < LEAST_OF_PART:
        return [(WHOLE, heard.notes)]
    return list(enumerate(parts))


def note_count(style: StyleTensors) -> int:
    """How many notes a style has learned from."""
    tokens = style.get("tokens", torch.zeros(0))
    return int(((tokens >= _DURATION.start) & (tokens < _DURATION.stop)).sum())


def blend(styles: list[StyleTensors], weights: list[float]) -> StyleTensors:
    """The tunes and the sounds of all, each with its weight times that of its style."""
    with_notes = [(s, w) for s, w in zip(styles, weights, strict=True) if "tokens" in s]
    mixed: StyleTensors = {}
    if with_notes:
        mixed |= sequences.blend([s for s, _ in with_notes], [w for _, w in with_notes])
        mixed["programs"] = torch.cat([s["programs"] for s, _ in with_notes])
        mixed[PART_NAMES] = _as_bytes([row for s, _ in with_notes for row in part_names_of(s)])
        mixed["owners"] = torch.cat(_owners(styles))
        mixed |= _drums([s for s, _ in with_notes]) | _symbols([s for s, _ in with_notes])
        mixed |= reduce(Dynamics.joined, (dynamics_of(s) for s, _ in with_notes)).to_tensors()
    mixed["reference_count"] = sum((s["reference_count"] for s in styles), torch.tensor(0))
    mixed |= _sounds(styles, weights)
    grains = [under(TEXTURE, style) for style in styles]
    if any(grains):
        kept = texture.joined([g for g in grains if g])
        mixed |= {TEXTURE + name: tensor for name, tensor in kept.items()}
    return mixed


def _sounds(styles: Sequence[StyleTensors], weights: Sequence[float]) -> StyleTensors:
    """Of all, their places counted through all references of the blend."""
    mixed: StyleTensors = {}
    shares: list[float] = []
    places: list[Tensor] = []
    before = 0
    for style, weight in zip(styles, weights, strict=True):
        own = style.get(WEIGHTS, torch.zeros(0))
        for i, share in enumerate((own / own.sum()).tolist() if len(own) else []):
            prefix = f"{SOUND}{len(shares)}/"
            mixed |= {prefix + k: t for k, t in under(f"{SOUND}{i}/", style).items()}
            shares.append(share * weight / sum(weights))
        theirs = torch.tensor([[-1, WHOLE]], dtype=torch.int32).expand(len(own), 2)
        if PLACES in style:
            theirs = style[PLACES] + torch.tensor([before, 0], dtype=torch.int32)
        places.append(theirs)
        before += int(style["reference_count"])
    if shares:
        mixed |= {WEIGHTS: torch.tensor(shares), PLACES: torch.cat(places)}
    return mixed


def drums_of(style: StyleTensors) -> Drums:
    """Of every tune."""
    return Drums.from_tensors(style, len(style.get("programs", ())))


def dynamics_of(style: StyleTensors) -> Dynamics:
    """Of every tune."""
    return Dynamics.from_tensors(style, len(style.get("programs", ())))


def _drums(styles: Sequence[StyleTensors]) -> StyleTensors:
    return reduce(Drums.joined, map(drums_of, styles)).to_tensors()


def _symbols(styles: Sequence[StyleTensors]) -> StyleTensors:
    rows, before = [], 0
    for style in styles:
        if SYMBOLS in style:
            rows.append(style[SYMBOLS] + torch.tensor([before, 0, 0, 0, 0], dtype=torch.int32))
        before += len(style["programs"])
    return {SYMBOLS: torch.cat(rows)} if rows else {}


def accompanists_of(style: StyleTensors, names: Sequence[str]) -> Accompanists:
    """names: of each tune's reference."""
    tunes = [decode(row, common_key=False) for row in sequences.works_of(style)]
    rows = style[SYMBOLS].tolist() if SYMBOLS in style else []
    programs = style["programs"].tolist()
    return Accompanists(with_symbols(tunes, rows), names, programs, drums_of(style))


def _owners(styles: Sequence[StyleTensors]) -> list[Tensor]:
    """The owners of each style's tunes, counted through all references of the blend."""
    found, before = [], 0
    for style in styles:
        if "owners" in style:
            found.append(style["owners"] + before)
        before += int(style["reference_count"])
    return found

"""What the parts of a work do together: rhythms of whole bars, doubled parts, chords."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.core.progress import finished
from engine.media.audio.codec.score import (
    TICKS,
    VELOCITY,
    Key,
    Metre,
    Part,
    Score,
    notes_of,
    score_of,
)
from engine.media.audio.generators.score.chord_plan import ChordPlan, Sonority, beat_steps
from engine.media.audio.generators.score.compose import compose
from engine.media.audio.generators.score.ensemble import EnsembleBar, PlannedNote, rhythms_of
from engine.media.audio.generators.score.form import bar_notes
from engine.media.audio.generators.score.plans import profile_of, wish_of
from engine.media.audio.score_tokens import decode, encode
from engine.media.audio.theory.grid import quantise
from engine.media.audio.theory.part_writing import KNOWN, classes_of, doubled_parts
from engine.protocol import MusicBrief
from engine.sequence.adapt import style_of

CPU = torch.device("cpu")
BARS = 8
CHORDS = ((72, 64, 55, 43), (74, 65, 57, 50), (71, 67, 55, 43), (72, 64, 55, 48))
C, G = {0, 4, 7}, {7, 11, 2}


def answering(shift: int = 0) -> Score:
    """Two upper parts and two lower ones that answer each other bar by bar; the fourth part doubles
    the third, an octave lower."""
    rows = []
    for bar in range(BARS):
        for beat in range(4):
            one, two, three, _ = CHORDS[(beat + bar + shift) % len(CHORDS)]
            for part, pitch in (
                ((0, one), (1, two)) if bar % 2 == 0 else ((2, three), (3, three - 12))
            ):
                rows.append(((4 * bar + beat) * TICKS, TICKS, pitch, part, VELOCITY))
    return score_of(notes_of(rows), [Metre(0, 4, 4)], [Key(0, 0)], [], [Part()] * 4)


def row_of(score: Score) -> list[int]:
    return encode(quantise(score)).tolist()


def works(count: int, seed: int = 1) -> list[Score]:
    style = style_of([row_of(answering()), row_of(answering(1))], [1.0, 1.0])
    brief = MusicBrief(count=count, seed=seed)
    made = finished(compose(style, ["a", "b"], brief, CPU))
    return [decode(encode(quantise(work.score)), common_key=False) for work in made]


def test_parts_that_play_the_same_are_known() -> None:
    assert doubled_parts(answering()) == {(2, 3)}


def test_the_rhythm_of_a_bar_is_of_one_bar_of_the_references() -> None:
    profiles = [profile_of(row_of(answering(shift))) for shift in (0, 1)]
    spec = wish_of(profiles, [1.0, 1.0], MusicBrief(seed=3), 3)
    rhythms = rhythms_of(profiles, spec, 3, 0.5)
    assert len(rhythms) == len(spec.form) == BARS
    for i, bar in enumerate(rhythms):
        assert {note.part for note in bar} == ({0, 1} if i % 2 == 0 else {2, 3})
        assert all(note.doubles == 2 and note.apart == -12 for note in bar if note.part == 3)
    melody = [profile_of([*row_of(answering())[:5]])]
    assert rhythms_of(melody, wish_of(melody, [1.0], MusicBrief(), 1), 1, 0.5) == ()


def test_what_returns_is_known_before_it_is_written() -> None:
    profile = profile_of(row_of(answering()))
    bar = next(bar for bar in profile.form if bar.of >= 0)
    notes = bar_notes(profile.score)[0][bar.of]
    rhythm = tuple(PlannedNote(at, part, steps) for at, part, _, steps in notes)
    kept = [n for n in notes if any(begin <= n[0] < end for begin, end in bar.kept)]
    assert kept and EnsembleBar.of(rhythm, replace(bar, move=0), notes).settled == kept
    assert EnsembleBar.of(rhythm, profile.form[0], []).settled == []


def test_a_note_fits_the_chord_and_what_sounds() -> None:
    score = profile_of(row_of(answering())).score
    plan = ChordPlan.of([score], 0, minor=False, seed=1, variation=1.0)
    nats = plan.nats(0, 0, 0, 24, 1.0)
    assert nats[72] > nats[73] and len(plan.first) == BARS
    sounds = Sonority(np.array([2.0, 1.0]), np.array([2.0, 1.0]), 24)
    sounds.take(3, 48, 0, 24)
    sounds.take(2, 55, 0, 24)
    assert sounds.nats(1, 0)[64] == 0 > sounds.nats(1, 0)[66]
    assert not sounds.nats(1, 24).any()  # both are over
    assert KNOWN[classes_of(C)] and KNOWN[classes_of(G | {5})] and not KNOWN[classes_of({0, 1, 2})]
    assert [beat_steps(metre) for metre in ((4, 4), (6, 8), (2, 2))] == [24, 36, 48]


@pytest.mark.weights
def test_parts_enter_rest_and_double_as_in_their_references() -> None:
    for score in works(2):
        bars, _ = bar_notes(score)
        for i, bar in enumerate(bars[:BARS]):
            assert {part for _, part, _, _ in bar} <= ({0, 1} if i % 2 == 0 else {2, 3})
        lower = [note for bar in bars for note in bar if note[1] > 1]
        thirds = {(i, at): pitch for i, bar in enumerate(bars) for at, p, pitch, _ in bar if p == 2}
        below = [
            thirds[i, at] - pitch
            for i, bar in enumerate(bars[:-1])
            for at, part, pitch, _ in bar
            if part == 3 and (i, at) in thirds
        ]
        assert lower and below and set(below) == {12}


@pytest.mark.weights
def test_a_work_of_parts_is_the_same_alone() -> None:
    first, second = works(2)
    assert np.array_equal(works(1)[0].notes, first.notes)
    assert np.array_equal(works(1, seed=2)[0].notes, second.notes)


def test_semitones_cost_as_much_as_the_references_avoid_them_and_more_after_many() -> None:
    """A work that had more of them than its references leaves them for a while, and back."""

    def cost(clear: float, clashes: int) -> float:
        sounds = Sonority(np.zeros(2), np.full(2, clear), 24)
        for i in range(clashes):
            sounds.take(0, 60, 48 * i, 24)
            sounds.take(1, 61, 48 * i, 24)
        sounds.take(0, 60, 48 * clashes, 24)
        return float(-sounds.nats(1, 48 * clashes)[73])

    assert cost(2.0, 0) == 2.0
    assert cost(0.0, 0) == 0.0
    assert cost(2.0, 4) > cost(2.0, 1) > 2.0

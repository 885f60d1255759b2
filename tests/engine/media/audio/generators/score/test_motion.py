"""How parts go on from their last notes, and where these lead."""

import numpy as np

from engine.media.audio.codec.score import TICKS, Key, Metre, Part, Score, notes_of, score_of
from engine.media.audio.generators.score.chord_plan import ChordPlan, Sonority
from engine.media.audio.generators.score.ensemble import PlannedNote
from engine.media.audio.generators.score.form import BarPlan
from engine.media.audio.generators.score.motion import LineNote, Motion, MovingPart, way
from engine.media.audio.generators.score.prospects import prospects_of
from engine.media.audio.generators.score.rule import PartRange

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]
BEAT = 24


def lines(pitches: list[int]) -> list[list[LineNote]]:
    return [[LineNote(pitch, i % 2 == 1, False) for i, pitch in enumerate(pitches)]]


def held(*chords: tuple[int, ...]) -> Score:
    """A chord in each bar."""
    notes = [
        (4 * TICKS * i, 4 * TICKS, pitch, part, 64)
        for i, row in enumerate(chords)
        for part, pitch in enumerate(row)
    ]
    return score_of(notes_of(notes), [Metre(0, 4, 4)], [Key(0, 0)], [], [Part()] * len(chords[0]))


def test_a_line_goes_on_as_its_references_do() -> None:
    up_and_down = [*SCALE, *SCALE[-2:0:-1]] * 4
    part = MovingPart(Motion.of(lines(up_and_down)))
    assert not part.nats(between=False).any(), "nothing was played yet"
    for pitch in (60, 62):
        part.take(pitch, foreign=False, between=False, times=0)
    nats = part.nats(between=True)
    assert nats[64] > nats[60] > nats[67], "a line that climbs climbs on"
    zigzag = MovingPart(Motion.of(lines([60, 62] * 20)))
    for pitch in (60, 62):
        zigzag.take(pitch, foreign=False, between=False, times=0)
    assert zigzag.nats(between=True)[60] > zigzag.nats(between=True)[64]
    assert [way(step) for step in (-5, -1, 0, 2, 3)] == [0, 1, 2, 3, 4]


def test_what_is_too_frequent_gets_rarer() -> None:
    part = MovingPart(Motion.of(lines([60, 60, 62, 62, 64, 64, 62, 62] * 4)))
    part.take(60, foreign=False, between=False, times=1)
    part.take(60, foreign=False, between=False, times=1)
    before = part.nats(between=False)
    for _ in range(6):
        part.take(60, foreign=False, between=False, times=1)
    now = part.nats(between=False)
    assert now[60] - now[62] < before[60] - before[62] - 1
    still = part.nats(between=False)
    part.take(60, foreign=False, between=False, times=0)  # it returns: counted before
    assert np.array_equal(part.nats(between=False), still)


def test_a_pitch_is_judged_by_where_it_leads() -> None:
    score = held((72, 60), (71, 67), (72, 60), (71, 67))
    chords = ChordPlan.of([score], 0, minor=False, seed=1, variation=1.0)
    form = tuple(BarPlan(place, length=96) for place in range(4))
    rhythms = tuple((PlannedNote(0, 0, 96), PlannedNote(0, 1, 96)) for _ in range(4))
    found = prospects_of(rhythms, form, chords, (PartRange(60, 84), PartRange(48, 72)))
    assert set(found) == {(bar, 0, part) for bar in range(4) for part in (0, 1)}
    assert not found[3, 0, 0].any(), "nothing comes behind the last note"
    assert all(nats.max() < 1e-6 and nats.shape == (128,) for nats in found.values())
    assert found[0, 0, 0][72] > found[0, 0, 0][100], "out of reach of what comes"
    returning = (form[0], BarPlan(1, of=0, kept=((0, 96),), length=96), *form[2:])
    known = prospects_of(rhythms, returning, chords, (PartRange(60, 84), PartRange(48, 72)))
    assert (1, 0, 0) not in known and not known[0, 0, 0].any()


def test_chords_become_as_frequent_as_in_the_references() -> None:
    def after(pitches: tuple[int, ...]) -> Sonority:
        sonority = Sonority(np.array([1.0, 1.0]), np.array([1.0, 1.0]), BEAT)
        for moment in range(8):
            for part, pitch in enumerate(pitches):
                sonority.take(part, pitch, BEAT * moment, BEAT)
        sonority.take(2, 60, 8 * BEAT, BEAT)
        sonority.take(1, 64, 8 * BEAT, BEAT)
        return sonority

    chords, none = after((72, 64, 67)), after((72, 62, 61))
    foreign = 61
    assert chords.counts[0].tolist() == [0, 8] and none.counts[0].tolist() == [8, 0]
    assert none.nats(0, 8 * BEAT)[foreign] < chords.nats(0, 8 * BEAT)[foreign] <= 0
    assert 0 < chords.distance < none.distance

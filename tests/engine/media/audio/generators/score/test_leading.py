"""How parts move against each other: what is counted, and what the grammar keeps off."""

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

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
from engine.media.audio.generators.score.leading import Close, Led, avoided_parallels, close_of
from engine.media.audio.generators.score.plans import profile_of, wish_of
from engine.media.audio.generators.score.rule import PartRange, PieceConstraints, Rule
from engine.media.audio.score_tokens import END, IDS, decode, encode
from engine.media.audio.theory.grid import quantise
from engine.media.audio.theory.part_writing import SILENT, part_writing, sonorities
from engine.protocol import MusicBrief

HANDS = (PartRange(60, 81), PartRange(53, 74), PartRange(48, 69), PartRange(36, 62))
NARROW = (
    PartRange(64, 72),
    PartRange(60, 67),
    PartRange(53, 60),
    PartRange(48, 55),
)  # so that parallels come often
TONIC = Close(frozenset({0, 4, 7}), 0)
HEAD = [IDS["special", "start"], IDS["key", 0], IDS["mode", "major"], IDS["tempo", 0]]


def chords(*rows: tuple[int, ...]) -> Score:
    """One chord a quarter note, the highest part first."""
    notes = [
        (i * TICKS, TICKS, pitch, part, VELOCITY)
        for i, row in enumerate(rows)
        for part, pitch in enumerate(row)
    ]
    parts = [Part()] * len(rows[0])
    return score_of(notes_of(notes), [Metre(0, 4, 4)], [Key(0, 0)], [], parts)


def test_parallels_crossings_and_closes_are_counted() -> None:
    found = part_writing(chords((67, 60), (69, 62), (67, 60), (60, 48)))
    assert (found.changes, found.fifths, found.octaves, found.crossed) == (3, 2, 0, 0)
    octaves = part_writing(chords((72, 60), (74, 62), (62, 74)))
    assert (octaves.octaves, octaves.crossed) == (1, 1)
    held = part_writing(chords((67, 60), (67, 60), (67, 48)))
    assert held.parallels == 0 and held.changes == 1
    good = part_writing(chords((72, 67, 64, 60), (74, 67, 65, 55), (72, 67, 64, 60)))
    assert good.closes and good.from_dominant
    assert not part_writing(chords((72, 67, 64, 60), (74, 67, 65, 55))).closes


def test_a_part_that_rests_is_silent() -> None:
    score = chords((72, 60), (74, 62))
    fewer = score_of(score.notes[:3], score.metres, score.keys, [], score.parts)
    assert sonorities(fewer)[-1].tolist() in ([74, SILENT], [SILENT, 62])


def test_only_what_the_reference_avoids_is_avoided() -> None:
    good = [(72, 55), (71, 62), (72, 60), (74, 59)] * 10
    bad = [(67, 60), (69, 62), (71, 64), (69, 62)] * 10
    octaves = [(72, 60), (74, 62), (76, 55), (77, 57)] * 10
    assert avoided_parallels(chords(*good)) == {0, 7}
    assert avoided_parallels(chords(*bad)) == {0} and avoided_parallels(chords(*octaves)) == {7}
    assert not avoided_parallels(chords(*good[:8])), "too few to tell"
    assert not avoided_parallels(chords(*[(60,)] * 40))
    assert close_of(chords(*good, (72, 60))) == Close(frozenset({0}), 0, 96)
    rows = [encode(quantise(chords(*each))).tolist() for each in (good, bad)]
    assert [profile_of(row).avoided for row in rows] == [{0, 7}, {0}]
    brief = MusicBrief(length=4)
    plan = wish_of([profile_of(rows[0])], [1.0], brief, 0).plan
    assert plan.avoided == {0, 7} and plan.ending is not None


def test_a_part_may_not_follow_another_in_parallel() -> None:
    led = Led(2)
    led.take(0, 0, 67, 24)
    led.take(1, 0, 60, 24)
    led.take(0, 24, 69, 24)
    forbidden = np.flatnonzero(led.parallel(1, 24))
    assert 62 in forbidden and 74 not in forbidden and 60 not in forbidden and 50 not in forbidden
    assert set((69 - forbidden) % 12) <= {7, 5}
    led.take(1, 24, 64, 24)
    led.take(1, 48, 65, 24)
    assert not led.parallel(0, 72).any(), "nothing moved at that time"


def drawn(plan: PieceConstraints, seed: int) -> tuple[Score, Rule]:
    """A piece of which each token is drawn among those allowed."""
    rng, rule, row = np.random.default_rng(seed), Rule(plan), []
    while not rule.done:
        row.append(int(rng.choice(np.flatnonzero(rule.allowed()))))
        rule.push(row[-1])
    return decode([*HEAD, IDS["parts", len(plan.hands)], *row], common_key=False), rule


@settings(max_examples=40, deadline=None)
@example(seed=10**6, count=4, bars=4)  # both parts rest before they move
@given(seed=st.integers(0, 10**6), count=st.integers(1, 4), bars=st.integers(1, 6))
def test_whatever_is_drawn_has_no_parallels(seed: int, count: int, bars: int) -> None:
    plan = PieceConstraints(bars, (4, 4), NARROW[-count:], avoided=frozenset({0, 7}))
    score, _ = drawn(plan, seed)
    assert part_writing(score).parallels == 0


@pytest.mark.parametrize("asked", [True, False])
def test_the_grammar_leaves_out_parallels_where_it_is_asked(asked: bool) -> None:
    avoided = frozenset({7} if asked else {0})
    rule = Rule(
        PieceConstraints(2, (4, 4), (PartRange(60, 81), PartRange(48, 69)), avoided=avoided)
    )
    names = [("left", 1), ("metre", (4, 4)), ("position", 0), ("pitch", 67), ("duration", 24)]
    names += [("part", 1), ("pitch", 60), ("duration", 24), ("position", 24), ("pitch", 69)]
    for name in (*names, ("duration", 24), ("part", 1)):
        token = IDS[name]  # pyright: ignore[reportArgumentType]
        assert rule.allowed()[token]
        rule.push(token)
    allowed = rule.allowed()
    assert allowed[IDS["pitch", 62]] != asked and allowed[IDS["pitch", 64]]


def test_parts_end_on_the_last_chord() -> None:
    def share(plan: PieceConstraints) -> float:
        ends = []
        for seed in range(30):
            lasts = enumerate(drawn(plan, seed)[1].led.last)
            ends += [bool(TONIC.allows(part, 4)[pitch]) for part, pitch in lasts if pitch != SILENT]
        return float(np.mean(ends))

    # by chance the last position is often given away before all parts have closed
    assert share(PieceConstraints(3, (4, 4), HANDS, close=TONIC)) > 2 * share(
        PieceConstraints(3, (4, 4), HANDS)
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_tune_ends_on_the_note_of_its_reference(seed: int) -> None:
    plan = PieceConstraints(3, (6, 8), (PartRange(60, 81),), close=Close(frozenset({7}), 7))
    assert drawn(plan, seed)[1].led.last[0] % 12 == 7


def test_a_work_ends_on_its_tonic_where_its_reference_leads_back_or_was_cut() -> None:
    notes = [(480 * i, 480, 72, 0, 80) for i in range(7)] + [(3360, 240, 74, 0, 80)]
    notes.append((3600, 240, 76, 0, 80))
    ends = [(3600, 240, 74, 0, 80)]
    about = [Metre(0, 4, 4)], [Key(0, 0, False)], [], [Part()]
    open_end = score_of(notes_of(notes[:-1] + ends), *about)
    close = close_of(open_end)
    assert close == Close(frozenset({0, 4, 7}), 0, 48, held=True)
    closing = score_of(notes_of(notes), *about)
    assert close_of(closing) == Close(frozenset({4}), 4, 12), "a third is of the tonic's chord"
    rule = Rule(PieceConstraints(1, (4, 4), (PartRange(),), close=close))
    for token in (IDS["left", 0], IDS["metre", (4, 4)], IDS["position", 48], IDS["pitch", 60]):
        assert rule.allowed()[token]
        rule.push(token)
    lengths = np.flatnonzero(rule.allowed())
    assert lengths.tolist() == [IDS["duration", 48]], "held to the end"
    rule.push(int(lengths[0]))
    assert np.flatnonzero(rule.allowed()).tolist() == [END]


def test_the_first_bar_is_never_left_empty() -> None:
    rule = Rule(PieceConstraints(2, (4, 4), (PartRange(),), upbeat=72))
    rule.push(IDS["left", 1])
    rule.push(IDS["metre", (4, 4)])
    allowed = rule.allowed()
    assert not allowed[IDS["left", 0]]
    assert allowed[IDS["position", 72]] and not allowed[IDS["position", 48]]

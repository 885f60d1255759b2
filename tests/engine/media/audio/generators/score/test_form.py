"""Forms of references, returning bars as templates, matching, proportions, harmony."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.media.audio.codec.abc import read_book
from engine.media.audio.generators.score.approach import Target, Walk, cadences_of
from engine.media.audio.generators.score.balance import Balance, Proportions
from engine.media.audio.generators.score.fitting import fitted, of_whole_bars, times_heard
from engine.media.audio.generators.score.form import (
    BarPlan,
    Form,
    along,
    bar_notes,
    form_of,
    moved,
)
from engine.media.audio.generators.score.harmony import PlanPitches
from engine.media.audio.generators.score.matching import (
    FIELDS,
    LIKENESSES,
    PITCH,
    Matching,
    Places,
    Reader,
    Support,
    shipped_matching,
)
from engine.media.audio.generators.score.plans import profile_of, wish_of
from engine.media.audio.generators.score.rule import PartRange, PieceConstraints, Rule
from engine.media.audio.generators.score.support import ReferencePlaces, WorkSupport
from engine.media.audio.generators.score.template import BarTemplate, within
from engine.media.audio.score_tokens import HEADER, IDS, MANY, VOCABULARY, decode, encode
from engine.media.audio.theory.grid import quantise
from engine.meta.errors import WrongCheckpointError
from engine.protocol import MusicBrief

TUNE = b"""X:1
T:Form
M:4/4
L:1/8
K:C
|:CDEF GAGE|FEDC D2E2|CDEF GAGE|FEDC C4:|
|:DEFG ABAF|GFED E2F2|EFGA BcBG|c2G2 C4:|
"""
BAR = 96  # steps


def row_of(abc: bytes) -> list[int]:
    return encode(quantise(read_book(abc, "x.abc").scores[0])).tolist()


@pytest.fixture
def row() -> list[int]:
    return row_of(TUNE)


@pytest.fixture
def form(row: list[int]) -> Form:
    return form_of(decode(row, common_key=False))


def test_returns_are_found_whole_in_part_and_on_another_degree(form: Form) -> None:
    assert len(form) == 16
    assert [bar.of for bar in form[:4]] == [-1, -1, 0, 1]
    assert form[2].is_exact
    assert form[3].kept == ((0, 48),), "the second ending: half the bar is as it was"
    assert all(bar.is_exact for bar in form[4:8])
    assert (form[8].of, form[8].move) == (4, 1), "a sequence, one degree up"
    assert all(bar.is_exact for bar in form[12:])


def test_pitches_move_along_the_scale() -> None:
    assert [along(60, d) for d in (0, 1, 2, 7, -1)] == [60, 62, 64, 72, 59]
    assert along(61, 1) == 63, "between the keys: a semitone above the one below"
    notes = [(0, 0, 60, 24), (24, 0, 67, 24)]
    assert moved(moved(notes, 3), -3) == notes


def test_a_form_is_fitted_to_the_bars_that_are_asked(form: Form) -> None:
    assert fitted(form, 16, BAR) == form
    short = fitted(form, 8, BAR)
    assert [bar.place for bar in short] == [0, 1, 2, 3, 8, 9, 10, 11], "repeats go first"
    shorter = fitted(form, 6, BAR)
    assert [bar.place for bar in shorter][-3:] == [9, 10, 11], "the close stays"
    assert len(fitted(form, 40, BAR)) == 40
    assert all(bar.length == 72 for bar in fitted(form, 16, 72))
    assert fitted((), 16, BAR) == ()


def test_cut_bars_in_the_middle_are_left_out(form: Form) -> None:
    cut = (*form[:8], replace(form[8], of=-1, length=12), *form[9:])
    found = of_whole_bars(cut)
    assert len(found) == 15
    assert all(bar.length == BAR for bar in found)
    assert [bar.place for bar in found] == [*range(8), *range(9, 16)]
    assert all(-1 <= bar.of < i for i, bar in enumerate(found))
    assert of_whole_bars(form) == form
    assert of_whole_bars(()) == ()


def test_one_short_bar_leaves_the_others_altered_as_they_are(form: Form) -> None:
    short = (replace(form[0], length=24), *form[1:])
    assert fitted(short, 16, BAR)[1:] == form[1:]


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 64), length=st.sampled_from([BAR, 72]))
def test_a_fitted_form_returns_only_what_came_before(count: int, length: int) -> None:
    form = fitted(form_of(decode(row_of(TUNE), common_key=False)), count, length)
    assert len(form) == count
    assert all(-1 <= bar.of < i for i, bar in enumerate(form))


def test_a_template_gives_the_kept_notes_and_lets_the_others_go(form: Form) -> None:
    bars, _ = bar_notes(decode(row_of(TUNE), common_key=False))
    rule = Rule(PieceConstraints(8, (4, 4), (PartRange(48, 84),)))
    for name in (("left", 7), ("metre", (4, 4))):
        rule.push(IDS[name])  # pyright: ignore[reportArgumentType]
    template, played = BarTemplate.of(form[3], bars[1]), []
    rng = np.random.default_rng(3)
    while rule.bar == 0:
        allowed = rule.allowed() & next(template.masks(rule))
        assert allowed.any()
        token = int(rng.choice(np.flatnonzero(allowed)))
        if rule.expects == "duration":
            played.append((rule.position, rule.part, rule.pitch))
            template.take(rule)
        rule.push(token)
    kept = [note[:3] for note in bars[1] if note[0] < 48]
    assert [note for note in played if note[0] < 48] == kept


def test_a_place_says_what_a_musician_compares(row: list[int]) -> None:
    places = Places.of(row)
    assert len(places) == len(row) - HEADER
    assert set(places.kinds.tolist()) == {0, 1, 2}
    assert places.tokens[0] == MANY, "a bar line is one, whatever is left"
    after = dict(zip(FIELDS, places.fields[places.kinds == PITCH][3].tolist(), strict=True))
    assert (after["position"], after["pitch_1"], after["step_1"]) == (36, 64, 2)
    assert (after["first"], after["length_1"]) == (60, 12)


def test_votes_are_for_what_followed_where_it_was_alike(row: list[int]) -> None:
    """The network that is shipped, asked about its own reference, knows the tune."""
    places, right = Places.of(row), 0
    chosen = np.flatnonzero(places.kinds == PITCH)
    support = Support(
        places.fields[chosen],
        places.tokens[chosen],
        np.zeros(len(chosen), bool),
        np.zeros(len(chosen)),
    )
    for i, place in enumerate(chosen):
        votes, trust = shipped_matching().votes(PITCH, places.fields[place], support)
        assert votes.sum() == pytest.approx(1)
        assert 0 < trust < 1
        right += int(votes.argmax()) == support.tokens[i]
    assert right > 0.9 * len(chosen)


def test_a_phrase_is_known_on_another_degree() -> None:
    """All votes for the interval: they move with the last pitch."""
    fields = np.full((1, len(FIELDS)), -999, np.int16)
    fields[0, FIELDS.index("pitch_1")] = 60
    query = fields[0].copy()
    query[FIELDS.index("pitch_1")] = 65
    support = Support(fields, np.array([IDS["pitch", 64]]), np.zeros(1, bool), np.zeros(1))
    flat = np.zeros((3, len(LIKENESSES)))
    votes, _ = Matching(flat, np.ones(3), np.zeros(3), np.zeros(3)).votes(PITCH, query, support)
    assert votes[IDS["pitch", 69]] == pytest.approx(1)


def test_variations_are_nearer_to_the_references_than_new_music(row: list[int]) -> None:
    def trusted(variation: float) -> float:
        places = ReferencePlaces.of([row], [1.0])
        work = WorkSupport.of(shipped_matching(), places, 0, variation)
        for token in row[: HEADER + 12]:
            work.push(token)
        even = np.full(VOCABULARY, -np.log(VOCABULARY))
        mixed = work.mixed(even, np.ones(VOCABULARY, bool), 0, variation)
        assert np.exp(mixed).sum() == pytest.approx(1)
        return float(mixed[row[HEADER + 12]])

    assert trusted(0.0) < trusted(0.5) < trusted(1.0)


def test_what_came_too_often_becomes_less_likely() -> None:
    balance = Balance(Proportions.of([[(60, 0), (62, 0), (64, 0), (62, 0)] * 4]))
    for pitch in (60, 60, 60, 60, 60, 60):
        balance.take(pitch, 0, 12)
    nats = balance.nats(0)
    assert nats[IDS["pitch", 62]] > 0 > nats[IDS["pitch", 60]]
    far = balance.distance
    for pitch in (62, 64, 62, 60, 62, 64, 62, 60):
        balance.take(pitch, 0, 12)
    assert balance.distance < far


def test_intervals_over_a_bar_line_are_counted_apart() -> None:
    """A tune that leaps within its bars and steps into the next."""
    line = [(60 + 7 * (i % 2) + (i // 2 % 2), i // 2) for i in range(80)]
    inside, over = Proportions.of([line]).intervals
    assert inside[12 + 7] > 0.9
    assert over[12 + 7] < 0.2 < over[12 - 6]
    balance = Balance(Proportions.of([line]))
    balance.take(60, 0, 12)
    for bar in range(1, 6):
        balance.take(60, bar, 12)
    assert balance.intervals[:, 12].tolist() == [0, 5]
    assert balance.nats(6)[IDS["pitch", 60]] < 0


def test_what_the_references_never_repeat_is_unlikely_before_it_was_played_once() -> None:
    balance = Balance(Proportions.of([[(60, 0), (62, 0), (64, 0), (62, 0)] * 4]))
    balance.take(62, 0, 12)
    assert balance.nats(0)[IDS["pitch", 62]] < -2 < balance.nats(0)[IDS["pitch", 64]]


def test_a_note_counts_as_often_as_its_bar_is_heard() -> None:
    """Bar 0 comes back whole, and of that bar one half comes back again."""
    whole, half = ((0, BAR),), ((0, BAR // 2),)
    form = (BarPlan(0), BarPlan(1, 0, 0, whole), BarPlan(2, 1, 0, half), BarPlan(3))
    assert times_heard(form) == [2.5, 1.5, 1, 1]
    balance = Balance(Proportions.of([[(60, 0), (62, 0)] * 8]))
    balance.take(60, 0, 12, times=2.5)
    balance.take(60, 1, 12, times=0)
    assert balance.pitches[60] == balance.lengths.sum() == 2.5


def test_a_part_goes_where_the_next_bar_begins() -> None:
    """By steps of a tone alone: two notes on from 60 lie 56, 60 and 64."""
    steps = np.zeros((2, 25))
    steps[:, [10, 14]] = 0.5
    walk, target = Walk(steps), Target.of_note(60, 96)
    before, earlier = walk.arriving(target, 0, over=True), walk.arriving(target, 1, over=True)
    assert before[[58, 62]].min() > before[[59, 60, 61, 65]].max() + 1
    assert earlier[[56, 60, 64]].min() > earlier[[58, 62, 61]].max() + 1
    assert not walk.arriving(target, 30, over=True).any(), "too far away to say"


def test_a_cadence_is_where_a_note_is_held(row: list[int]) -> None:
    bars, lengths = bar_notes(decode(row, common_key=False))
    found = cadences_of(bars, lengths)
    assert set(found) == {3, 7, 11, 15}
    assert found[3][:3] == (48, 0, 60)
    assert cadences_of([[(0, 0, 60, 96)]], [96]) == {}


def test_an_altered_bar_is_not_as_it_was(form: Form) -> None:
    bars, _ = bar_notes(decode(row_of(TUNE), common_key=False))
    rule = Rule(PieceConstraints(8, (4, 4), (PartRange(48, 84),)))
    template = BarTemplate.of(form[3], bars[1])
    assert template.altered == bars[1][4]
    for name in (("left", 7), ("metre", (4, 4)), ("position", 48)):
        rule.push(IDS[name])  # pyright: ignore[reportArgumentType]
    template.pending.clear()
    assert not next(template.masks(rule))[IDS["pitch", bars[1][4][2]]]
    assert next(template.masks(rule))[IDS["pitch", 72]]


def test_an_upbeat_waits_for_its_place() -> None:
    rule = Rule(PieceConstraints(8, (4, 4), (PartRange(48, 84),), upbeat=72))
    for name in (("left", 7), ("metre", (4, 4))):
        rule.push(IDS[name])  # pyright: ignore[reportArgumentType]
    allowed = rule.allowed()
    assert not allowed[IDS["position", 48]]
    assert allowed[IDS["position", 72]]


def test_pitches_lean_on_the_harmony_of_the_plan(row: list[int]) -> None:
    pitches = PlanPitches.of(decode(row, common_key=False))
    nats = pitches.nats(7, 0, 48, 0.5)  # C, held
    assert nats[IDS["pitch", 60]] > nats[IDS["pitch", 62]]
    assert not pitches.nats(-1, 0, 0, 0.5).any()


def test_a_piece_is_as_long_as_the_reference_it_follows(row: list[int]) -> None:
    profile = profile_of(row)
    assert wish_of([profile], [1.0], MusicBrief(), 1).plan.bars == 16
    assert wish_of([profile], [1.0], MusicBrief(length=5), 1).plan.bars == 5
    assert len(wish_of([profile], [1.0], MusicBrief(length=5), 1).form) == 5


def test_a_damaged_file_of_the_network_is_refused(tmp_path) -> None:
    shipped_matching.cache_clear()
    (tmp_path / "matching.json").write_text("{}")
    for name in ("matching.json", "none.json"):
        with pytest.raises(WrongCheckpointError):
            shipped_matching(tmp_path / name)
    shipped_matching.cache_clear()


def test_the_reader_goes_on_where_a_row_is_cut(row: list[int]) -> None:
    reader = Reader()
    for token in row[HEADER:40]:
        reader.push(token)
    again = Places.of(row)
    assert reader.place() == again.fields[40 - HEADER].tolist()


def test_a_few_bars_become_phrases_that_are_answered_continued_varied_and_return() -> None:
    whole = tuple(BarPlan(i, filled=f) for i, f in enumerate((0.2, 1.0, 1.0, 0.9, 0.3)))
    form = fitted(whole, 17, BAR)
    assert len(form) == 17
    assert [b.place for b in (form[0], form[-1])] == [0, 4], "an upbeat and a close stand once"
    stated, answered, continued, varied, returned = (form[i : i + 3] for i in range(1, 16, 3))
    assert [bar.of for bar in stated] == [-1, -1, -1]
    assert [bar.of for bar in answered] == [1, 2, -1]
    assert [(bar.of, bar.move) for bar in continued] == [(1, 2), (1, 1), (-1, 0)]
    assert [bar.of for bar in varied] == [1, 2, 6] and varied[0].kept == ((0, BAR // 2),)
    assert [bar.of for bar in returned] == [1, 2, 6] and all(bar.is_exact for bar in returned)
    assert fitted(whole[:1], 3, BAR)[2].place == 0, "of an upbeat alone nothing is made"


@given(
    st.lists(st.sampled_from((0.2, 1.0)), min_size=1, max_size=7),
    st.integers(1, 40),
)
def test_phrases_return_what_stands_before_them(filled: list[float], count: int) -> None:
    whole = tuple(BarPlan(i, filled=f) for i, f in enumerate(filled))
    form = fitted(whole, count, BAR)
    assert len(form) == count
    assert all(bar.of < i for i, bar in enumerate(form))


def test_a_bar_goes_the_other_way_where_its_part_cannot_follow() -> None:
    plan = BarPlan(1, 0, 2, ((0, BAR),))
    high, low, narrow = PartRange(60, 66), PartRange(57, 80), PartRange(60, 62)
    notes = [(0, 0, 60, 24), (24, 0, 62, 24)]
    assert [within(plan, notes, [hand]).move for hand in (high, low)] == [2, 2]
    assert within(plan, notes, [PartRange(55, 63)]).move == -2
    assert within(plan, notes, [narrow]).of == -1


def test_a_work_begins_and_ends_with_music() -> None:
    form = tuple(BarPlan(i, filled=f) for i, f in enumerate((0.0, 0.0, 1.0, 0.0, 1.0, 0.0)))
    assert [bar.place for bar in of_whole_bars(form)] == [2, 3, 4]
    assert len(of_whole_bars(form[:1])) == 1

"""Scores that are composed: the grammar, what a brief asks for, openings, copies, drafts."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from engine.core.errors import BadInput
from engine.core.progress import finished
from engine.media.audio.codec.abc import read_book
from engine.media.audio.codec.score import TICKS, Score
from engine.media.audio.copying import LIMIT, ReferenceRuns, longest_run
from engine.media.audio.generators.score import compose as composing
from engine.media.audio.generators.score.compose import compose
from engine.media.audio.generators.score.opening import Gap, Opening
from engine.media.audio.generators.score.particle import OWN_LIMIT
from engine.media.audio.generators.score.plans import (
    hand_of,
    home_for,
    metre_of,
    profile_of,
    tonic_of,
    wish_of,
)
from engine.media.audio.generators.score.rule import PartRange, PieceConstraints, Rule
from engine.media.audio.generators.score.weights import OPENING, Shipped
from engine.media.audio.score_tokens import HEADER, IDS, NAMES, VOCABULARY, decode, encode
from engine.media.audio.theory.grid import quantise
from engine.protocol import METRES, MusicBrief, MusicUse
from engine.sequence.adapt import StyleTensors, style_of, works_of
from engine.sequence.low_rank import plain_start
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer, TransformerConfig

pytestmark = pytest.mark.weights

CPU = torch.device("cpu")
BRIEF = MusicBrief(count=2, length=4)
BARS = 16  # of the jig, with its repeat
JIG = b"""X:1
T:A made-up jig
M:6/8
L:1/8
Q:3/8=112
K:D
|:DFA dAF|GBd gdB|ABA AFD|E2E EFG|DFA dAF|GBd gdB|AFD EGE|D3 D3:|
"""
WALTZ = b"""X:1
T:A made-up waltz
M:3/4
L:1/4
K:Am
|A c e|d2 c|B G B|A3|e c A|d f e|c B G|A3|
"""


@pytest.fixture
def tunes() -> tuple[Score, Score]:
    return read_book(JIG, "jig.abc").scores[0], read_book(WALTZ, "waltz.abc").scores[0]


@pytest.fixture
def style(tunes: tuple[Score, Score]) -> StyleTensors:
    rows = [encode(quantise(tune)).tolist() for tune in tunes]
    return style_of(rows, [1.0, 3.0])


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Shipped:
    """A model that knows nothing: whatever it writes, the grammar holds."""
    torch.manual_seed(0)
    shape = TransformerConfig(
        vocabulary=VOCABULARY, layers=1, width=16, heads=2, hidden=16, context=1536
    )
    model = Transformer(shape).eval()
    found = Shipped(model, Gate(), plain_start(model))
    monkeypatch.setattr(composing, "shipped", lambda device: found)
    return found


def by_chance(plan: PieceConstraints, seed: int) -> list[int]:
    """The tokens of a piece of which each is drawn among those allowed."""
    rng, rule, row = np.random.default_rng(seed), Rule(plan), []
    while not rule.done:
        possible = np.flatnonzero(rule.allowed())
        assert len(possible), [NAMES[t] for t in row[-8:]]
        row.append(int(rng.choice(possible)))
        rule.push(row[-1])
        assert len(row) < 20_000
    return row


HEAD = [IDS["special", "start"], IDS["key", 0], IDS["mode", "major"], IDS["tempo", 0]]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    metre=st.sampled_from(METRES),
    bars=st.integers(1, 40),
    hands=st.lists(
        st.builds(PartRange, st.integers(30, 60), st.integers(61, 90), st.booleans()),
        min_size=1,
        max_size=4,
    ),
    closes=st.booleans(),
)
def test_bars_add_up_whatever_is_drawn(
    seed: int, metre: str, bars: int, hands: list[PartRange], closes: bool
) -> None:
    plan = PieceConstraints(bars, metre_of(metre), tuple(hands), closes)
    row = by_chance(plan, seed)
    score = decode([*HEAD, IDS["parts", len(hands)], *row])
    whole = bars * plan.bar_steps * TICKS // 24
    assert sum(NAMES[token][0] == "left" for token in row) == bars
    assert score.end <= whole
    for name, hand in enumerate(hands):
        if len(score.parts) == len(hands):
            mine = score.notes[score.notes["part"] == name]
            assert mine["pitch"].min() >= hand.lowest and mine["pitch"].max() <= hand.highest
            if hand.single:
                ends = mine["onset"] + mine["duration"]
                assert (ends[:-1] <= mine["onset"][1:]).all()


def test_what_is_drawn_reads_back_as_the_same_tokens() -> None:
    """The grammar allows nothing that the decoder would pass over."""
    plan = PieceConstraints(8, (4, 4), (PartRange(50, 80), PartRange(40, 60, single=False)))
    row = [*HEAD, IDS["parts", 2], *by_chance(plan, 3)]
    pitches = [NAMES[token][1] for token in row if NAMES[token][0] == "pitch"]
    assert len(decode(row)) >= 0.9 * len(pitches)  # doubled pitches of a part are one note


def test_a_piece_that_does_not_close_never_says_how_many_bars_are_left() -> None:
    row = by_chance(PieceConstraints(5, (3, 4), (PartRange(),), closes=False), 1)
    lefts = {NAMES[token][1] for token in row if NAMES[token][0] == "left"}
    assert lefts == {33}
    counted = by_chance(PieceConstraints(5, (3, 4), (PartRange(),)), 1)
    assert [NAMES[t][1] for t in counted if NAMES[t][0] == "left"] == [4, 3, 2, 1, 0]


def test_a_hand_is_what_its_notes_need(tunes: tuple[Score, Score]) -> None:
    hand = hand_of(tunes[0].notes)
    assert hand.single
    assert hand.lowest == tunes[0].notes["pitch"].min() - 2
    chords = tunes[0].notes.copy()
    chords["duration"] *= 3
    assert not hand_of(chords).single


def test_a_work_follows_one_reference_unless_told_otherwise(style: StyleTensors) -> None:
    profiles = [profile_of(row) for row in works_of(style)]
    assert [m.metre for m in profiles] == [(6, 8), (3, 4)]
    specs = [wish_of(profiles, [1.0, 3.0], BRIEF, seed) for seed in range(60)]
    waltzes = [w for w in specs if w.plan.metre == (3, 4)]
    assert 30 < len(waltzes) < 58
    assert all(w.home.minor and w.home.pitch_class == 0 for w in waltzes)
    jig = next(w for w in specs if w.plan.metre == (6, 8))
    assert jig.home.pitch_class == 2 and not jig.home.minor and jig.tempo == 160
    asked = replace(BRIEF, key="Bb", mode="minor", metre="2/4", tempo=90, voices=2, loop=True)
    spec = wish_of(profiles, [1.0, 3.0], asked, 0)
    assert (spec.plan.metre, spec.tempo, len(spec.plan.hands)) == ((2, 4), 90, 2)
    assert spec.home.pitch_class == 1 and spec.home.minor and not spec.plan.closes


@pytest.mark.parametrize(("key", "tonic"), [("C", 0), ("f#", 6), ("Bb", 10), ("E♭", 3), ("B#", 0)])
def test_keys_are_read(key: str, tonic: int) -> None:
    assert tonic_of(key) == tonic


def test_what_is_no_key_or_metre_is_said() -> None:
    for wrong in ("H", "", "C##"):
        with pytest.raises(BadInput) as caught:
            tonic_of(wrong)
        assert caught.value.code == "bad_key"
    with pytest.raises(BadInput):
        metre_of("4/5")


def test_the_mode_alone_keeps_the_tonic(tunes: tuple[Score, Score]) -> None:
    theirs = profile_of(encode(quantise(tunes[1])).tolist()).home  # A minor
    home = home_for(replace(BRIEF, mode="major"), theirs)
    assert (home.pitch_class, home.minor) == (9, False)


def test_works_keep_what_was_asked_and_come_out_the_same_alone(
    base: Shipped, style: StyleTensors
) -> None:
    names = ["jig.abc", "waltz.abc"]
    asked = replace(BRIEF, count=5, key="G", mode="major", metre="3/4", tempo=100)
    works = finished(compose(style, names, asked, CPU))
    assert len(works) == 5
    for work in works:
        bars = work.score.bars()
        assert len(bars) <= 4 and (bars[0].beats, bars[0].unit) == (3, 4)
        assert work.score.tempos[0].quarters == 100
        assert (work.score.keys[0].fifths, work.score.keys[0].minor) == (1, False)
    alone = finished(compose(style, names, replace(asked, count=1, seed=asked.seed + 4), CPU))
    assert np.array_equal(alone[0].score.notes, works[4].score.notes)
    assert not np.array_equal(works[0].score.notes, works[1].score.notes)


def test_sketches_grow_while_composing(base: Shipped, style: StyleTensors) -> None:
    asked = replace(BRIEF, count=1, length=8, metre="3/4", tempo=100)
    grown = [advance.sketches[0] for advance in compose(style, ["a", "b"], asked, CPU)]
    sizes = [len(sketch.notes) for sketch in grown]
    assert sizes == sorted(sizes) and sizes[-1] > 0
    bar_s = 3 * 60 / 100
    assert {sketch.seconds for sketch in grown} == {8 * bar_s}, "that of the whole work"


def test_many_notes_or_few(base: Shipped, style: StyleTensors) -> None:
    def count(density: float) -> int:
        asked = replace(BRIEF, count=3, length=8, density=density)
        return sum(len(w.score) for w in finished(compose(style, ["a", "b"], asked, CPU)))

    assert count(2.0) > 1.5 * count(0.5)


def test_an_opening_stays_and_is_gone_on_from(
    base: Shipped, style: StyleTensors, tunes: tuple[Score, Score]
) -> None:
    opening = Opening.of(tunes[0])
    work = finished(compose(style, ["a", "b"], replace(BRIEF, count=1), CPU, opening))[0]
    given_notes = tunes[0].notes
    assert np.array_equal(work.score.notes[: len(given_notes)], given_notes)
    assert len(work.score) > len(given_notes)
    end = tunes[0].bars()[-1].tick + tunes[0].bars()[-1].bar_ticks
    later = work.score.notes[len(given_notes) :]
    assert later["onset"].min() >= end
    assert all((bar.beats, bar.unit) == (6, 8) for bar in work.score.bars())


def test_runs_that_stand_in_a_reference_are_seen_and_kept_off(tunes: tuple[Score, Score]) -> None:
    gridded = decode(encode(quantise(tunes[0])).tolist(), common_key=False)
    learned = ReferenceRuns.of(["jig.abc"], [gridded])
    report = learned.report(gridded)
    assert report.run == len(gridded) and report.source == "jig.abc" and report.share == 1.0
    line = learned.lines[0][0]
    assert learned.forbidden(line[:LIMIT]) == {line[LIMIT][0]}
    assert learned.forbidden(line[: LIMIT - 1]) == set()


@given(st.lists(st.integers(0, 3), max_size=12), st.lists(st.integers(0, 3), max_size=12))
def test_the_longest_run_is_the_longest(a: list[int], b: list[int]) -> None:
    brute = max(
        (n for n in range(len(a) + 1) for i in range(len(a) - n + 1) for j in range(len(b) - n + 1)
         if a[i : i + n] == b[j : j + n]),
        default=0,
    )  # fmt: skip
    assert longest_run([(x, 1) for x in a], [(x, 1) for x in b]) == brute


@pytest.mark.slow
def test_no_work_has_a_long_run_of_a_reference(
    monkeypatch: pytest.MonkeyPatch, tunes: tuple[Score, Score]
) -> None:
    """Even of a model that knows nothing but the reference."""
    rows = [encode(quantise(tunes[0])).tolist()]
    torch.manual_seed(1)
    shape = TransformerConfig(
        vocabulary=VOCABULARY, layers=2, width=48, heads=2, hidden=64, context=1024
    )
    model = Transformer(shape)
    row = torch.tensor([[OPENING, *rows[0], *rows[0]]])
    optimizer = torch.optim.AdamW(model.parameters(), 4e-3)
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(model(row[:, :-1])[0], row[0, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = Shipped(model.eval(), Gate(), plain_start(model))
    monkeypatch.setattr(composing, "shipped", lambda device: found)
    asked = replace(BRIEF, count=1, length=8, temperature=0.3)
    work = finished(compose(style_of(rows, [1.0]), ["jig.abc"], asked, CPU))[0]
    assert 3 <= work.copied.run <= LIMIT
    assert len(rows[0]) > HEADER


def test_a_phrase_does_not_come_for_ever(
    monkeypatch: pytest.MonkeyPatch, tunes: tuple[Score, Score]
) -> None:
    """Even of a model that says the likeliest thing again and again."""
    torch.manual_seed(2)
    shape = TransformerConfig(
        vocabulary=VOCABULARY, layers=1, width=16, heads=2, hidden=16, context=1536
    )
    model = Transformer(shape).eval()
    monkeypatch.setattr(
        composing, "shipped", lambda device: Shipped(model, Gate(), plain_start(model))
    )
    rows = [encode(quantise(tunes[1])).tolist()]
    asked = replace(BRIEF, count=1, length=40, temperature=0.1, density=2.0)
    work = finished(compose(style_of(rows, [1.0]), ["waltz.abc"], asked, CPU))[0]
    notes = list(
        zip(work.score.notes["pitch"].tolist(), work.score.notes["duration"].tolist(), strict=False)
    )
    limit = OWN_LIMIT + 1
    runs = [tuple(notes[i : i + limit]) for i in range(len(notes) - limit + 1)]
    assert len(runs) > 20
    assert len(set(runs)) == len(runs)


def bars_with(score: Score, first: int, last: int) -> list[tuple[int, ...]]:
    """The notes that begin in bars first to last, from 1, to the tick."""
    bars = score.bars()
    edges = [bar.tick for bar in bars] + [bars[-1].tick + bars[-1].bar_ticks]
    inside = (score.notes["onset"] >= edges[first - 1]) & (
        score.notes["onset"] < edges[min(last, len(bars))]
    )
    return sorted(map(tuple, score.notes[inside].tolist()))


@pytest.mark.parametrize(("first", "last"), [(1, 2), (3, 5), (15, 16), (1, 16)])
def test_only_the_bars_that_are_filled_change(
    style: StyleTensors, base: Shipped, tunes: tuple[Score, Score], first: int, last: int
) -> None:
    brief = replace(BRIEF, score_use=MusicUse.FILL, first_bar=first, last_bar=last)
    tune = replace(tunes[0], title="Mine")
    opening = Opening.of_brief(tune, brief)
    for work in finished(compose(style, ["a", "b"], brief, CPU, opening)):
        assert work.score.title == "Mine"
        assert BARS - (last == BARS) <= len(work.score.bars()) <= BARS, "the last may be a rest"
        if first > 1:
            assert bars_with(work.score, 1, first - 1) == bars_with(tune, 1, first - 1)
        if last < BARS:
            assert bars_with(work.score, last + 1, BARS) == bars_with(tune, last + 1, BARS)
        assert bars_with(work.score, first, last) != bars_with(tune, first, last)
        assert bars_with(work.score, first, last)


def test_what_is_filled_is_the_same_when_it_is_made_again(
    style: StyleTensors, base: Shipped, tunes: tuple[Score, Score]
) -> None:
    brief = replace(BRIEF, score_use=MusicUse.FILL, first_bar=3, last_bar=4)
    opening = Opening.of_brief(tunes[0], brief)
    one, two = (finished(compose(style, ["a", "b"], brief, CPU, opening)) for _ in range(2))
    assert [w.score.notes.tolist() for w in one] == [w.score.notes.tolist() for w in two]


@pytest.mark.parametrize(("first", "last"), [(0, 2), (5, 4), (7, 17)])
def test_bars_that_the_score_does_not_have_are_refused(
    tunes: tuple[Score, Score], first: int, last: int
) -> None:
    brief = replace(BRIEF, score_use=MusicUse.FILL, first_bar=first, last_bar=last)
    with pytest.raises(BadInput) as found:
        Opening.of_brief(tunes[0], brief)
    assert found.value.code == "bars_outside"
    assert found.value.details["count"] == BARS


def test_a_filled_bar_leads_to_the_one_behind_it(
    style: StyleTensors, tunes: tuple[Score, Score]
) -> None:
    opening = Opening.of(tunes[0], Gap(3, 4))
    spec = wish_of([profile_of(row) for row in works_of(style)], [1.0, 1.0], BRIEF, 1, 0)
    filling = opening.continued(spec)
    assert filling.plan.bars == 4, "two that are heard, two that are filled"
    assert not filling.plan.closes
    (behind,) = filling.after
    first = next(iter(bars_with(tunes[0].transposed(-filling.home.shift), 5, 5)))
    assert behind == (0, first[2])


def test_a_varied_score_is_followed_in_metre_key_and_length(
    style: StyleTensors, base: Shipped, tunes: tuple[Score, Score]
) -> None:
    brief = replace(BRIEF, score_use=MusicUse.VARY, length=0)
    for work in finished(compose(style, ["a", "b"], brief, CPU, varied=tunes[0])):
        assert work.followed == 2, "one more than the tunes"
        assert len(work.score.bars()) == BARS
        assert (work.score.metres[0].beats, work.score.metres[0].unit) == (6, 8)
        assert work.score.notes.tolist() != tunes[0].notes.tolist()

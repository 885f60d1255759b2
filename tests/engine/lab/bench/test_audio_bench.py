"""The notes bench measures what it says: episodes, arms, the judge, the tables."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.lab.bench import audio_notes, audio_tables
from engine.lab.bench.audio_notes import (
    BENCH,
    FOUND_GRAMS,
    GAIN,
    HEADLINE,
    JOINT,
    KNOWN,
    NATS,
    NEW,
    OTHERS,
    QUICK,
    SHIPPED,
    bootstrap,
    choices,
    chosen,
    notes,
    reached,
)
from engine.lab.bench.audio_notes_arms import (
    Grams,
    Tuning,
    as_shipped,
    in_context,
    plain,
    remembering,
    with_steps,
)
from engine.lab.bench.audio_notes_sample import AS_GIVEN, read_sample, write_sample
from engine.lab.bench.audio_notes_styles import QUERY_TOKENS, Episode, episodes, passages
from engine.lab.bench.report import Report, Row
from engine.lab.training.corpus.notes_works import NotesWorks
from engine.lab.training.score_data import tokens_of
from engine.media.audio.generators.score import compose as composing
from engine.media.audio.generators.score.weights import OPENING, Shipped
from engine.media.audio.score_tokens import HEADER, VOCABULARY, decode, span
from engine.sequence.low_rank import plain_start
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer, TransformerConfig

SHUT = Gate(closed=-60.0, slope=0.0)
FEW = replace(QUICK, queries=1, references=(1, 2), seconds=(0.0,), long=(0.0, 0.0), styles=1)


@pytest.fixture(scope="module")
def works() -> NotesWorks:
    return read_sample()


@pytest.fixture(scope="module")
def found(works: NotesWorks) -> list[Episode]:
    return episodes(works, works.by_style("reserved"), references=10, queries=2)


@pytest.fixture(scope="module")
def base() -> Shipped:
    torch.manual_seed(0)
    shape = TransformerConfig(
        vocabulary=VOCABULARY, layers=1, width=16, heads=2, hidden=16, context=2048
    )
    model = Transformer(shape).eval()
    return Shipped(model, SHUT, plain_start(model))


def test_the_sample_holds_reserved_and_validation_works_that_may_be_handed_on(
    works: NotesWorks, tmp_path: Path
) -> None:
    assert {work.part for work in works.works} == {"reserved", "validation"}
    assert {work.licence for work in works.works} == {AS_GIVEN}
    assert write_sample(works, tmp_path / "again.npz") == len(works)
    again = NotesWorks(tmp_path / "again.npz")
    assert np.array_equal(again.score(again.works[-1]).notes, works.score(works.works[-1]).notes)


@pytest.mark.slow
def test_references_and_queries_share_no_work(works: NotesWorks, found: list[Episode]) -> None:
    names = [episode.style for episode in found]
    new = {episode.style for episode in found if episode.new_composer}
    assert new == {"J. Rosamond Johnson", "Robert Schumann", "Wolfgang Amadeus Mozart"}
    assert len(names) == len(set(names)) >= 9
    assert [e.style for e in found if e.halved] == ["J. Rosamond Johnson"]
    for episode in found:
        group = works.by_style("reserved")[episode.style]
        if len(group) == 1:
            continue
        support = [tokens_of(works, work).tolist() for work in group if work.is_support]
        queries = [tokens_of(works, work).tolist() for work in group if not work.is_support]
        assert all(_within(row, support) for row in episode.references)
        asked = [[*query.head, *query.body] for query in episode.queries]
        assert all(_within(row, queries) for row in asked)


def _within(row: list[int] | tuple[int, ...], wholes: list[list[int]]) -> bool:
    """Whether a passage's music, its pitches and durations in order, is in one of the works."""
    mine = _music(row)
    return any(mine in _music(whole) for whole in wholes)


def _music(row: list[int] | tuple[int, ...]) -> str:
    played = (span("pitch"), span("duration"))
    return " " + " ".join(str(t) for t in row if any(t in each for each in played)) + " "


def test_a_single_work_is_halved(works: NotesWorks, found: list[Episode]) -> None:
    (one,) = (episode for episode in found if episode.style == "J. Rosamond Johnson")
    (work,) = works.by_style("reserved")[one.style]
    halves = [*one.references, *((*q.head, *q.body) for q in one.queries)]
    assert [_notes(row) for row in halves] == [
        _notes(row) for row in passages(tokens_of(works, work), QUERY_TOKENS)[: len(halves)]
    ]


def _notes(row) -> int:
    return sum(token in span("duration") for token in row)


def test_passages_are_the_whole_work(works: NotesWorks, found: list[Episode]) -> None:
    work = works.by_style("reserved")["Wolfgang Amadeus Mozart"][0]
    rows = passages(tokens_of(works, work), 800)
    assert len(rows) > 1
    assert all(len(row) <= 800 for row in rows)
    cut = [row for row in rows if len(row) == 800]
    if not cut:
        assert sum(map(_notes, rows)) == _notes(tokens_of(works, work))
    for episode in found:
        longest = max(len(q.head) + len(q.body) for q in episode.queries)
        assert len(episode.reading(10, 2048)) + longest <= 2048
        assert episode.reading(3, 2048)[0] == OPENING
        assert all(len(query.head) == HEADER for query in episode.queries)


def test_plain_nats_are_those_of_the_model(base: Shipped, found: list[Episode]) -> None:
    model, episode, total = base.model, found[0], 0.0
    for query in episode.queries:
        row = torch.tensor([[OPENING, *query.head, *query.body]])
        with torch.no_grad():
            log_p = torch.log_softmax(model(row[:, :-1])[0], -1)
        first = 1 + len(query.head)
        total -= sum(float(log_p[i - 1, row[0, i]]) for i in range(first, row.shape[1]))
    assert plain(model, episode, 3) == [(0.0, pytest.approx(total, rel=1e-4))]


def test_a_shut_memory_changes_nothing(base: Shipped, found: list[Episode]) -> None:
    alone = in_context(base.model, found[0], 1)[0][1]
    assert remembering(base.model, found[0], 1, SHUT)[0][1] == pytest.approx(alone, rel=1e-4)


@pytest.mark.slow
def test_fine_tuning_begins_at_the_joint_model(base: Shipped, found: list[Episode]) -> None:
    before = {k: t.clone() for k, t in base.model.state_dict().items()}
    episode = found[0]
    for rank in (0, 4):
        points = Tuning(3e-3, (0.0, 60.0), rank=rank, most_steps=2)(base.model, episode, 2)
        assert points[0] == (0.0, pytest.approx(plain(base.model, episode, 2)[0][1], rel=1e-4))
        assert points[1][1] < points[0][1]
    assert all(torch.equal(t, before[k]) for k, t in base.model.state_dict().items())


@pytest.mark.slow
def test_tuning_with_a_gate_is_asked_as_the_product_reads(
    base: Shipped, found: list[Episode]
) -> None:
    ((_, nats),) = Tuning(1e-3, (0.0,), rank=2, gate=SHUT)(base.model, found[0], 1)
    assert nats == pytest.approx(in_context(base.model, found[0], 1)[0][1], rel=1e-4)


def test_what_ships_reads_the_end_of_the_references(base: Shipped, found: list[Episode]) -> None:
    ((seconds, nats),) = as_shipped(base.model, found[0], 1, SHUT)
    assert nats == pytest.approx(in_context(base.model, found[0], 1)[0][1], rel=1e-4)
    assert seconds > 0


def test_steps_change_what_is_read(base: Shipped, found: list[Episode]) -> None:
    ((_, nats),) = with_steps(base.model, found[0], 1, SHUT, base.start)
    assert nats != in_context(base.model, found[0], 1)[0][1]


def test_n_grams_without_weight_are_the_model(base: Shipped, found: list[Episode]) -> None:
    nearly = Grams(3, 0.7, 0.0)(base.model, found[0], 2)[0][1]
    assert nearly == pytest.approx(plain(base.model, found[0], 2)[0][1], rel=1e-4)
    nothing = Grams(3, 0.7)(base.model, found[0], 0)[0][1]
    assert nothing == pytest.approx(found[0].tokens * math.log(VOCABULARY))
    assert Grams(3, 0.7)(base.model, found[0], 2)[0][1] < nothing


@pytest.mark.slow
def test_the_report_has_every_arm_and_both_kinds(base: Shipped, works: NotesWorks) -> None:
    report = Report()
    plan = replace(FEW, references=(1, 5), long=(0.0,))
    notes(report, base, works, plan)
    rows = {(row.bench, row.arm, row.references) for row in report.rows}
    arms = {row.arm for row in report.rows if row.bench == BENCH}
    tuned = {audio_notes.FULL_TUNING, audio_notes.LORA}
    assert {JOINT, SHIPPED, *FOUND_GRAMS, *tuned} <= arms
    assert audio_notes.SCRATCH not in arms  # of the whole bench
    assert {(BENCH, JOINT, 0), (NEW, SHIPPED, 5), (KNOWN, SHIPPED, 5)} <= rows
    counts = {row.bench: row.styles for row in report.rows if row.arm == JOINT}
    assert counts == {BENCH: 2, OTHERS: 1, NEW: 1, KNOWN: 1}
    assert all(math.isfinite(row.value) for row in report.rows if row.bench != HEADLINE)


def test_rates_are_chosen_by_the_validation_styles(
    base: Shipped, found: list[Episode], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lowest(model, validation, arm) -> float:
        assert validation == found[:1]
        if isinstance(arm, Tuning):
            return -arm.rate
        return arm.order + arm.discount + arm.weight

    monkeypatch.setattr(audio_notes, "lowest", lowest)
    arms = chosen(base.model, found[:1], FEW)
    full, grams = arms[audio_notes.FULL_TUNING], arms[audio_notes.MIXED_GRAMS]
    assert isinstance(full, Tuning) and isinstance(grams, Grams)
    assert full.rate == max(audio_notes.FULL_RATES)
    assert full.seconds == FEW.long
    assert (grams.order, grams.discount, grams.weight) == (3, 0.5, 0.01)
    assert choices(grams) == {"order": 3, "discount": 0.5, "weight": 0.01}


def test_reached_and_bootstrap() -> None:
    curve = [(1.0, torch.tensor([3.0, 2.0])), (4.0, torch.tensor([1.0, 2.0]))]
    assert reached(curve, 2.0) == 4.0
    assert math.isnan(reached(curve, 1.0))
    value, low, high = bootstrap(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    assert low is not None and high is not None
    assert 1 <= low < value == 2.5 < high <= 4
    assert bootstrap(torch.tensor([2.0])) == (2.0, None, None)


@pytest.mark.slow
def test_the_tables_say_what_was_measured_and_what_was_not(
    base: Shipped, works: NotesWorks
) -> None:
    report = Report()
    assert audio_tables.arms(report) == audio_tables.NOTHING
    notes(report, base, works, replace(FEW, references=(1, 5), long=(0.0,)))
    table = audio_tables.arms(report)
    (base_row,) = (r for r in report.rows if (r.bench, r.arm, r.metric) == (BENCH, JOINT, NATS))
    assert f"| {JOINT} | {base_row.value:.3f} |" in table
    assert "2 reserved styles" in table
    assert "new composers (1)" in audio_tables.kinds(report)
    assert f"| {SHIPPED} |" in audio_tables.references(report)
    report.rows = [
        Row(bench=HEADLINE, arm=SHIPPED, metric="seconds to x", value=float("nan")),
        Row(bench=HEADLINE, arm=SHIPPED, metric=GAIN, value=0.1, low=0.0, high=0.2),
    ]
    assert "not reached" in audio_tables.headline(report)
    assert "+0.100 (+0.000 to +0.200)" in audio_tables.headline(report)


@pytest.mark.slow
def test_the_judge_knows_real_styles_and_copies_are_counted(
    base: Shipped, works: NotesWorks, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn")
    from engine.lab.bench import audio_style as style

    monkeypatch.setattr(composing, "shipped", lambda device: base)
    monkeypatch.setattr(style, "TREES", 20)
    monkeypatch.setattr(style, "BARS", 8)
    styles = style.styles_of(works, held=3, count=2)
    judge = style.Judge([each.known for each in styles])
    assert np.mean(judge.right(0, styles[0].known)) > 0.9
    for each in styles:
        heard = {score.notes.tobytes() for score in each.held}
        shown = {decode(row, common_key=False).notes.tobytes() for row in each.references}
        assert not heard & (shown | {score.notes.tobytes() for score in each.known})
    report = Report()
    style.identified(report, styles, base, each=1, every=2)
    shares = {row.arm: row.value for row in report.rows if row.metric == style.RIGHT}
    assert set(shares) == {style.REAL, style.THEIRS, style.WITH, style.WITHOUT}
    assert all(0 <= share <= 1 for share in shares.values())
    assert len([row for row in report.rows if row.bench == style.COPIES]) == 9
    assert style.REAL in audio_tables.identity(report)
    assert style.WITHOUT in audio_tables.copies(report)

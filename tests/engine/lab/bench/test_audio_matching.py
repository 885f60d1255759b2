"""What the matching network learns from, on made-up music; and what is counted of melodies."""

import json

import numpy as np
import pytest
import torch

from engine.lab.bench import audio_distributions as richness
from engine.lab.bench.audio_notes_matching import (
    asked_of,
    card,
    learn,
    mean_nats,
    nats,
    over_bars,
    start,
)
from engine.lab.bench.audio_notes_styles import Episode, Query
from engine.lab.bench.audio_tables import distributions as table
from engine.lab.bench.report import Report
from engine.media.audio.codec.abc import read_book
from engine.media.audio.generators.score.matching import Places, shipped_matching
from engine.media.audio.score_tokens import HEADER, VOCABULARY, decode, encode
from engine.media.audio.theory.grid import quantise
from engine.sequence.model import Transformer, TransformerConfig

ABC = "X:1\nM:4/4\nL:1/8\nK:C\n|:CDEF GAGE|FEDC D2E2|CDEF GAGE|FEDC C4:|\n"


def row_of(abc: str) -> tuple[int, ...]:
    return tuple(encode(quantise(read_book(abc.encode(), "x.abc").scores[0])).tolist())


@pytest.fixture(scope="module")
def model() -> Transformer:
    """One that finds all tokens about as likely."""
    torch.manual_seed(0)
    shape = TransformerConfig(
        vocabulary=VOCABULARY, layers=1, width=16, heads=2, hidden=16, context=400
    )
    return Transformer(shape).eval()


@pytest.fixture(scope="module")
def query() -> Query:
    row = row_of(ABC)
    return Query(row[:HEADER], row[HEADER:])


def test_what_stands_in_the_references_becomes_likelier(model, query) -> None:
    theirs = Places.of(row_of(ABC))
    parameters = start()
    known = asked_of(model, query, theirs)
    alone = asked_of(model, query, theirs, own=False)
    plain = sum(float(-torch.log(task.p).sum()) for task in known.tasks)
    assert nats(parameters, known).item() < plain
    assert nats(parameters, alone).item() < plain
    assert known.notes == 54


def test_a_place_never_sees_what_comes_after_it(model, query) -> None:
    """The work's own places count from when they are written."""
    for task in asked_of(model, query, None).tasks:
        assert not task.known.triu().any()


def test_learning_makes_queries_likelier_and_its_card_can_be_read(model, query, tmp_path) -> None:
    asked = [asked_of(model, query, Places.of(row_of(ABC)))]
    parameters, curve = learn(asked, asked, epochs=4)
    assert min(curve) < mean_nats(start(), asked)
    assert mean_nats(parameters, asked) == pytest.approx(min(curve))
    path = tmp_path / "matching.json"
    path.write_text(card(parameters, {"epochs": 4}))
    shipped_matching.cache_clear()
    read = shipped_matching(path)
    shipped_matching.cache_clear()
    assert np.allclose(read.weights, parameters["weights"].numpy(), atol=1e-4)
    assert np.allclose(read.relative, parameters["relative"].sigmoid().numpy(), atol=1e-4)
    assert json.loads(path.read_text())["epochs"] == 4


def test_the_arm_of_the_bench_counts_references_and_own_bars(model, query) -> None:
    episode = Episode("a style", True, False, (row_of(ABC),), (query,))
    (_, own), (_, both) = (over_bars(model, episode, 1, references=on)[0] for on in (False, True))
    assert both < own


def test_melodies_are_measured_as_they_are_heard() -> None:
    score = decode(row_of(ABC), common_key=False)
    found = {name: measure(score) for name, measure in richness.MEASURES.items()}
    assert found["notes"] == 54
    assert found["distinct pitches"] == 6
    assert found["motif return, % of bars"] == pytest.approx(100 * 5.5 / 8)
    assert found["phrase length, quarters"] == pytest.approx(32 / 6)
    assert 0 < found["repeated notes, %"] < 10


def test_a_table_of_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = [decode(row_of(ABC), common_key=False)]
    monkeypatch.setattr(richness, "composed", lambda *args, **more: scores)
    report = Report()
    sets = [richness.ReferenceSet("tunes", (row_of(ABC),))]
    richness.distributions(report, sets, None, each=1)  # pyright: ignore[reportArgumentType]
    inside = [row.value for row in report.rows if row.metric.endswith(richness.INSIDE)]
    assert inside and set(inside) == {100.0}
    assert "| distinct pitches | 6.00 (6.00 to 6.00) |" in table(report)
    assert len(richness.hornpipes().rows) == 5

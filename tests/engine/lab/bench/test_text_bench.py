"""The text bench measures what it says: episodes, arms, the n-gram model, the judge."""

import math

import numpy as np
import pytest
import torch

from engine.lab.bench.report import Report
from engine.lab.bench.text import tuned_arms, voices
from engine.lab.bench.text_arms import Tuning, as_shipped, in_context, n_grams, plain, remembering
from engine.lab.bench.text_authors import Episode, episodes
from engine.lab.training.corpus.sample import SAMPLE_FILE
from engine.lab.training.corpus.works import by_author, part_of, read_works
from engine.media.text.generators.recombining.kneser_ney import KneserNey
from engine.media.text.tokens import START, Tokens
from engine.meta.episodes import is_support
from engine.sequence.low_rank import plain_start
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer, TransformerConfig

SHUT = Gate(closed=-60.0, slope=0.0)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens.load()


@pytest.fixture(scope="module")
def model(tokens: Tokens) -> Transformer:
    torch.manual_seed(0)
    config = TransformerConfig(vocabulary=tokens.size, layers=1, width=16, heads=2, hidden=24)
    return Transformer(config).eval()


@pytest.fixture(scope="module")
def found(tokens: Tokens) -> list[Episode]:
    groups = by_author(read_works(SAMPLE_FILE), "reserved")
    return episodes(groups, tokens, authors=3, references=3, queries=2, room=400, seed=0)


def test_the_sample_holds_only_authors_that_were_never_trained_on() -> None:
    works = read_works(SAMPLE_FILE)
    parts = {part_of(work.author, work.spellings) for work in works}
    assert "reserved" in parts
    groups = by_author(works, "reserved")
    assert sum(group[0].language == "zh" for group in groups.values()) >= 100
    assert {"reserved", "validation"} >= {
        part_of(name, {s for w in group for s in w.spellings})
        for part in ("reserved", "validation")
        for name, group in by_author(works, part).items()
    }


def test_references_and_queries_share_no_work(found: list[Episode]) -> None:
    import hashlib

    assert len(found) == 3
    for episode in found:
        assert not set(episode.texts) & {q.text for q in episode.queries}
        for text in episode.texts:
            assert is_support(hashlib.sha256(text.encode()).hexdigest())
        assert episode.context(2)[0] == START
        assert len(episode.context(2)) < len(episode.context(3)) <= 400


def test_plain_nats_are_those_of_the_model(model: Transformer, found: list[Episode]) -> None:
    episode = found[0]
    total = 0.0
    for query in episode.queries:
        row = torch.tensor([[START, *query.head, *query.body]])
        with torch.no_grad():
            log_p = torch.log_softmax(model(row[:, :-1])[0], -1)
        first = 1 + len(query.head)
        total -= sum(float(log_p[i - 1, row[0, i]]) for i in range(first, row.shape[1]))
    expected = total / sum(q.characters for q in episode.queries)
    assert plain(model, episode, 3)[0][1] == pytest.approx(expected, rel=1e-4)


def test_a_shut_memory_changes_nothing(model: Transformer, found: list[Episode]) -> None:
    alone = in_context(model, found[0], 3)[0][1]
    assert remembering(model, found[0], 3, SHUT)[0][1] == pytest.approx(alone, rel=1e-4)


def test_fine_tuning_begins_at_the_joint_model(model: Transformer, found: list[Episode]) -> None:
    before = {k: t.clone() for k, t in model.state_dict().items()}
    for rank in (0, 4):
        points = Tuning(3e-3, (0, 8), rank=rank)(model, found[0], 3)
        assert points[0][1] == pytest.approx(plain(model, found[0], 3)[0][1], rel=1e-4)
        assert points[1][0] > points[0][0] == 0
    assert all(torch.equal(t, before[k]) for k, t in model.state_dict().items())


def test_what_ships_is_fitted_in_context(model: Transformer, found: list[Episode]) -> None:
    fitted = as_shipped(model, found[0], 3, SHUT, plain_start(model))[0]
    assert fitted[1] != in_context(model, found[0], 3)[0][1]
    assert fitted[0] > 0


def test_kneser_ney_shares_sum_to_one() -> None:
    rows = [[1, 2, 3, 1, 2, 4, 1, 2, 3], [3, 1, 2, 3, 4, 4]]
    grams = KneserNey(rows, 0.7, order=3)
    even = np.full(10, 0.1)
    for before in ([1, 2], [2, 3], [9, 9], [], [4]):
        each = [grams.share(before, token, 0.1) for token in range(10)]
        assert sum(each) == pytest.approx(1.0)
        assert grams.shares(before, even) == pytest.approx(each)
    assert grams.share([1, 2], 3, 0.1) > grams.share([1, 2], 4, 0.1) > 0.1 * 0.7
    assert (even == 0.1).all(), "the caller's shares stay as they are"


def test_n_grams_without_evidence_are_the_model(model: Transformer, found: list[Episode]) -> None:
    nearly = n_grams(model, found[0], 0, 0.9)[0][1]
    assert nearly == pytest.approx(plain(model, found[0], 0)[0][1], rel=1e-4)


@pytest.mark.slow
def test_the_report_has_every_arm(model: Transformer, found: list[Episode]) -> None:
    report = Report()
    voices(report, model, found[:1], found, (1, 3), (1,), plain_start(model))
    arms = {row.arm for row in report.rows}
    assert {"joint, no references", "references in context", "scratch"} <= arms
    assert {row.references for row in report.rows if row.arm == "references in context"} == {1, 3}
    assert all(row.value is None or math.isfinite(row.value) for row in report.rows)
    assert set(tuned_arms(model, found[:1], (1,))) <= arms


def test_the_judge_knows_real_authors() -> None:
    identity = pytest.importorskip("engine.lab.bench.text_identity")
    pytest.importorskip("sklearn")
    judge = identity.Judge([["春风春雨春花"] * 4, ["秋月秋霜秋水"] * 4])
    assert judge.right(0, ["春花春雨", "秋月秋水"]) == [1.0, 0.0]

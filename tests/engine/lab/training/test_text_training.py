"""Packing, measuring and resuming, on a corpus of a few lines and a model of a few numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.lab.bench import text_recurrent
from engine.lab.training.corpus.works import Work, by_author, part_of
from engine.lab.training.loop import OuterLoop, read_log, train_until
from engine.lab.training.sequence_eval import Probe, author_table, body_nats, figures
from engine.lab.training.sequence_gate import learn_gate
from engine.lab.training.sequence_start import pointwise_mutual_information, start_from_counts
from engine.lab.training.text import prepare, ship
from engine.lab.training.text_data import Library, learn_tokens
from engine.lab.training.text_eval import probes
from engine.media.text.tokens import START, WORK, Tokens, train_tokens
from engine.sequence.model import Transformer, TransformerConfig
from engine.sequence.weights import load_model

CHARACTERS = "春江花月夜白玉谁家郎回车渡天津看花东上陌惊动洛阳人"


def _works() -> list[Work]:
    rng = np.random.default_rng(0)
    works = []
    for name in (f"poet {i}" for i in range(120)):
        favourite = rng.choice(list(CHARACTERS), 6)
        for _ in range(12):
            line = "".join(rng.choice(favourite, 5)) + "，" + "".join(rng.choice(favourite, 5))
            works.append(Work("x", name, (name,), "zh", "五绝", "", "", line + "。"))
    return works


@pytest.fixture(scope="module")
def works() -> list[Work]:
    return _works()


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return train_tokens([CHARACTERS + "，。"], ["a few words"], size=400)


@pytest.fixture(scope="module")
def library(works: list[Work], tokens: Tokens) -> Library:
    return Library.of(by_author(works, "training"), tokens)


@pytest.fixture
def tiny(tokens: Tokens) -> TransformerConfig:
    return TransformerConfig(tokens.size, layers=1, width=16, heads=2, hidden=24, context=128)


def test_a_sequence_is_works_of_one_author_until_start(
    library: Library, works: list[Work], tokens: Tokens
) -> None:
    row = library.batch(seed=1, step=2, rank=0, count=1, length=128)[0]
    assert row[0] == START
    owners = {w.text: w.author for w in works}
    for section in np.split(row[1:], np.flatnonzero(row[1:] == START)):
        starts = np.flatnonzero(section == WORK)
        texts = [tokens.decode(part[4:]) for part in np.split(section, starts)[1:-1]]
        assert len({owners[t] for t in texts}) <= 1
        assert len(texts) == len(set(texts))


def test_a_batch_depends_on_seed_step_and_rank_alone(library: Library) -> None:
    first = library.batch(0, 3, 0, 2, 64)
    assert np.array_equal(first, library.batch(0, 3, 0, 2, 64))
    for other in ((1, 3, 0), (0, 4, 0), (0, 3, 1)):
        assert not np.array_equal(first, library.batch(*other, 2, 64))


def test_nothing_reserved_is_in_the_library(library: Library, tokens: Tokens) -> None:
    reserved = [w for w in _works() if part_of(w.author) == "reserved"]
    texts = {tokens.decode(library.work(i)[4:]) for i in range(len(library.starts) - 1)}
    assert reserved
    assert not texts & {w.text for w in reserved}


def test_the_same_works_are_scored_with_more_or_fewer_in_context(
    works: list[Work], tokens: Tokens, tiny: TransformerConfig
) -> None:
    torch.manual_seed(0)
    model = Transformer(tiny).eval()
    found = probes(
        by_author(works, "reserved"), tokens, authors=3, queries=2, context=128, numbers=(0, 1, 5)
    )
    assert len({p.author for p in found}) == 3
    for probe in found:
        assert [list(c).count(WORK) for c in probe.contexts] == [0, 1, 5]
        assert probe.units == 12
    probe = found[0]
    row = torch.tensor([[*probe.contexts[1], *probe.head, *probe.body]])
    with torch.no_grad():
        logs = model(row).log_softmax(-1)[0, :-1].gather(1, row[0, 1:, None])
    assert body_nats(model, probe, 1) == pytest.approx(
        -float(logs[-len(probe.body) :].sum()), rel=1e-4
    )
    result = figures(author_table(model, found))
    assert result["authors"] == 3
    assert result["0_works"]["gain"] == 0  # pyright: ignore[reportIndexIssue]


def test_the_start_knows_frequencies_and_neighbours() -> None:
    tokens = np.array([41, 42, 43, 41, 42, 43, 60] * 50)
    mutual = pointwise_mutual_information(tokens, 64)
    assert torch.equal(mutual, mutual.T)
    assert mutual[41, 42] > 0 == mutual[50, 51]
    model = Transformer(TransformerConfig(64, layers=1, width=16, heads=2, hidden=24, context=16))
    start_from_counts(model, tokens)
    assert model.bias[41] > model.bias[60] > model.bias[50]
    assert torch.isfinite(model.embedding.weight).all()


def test_tokens_are_learned_once_and_from_training_authors_alone(tmp_path: Path) -> None:
    names = [f"poet {i}" for i in range(200)]
    parts = {part_of(name): name for name in names}
    works = [
        Work("x", name, (name,), "zh", "古诗", "", "", text)
        for name, text in ((parts["training"], "江花"), (parts["reserved"], "月夜"))
    ]
    tokens = learn_tokens(works, tmp_path / "t" / "tokenizer.json")
    assert [len(tokens.encode(c)) == 1 for c in "江花月夜"] == [True, True, False, False]
    again = learn_tokens([], tmp_path / "t" / "tokenizer.json")
    assert again.tokenizer.to_str() == tokens.tokenizer.to_str()


def _run(loop: OuterLoop, until: int) -> dict[str, torch.Tensor]:
    loop.run(until)
    return {k: t.clone() for k, t in loop.learner.state_dict().items()}


def test_training_resumes_exactly_and_ships(
    library: Library, works: list[Work], tokens: Tokens, tiny: TransformerConfig, tmp_path: Path
) -> None:
    def loop(folder: str, resume: bool) -> OuterLoop:
        made = prepare(
            library, works, tokens, tmp_path / folder, resume=resume, config=tiny, seed=3
        )
        made.config = type(made.config)(
            steps=8, rate=3e-3, log_every=2, evaluate_every=4, checkpoint_every=4
        )
        return made

    whole = _run(loop("whole", False), 8)
    _run(loop("parts", False), 4)
    resumed = _run(loop("parts", True), 8)
    assert all(torch.equal(whole[k], resumed[k]) for k in whole)
    log = read_log(tmp_path / "whole/log.csv")
    assert log[-1]["held_out"] > 0

    path = tmp_path / "out.safetensors"
    card = ship(tmp_path / "whole", works, tokens, path, authors=4, config=tiny)
    assert card["steps"] == 8
    assert "zh" in card["reserved_authors"]  # pyright: ignore[reportOperatorIssue]
    assert load_model(path).config == tiny


def test_a_run_that_is_out_of_time_is_measured_all_the_same(
    library: Library, works: list[Work], tokens: Tokens, tiny: TransformerConfig, tmp_path: Path
) -> None:
    loop = prepare(library, works, tokens, tmp_path, resume=False, config=tiny)
    train_until(loop, ends=0.0)
    assert loop.step == 5
    assert (tmp_path / "best.safetensors").exists()
    assert read_log(tmp_path / "log.csv")[-1]["held_out"] > 0


def test_the_gate_opens_where_memory_helps() -> None:
    """References that repeat themselves are worth remembering, noise is not."""
    torch.manual_seed(0)
    model = Transformer(
        TransformerConfig(vocabulary=40, layers=1, width=16, heads=2, hidden=24, context=64)
    )
    verse = (5, 9, 7, 11, 6)

    def probe(body: tuple[int, ...]) -> Probe:
        return Probe("a", "zh", ((1, *verse * 6),), (), body, len(body))

    faithful = learn_gate(model, [probe(verse * 2)])
    noisy = learn_gate(model, [probe((21, 33, 25, 38, 29, 31))])
    assert float(faithful.closed) > float(noisy.closed)


def test_a_recurrent_arm_learns_beside_the_transformer(
    works: list[Work], tokens: Tokens, tiny: TransformerConfig, tmp_path: Path
) -> None:
    makers = {
        text_recurrent.ATTENDING: lambda: Transformer(replace(tiny, context=1024)),
        text_recurrent.RECURRENT: lambda: text_recurrent.Recurrent(tokens.size, 16, 24),
    }
    report = text_recurrent.run(works, works, tokens, makers, tmp_path, steps=1, authors=2)
    for arm in makers:
        rows = {(r.metric, r.references): r for r in report.rows if r.arm == f"{arm}, zh"}
        assert rows["nats a character", 5].value > 0
        assert rows["gain over none", 0].value == 0
        assert any(r.arm.startswith(f"{arm}, after 2048 tokens") for r in report.rows)


def test_two_networks_of_equal_size() -> None:
    with torch.device("meta"):
        sizes = [
            text_recurrent.parameters(model)
            for model in (Transformer(TransformerConfig()), text_recurrent.Recurrent())
        ]
    assert abs(sizes[1] / sizes[0] - 1) < 0.01

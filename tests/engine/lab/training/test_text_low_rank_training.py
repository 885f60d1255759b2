"""The low-rank steps learn where to begin and how far to go, on made-up authors."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.progress import finished
from engine.lab.training.loop import OuterLoop
from engine.lab.training.sequence_low_rank import FILL, prepare, ship, tasks_of
from engine.lab.training.text_data import Library
from engine.lab.training.text_low_rank import author
from engine.meta.errors import WrongCheckpointError
from engine.sequence.low_rank import fit, plain_start
from engine.sequence.model import Transformer, TransformerConfig
from engine.sequence.weights import load_start

VOCABULARY, WORKS, LENGTH = 40, 12, 60


@pytest.fixture(scope="module")
def library() -> Library:
    """Authors who say over and over a few words of their own."""
    rng = np.random.default_rng(0)
    rows = [
        rng.choice(10 + 6 * a + rng.permutation(6)[:3], LENGTH)
        for a in range(5)
        for _ in range(WORKS)
    ]
    starts = np.arange(0, LENGTH * len(rows) + 1, LENGTH)
    authors = {"zh": [np.arange(a * WORKS, (a + 1) * WORKS) for a in range(5)]}
    chances = {"zh": np.full(5, 0.2)}
    return Library(np.concatenate(rows).astype(np.uint16), starts, authors, chances)


@pytest.fixture
def model() -> Transformer:
    torch.manual_seed(0)
    return Transformer(
        TransformerConfig(vocabulary=VOCABULARY, layers=1, width=16, heads=2, hidden=16)
    )


def test_a_task_reads_references_and_asks_for_others_behind_them(library: Library) -> None:
    tasks = tasks_of(partial(author, library, 600), 0, 3, 0)
    again = tasks_of(partial(author, library, 600), 0, 3, 0)
    assert torch.equal(tasks.query_x, again.query_x)
    for context, whole in zip(tasks.support_x, tasks.query_x, strict=True):
        context, whole = context[context != FILL], whole[whole != FILL]
        assert torch.equal(whole[: len(context)], context)
        assert len(whole) >= len(context) + LENGTH
        assert len(context) >= 120


@pytest.mark.slow
def test_start_and_rates_are_learned_and_come_back_from_the_file(
    library: Library, model: Transformer, tmp_path: Path
) -> None:
    draw = partial(author, library, model.config.context)
    loop = prepare(model, draw, draw, tmp_path, resume=False)
    loop.config = replace(loop.config, steps=12, warmup_steps=1, rate=3e-2, evaluate_every=100)
    before = loop.held_out(loop.learner) if loop.held_out else 0.0
    loop.run()
    path = tmp_path / "low_rank.safetensors"
    ship(loop, path)
    assert isinstance(loop, OuterLoop) and loop.held_out is not None
    assert loop.held_out(loop.learner) < before - 0.005
    start = load_start(path)
    plain = plain_start(model)
    assert start.updates.keys() == plain.updates.keys()
    assert any(start.rates[k] != plain.rates[k] for k in start.rates)
    assert finished(fit(model, start, list(range(10, 40)) * 5)).keys() == plain.updates.keys()
    assert finished(fit(model, start, [10, 11])) == {}


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "low_rank.safetensors"
    with pytest.raises(WrongCheckpointError, match="no such file"):
        load_start(path)
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(WrongCheckpointError, match="no start"):
        load_start(path)

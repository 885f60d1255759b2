"""Meta-learning the adapters' start, on a tiny model and a handful of made works."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.progress import finished
from engine.lab.training.causal_adapters import (
    FILL,
    CausalLearner,
    Passages,
    filled,
    passage,
    prepare,
    ship,
    task,
)
from engine.lab.training.corpus.works import Work
from engine.media.text.generators.causal_lm.adapters import RATE, parted, read_start
from engine.media.text.generators.causal_lm.base import Base, load
from engine.media.text.generators.causal_lm.conversion import convert
from engine.media.text.generators.causal_lm.sources import model_at
from tests.engine.media.text.generators.causal_lm import tiny_models


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    place = tmp_path_factory.mktemp("base")
    finished(convert(model_at(tiny_models.gguf(place / "tiny.gguf")), place / "tiny"))
    return load(place / "tiny", torch.device("cpu"), torch.float32)


def works() -> list[Work]:
    """Of forty authors, so that training and validation both have some."""
    rng = np.random.default_rng(0)
    words = np.array(tiny_models.WORDS)
    return [
        Work("made", f"Author {a}", (f"Author {a}",), "en", "prose", "", "", text)
        for a in range(120)
        for text in (
            ", ".join(" ".join(rng.choice(words, 4)) for _ in range(8)) + "." for _ in range(9)
        )
    ]


def test_a_passage_is_some_clauses_in_a_row() -> None:
    text = "one, two; three. four: five, six."
    found = passage(text, 12, lined=True, rng=np.random.default_rng(1))
    assert all(line in text for line in found.split("\n"))
    assert passage(text, 1000, lined=False, rng=np.random.default_rng(0)) in text


def test_a_task_is_the_same_for_its_number(base: Base) -> None:
    passages = Passages(works(), "training")
    one, two = (task(base, passages, np.random.default_rng(4)) for _ in range(2))
    assert torch.equal(one.support_x, two.support_x)
    assert torch.equal(one.query_x, two.query_x)


def test_filling_up_changes_no_loss(base: Base) -> None:
    passages, learner = Passages(works(), "training"), CausalLearner(base)
    tasks = [task(base, passages, np.random.default_rng(k)) for k in range(2)]
    together = filled(tasks)
    assert (together.support_x == FILL).any() or (together.query_x == FILL).any()
    alone = torch.cat([learner.losses(each) for each in tasks])
    assert torch.allclose(learner.losses(together), alone, atol=1e-5)


@pytest.mark.parametrize("steps", [0, 2])
def test_outer_steps_move_start_and_rates_and_are_shipped(
    base: Base, tmp_path: Path, steps: int
) -> None:
    """Without inner steps the start alone, in all layers; the rates are those of the upper ones."""
    folder = tmp_path / "run"
    loop = prepare(base, works(), folder, resume=False, seed=0, ranks=None, steps=steps)
    learner = loop.learner
    assert isinstance(learner, CausalLearner)
    before = {name: tensor.detach().clone() for name, tensor in learner.start().items()}
    loop.run(2)
    moved = {n for n, t in learner.start().items() if not torch.equal(before[n], t)}
    assert {name.partition(".")[0] for name in moved} == {
        str(layer) for layer in range(base.decoder.shape.layers)
    }
    assert (folder / "checkpoint.safetensors").exists()
    ship(loop, tmp_path / "start.safetensors")
    start = read_start(tmp_path / "start.safetensors")
    assert start.learned
    assert start.updates.keys() == before.keys()
    assert start.rates.keys() == parted(start.updates, base.decoder)[0].keys()
    assert (set(start.rates.values()) == {RATE}) == (steps == 0)

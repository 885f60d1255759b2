"""Learners that adapt begin with the same body, and a head that favours no label."""

import pytest
import torch

from engine.lab.training import weights
from engine.lab.training.fewshot_recipes import RECIPES
from engine.lab.training.fewshot_start import BODY_OF, begin
from engine.lab.training.weights import load_weights, save_weights, weights_path
from engine.meta.errors import WrongCheckpointError
from engine.meta.networks import BodyAndHead, Conv4


def body_of(learner: torch.nn.Module) -> dict[str, torch.Tensor]:
    (body,) = [m for m in learner.modules() if isinstance(m, Conv4)]
    return body.state_dict()


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "WEIGHTS_FOLDER", tmp_path)
    torch.manual_seed(0)
    source = RECIPES[BODY_OF].make(5)
    save_weights(weights_path(BODY_OF, 5), dict(source.state_dict()), {})
    return body_of(source)


@pytest.mark.parametrize("name", [name for name in RECIPES if name not in (BODY_OF, "Relation")])
def test_a_learner_begins_with_the_shared_body(name, shipped):
    torch.manual_seed(1)
    learner = begin(name, 5)
    body = body_of(learner)
    assert body
    assert all(torch.equal(tensor, shipped[key]) for key, tensor in body.items())
    heads = [m.head for m in learner.modules() if isinstance(m, BodyAndHead)]
    assert all(not p.any() for head in heads for p in head.parameters())


def test_the_body_itself_begins_at_random_and_its_absence_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "WEIGHTS_FOLDER", tmp_path)
    begin(BODY_OF, 20)
    with pytest.raises(WrongCheckpointError, match="no such file"):
        begin("MAML", 5)


def test_weights_of_another_learner_and_damaged_ones_are_refused(tmp_path, shipped):
    path = weights_path(BODY_OF, 5)
    with pytest.raises(WrongCheckpointError, match="other names or shapes; choose"):
        load_weights(path, RECIPES["MAML"].make(5))
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(WrongCheckpointError, match="not those of the card"):
        load_weights(path, RECIPES[BODY_OF].make(5))
    path.with_suffix(".json").unlink()
    with pytest.raises(WrongCheckpointError, match="no safetensors file"):
        load_weights(path, RECIPES[BODY_OF].make(5))

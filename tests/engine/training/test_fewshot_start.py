"""Learners that adapt begin with the same body, and a head that favours no label."""

import pytest
import torch

from engine.meta.errors import WrongCheckpointError
from engine.meta.networks import BodyAndHead, Conv4
from engine.training import weights
from engine.training.fewshot_recipes import RECIPES
from engine.training.fewshot_start import BODY_OF, begin, take_body
from engine.training.weights import load_weights, save_weights, weights_path


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


@pytest.mark.parametrize("name", [name for name, recipe in RECIPES.items() if recipe.from_body])
def test_a_learner_begins_with_the_shared_body(name, shipped):
    torch.manual_seed(1)
    learner = begin(name, 5)
    body = body_of(learner)
    assert body
    assert all(torch.equal(tensor, shipped[key]) for key, tensor in body.items())
    heads = [m.head for m in learner.modules() if isinstance(m, BodyAndHead)]
    assert all(not p.any() for head in heads for p in head.parameters())


def test_a_gain_makes_the_features_so_many_times_larger():
    torch.manual_seed(1)
    source, plain, larger = (RECIPES[name].make(5) for name in (BODY_OF, "FOMAML", "FOMAML"))
    take_body(plain, source)
    take_body(larger, source, gain=3.0)
    x = torch.rand(4, 1, 28, 28)
    features = [m(x) for own in (plain, larger) for m in own.modules() if isinstance(m, Conv4)]
    torch.testing.assert_close(features[1], 3 * features[0])


def test_the_body_itself_begins_at_random_and_its_absence_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "WEIGHTS_FOLDER", tmp_path)
    begin(BODY_OF, 20)
    begin("Relation", 5)
    with pytest.raises(WrongCheckpointError, match="no such file"):
        begin("MAML", 5)


def test_weights_of_another_learner_and_damaged_ones_are_refused(tmp_path, shipped):
    path = weights_path(BODY_OF, 5)
    with pytest.raises(WrongCheckpointError, match="other names or shapes; choose"):
        load_weights(path, RECIPES["MAML"].make(5))
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(WrongCheckpointError, match="no safetensors file"):
        load_weights(path, RECIPES[BODY_OF].make(5))

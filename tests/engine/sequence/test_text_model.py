"""The Transformer: causal, the same with a cache as without, able to learn."""

import pytest
import torch
import torch.nn.functional as F

from engine.meta.errors import WrongCheckpointError
from engine.sequence.model import Transformer, TransformerConfig, rotary_angles, rotate
from engine.sequence.weights import load_model

TINY = TransformerConfig(vocabulary=50, layers=2, width=32, heads=2, hidden=48, context=24)


@pytest.fixture
def model() -> Transformer:
    torch.manual_seed(0)
    model = Transformer(TINY).eval()
    for parameter in model.parameters():  # larger than at the start, so that every part is felt
        if parameter.dim() == 2:
            parameter.data.mul_(8)
    return model


def test_shapes_and_the_default_size() -> None:
    assert Transformer(TINY)(torch.zeros(3, 7, dtype=torch.int64)).shape == (3, 7, 50)
    assert 6e6 < sum(p.numel() for p in Transformer().parameters()) < 8e6


def test_no_gradient_flows_from_a_prediction_to_later_tokens(model: Transformer) -> None:
    tokens = torch.arange(10)[None]
    embedded: list[torch.Tensor] = []

    def keep(module: torch.nn.Module, inputs: tuple, output: torch.Tensor) -> torch.Tensor:
        embedded.append(output.detach().requires_grad_())
        return embedded[-1]

    handle = model.embedding.register_forward_hook(keep)
    model(tokens)[0, 4].square().sum().backward()
    handle.remove()
    assert embedded[0].grad is not None
    felt = embedded[0].grad[0].abs().sum(-1)  # (T,)
    assert (felt[:5] > 0).all()
    assert (felt[5:] == 0).all()


@pytest.mark.parametrize("cuts", [[1] * 12, [5, 7], [1, 10, 1], [12]])
def test_streaming_equals_batch(model: Transformer, cuts: list[int]) -> None:
    tokens = torch.randint(50, (2, 12), generator=torch.Generator().manual_seed(1))
    cache, parts, position = model.cache(), [], 0
    for length in cuts:
        parts.append(model(tokens[:, position : position + length], cache))
        position += length
    assert cache.length == 12
    torch.testing.assert_close(torch.cat(parts, 1), model(tokens), rtol=1e-4, atol=1e-4)


def test_one_cache_serves_several_works(model: Transformer) -> None:
    references, next_tokens = torch.arange(6)[None], torch.tensor([[7], [8], [9]])
    cache = model.cache()
    model(references, cache)
    drawn = model(next_tokens, cache.shared())
    for i in range(3):
        whole = torch.cat([references, next_tokens[i : i + 1]], 1)
        torch.testing.assert_close(drawn[i], model(whole)[0, -1:], rtol=1e-4, atol=1e-4)
    assert cache.length == 6


def test_rotary_scores_depend_on_distance_alone() -> None:
    angles = rotary_angles(20, 8)
    turns = torch.stack([angles.cos(), angles.sin()])
    q, k = torch.randn(2, 8, generator=torch.Generator().manual_seed(2))

    def score(at: int, to: int) -> torch.Tensor:
        return (
            rotate(q.view(1, 1, 1, 8), turns[:, at : at + 1])
            * rotate(k.view(1, 1, 1, 8), turns[:, to : to + 1])
        ).sum()

    torch.testing.assert_close(score(9, 4), score(17, 12))
    torch.testing.assert_close(score(3, 3), (q * k).sum())


def test_beyond_the_context_is_refused(model: Transformer) -> None:
    cache = model.cache()
    model(torch.zeros(1, 20, dtype=torch.int64), cache)
    with pytest.raises(ValueError, match="25 tokens"):
        model(torch.zeros(1, 5, dtype=torch.int64), cache)


def test_it_learns_to_repeat(model: Transformer) -> None:
    model = Transformer(TINY)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    row = torch.arange(1, 21)[None]
    losses = []
    for _ in range(60):
        loss = F.cross_entropy(model(row[:, :-1])[0], row[0, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 < losses[0]


def test_missing_or_foreign_weights_are_refused(tmp_path) -> None:
    with pytest.raises(WrongCheckpointError, match="missing"):
        load_model(tmp_path / "none.safetensors")
    (tmp_path / "w.json").write_text('{"config": {"wings": 2}}')
    (tmp_path / "w.safetensors").write_bytes(b"no weights")
    with pytest.raises(WrongCheckpointError, match="no such model"):
        load_model(tmp_path / "w.safetensors")

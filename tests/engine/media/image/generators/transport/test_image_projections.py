"""Filters and quantile tables, against numpy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from engine.media.image.generators.transport.projections import (
    FILTERS,
    PATCH_DIM,
    SETS,
    at_ranks,
    filter_bank,
    mix,
    sample_patches,
)
from engine.media.image.generators.transport.sorting import ascending, order
from tests.engine.handmade import painting


def table_of(values: torch.Tensor, count: int) -> torch.Tensor:
    return at_ranks(values.sort(dim=-1).values, count)


def ranks(count: int) -> np.ndarray:
    return (np.arange(count) + 0.5) / count


def test_filters_are_orthonormal_and_always_the_same() -> None:
    bank = filter_bank()
    assert bank.shape == (SETS, FILTERS, 3, 7, 7)
    rows = bank.flatten(2)
    gram = rows @ rows.transpose(1, 2)
    torch.testing.assert_close(gram, torch.eye(FILTERS).expand_as(gram), atol=2e-3, rtol=0)
    assert torch.equal(bank, filter_bank())
    assert torch.equal(bank, bank.half().float()), "a style keeps the bank as it is"


@settings(deadline=None, max_examples=25)
@given(source=st.integers(2, 60), wanted=st.integers(1, 150), seed=st.integers(0, 10_000))
def test_at_ranks_is_numpys_interpolation(source: int, wanted: int, seed: int) -> None:
    values = np.sort(np.random.default_rng(seed).normal(size=(2, 3, source)), -1)
    ours = at_ranks(torch.from_numpy(values), wanted)
    assert ours.shape == (2, 3, wanted)
    for a in range(2):
        for b in range(3):
            theirs = np.interp(ranks(wanted), ranks(source), values[a, b])
            np.testing.assert_allclose(ours[a, b].numpy(), theirs, atol=1e-9)


def test_at_ranks_keeps_a_table_of_the_same_length() -> None:
    values = torch.randn(4, 33).sort(-1).values
    torch.testing.assert_close(at_ranks(values, 33), values)


@pytest.mark.parametrize("weights", [[1.0, 1.0, 1.0], [0.2, 5.0, 1e-3]])
def test_a_mixture_of_equal_tables_is_the_table(weights: list[float]) -> None:
    table = torch.randn(5, 64, generator=torch.Generator().manual_seed(1)).sort(-1).values
    mixed = mix(table.expand(3, -1, -1), torch.tensor(weights))
    largest_gap = table.diff(dim=-1).max().item()
    assert (mixed - table).abs().max().item() <= largest_gap / 2 + 1e-6


def test_one_table_alone_is_left_as_it_is() -> None:
    table = torch.randn(1, 4, 32).sort(-1).values
    assert torch.equal(mix(table, torch.tensor([0.3])), table[0])


def test_a_mixture_has_the_quantiles_of_the_pooled_samples() -> None:
    random = np.random.default_rng(3)
    low, high = random.normal(-1, 0.5, 30_000), random.normal(1.5, 1, 10_000)
    tables = torch.stack([table_of(torch.from_numpy(v)[None], 128) for v in (low, high)])
    mixed = mix(tables, torch.tensor([0.75, 0.25], dtype=torch.float64))
    pooled = np.quantile(np.concatenate([low, high]), ranks(128))
    inner = slice(2, -2)  # the outermost quantiles of a normal distribution are noise
    np.testing.assert_allclose(mixed[0].numpy()[inner], pooled[inner], atol=0.03)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), share=st.floats(0.01, 0.99))
def test_a_mixture_rises_and_stays_within_its_parts(seed: int, share: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    tables = torch.randn(2, 3, 32, generator=generator) * torch.tensor([1.0, 3.0])[:, None, None]
    tables = tables.sort(-1).values
    mixed = mix(tables, torch.tensor([share, 1 - share]))
    assert (mixed.diff(dim=-1) >= 0).all()
    assert (mixed >= tables.amin((0, 2))[:, None]).all()
    assert (mixed <= tables.amax((0, 2))[:, None]).all()


def test_the_share_of_a_mixture_is_its_mass() -> None:
    apart = torch.stack([torch.zeros(1, 100), torch.ones(1, 100)])
    mixed = mix(apart, torch.tensor([0.7, 0.3]))
    assert 29 <= int((mixed > 0.5).sum()) <= 31


def test_all_patches_are_taken_where_they_are_few() -> None:
    picture = painting(9, 8)
    patches = sample_patches(picture, 100, seed=0)
    assert patches.shape == (6, PATCH_DIM)
    torch.testing.assert_close(patches[0], picture[:, :7, :7].flatten())
    torch.testing.assert_close(patches[5], picture[:, 2:9, 1:8].flatten())


def test_a_sample_has_no_patch_twice_and_follows_its_seed() -> None:
    picture = torch.rand(3, 20, 20)
    first = sample_patches(picture, 50, seed=1)
    assert first.shape == (50, PATCH_DIM)
    assert len({tuple(row.tolist()) for row in first}) == 50
    assert torch.equal(first, sample_patches(picture, 50, seed=1))
    assert not torch.equal(first, sample_patches(picture, 50, seed=2))


def test_sorting_is_torchs() -> None:
    values = torch.randn(3, 5, 40)
    assert torch.equal(ascending(values), values.sort(-1).values)
    assert torch.equal(values.gather(-1, order(values)), values.sort(-1).values)

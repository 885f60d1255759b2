"""Which drafts of a work go on: weights, moves, and the cache that follows them."""

import numpy as np
import pytest
import torch

from engine.media.text.generators.maquette_lm.particles import ROWS, particles_of
from engine.sequence.cache import KeyValueCache, LayerCache
from engine.sequence.model import Transformer, TransformerConfig
from engine.sequence.particles import MIN_EFFECTIVE, replacements


def test_equal_drafts_all_go_on() -> None:
    assert replacements(np.full(8, -3.0), np.random.default_rng(0)) == []
    assert replacements(np.array([0.0, -1.0, 0.0, 0.0]), np.random.default_rng(0)) == []


def test_one_that_counts_replaces_all_others() -> None:
    found = replacements(np.array([-50.0, 0.0, -40.0, -60.0]), np.random.default_rng(0))
    assert sorted(found) == [(0, 1), (2, 1), (3, 1)]


def test_on_average_a_draft_is_copied_by_its_share() -> None:
    """Systematic resampling is unbiased: the expected number of copies is D times the share."""
    weights = np.log([0.6, 0.3, 0.06, 0.04])
    assert 1 / np.square(np.exp(weights)).sum() < MIN_EFFECTIVE * 4 + 0.2
    weights = np.log([0.75, 0.15, 0.06, 0.04])
    counts, runs = np.zeros(4), 2000
    rng = np.random.default_rng(1)
    for _ in range(runs):
        place = np.arange(4)
        for to, source in replacements(weights, rng):
            place[to] = source
        counts += np.bincount(place, minlength=4)
    assert counts / runs == pytest.approx(4 * np.exp(weights), abs=0.08)


def test_every_form_fills_the_lanes_evenly() -> None:
    assert {ROWS % particles_of(form) for form in ("sonnet", "五绝", "水调歌头", "prose", "")} == {
        0
    }


def test_a_cache_that_is_taken_in_another_order_goes_on_as_the_others_did() -> None:
    torch.manual_seed(0)
    model = Transformer(
        TransformerConfig(vocabulary=30, layers=2, width=16, heads=2, hidden=16)
    ).eval()
    with torch.inference_mode():
        read = model.cache()
        model.states(torch.tensor([[1, 2, 3]]), read)
        own = read.shared()
        model.states(torch.tensor([[4], [5], [6]]), own)
        own.reorder(torch.tensor([2, 2, 0]))
        found = model.states(torch.tensor([[7], [7], [7]]), own)
        rows = torch.tensor([[1, 2, 3, 6, 7], [1, 2, 3, 6, 7], [1, 2, 3, 4, 7]])
        wanted = model.states(rows)[:, -1:]
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)
    KeyValueCache([LayerCache()]).reorder(torch.tensor([0]))  # nothing read yet: nothing to do

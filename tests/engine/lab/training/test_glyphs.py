"""The glyph corpus on eight made-up characters; the shipped set is looked at, not learned."""

import numpy as np
import pytest
import torch

from engine.lab.training.fewshot import GlyphTasks, evaluate
from engine.lab.training.fewshot_recipes import RECIPES
from engine.lab.training.glyph_drawing import jitter
from engine.lab.training.glyphs import RESERVED_FILE, CorpusMissingError, GlyphSet, split_validation
from engine.meta.episodes import is_reserved


@pytest.fixture
def corpus() -> GlyphSet:
    rng = np.random.default_rng(0)
    rows = []
    for script in ("Greek", "Thai"):
        for character in range(4):
            clean = np.kron(rng.integers(0, 2, (7, 7)), np.full((4, 4), 255)).astype(np.uint8)
            for face in range(7):
                name = f"{script}/U+{character:04X}"
                rows.append((name, f"face {face}", jitter(clean, f"{name} {face}")))
    return GlyphSet.from_rows(rows)


def test_a_corpus_survives_its_file(corpus, tmp_path):
    corpus.save(tmp_path / "glyphs.npz")
    again = GlyphSet.load(tmp_path / "glyphs.npz")
    assert again.names == corpus.names
    assert again.faces == corpus.faces
    assert np.array_equal(again.images, corpus.images)
    assert again.keep(["Thai"]).scripts() == ("Thai",)
    with pytest.raises(CorpusMissingError, match="glyph_recipe"):
        GlyphSet.load(tmp_path / "none.npz")


def test_jitter_is_decided_by_its_key(corpus):
    image = corpus.images[0]
    assert np.array_equal(jitter(image, "a"), jitter(image, "a"))
    assert not np.array_equal(jitter(image, "a"), jitter(image, "b"))


def test_turned_classes_are_turned_alike_in_support_and_query(corpus):
    tasks = GlyphTasks.of(corpus)
    sampler = tasks.sampler(4, 2, 2, 0)
    turned = tasks.batch(sampler, 0, 3, 0, 1)
    plain = GlyphTasks.of(corpus, turns=False).batch(sampler, 0, 3, 0, 1)
    for b in range(3):
        for way in range(4):
            support, query = turned.support_y[b] == way, turned.query_y[b] == way
            pairs = [
                (plain.support_x[b][support], turned.support_x[b][support]),
                (plain.query_x[b][query], turned.query_x[b][query]),
            ]
            same = [
                all(torch.equal(torch.rot90(old, k, (-2, -1)), new) for old, new in pairs)
                for k in range(4)
            ]
            assert any(same)


def test_the_support_comes_in_an_order_that_tells_no_label(corpus):
    tasks = GlyphTasks.of(corpus, turns=False)
    sampler = tasks.sampler(4, 2, 2, 0)
    batch, again = tasks.batch(sampler, 0, 6, 0, 1), tasks.batch(sampler, 0, 6, 0, 1)
    ordered = torch.arange(4).repeat_interleave(2)
    assert torch.equal(batch.support_y, again.support_y)
    assert not any(torch.equal(labels, ordered) for labels in batch.support_y)
    assert len({tuple(labels.tolist()) for labels in batch.support_y}) > 1
    for b, episode in enumerate(sampler.episodes(0, 6)):
        for way, works in enumerate(episode.support):
            drawn = batch.support_x[b][batch.support_y[b] == way]
            wanted = tasks.pixels[list(works)]
            assert sorted(drawn.sum((1, 2, 3)).tolist()) == sorted(wanted.sum((1, 2, 3)).tolist())


def test_accuracy_is_counted_an_episode(corpus):
    torch.manual_seed(0)
    scores = evaluate(
        RECIPES["Prototypical"].make(4), GlyphTasks.of(corpus, turns=False),
        ways=4, shots=5, queries=2, episodes=15, seed=0,
    )  # fmt: skip
    assert scores.shape == (15,)
    assert scores.mean() > 0.5  # even an untrained encoder tells random patterns apart


def test_the_shipped_set_holds_reserved_alphabets_alone():
    shipped = GlyphSet.load(RESERVED_FILE)
    assert all(is_reserved(script) for script in shipped.scripts())
    assert min(len(works) for works in shipped.works().values()) >= 7
    assert RESERVED_FILE.stat().st_size < 2_000_000
    training, watching = split_validation(["Greek", "Malayalam"])
    assert (training, watching) == (["Greek"], ["Malayalam"])

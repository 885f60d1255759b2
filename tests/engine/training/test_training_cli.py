"""The trainer's one entry: targets, refusals, and a short run that ships its weights."""

import numpy as np
import pytest

from engine.training import cli, fewshot, weights
from engine.training.cli import UnknownTargetError, run
from engine.training.glyphs import CorpusMissingError, GlyphSet


def test_an_unknown_target_is_refused_with_the_names_that_exist(tmp_path):
    with pytest.raises(UnknownTargetError, match="glyphs/NAME with a name among MAML"):
        run("glyphs/MOML", 1.0, False, folder=tmp_path)


def test_a_missing_corpus_says_how_to_build_it(tmp_path, monkeypatch):
    monkeypatch.setattr(fewshot, "TRAINING_FILE", tmp_path / "none.npz")
    with pytest.raises(CorpusMissingError, match=r"engine\.training\.glyph_recipe"):
        run("glyphs/MAML", 0.001, False, folder=tmp_path)


def test_a_short_run_ships_weights_and_can_be_resumed(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    rows = [
        (f"{script}/{character}", f"face {face}", rng.integers(0, 255, (28, 28)).astype(np.uint8))
        for script in ("Greek", "Malayalam")
        for character in range(20)
        for face in range(8)
    ]
    GlyphSet.from_rows(rows).save(tmp_path / "training.npz")
    monkeypatch.setattr(fewshot, "TRAINING_FILE", tmp_path / "training.npz")
    monkeypatch.setattr(weights, "WEIGHTS_FOLDER", tmp_path / "weights")
    monkeypatch.setattr(cli, "WAYS", (5,))
    run("glyphs/ANIL", 0.0, False, folder=tmp_path / "runs")
    first = (tmp_path / "weights" / "anil-5-way.safetensors").read_bytes()
    assert (tmp_path / "weights" / "anil-5-way.json").exists()
    run("glyphs/ANIL", 0.0, True, folder=tmp_path / "runs")  # done already: nothing moves
    assert (tmp_path / "weights" / "anil-5-way.safetensors").read_bytes() == first

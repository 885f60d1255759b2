"""The trainer's one entry: targets, refusals, and a short run that ships its weights."""

import json
from dataclasses import replace

import numpy as np
import pytest

from engine.lab.training import cli, fewshot, sinusoid, weights
from engine.lab.training.cli import UnknownTargetError, run
from engine.lab.training.fewshot_recipes import RECIPES
from engine.lab.training.glyphs import CorpusMissingError, GlyphSet


def test_an_unknown_target_is_refused_with_the_names_that_exist(tmp_path):
    with pytest.raises(UnknownTargetError, match="glyphs/NAME with a name among MAML"):
        run("glyphs/MOML", 1.0, False, folder=tmp_path)


def test_a_missing_corpus_says_how_to_build_it(tmp_path, monkeypatch):
    monkeypatch.setattr(fewshot, "TRAINING_FILE", tmp_path / "none.npz")
    with pytest.raises(CorpusMissingError, match=r"engine\.lab\.training\.glyph_recipe"):
        run("glyphs/MAML", 0.001, False, folder=tmp_path)


@pytest.mark.slow
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
    body = RECIPES["Prototypical"].make(5)
    weights.save_weights(weights.weights_path("Prototypical", 5), dict(body.state_dict()), {})
    run("glyphs/ANIL", 0.0, False, folder=tmp_path / "runs")
    first = (tmp_path / "weights" / "anil-5-way.safetensors").read_bytes()
    card = json.loads((tmp_path / "weights" / "anil-5-way.json").read_text(encoding="utf-8"))
    assert card["started_from"] == "the body of Prototypical"
    run("glyphs/ANIL", 0.0, True, folder=tmp_path / "runs")  # done already: nothing moves
    assert (tmp_path / "weights" / "anil-5-way.safetensors").read_bytes() == first


def test_the_sinusoid_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(sinusoid, "WEIGHTS_FOLDER", tmp_path / "weights")
    short = {name: replace(r, steps=4, waves=2) for name, r in sinusoid.TOY_RECIPES.items()}
    monkeypatch.setattr(sinusoid, "TOY_RECIPES", short)
    run("sinusoid", None, False, folder=tmp_path / "runs")
    first = sinusoid.toy_path("MAML").read_bytes()
    longer = {name: replace(r, steps=6) for name, r in short.items()}
    monkeypatch.setattr(sinusoid, "TOY_RECIPES", longer)
    run("sinusoid", None, True, folder=tmp_path / "runs")  # two steps more, not six
    log = (tmp_path / "runs" / "sinusoid" / "MAML" / "log.csv").read_text(encoding="utf-8")
    assert [line.partition(",")[0] for line in log.splitlines()] == ["step", "4", "6"]
    assert sinusoid.toy_path("MAML").read_bytes() != first


def test_the_body_that_the_others_begin_with_is_trained_first():
    assert cli._jobs("glyphs")[0] == ("Prototypical", 20)

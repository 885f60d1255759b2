"""What is derived from a model stands under its licence, and says so wherever it goes."""

import json
from pathlib import Path

import pytest
import torch

from engine.__main__ import main
from engine.core.assets import asset
from engine.core.progress import finished
from engine.media.text.generators.causal_lm import model_jobs
from engine.media.text.generators.causal_lm.adapters import STARTS_FOLDER, plain_start
from engine.media.text.generators.causal_lm.base import load
from engine.media.text.generators.causal_lm.generator import CausalLm
from engine.media.text.generators.causal_lm.models import add
from engine.media.text.generators.causal_lm.style import CausalStyle, adapt, blend
from engine.media.text.generators.causal_lm.terms import GEMMA, title_of
from engine.protocol import ModelsRequest, ModelsResult
from engine.service import Service
from tests.engine.media.text.generators.causal_lm import tiny_models

CPU = torch.device("cpu")
TEXTS = ("the sea keeps its light.", "rain and the door.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("models")
    path = tiny_models.gguf(place / "tiny.gguf", **{"general.license": "gemma"})
    finished(add(path, place))
    return place


def test_a_style_carries_the_notice_and_tells_the_licence(folder: Path) -> None:
    base = load(folder / "tiny-gemma", CPU, torch.float32)
    style = finished(adapt(TEXTS, (1.0, 1.0), base, plain_start(base.decoder), seconds=0.0))
    again = CausalStyle.of_tensors(style.tensors())
    assert blend([again, style], [0.5, 0.5]).notice == GEMMA.notice
    facts = CausalLm(CPU, folder).facts(style.tensors())
    assert (facts.model, facts.licence) == ("Tiny Gemma", "Gemma Terms of Use")
    gone = CausalLm(CPU, folder / "nowhere").facts(style.tensors())
    assert gone.licence == "Gemma Terms of Use"  # told even where the model is gone


def test_the_page_of_models_gets_the_terms(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_jobs, "has_learned_start", lambda digest: True)
    monkeypatch.setenv("MAQUETTE_MODELS", str(folder))
    last = [*Service(CPU).run(ModelsRequest(job_id="m"))][-1]
    assert isinstance(last, ModelsResult)
    (model,) = last.models
    assert model.licence == "Gemma Terms of Use"
    assert model.terms.startswith(GEMMA.notice)
    assert "Section 3: DISTRIBUTION AND RESTRICTIONS" in model.terms
    assert "derived" in model.remarks


def test_the_command_line_prints_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "terms", "tiny-gemma", "--folder", str(folder)]) == 0
    assert GEMMA.notice in capsys.readouterr().out
    assert main(["models", "list", "--folder", str(folder)]) == 0
    assert "Gemma Terms of Use" in capsys.readouterr().out
    assert main(["models", "terms", "other", "--folder", str(folder)]) == 2


def test_adapters_that_ship_name_the_terms_they_stand_under() -> None:
    cards = sorted(asset(STARTS_FOLDER).glob("*.json"))
    assert cards
    for card in cards:
        about = json.loads(card.read_text(encoding="utf-8"))
        assert about["licence"].startswith(GEMMA.title)
        assert about["notice"] == GEMMA.notice
    assert title_of("?") == ""

"""The bench over a base: its sets, and its rows on a tiny model."""

from pathlib import Path

import pytest
import torch

from engine.core.progress import finished
from engine.lab.bench.report import Report
from engine.lab.bench.text_causal import identify, measure, run
from engine.lab.training.modern_sets import modern_voices, sets_of
from engine.media.text.generators.causal_lm.base import Base, load
from engine.media.text.generators.causal_lm.conversion import convert
from engine.media.text.generators.causal_lm.sources import model_at
from tests.engine.media.text.generators.causal_lm import tiny_models


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    place = tmp_path_factory.mktemp("base")
    finished(convert(model_at(tiny_models.gguf(place / "tiny.gguf")), place / "tiny"))
    return load(place / "tiny", torch.device("cpu"), torch.float32)


def test_the_sets_are_whole() -> None:
    sets = sets_of()
    assert len(sets) == 15
    assert len(sets_of(part="development")) == 4
    assert len(modern_voices("asked", "zh")) == 5
    assert {texts.language for texts in sets} == {"en", "zh"}
    assert all(len(texts.references) == 5 and len(texts.queries) == 3 for texts in sets)


def test_every_arm_has_its_rows(base: Base, tmp_path: Path) -> None:
    report = Report()
    measure(report, base, sets_of()[:1])
    identify(report, base, sets_of()[:2])
    arms = [row.arm for row in report.rows if row.metric == "nats a character"]
    assert [arm.split(",")[0] for arm in arms] == [
        "as it is",
        "in context",
        "in context + LoRA's own start",
    ]
    assert all(row.value > 0 for row in report.rows if row.metric == "nats a character")
    (found,) = [row for row in report.rows if row.metric == "identified"]
    assert found.styles == 6


def test_without_a_model_there_is_nothing_to_report() -> None:
    assert run(quick=True).rows == []

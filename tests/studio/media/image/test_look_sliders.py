"""The LoRA files that were added, a slider each, beside what a picture shows."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from engine.media.image.generators.diffusion import INFO
from engine.protocol import ModelInfo, ModelsResult, PictureBrief
from studio.media.image.look_sliders import shares_of
from studio.media.image.prompt_fields import PromptFields
from studio.state.models import Models
from tests.studio.conftest import SessionMaker

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
INK = ModelInfo(
    id="ink",
    name="Ink",
    family="Stable Diffusion 1.5",
    licence="",
    parameters=1,
    bytes=1,
    source="",
    memory_bytes=1,
    medium="image",
    kind="low_rank",
)


@pytest.fixture
def models(make_session: SessionMaker) -> Models:
    return make_session().models


def arrived(models: Models, *there: ModelInfo) -> None:
    models.result = ModelsResult(job_id="", models=there, offers=(), folder="", free_memory_bytes=1)
    models.changed.emit()


def test_each_lora_file_has_a_slider_for_its_share(qtbot: QtBot, models: Models) -> None:
    fields = PromptFields(models)
    qtbot.addWidget(fields)
    edits: list[dict] = []
    fields.edited.connect(edits.append)
    arrived(models, INK, replace(INK, id="brush", name="Brush"), replace(INK, kind="model", id="m"))
    fields.serve(INFO)
    fields.show_brief(PictureBrief(looks=("brush:0.4",)))
    assert list(fields.looks.sliders) == ["ink", "brush"]
    assert not fields.looks.isHidden()
    assert [each.value() for each in fields.looks.sliders.values()] == [0, 40]
    fields.looks.sliders["ink"].slider.setValue(80)
    fields.looks.sliders["ink"].settled.emit(80)
    assert edits[-1] == {"looks": ("ink:0.8", "brush:0.4")}
    fields.show_brief(PictureBrief(looks=("ink:0.8", "brush:0.4")))
    fields.looks.sliders["brush"].settled.emit(0)
    assert edits[-1] == {"looks": ("ink:0.8",)}


def test_a_file_that_is_gone_can_be_taken_out(qtbot: QtBot, models: Models) -> None:
    fields = PromptFields(models)
    qtbot.addWidget(fields)
    edits: list[dict] = []
    fields.edited.connect(edits.append)
    arrived(models, replace(INK, gone=True))
    fields.serve(INFO)
    assert fields.looks.is_empty
    fields.show_brief(PictureBrief(looks=("ink",)))
    slider = fields.looks.sliders["ink"]
    assert slider.value() == 100
    assert "not among your models" in slider.slider.accessibleName()
    slider.settled.emit(0)
    assert edits == [{"looks": ()}]


def test_how_things_stand_is_asked_once_when_a_style_reads_them(
    qtbot: QtBot, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(models, "refresh", lambda: asked.append(True))
    fields = PromptFields(models)
    qtbot.addWidget(fields)
    fields.serve(None)
    assert asked == []
    fields.serve(INFO)
    assert asked == [True]
    arrived(models)
    fields.serve(INFO)
    assert asked == [True]


def test_shares_are_read_as_they_are_written() -> None:
    assert shares_of(("ink:0.8", "brush", "old:-1")) == {"ink": 0.8, "brush": 1.0, "old": -1.0}

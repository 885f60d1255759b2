"""The window asks for what the style's generator serves, and for nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from engine.protocol import (
    GenerateRequest,
    GeneratorInfo,
    Medium,
    MusicBrief,
    Named,
    PictureBrief,
    TextBrief,
    Use,
)
from studio.media.registry import MEDIA
from studio.state.adaptation import StyleState
from studio.state.medium import by_medium
from studio.views.main_window import MainWindow
from tests.studio.at_work import CONTROL
from tests.studio.windows import (
    drop,
    files,
    music_fields,
    picture_fields,
    text_fields,
)

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
NAME = Named(english="A small one", chinese="小生成器")
RULES = by_medium([entry.rules for entry in MEDIA])


def info(medium: Medium, *fields: str, **more: Any) -> GeneratorInfo:
    return GeneratorInfo(id="small", version=1, medium=medium, name=NAME, fields=fields, **more)


def learn(qtbot: QtBot, window: MainWindow, *paths: Path) -> None:
    drop(window, files(*paths))
    adaptation = window.session.adaptation
    qtbot.waitUntil(lambda: adaptation.state is StyleState.READY, timeout=20_000)


def is_offered(box: QComboBox, place: int) -> bool:
    model = box.model()
    return bool(model.flags(model.index(place, 0)) & Qt.ItemFlag.ItemIsEnabled)


def test_all_is_offered_until_a_style_stands_then_what_its_generator_serves(
    qtbot: QtBot, make_window, pictures: list[Path]
) -> None:
    window = make_window("toy")
    fields, brief = picture_fields(window), window.brief
    brief._folds[Medium.IMAGE].head.setChecked(True)
    rest = fields.rest
    shown = (fields.size_box, brief.counts, brief.seed, rest.width_px)
    hidden = (fields.start, *fields.sliders.values(), brief.follow, rest.detail, rest.tile)
    hidden += (rest.brush, rest.symmetry, rest.palette_fields, rest.colours, rest.variation)
    qtbot.waitUntil(lambda: all(part.isVisible() for part in (*shown, *hidden)), timeout=20_000)
    learn(qtbot, window, *pictures)
    assert window.session.capabilities.generator is not None
    for part in shown:
        assert part.isVisible()
    for part in hidden:
        assert not part.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F6)  # the keys still get into the panel
    assert brief.first() is fields.size_box


def test_what_is_not_shown_is_not_asked_for(
    qtbot: QtBot, make_window, pictures: list[Path]
) -> None:
    """Wishes from before the style stood are kept in the brief, and not sent."""
    window = make_window("toy")
    workspace = window.session.workspace
    workspace.set_brief(replace(workspace.brief, invention=0.9, tile=True, width_px=64, count=2))
    learn(qtbot, window, *pictures)
    qtbot.keyClick(window, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: window.gallery.model.rowCount() == 2, timeout=20_000)
    requests = [job.request for job in window.session.jobs.jobs()]
    (asked,) = [each.brief for each in requests if isinstance(each, GenerateRequest)]
    assert (asked.invention, asked.tile) == (PictureBrief().invention, False)
    assert (asked.width_px, asked.count) == (64, 2)
    assert workspace.brief.tile


def test_actions_that_are_not_served_are_offered_nowhere(
    qtbot: QtBot, make_window, pictures: list[Path]
) -> None:
    window = make_window("toy")
    learn(qtbot, window, *pictures)
    qtbot.keyClick(window, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: window.gallery.model.rowCount() > 0, timeout=20_000)
    qtbot.waitUntil(lambda: not window.session.generation.is_busy, timeout=20_000)
    assert window.work_bar.vary.isHidden()
    assert window.work_bar.go_on.isHidden()
    view = window.menus._views[Medium.IMAGE]
    menu = window.menus.work_menu(view.work_menu, window.gallery)
    names = {action.objectName() for action in menu.actions()}
    assert not names & {"vary", "start", "fill", "extend", "enlarge"}
    assert "again" in names
    jobs = len(window.session.jobs.jobs())
    window.actions_["vary"].trigger()
    window.actions_["start"].trigger()
    assert len(window.session.jobs.jobs()) == jobs
    assert not window.session.workspace.brief.content


def test_other_engines_offer_everything_again(
    qtbot: QtBot, make_window, pictures: list[Path]
) -> None:
    """Engines that introduce no generators leave all fields where they are."""
    window = make_window("normal")
    learn(qtbot, window, *pictures)
    assert window.session.capabilities.generator is None
    assert picture_fields(window).start.isVisible()


def test_of_texts_only_the_forms_that_are_written(make_window) -> None:
    window = make_window()
    window.session.workspace.show_medium(Medium.TEXT)
    fields = text_fields(window)
    fields.serve(info(Medium.TEXT, "count", "form", "length", "prompt", forms=("free verse",)))
    form = fields.form
    offered = {form.itemText(i) for i in range(form.count()) if is_offered(form, i)}
    assert len(offered) == 2  # the references' own, and free verse
    assert fields.lines["prompt"].isVisible()
    assert not fields.daring.isVisible()
    assert not fields.lines["keywords"].isVisible()
    fields.serve(None)
    assert fields.daring.isVisible()
    assert form.count() > 30


def test_of_music_only_what_is_composed(make_window) -> None:
    window = make_window()
    window.session.workspace.show_medium(Medium.AUDIO)
    fields = music_fields(window)
    fields.serve(info(Medium.AUDIO, "form", "length", "tempo"))
    assert fields.tempo.isVisible()
    assert fields.length.isVisible()
    for part in (fields.sound, fields.key, fields.metre, fields.daring, fields.loop):
        assert not part.isVisible()
    fields.serve(None)
    assert fields.key.isVisible()


def test_a_brief_is_cut_down_to_what_is_served() -> None:
    texts = RULES[Medium.TEXT].served
    small = info(Medium.TEXT, "form", "prompt", forms=("prose",))
    whole = TextBrief(form="sonnet", prompt="The sea", keywords=("salt",), strength=2.0)
    assert texts(whole, small) == TextBrief(prompt="The sea")
    assert texts(replace(whole, form="prose"), small) == TextBrief(form="prose", prompt="The sea")
    every = info(Medium.TEXT, "form", forms=("*",))
    assert texts(whole, every) == TextBrief(form="sonnet")
    pictures, begun = RULES[Medium.IMAGE].served, PictureBrief(use=Use.FILL, content="a", mask="b")
    plain = info(Medium.IMAGE, "use", "content", "mask", uses=("compose",))
    assert pictures(begun, plain).use is Use.COMPOSE
    assert not pictures(begun, plain).content
    both = info(Medium.IMAGE, "use", "content", "mask", uses=("compose", "fill"))
    assert pictures(begun, both) == begun
    music = RULES[Medium.AUDIO].served
    assert music(MusicBrief(tempo=90, key="C"), info(Medium.AUDIO, "tempo")) == MusicBrief(tempo=90)

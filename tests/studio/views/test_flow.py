"""Small things of every day: where the brief was scrolled, what falls onto the work, how loud."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from engine.protocol import Medium, Use
from studio.media.audio.controller import audio_controller_of
from studio.project import shelf
from studio.state.settings import SettingsStore
from studio.views.main_window import MainWindow
from tests.studio.fake_sound import FakeOutput
from tests.studio.windows import files, music_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
COPY, LEFT, PLAIN = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)


def carry(window: MainWindow, mime: QMimeData, over: QWidget) -> QPoint:
    """Into the window, and over the middle of a part of it."""
    place = over.mapTo(window, over.rect().center())
    window.dragEnterEvent(QDragEnterEvent(QPoint(5, 5), COPY, mime, LEFT, PLAIN))
    window.dragMoveEvent(QDragMoveEvent(place, COPY, mime, LEFT, PLAIN))
    return place


def fall(window: MainWindow, mime: QMimeData, over: QWidget) -> None:
    place = carry(window, mime, over)
    window.dropEvent(QDropEvent(QPointF(place), COPY, mime, LEFT, PLAIN))


# ---- onto the stage ----------------------------------------------------------------------------


def test_a_picture_that_falls_onto_the_work_is_started_from(qtbot, made, folder: Path) -> None:
    mime, hint = files(folder / "picture 1.png"), made.drops._hint
    carry(made, mime, made.stage)
    assert hint.isVisible()
    assert hint.text() == "Start from this"
    carry(made, mime, made.references)
    assert not hint.isVisible()
    fall(made, mime, made.stage)
    qtbot.waitUntil(lambda: made.session.workspace.brief.use is Use.RESTYLE, timeout=60_000)
    assert len(made.references.cards()) == 3
    assert not hint.isVisible()


def test_it_is_a_reference_beside_the_stage(qtbot, made, folder, png) -> None:
    (folder / "new.png").write_bytes(png(60, 40, 9))
    fall(made, files(folder / "new.png"), made.references)
    qtbot.waitUntil(lambda: len(made.references.cards()) == 4, timeout=60_000)
    assert made.session.workspace.brief.use is Use.COMPOSE


def test_several_and_the_first_ones_are_references(qtbot, make_window, folder, png) -> None:
    window = make_window()
    fall(window, files(folder / "picture 0.png"), window.stage)
    qtbot.waitUntil(lambda: len(window.references.cards()) == 1, timeout=60_000)
    fall(window, files(folder / "picture 1.png", folder / "picture 2.png"), window.stage)
    qtbot.waitUntil(lambda: len(window.references.cards()) == 3, timeout=60_000)


def test_a_text_that_falls_onto_pictures_is_a_reference(qtbot, made, texts) -> None:
    fall(made, files(texts[0]), made.stage)
    qtbot.waitUntil(lambda: made.session.workspace.medium is Medium.TEXT, timeout=60_000)


# ---- where the brief was -----------------------------------------------------------------------


def test_the_brief_stays_where_it_was_scrolled(qtbot, made: MainWindow) -> None:
    made.resize(1440, 700)
    bar, project = made.brief.bar, made.session.workspace.project
    qtbot.waitUntil(lambda: bar.maximum() > 40, timeout=60_000)
    bar.setValue(40)
    made.session.workspace.show_medium(Medium.TEXT)
    assert shelf.place(project, "image")["brief"] == 40
    assert bar.value() == 0
    made.session.workspace.show_medium(Medium.IMAGE)
    qtbot.waitUntil(lambda: bar.value() == 40, timeout=60_000)


def test_the_brief_is_where_it_was_when_the_project_is_opened(qtbot, made, tmp_path) -> None:
    made.resize(1440, 700)
    bar, session = made.brief.bar, made.session
    qtbot.waitUntil(lambda: bar.maximum() > 30, timeout=60_000)
    bar.setValue(30)
    path = session.workspace.project.path
    session.new()
    assert bar.value() == 0
    session.open(path)
    qtbot.waitUntil(lambda: bar.value() == 30, timeout=60_000)


# ---- how loud ----------------------------------------------------------------------------------


def test_the_volume_is_heard_at_once_and_kept(qtbot, make_window, tmp_path) -> None:
    window = make_window()
    window.session.workspace.show_medium(Medium.AUDIO)
    wall = music_wall(window)
    assert wall.transport.volume.accessibleName() == "Volume"
    wall.transport.volume.setValue(50)
    player = audio_controller_of(window.session).player
    assert player.volume == 0.5
    qtbot.waitUntil(lambda: window.session.settings.settings.volume == 50, timeout=60_000)
    assert SettingsStore(tmp_path / "settings.json").settings.volume == 50
    output = player._output = FakeOutput()
    player.set_volume(0.5)
    assert output.volume == 0.25  # of the amplitude: half as loud to the ear


def test_music_with_a_long_remark_fits_the_smallest_window(make_window) -> None:
    window = make_window()
    window.session.workspace.show_medium(Medium.AUDIO)
    transport = music_wall(window).transport
    window.resize(1440, 700)
    transport.show_ready(
        True, 12.0, "Longest shared run: 7 notes, " + "from a tune of long name " * 9
    )
    window.resize(1024, 700)
    assert window.width() == 1024

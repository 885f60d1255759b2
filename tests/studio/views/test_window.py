"""The whole window on a scripted engine, driven by keys and drops as an artist would."""

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QToolButton

from engine.protocol import Use
from studio import i18n
from studio.state.adaptation import StyleState
from studio.views.gallery_order import Filter
from studio.views.main_window import MainWindow
from studio.views.settings_dialog import SettingsDialog
from studio.views.shortcuts_sheet import ShortcutsSheet
from tests.studio.windows import drop, files, picture_fields, picture_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def rating(window: MainWindow, work_id: int) -> int:
    return window.session.workspace.project.works.get(work_id).rating


def test_a_dropped_folder_becomes_references_and_a_first_look(qtbot, make_window, folder) -> None:
    window = make_window()
    assert window.stage.empty.isVisible()
    assert not window.brief.make_panel.make.isEnabled()
    drop(window, files(folder))
    qtbot.waitUntil(lambda: len(window.references.cards()) == 3, timeout=8000)
    qtbot.waitUntil(lambda: window.session.adaptation.state is StyleState.READY, timeout=8000)
    qtbot.waitUntil(picture_wall(window).easel.isVisible, timeout=8000)
    assert "0.1 s" in window.references.style_line.line.text()
    assert window.brief.make_panel.make.isEnabled()


def test_a_picture_from_a_browser_and_one_from_the_clipboard(qtbot, make_window) -> None:
    window = make_window()
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    mime = QMimeData()
    mime.setImageData(image)
    drop(window, mime)
    qtbot.waitUntil(lambda: len(window.references.cards()) == 1, timeout=8000)
    image.fill(Qt.GlobalColor.green)
    QGuiApplication.clipboard().setImage(image)
    qtbot.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(window.references.cards()) == 2, timeout=8000)


def test_a_link_without_a_picture_is_refused_in_the_tray(qtbot, make_window) -> None:
    window = make_window()
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/art/wave.jpg")])
    drop(window, mime)
    qtbot.waitUntil(lambda: "wave.jpg" in window.references.notice.text(), timeout=8000)
    assert not window.references.cards()


def test_making_fills_the_gallery(made: MainWindow) -> None:
    assert made.session.workspace.current == 3
    assert made.gallery.selected() == [3]
    assert "about" in made.brief.make_panel.hint.text()


def test_digits_rate_and_move_on_and_zero_clears(qtbot, made: MainWindow) -> None:
    workspace, at_once = made.session.workspace, 0
    made.works.hold.setInterval(at_once)
    qtbot.keyClick(made, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: workspace.current == 2, timeout=20000)
    qtbot.keyClick(made, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: workspace.current == 1, timeout=20000)
    qtbot.keyClick(made, Qt.Key.Key_5)
    qtbot.waitUntil(lambda: not made.works.hold.isActive(), timeout=20000)
    assert [rating(made, work) for work in (3, 2, 1)] == [4, 2, 5]
    assert workspace.current == 1, "there is no work after the last one"
    qtbot.keyClick(made, Qt.Key.Key_0)
    assert (rating(made, 1), made.session.workspace.current) == (0, 1)


def test_rating_can_be_undone_and_redone(qtbot, made: MainWindow) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(made, Qt.Key.Key_3)
    qtbot.keyClick(made, Qt.Key.Key_Z, control)
    assert rating(made, 3) == 0
    qtbot.keyClick(made, Qt.Key.Key_Z, control | shift)
    assert rating(made, 3) == 3


def test_keep_vary_and_walking(qtbot, made: MainWindow) -> None:
    qtbot.keyClick(made, Qt.Key.Key_K)
    assert made.session.workspace.project.works.get(3).kept
    assert made.work_bar.keep.isChecked()
    qtbot.keyClick(picture_wall(made).easel, Qt.Key.Key_Right)
    assert made.session.workspace.current == 2
    qtbot.keyClick(picture_wall(made).easel, Qt.Key.Key_Left)
    assert made.session.workspace.current == 3
    qtbot.keyClick(made, Qt.Key.Key_V)
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=8000)
    assert made.session.workspace.brief.use is Use.COMPOSE, "varying leaves the brief alone"


def test_compare_pins_one_and_follows_the_other(qtbot, made: MainWindow) -> None:
    qtbot.keyClick(made, Qt.Key.Key_C)
    assert made.stage.is_comparing
    qtbot.waitUntil(lambda: len(picture_wall(made).easel.sheets()) == 2, timeout=8000)
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    assert not made.stage.is_comparing
    assert not made.actions_["compare"].isChecked()


def test_space_fits_and_shows_pixels(qtbot, made: MainWindow) -> None:
    qtbot.keyClick(picture_wall(made).easel, Qt.Key.Key_Space)
    assert picture_wall(made).easel.scale() == 1.0
    assert "100" in made.work_bar.zoom.text()
    qtbot.keyClick(made.gallery.view, Qt.Key.Key_Space)
    assert picture_wall(made).easel.is_fitted()
    qtbot.keyClick(made, Qt.Key.Key_Plus)
    assert not picture_wall(made).easel.is_fitted()


def test_one_key_leaves_the_work_alone(qtbot, made: MainWindow) -> None:
    panels = (made.top_bar, made.references, made.brief, made.gallery, made.work_bar)
    for back in (Qt.Key.Key_H, Qt.Key.Key_Escape):
        qtbot.keyClick(picture_wall(made).easel, Qt.Key.Key_H)
        assert not any(panel.isVisible() for panel in panels)
        assert picture_wall(made).easel.isVisible()
        qtbot.keyClick(picture_wall(made).easel, back)
        assert all(panel.isVisible() for panel in panels)


def test_panels_fold_alone(qtbot, made: MainWindow) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    for key, panel in (
        (Qt.Key.Key_BracketLeft, made.references),
        (Qt.Key.Key_BracketRight, made.brief),
        (Qt.Key.Key_G, made.gallery),
    ):
        qtbot.keyClick(made, key, control)
        assert not panel.isVisible()
        qtbot.keyClick(made, key, control)
        assert panel.isVisible()


def test_f6_walks_the_panels(qtbot, made: MainWindow) -> None:
    visited = set()
    for _ in range(4):
        qtbot.keyClick(made, Qt.Key.Key_F6)
        visited.add(made.focusWidget())
    assert len(visited) == 4


def test_typing_a_seed_rates_nothing(qtbot, made: MainWindow) -> None:
    seed = made.brief.seed
    seed.setFocus()
    seed.selectAll()
    qtbot.keyClicks(seed, "1834")
    qtbot.keyClick(seed, Qt.Key.Key_Return)
    assert made.session.workspace.brief.seed == 1834
    assert made.session.maker.seed_locked
    assert rating(made, 3) == 0


def test_the_brief_says_what_the_button_will_do(made: MainWindow) -> None:
    buttons = made.brief.counts.findChildren(QToolButton)
    buttons[3].click()
    assert made.session.workspace.brief.count == 8
    assert made.brief.make_panel.make.text() == "Make 8"
    picture_fields(made).size_box.setCurrentIndex(1)
    picture_fields(made).size_box.activated.emit(1)
    assert (made.session.workspace.brief.width_px, made.session.workspace.brief.height_px) == (
        352,
        512,
    )
    picture_fields(made).rest.swap.click()
    assert made.session.workspace.brief.width_px == 512


def test_the_gallery_filters_and_hides(qtbot, made: MainWindow) -> None:
    qtbot.keyClick(made, Qt.Key.Key_5)
    model = made.gallery.model
    model.set_filter(Filter.STARS_3)
    assert model.rowCount() == 1
    model.set_filter(Filter.ALL)
    made.session.workspace.select(3)
    qtbot.keyClick(made, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    assert model.rowCount() == 2
    assert made.session.workspace.current == 2
    model.set_filter(Filter.HIDDEN)
    assert model.rowCount() == 1


def test_a_crash_is_one_line_and_retry_works(qtbot, make_window, folder, tmp_path) -> None:
    window = make_window("crash-once", str(tmp_path / "crashed"))
    drop(window, files(folder))
    notice = window.references.style_line.notice
    qtbot.waitUntil(lambda: notice.text() != "", timeout=8000)
    assert not QApplication.activeModalWidget()
    notice.act()
    qtbot.waitUntil(lambda: window.session.adaptation.state is StyleState.READY, timeout=8000)
    assert notice.text() == ""


def test_the_language_changes_while_the_window_is_open(made: MainWindow) -> None:
    i18n.set_language("zh")
    assert made.brief.make_panel.make.text() == "创作 3 件"
    assert made.work_bar.vary.accessibleName() == "变奏"
    i18n.set_language("en")
    assert made.brief.make_panel.make.text() == "Make 3"


def test_settings_take_effect_at_once(qtbot, made: MainWindow) -> None:
    applied = []
    dialog = SettingsDialog(made.session, lambda: applied.append(1), made)
    qtbot.addWidget(dialog)
    dialog.theme.setCurrentIndex(1)
    dialog.theme.activated.emit(1)
    assert made.session.settings.settings.theme == "light"
    assert applied
    dialog.engine.setText("ssh 'box")
    dialog.engine.editingFinished.emit()
    assert made.session.settings.settings.engine_command == ()


def test_every_key_is_on_the_sheet(qtbot, made: MainWindow) -> None:
    sheet = ShortcutsSheet(made.actions_, made)
    qtbot.addWidget(sheet)
    words = {label.text() for label in sheet.findChildren(type(made.brief.make_panel.hint))}
    for name in made.actions_:
        if made.actions_.key(name) and not name.startswith("rate_"):
            assert made.actions_[name].text() in words
    assert len({made.actions_.key(name) for name in made.actions_ if made.actions_.key(name)}) == (
        sum(bool(made.actions_.key(name)) for name in made.actions_)
    ), "no key does two things"


def test_a_new_project_starts_empty(qtbot, made: MainWindow, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("studio.state.settings.data_folder", lambda: tmp_path / "data")
    qtbot.keyClick(made, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert made.session.workspace.project.name != "Study"
    assert made.gallery.model.rowCount() == 0
    assert made.stage.empty.isVisible()
    assert not made.references.cards()


def test_a_thousand_works_stay_fluid(qtbot, made: MainWindow, png) -> None:
    project = made.session.workspace.project
    style, data = project.works.all()[0].style_id, png(8, 8, 1)
    sides = {"width_px": 8, "height_px": 8}
    rows = [project.works.add(data, {}, style_id=style, seed=n, **sides) for n in range(1000)]
    made.gallery.model.add(rows)
    assert made.gallery.model.rowCount() == 1003
    made.gallery.view.scrollToBottom()
    made.gallery.grab()

"""The tour of four steps: with the mouse, with the keys, by doing, and never again unasked."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt

from engine.protocol import Medium
from studio import i18n
from studio.app.application import App
from studio.views.main_window import MainWindow
from studio.views.tour import beside
from tests.studio.windows import controls, picture_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_it_is_walked_by_doing_what_it_says(qtbot, make_window) -> None:
    window = make_window()
    tour, session = window.tour, window.session
    window.actions_["tour"].trigger()
    assert tour.step == "references"
    assert tour.focusWidget() is tour.next
    qtbot.mouseClick(tour.show_me, Qt.MouseButton.LeftButton)  # use the samples
    qtbot.waitUntil(lambda: tour.step == "make", timeout=60_000)
    assert len(window.references.cards()) == 4
    qtbot.mouseClick(tour.show_me, Qt.MouseButton.LeftButton)  # make
    qtbot.waitUntil(lambda: tour.step == "judge", timeout=60_000)
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=60_000)
    qtbot.waitUntil(lambda: len(picture_wall(window).easel.sheets()) == 1, timeout=60_000)
    qtbot.keyClick(picture_wall(window).easel, Qt.Key.Key_4)
    assert tour.step == "keep"
    qtbot.keyClick(picture_wall(window).easel, Qt.Key.Key_K)
    assert not tour.is_on
    assert not tour.isVisible()


def test_the_keys_go_through_it_and_leave_it(qtbot, make_window) -> None:
    window = make_window()
    tour = window.tour
    tour.begin()
    steps = []
    for _ in range(4):
        steps.append(tour.step)
        assert window.focusWidget() is tour.next
        qtbot.keyClick(tour.next, Qt.Key.Key_Space)
    assert steps == ["references", "make", "judge", "keep"]
    assert not tour.is_on
    tour.begin()
    qtbot.keyClick(tour.next, Qt.Key.Key_Escape)
    assert not tour.is_on
    assert window.stage.isAncestorOf(window.focusWidget() or window)
    tour.begin()
    tour.next.click()
    tour.back.click()
    assert tour.step == "references"
    qtbot.mouseClick(tour.skip, Qt.MouseButton.LeftButton)
    assert not tour.is_on


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_step_is_said_to_those_who_cannot_see(make_window, language: str) -> None:
    window = make_window()
    i18n.set_language(language)
    window.tour.begin()
    told = []
    for _ in range(4):
        told.append(window.tour.next.accessibleDescription())
        shown = [control for control in controls(window.tour) if control.isVisible()]
        assert all(control.accessibleName().strip() for control in shown)
        assert window.tour.accessibleName()
        window.tour.next.click()
    assert len(set(told)) == 4
    assert all(i18n.t("tour.count", n=n, total=4) in words for n, words in enumerate(told, 1))


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900), (2560, 1440)])
def test_its_card_stays_inside_every_window(qtbot, make_window, size: tuple[int, int]) -> None:
    window = make_window()
    window.resize(*size)
    assert window.size().toTuple() == size
    window.tour.begin()
    for _ in range(4):
        qtbot.wait(1)  # a layout settles
        assert window.rect().contains(window.tour.geometry())
        window.tour.next.click()


def test_where_the_card_stands() -> None:
    room, card = QRect(0, 0, 1000, 700), QRect(0, 0, 320, 160)
    assert beside(QRect(0, 40, 260, 500), card, room).x() > 260
    assert beside(QRect(740, 40, 260, 500), card, room).x() < 740 - 320
    assert beside(QRect(0, 540, 1000, 160), card, room).y() < 540 - 160


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def test_it_comes_once_unasked_and_never_again(qtbot, qapp, home, monkeypatch) -> None:
    monkeypatch.setattr("studio.client.engine_client.EngineClient.start", lambda _self: None)
    shown = []
    for _ in range(2):
        app = App(qapp)
        app.start()
        shown.append(app.window.tour.is_on)
        app.window.close()
        app.close()
        app.window.deleteLater()
    assert shown == [True, False]
    qapp.setStyleSheet("")
    qapp.setProperty("dressed", None)


def test_a_card_begins_with_samples_and_what_it_promises(qtbot, make_window) -> None:
    window = make_window()
    cards = window.stage.empty.cards.by_name
    assert list(cards) == ["restyle", "tile", "verse", "tunes"]
    qtbot.mouseClick(cards["tile"].samples, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(window.references.cards()) == 4, timeout=60_000)
    assert window.session.workspace.brief.tile


@pytest.mark.parametrize(("name", "medium"), [("verse", Medium.TEXT), ("tunes", Medium.AUDIO)])
def test_cards_of_the_other_media(qtbot, make_window, name: str, medium: Medium) -> None:
    window = make_window()
    window.stage.empty.cards.by_name[name].samples.click()
    qtbot.waitUntil(lambda: len(window.references.cards()) == 5, timeout=60_000)
    assert window.session.workspace.medium is medium


def test_restyle_asks_for_the_picture_first(qtbot, make_window, pictures, monkeypatch) -> None:
    window = make_window()
    card, chosen = window.stage.empty.cards.by_name["restyle"], [""]
    monkeypatch.setattr(
        "studio.views.file_choice.QFileDialog.getOpenFileName", lambda *_: (chosen[0], "")
    )
    card.samples.click()  # and thinks better of it
    chosen[0] = str(pictures[0])
    card.samples.click()
    qtbot.waitUntil(lambda: len(window.references.cards()) == 4, timeout=60_000)
    qtbot.waitUntil(lambda: window.session.workspace.brief.content != "", timeout=60_000)
    assert window.session.workspace.brief.use == "restyle"


def test_a_card_begins_with_files_of_ones_own(qtbot, make_window, texts, monkeypatch) -> None:
    window = make_window()
    names = [str(path) for path in texts]
    monkeypatch.setattr(
        "studio.views.file_choice.QFileDialog.getOpenFileNames", lambda *_: (names, "")
    )
    window.stage.empty.cards.by_name["verse"].own.click()
    qtbot.waitUntil(lambda: len(window.references.cards()) == 3, timeout=60_000)
    assert window.session.workspace.medium is Medium.TEXT


def test_the_empty_window_fits_the_smallest_screen(make_window) -> None:
    window: MainWindow = make_window()
    window.resize(1024, 700)
    assert window.size().toTuple() == (1024, 700)
    cards = window.stage.empty.cards
    for card in cards.by_name.values():
        assert cards.rect().contains(card.geometry())
    assert window.stage.empty.rect().contains(cards.geometry())

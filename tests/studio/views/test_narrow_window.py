"""A page beside the work in a small window: what has no room steps back for a while."""

import pytest

from studio.views.insight import PAGES
from studio.views.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
SIDES = ("references", "brief")


def seen(window: MainWindow) -> set[str]:
    """What stands beside the work, all of it within the window."""
    sides = {"references": window.references, "brief": window.brief, "page": window.insight}
    shown = {name: side for name, side in sides.items() if side.isVisible()}
    for name, side in (shown | {"stage": window.stage}).items():
        left = side.mapTo(window, side.rect().topLeft()).x()
        assert 0 <= left <= left + side.width() <= window.width(), name
        assert side.width() >= side.minimumWidth(), name
    return set(shown)


def resize(qtbot, window: MainWindow, wide: int, tall: int) -> None:
    window.resize(wide, tall)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == (wide, tall), timeout=8000)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("size", [(1280, 720), (1024, 700)])
def test_a_page_has_room_beside_the_work(qtbot, make_window, size, page: str) -> None:
    window = make_window()
    resize(qtbot, window, *size)
    window.insight.show_page(page)
    qtbot.waitUntil(lambda: seen(window) == {"brief", "page"}, timeout=8000)
    assert (window.width(), window.height()) == size
    window.insight.show_page("")
    qtbot.waitUntil(lambda: seen(window) == set(SIDES), timeout=8000)


def test_what_was_asked_for_last_stays(qtbot, make_window) -> None:
    window = make_window()
    resize(qtbot, window, 800, 700)
    window.insight.show_page("queue")
    qtbot.waitUntil(lambda: seen(window) == {"page"}, timeout=8000)
    window.actions_["brief"].setChecked(True)
    qtbot.waitUntil(lambda: seen(window) == {"brief"}, timeout=8000)
    resize(qtbot, window, 1440, 900)
    qtbot.waitUntil(lambda: seen(window) == set(SIDES), timeout=8000)


def test_a_panel_that_the_artist_closed_stays_closed(qtbot, make_window) -> None:
    window = make_window()
    window.actions_["references"].setChecked(False)
    resize(qtbot, window, 800, 700)
    resize(qtbot, window, 1440, 900)
    assert seen(window) == {"brief"}


def test_all_panels_come_back_after_the_work_alone(qtbot, make_window) -> None:
    window = make_window()
    resize(qtbot, window, 1024, 700)
    for _ in range(2):
        window.actions_["panels"].trigger()
    qtbot.waitUntil(lambda: seen(window) == set(SIDES), timeout=8000)


def test_what_is_not_seen_asks_for_no_room(qtbot, made: MainWindow) -> None:
    """The report on all works is larger than the wall; once it was open, the window remembered."""
    resize(qtbot, made, 1024, 700)
    for _ in range(2):
        made.actions_["overview"].trigger()
        qtbot.waitUntil(lambda: not made.session.judging.is_busy, timeout=20_000)
    made.insight.show_page("queue")
    qtbot.waitUntil(lambda: seen(made) == {"brief", "page"}, timeout=8000)
    assert (made.width(), made.height()) == (1024, 700)

"""A walk through the window opens no connection, in none of its processes, whoever would open it:
Python, Qt or a native library."""

from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from studio.state.export_format import ExportFormat, ExportOptions
from studio.views.about_dialog import AboutDialog
from studio.views.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def connections() -> list[object]:
    """Of the internet, of this process and all that it has started."""
    own = psutil.Process()
    return [
        link
        for process in (own, *own.children(recursive=True))
        for link in process.net_connections(kind="inet")
    ]


def test_a_walk_through_the_window(qtbot: QtBot, made: MainWindow, tmp_path: Path) -> None:
    """After dropping, learning and making, which `made` has done."""
    before = connections()  # of the test runner itself, if any
    session = made.session
    session.edits.rate(3, 5)
    session.edits.toggle_like(2, True)
    for name in ("report", "learned", "compare", "overview"):
        made.actions_[name].trigger()
    AboutDialog(session, made).deleteLater()
    with qtbot.waitSignal(session.exporter.exported, timeout=20_000):
        session.exporter.start([1, 2], tmp_path / "out", ExportOptions(ExportFormat.PNG))
    with qtbot.waitSignal(session.workspace.project_changed, timeout=20_000):
        session.save_as(tmp_path / "Elsewhere.maquette")
    assert [link for link in connections() if link not in before] == []
    assert len(psutil.Process().children()) > 0  # the engine was looked at, too


def test_the_look_would_see_a_connection() -> None:
    import socket

    before = connections()
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert len(connections()) == len(before) + 1

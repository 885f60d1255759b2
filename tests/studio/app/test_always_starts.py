"""Whatever lies in its folders, the studio starts: what is damaged is set aside and named."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from studio import i18n
from studio.app.application import App
from studio.project.project import Project
from studio.state import settings

CASES = Path(__file__).parents[2] / "cases" / "files"
ONE_BYTE = CASES / "one_byte_in_created.maquette"
INFINITY = (CASES / "settings_infinity.json").read_text("utf-8")
Starter = Callable[..., App]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def start(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Starter]:
    """A whole application on folders under tmp_path; its engine is not started."""
    monkeypatch.setattr(settings, "_system", lambda place: tmp_path / place.name[7:11] / "Maquette")
    apps: list[App] = []

    def begin(project: Path | None = None) -> App:
        apps.append(App(qapp, project))
        return apps[-1]

    yield begin
    i18n.set_language("en")
    for app in apps:
        app.window.close()
        app.close()
        app.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def config(tmp_path: Path) -> Path:
    return tmp_path / "Conf" / "Maquette"


def data(tmp_path: Path) -> Path:
    return tmp_path / "Data" / "Maquette"


DEEP = "[" * 100_000
SETTINGS = (
    *(INFINITY, '{"format": NaN, "version": NaN}', DEEP, "null", "1e999"),
    *('{"format": 1, "recent": [1], "tastes": {"a": 3}}', "\ud7ff"),
)
ODD = (  # they are read, and hold what no studio has written
    {"geometry": "é", "window_state": "ñ ✗"},
    {"geometry": "AAAA", "window_state": "AAAA BBBB"},
    {"theme": "sepia", "language": "tlh"},
    {"recent": ["\0", "", "x" * 9000]},
    {"engine_command": ["/nowhere"]},
)


@pytest.mark.parametrize("content", SETTINGS)
def test_files_of_any_content(start: Starter, tmp_path: Path, content: str) -> None:
    config(tmp_path).mkdir(parents=True)
    for name in ("settings", "tastes", "timings"):  # the last are learned again with the next job
        (config(tmp_path) / f"{name}.json").write_text(content, "utf-8")
    app = start()
    for name in ("settings", "tastes"):
        kept = config(tmp_path) / f"{name}.damaged.json"
        assert kept.read_text("utf-8") == content
        assert kept.name in app.window.notice.text()


@pytest.mark.parametrize("fields", ODD)
def test_settings_of_any_values(start: Starter, tmp_path: Path, fields: dict) -> None:
    config(tmp_path).mkdir(parents=True)
    (config(tmp_path) / "settings.json").write_text(json.dumps({"format": 1} | fields))
    assert start().window.width() > 0


@pytest.mark.parametrize("folders", [("Conf",), ("Data",), ("Conf", "Data")])
def test_folders_that_refuse(
    start: Starter, tmp_path: Path, folders: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    for folder in folders:
        (tmp_path / folder).write_text("a file where a folder should be")
    app = start()
    if "Data" in folders:
        assert "save it somewhere else" in app.window.notice.text()
        assert app.session.workspace.project.path.is_relative_to(tmp_path / "tmp")


def test_no_folder_at_all(start: Starter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", refuse)
    for folder in ("Conf", "Data"):
        (tmp_path / folder).write_text("a file where a folder should be")
    app = start()
    assert app.session.workspace.project.is_homeless
    assert "memory alone" in app.window.notice.text()


def test_a_damaged_untitled_project(start: Starter, tmp_path: Path) -> None:
    data(tmp_path).mkdir(parents=True)
    shutil.copyfile(ONE_BYTE, data(tmp_path) / "Untitled.maquette")
    app = start()
    assert len(app.session.workspace.project.works.all()) == 49
    assert "Untitled (damaged).maquette" in app.window.notice.text()


def test_several_notices_are_all_said(start: Starter, tmp_path: Path) -> None:
    for folder in (config(tmp_path), data(tmp_path)):
        folder.mkdir(parents=True)
    (config(tmp_path) / "settings.json").write_text(INFINITY)
    (data(tmp_path) / "Untitled.maquette").write_bytes(b"rubbish" * 100)
    said = start(tmp_path / "gone.maquette").window.notice.text()
    assert "gone.maquette" in said
    assert "settings.damaged.json" in said
    assert "Untitled (damaged).maquette" in said


def test_a_project_that_another_studio_holds(start: Starter, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "Study.maquette")
    app = start(project.path)
    assert app.session.workspace.project.is_read_only
    assert "open in another Maquette window" in app.window.notice.text()
    project.close()

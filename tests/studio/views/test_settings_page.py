"""The page of settings: what is chosen there holds, and it says when."""

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from studio import i18n
from studio.app import application
from studio.client.engine_client import EngineState
from studio.project.project import Project
from studio.state.orders import timing_key
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.views.main_window import MainWindow
from studio.views.settings_dialog import SettingsDialog
from tests.studio.windows import controls, drop, files

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "raise")
WAIT_MS = 20_000


@pytest.fixture
def window(qtbot: QtBot, make_window) -> MainWindow:
    window = make_window("machine")
    client = window.session.client
    qtbot.waitUntil(lambda: client.state is EngineState.READY, timeout=WAIT_MS)
    return window


@pytest.fixture
def page(window: MainWindow) -> SettingsDialog:
    window.actions_["settings"].trigger()
    assert window.files.settings is not None
    return window.files.settings


def pick(box, value: object) -> None:
    place = box.findData(value)
    assert place >= 0
    box.setCurrentIndex(place)
    box.activated.emit(place)


def environment(session: Session) -> dict[str, str]:
    return session.client.environment


def test_what_is_chosen_is_there_the_next_time(page: SettingsDialog) -> None:
    pick(page.theme, "light")
    pick(page.scale, 125)
    page.motion.click()
    store = SettingsStore(page._store.path)
    assert store.settings.theme == "light"
    assert store.settings.scale == 125
    assert not store.settings.reduced_motion  # the windows of tests begin still


def test_the_size_says_that_it_waits_and_offers_to_start_anew(
    window: MainWindow, page: SettingsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page.restart.isHidden()
    pick(page.scale, 150)
    assert page.restart.isVisible()
    assert "starts anew" in page._hints["scale"].text()
    pick(page.scale, 0)
    assert page.restart.isHidden()
    pick(page.scale, 150)
    closed: list[bool] = []
    monkeypatch.setattr(window, "close", lambda: closed.append(True))
    page.restart.click()
    assert window.property("restart") is True
    assert closed


def test_the_size_is_qts_own_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(application.SCALE, raising=False)
    application.scale_interface(0)
    assert application.SCALE not in os.environ
    application.scale_interface(125)
    assert os.environ[application.SCALE] == "1.25"
    application.scale_interface(200)
    assert os.environ[application.SCALE] == "1.25"  # what is there already stays
    monkeypatch.delenv(application.SCALE)


def test_a_new_start_opens_the_same_project(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(
        application.QProcess, "startDetached", lambda _program, rest, _at: started.append(rest)
    )
    monkeypatch.setenv(application.SCALE, "1.25")
    application.start_anew(tmp_path / "a.maquette")
    assert started == [["-m", "studio", str(tmp_path / "a.maquette")]]
    assert application.SCALE not in os.environ  # the next one reads its own settings


def test_device_and_threads_reach_the_engine_when_it_rests(
    qtbot: QtBot, window: MainWindow, page: SettingsDialog
) -> None:
    session, started = window.session, []
    session.client.ready.connect(started.append)
    assert [page.device.itemData(i) for i in range(page.device.count())] == ["", "cuda", "cpu"]
    pick(page.device, "cpu")
    assert environment(session) == {"MAQUETTE_DEVICE": "cpu"}
    qtbot.waitUntil(lambda: len(started) == 1, timeout=WAIT_MS)
    page.threads.setValue(2)
    assert environment(session)["OMP_NUM_THREADS"] == "2"
    assert session.models.environment == environment(session)
    qtbot.waitUntil(lambda: len(started) == 2, timeout=WAIT_MS)
    page.threads.setValue(0)
    assert "OMP_NUM_THREADS" not in environment(session)


def test_an_engine_at_work_is_left_to_finish(
    qtbot: QtBot, make_window, pictures: list[Path]
) -> None:
    window = make_window("slow")
    session = window.session
    drop(window, files(*pictures))
    qtbot.waitUntil(lambda: session.jobs.running is not None, timeout=WAIT_MS)
    started: list[object] = []
    session.client.ready.connect(started.append)
    session.settings.update(threads=1)
    session.renew_engine()
    assert session.jobs.running is not None
    session.adaptation.cancel()
    qtbot.waitUntil(lambda: len(started) == 1, timeout=WAIT_MS)


def test_projects_can_stand_elsewhere(
    page: SettingsDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "my projects"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    page.choose.click()
    assert page.folder.whole == str(folder)
    page._session.new()
    assert page._session.workspace.project.path.parent == folder
    first, problem = application.first_project(None, page._store.projects_folder())
    assert problem is None
    assert first.path.parent == folder
    first.close()


def test_a_folder_that_is_gone_is_no_reason_to_fail(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    usual = store.projects_folder()
    store.update(projects=str(tmp_path / "gone"))
    assert store.projects_folder() == usual


def test_speed_is_that_of_works_that_were_made(page: SettingsDialog) -> None:
    session, facts = page._session, page.facts
    assert facts.speeds.text().count("not measured yet") == 3
    rules = next(iter(session.workspace.media.values()))
    brief = rules.new_brief(0)
    key = timing_key(rules, session.generation.device, brief, False)
    session.generation._timings.learn(key, rules.effort(brief), 4 * 12.0)
    facts.retranslate()
    assert "12 s a work" in facts.speeds.text()
    assert facts.speeds.text().count("not measured yet") == 2


def test_memory_of_window_and_engine_is_read(page: SettingsDialog) -> None:
    words = page.facts.memory.text()
    assert "engine 0" not in words
    assert "MB" in words


def test_models_are_one_click_away(qtbot: QtBot, window: MainWindow, page: SettingsDialog) -> None:
    page.models.click()
    models = window.files.models
    assert models is not None
    qtbot.waitUntil(lambda: models.models.result is not None, timeout=WAIT_MS)


def test_the_page_speaks_the_language_that_was_just_chosen(page: SettingsDialog) -> None:
    i18n.set_language("zh")
    assert page.windowTitle() == "设置"
    assert page.close_button.text() == "关闭"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_has_a_name_and_says_what_it_does(
    page: SettingsDialog, language: str
) -> None:
    i18n.set_language(language)
    found = list(controls(page))
    assert len(found) > 8
    for control in found:
        assert control.accessibleName().strip(), type(control).__name__
        assert control.toolTip().strip(), control.accessibleName()


def test_it_opens_once(window: MainWindow, page: SettingsDialog) -> None:
    window.actions_["settings"].trigger()
    assert window.files.settings is page
    page.close()
    assert window.files.settings is None
    assert isinstance(window.session.workspace.project, Project)

"""The studio's state on the real engine, in folders of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from pytestqt.qtbot import QtBot

from studio.client.engine_client import EngineClient
from studio.client.job_queue import JobQueue
from studio.media.registry import MEDIA
from studio.project.project import Project
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.state.timings import Timings
from tests.studio.fake_sound import FakeOutput


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr("studio.media.audio.sound_output.DeviceOutput", FakeOutput)
    monkeypatch.setattr("studio.media.audio.sound_output.load", lambda: None)
    client = EngineClient()
    queue = JobQueue(client, tmp_path / "scratch", client)
    settings = SettingsStore(tmp_path / "settings.json")
    project = Project.create(tmp_path / "Study.maquette")
    timings = Timings(tmp_path / "timings.json")
    session = Session(settings, client, queue, timings, project, MEDIA)
    session.maker.seed_locked = True
    client.start()
    yield session
    session.close()

"""Music leaves through the engine: whole files in the artist's place, or one sentence."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from engine.protocol import Medium
from studio.media.audio.rules import AudioRules
from studio.project.rows import NewReference
from studio.state import export
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.session import Session
from tests.studio import fake_music


@pytest.fixture
def session(qtbot, make_session) -> Session:
    """Two works of music in the project."""
    one: Session = make_session()
    one.workspace.show_medium(Medium.AUDIO)
    one.workspace.history.add_references([NewReference("a.wav", fake_music.wav(0.2), Medium.AUDIO)])
    qtbot.waitUntil(lambda: one.adaptation.style is not None, timeout=8000)
    one.workspace.set_brief(replace(one.workspace.brief, count=2))
    one.maker.make()
    qtbot.waitUntil(lambda: len(one.workspace.project.works.all()) == 2, timeout=8000)
    qtbot.waitUntil(lambda: not one.generation.is_busy, timeout=8000)
    return one


@pytest.mark.parametrize("wanted", ["wav", "ogg", "mp3", "mid", "musicxml"])
def test_each_format_comes_from_the_engine(qtbot, session, tmp_path, wanted: str) -> None:
    steps: list[tuple[int, int]] = []
    session.exporter.progressed.connect(lambda done, total: steps.append((done, total)))
    with qtbot.waitSignal(session.exporter.exported, timeout=8000) as told:
        session.exporter.start([1, 2], tmp_path / "out", ExportOptions(ExportFormat(wanted)))
    paths = told.args[0]
    assert [path.suffix for path in paths] == [f".{wanted}"] * 2
    about = json.loads(paths[0].read_text("utf-8"))
    assert about["score"] == "TVRoZA==", "the engine has the whole sidecar"
    assert about["style"] > 0
    sidecar = json.loads(paths[0].with_suffix(".json").read_text("utf-8"))
    assert sidecar["made_with_ai"]
    assert sidecar["file"] == paths[0].name
    assert "sketch" not in sidecar
    assert steps == [(0, 2), (1, 2)]
    assert not session.exporter.is_busy


def test_flac_is_the_original(qtbot, session, tmp_path) -> None:
    with qtbot.waitSignal(session.exporter.exported, timeout=8000) as told:
        session.exporter.start([1], tmp_path, ExportOptions(ExportFormat.FLAC))
    assert told.args[0][0].read_bytes() == session.workspace.project.blob(
        session.workspace.project.works.get(1).digest
    )


def test_stems_are_a_folder_and_nothing_is_replaced(qtbot, session, tmp_path) -> None:
    for name in ("Study 0001 stems", "Study 0001 stems (2)"):
        with qtbot.waitSignal(session.exporter.exported, timeout=8000) as told:
            session.exporter.start([1], tmp_path / "out", ExportOptions(ExportFormat.STEMS))
        (folder,) = told.args[0]
        assert folder.name == name
        assert sorted(path.name for path in folder.iterdir()) == ["voice-1.wav", "voice-2.wav"]
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_one_archive_of_all(qtbot, session, tmp_path) -> None:
    with qtbot.waitSignal(session.exporter.exported, timeout=8000) as told:
        session.exporter.start([1, 2], tmp_path / "all.zip", ExportOptions(ExportFormat.MID))
    assert told.args[0] == (tmp_path / "all.zip",)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        names = archive.namelist()
    assert sorted(Path(name).suffix for name in names) == [".json", ".json", ".mid", ".mid"]
    assert sorted(tmp_path.glob("*.mid")) == []


def test_a_failure_is_one_sentence(qtbot, session, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(export, "write", _refuse)
    with qtbot.waitSignal(session.exporter.failed, timeout=8000) as told:
        session.exporter.start([1, 2], tmp_path / "out", ExportOptions(ExportFormat.WAV))
    assert "0 of 2" in told.args[0].text
    assert not session.exporter.is_busy
    assert list((tmp_path / "out").glob("*.wav")) == []


def test_a_work_without_its_sidecar_does_not_stay(
    qtbot, session, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = export.write

    def only_works(path: Path, data: bytes) -> None:
        _refuse(path, data) if path.suffix == ".json" else whole(path, data)

    monkeypatch.setattr(export, "write", only_works)
    with qtbot.waitSignal(session.exporter.failed, timeout=20_000):
        session.exporter.start([1, 2], tmp_path / "out", ExportOptions(ExportFormat.WAV))
    assert list((tmp_path / "out").iterdir()) == []


def _refuse(path: Path, data: bytes) -> None:
    raise OSError(28, "No space left on device", str(path))


def test_an_engine_that_fails_is_heard(qtbot, make_session, project, tmp_path) -> None:
    style = project.styles.add(b"style", {}, {}, Medium.AUDIO)
    project.works.add(fake_music.wav(0.1), {"score": ""}, style_id=style.id, seed=1)
    session: Session = make_session("failing")
    with qtbot.waitSignal(session.exporter.failed, timeout=8000) as told:
        session.exporter.start([1], tmp_path / "out", ExportOptions(ExportFormat.MID))
    assert "no picture" in told.args[0].text


def test_cancelling_keeps_what_is_whole(qtbot, make_session, project, tmp_path) -> None:
    style = project.styles.add(b"style", {}, {}, Medium.AUDIO)
    project.works.add(fake_music.wav(0.1), {"score": ""}, style_id=style.id, seed=1)
    session: Session = make_session("slow")
    session.exporter.start([1], tmp_path / "out", ExportOptions(ExportFormat.MP3))
    qtbot.waitUntil(lambda: session.jobs.running is not None, timeout=8000)
    with qtbot.waitSignal(session.exporter.cancelled, timeout=8000) as told:
        session.exporter.cancel()
    assert told.args == [0]
    assert not session.exporter.is_busy
    qtbot.waitUntil(lambda: session.jobs.running is None, timeout=8000)


def test_every_format_of_music_has_a_way_out() -> None:
    others = {each for each in AudioRules.export_formats if not each.is_by_engine}
    assert others == {ExportFormat.FLAC}, "which is how works were made"

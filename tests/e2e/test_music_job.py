"""Music on the real engine: drop tunes, see and keep new ones, export them."""

from pathlib import Path

import soundfile
from pytestqt.qtbot import QtBot

from engine.media.audio.codec.midi import read_midi
from engine.protocol import Medium, MusicBrief
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.session import Session
from tests.e2e.test_main_job import PATIENCE_MS, adapt, make

SAMPLES = Path(__file__).resolve().parents[2] / "assets" / "samples" / "music"
SHORT = MusicBrief(count=2, seed=3, length=2)


def test_tunes_in_new_tunes_out(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    session.workspace.show_medium(Medium.AUDIO)
    adapt(qtbot, session, sorted(SAMPLES.glob("*.mid"))[:2])
    works = make(qtbot, session, SHORT)
    assert len(works) == 2
    sidecar = session.workspace.project.works.sidecar(works[0])
    assert sidecar["sketch"]["notes"] and abs(sidecar["loudness_lufs"] + 16) < 1
    for suffix, form in ((".wav", ExportFormat.WAV), (".mid", ExportFormat.MID)):
        folder = tmp_path / suffix[1:]
        with qtbot.waitSignal(session.exporter.exported, timeout=PATIENCE_MS):
            session.exporter.start(works[:1], folder, ExportOptions(form))
        out = next(folder.glob(f"*{suffix}"))
        if suffix == ".mid":
            assert len(read_midi(out.read_bytes(), out.name)) == len(sidecar["sketch"]["notes"])
        else:
            assert abs(soundfile.info(out).duration - sidecar["seconds"]) < 0.01

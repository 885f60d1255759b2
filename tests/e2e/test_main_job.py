"""The main job on the real engine: drop pictures, see new ones, rate them, keep, export, reopen."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import psutil
from pytestqt.qtbot import QtBot

from engine.protocol import Brief, PictureBrief
from studio.client.engine_client import EngineState
from studio.state.adaptation import StyleState
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.orders import brief_of
from studio.state.session import Session

SAMPLES = Path(__file__).resolve().parents[2] / "assets" / "samples" / "images"
SMALL = PictureBrief(count=2, seed=5, width_px=96, height_px=64)
PATIENCE_MS = 60_000  # a busy machine; nothing here waits that long when it works


def adapt(qtbot: QtBot, session: Session, sources: list[Path]) -> None:
    session.add_sources(sources)
    ready = StyleState.READY
    qtbot.waitUntil(lambda: session.adaptation.state is ready, timeout=PATIENCE_MS)


def make(qtbot: QtBot, session: Session, brief: Brief) -> list[int]:
    session.workspace.show_brief(brief)
    with qtbot.waitSignal(session.maker.works_added, timeout=PATIENCE_MS) as added:
        session.maker.make()
    assert added.args is not None
    return [row.id for row in added.args[0]]


def engine_process() -> psutil.Process:
    """The worker, which is the only child that runs engine.worker."""
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if "engine.worker" in " ".join(child.cmdline()))


def test_drop_make_rate_keep_export_reopen(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    grown: list[int] = []
    session.maker.growing.connect(lambda _job, previews: grown.append(previews[0].width_px))
    adapt(qtbot, session, sorted(SAMPLES.glob("*.jpg"))[:2])
    works = make(qtbot, session, SMALL)
    assert len(works) == 2
    assert len(set(grown)) >= 3, "a work is seen growing over several scales"

    session.edits.rate(works[0], 5)
    session.edits.rate(works[1], 2)
    session.edits.toggle_kept(works[0])
    folder = tmp_path / "out"
    with qtbot.waitSignal(session.exporter.exported, timeout=PATIENCE_MS):
        session.exporter.start(works[:1], folder, ExportOptions(ExportFormat.PNG))
    picture = next(folder.glob("*.png"))
    sidecar = json.loads(next(folder.glob("*.json")).read_text("utf-8"))
    assert picture.read_bytes() == session.workspace.project.blob(
        session.workspace.project.works.get(works[0]).digest
    )
    assert sidecar["made_with_ai"] is True

    path = session.workspace.project.path
    copy = session.workspace.project.save_as(tmp_path / "Copy.maquette")
    rows = {row.id: (row.rating, row.kept) for row in copy.works.all()}
    copy.close()
    assert rows == {works[0]: (5, True), works[1]: (2, False)}
    assert path.exists()


def test_a_broken_reference_is_refused_and_works_after_the_other_are_made_again(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno picture at all")
    adapt(qtbot, session, [sorted(SAMPLES.glob("*.jpg"))[0], broken])
    (refusal,) = session.adaptation.refusals.values()
    assert "broken.png" in refusal.text
    first = make(qtbot, session, SMALL)[-1]  # the second of its batch, made alone this time
    brief = brief_of(session.workspace.project.works.sidecar(first), replace(SMALL, seed=0))
    again = make(qtbot, session, brief)
    project = session.workspace.project
    assert project.works.get(again[0]).digest == project.works.get(first).digest


def test_a_killed_engine_is_told_restarted_and_retried(qtbot: QtBot, session: Session) -> None:
    adapt(qtbot, session, sorted(SAMPLES.glob("*.jpg"))[:1])
    session.workspace.show_brief(replace(SMALL, width_px=512, height_px=352, count=4))
    with qtbot.waitSignal(session.maker.growing, timeout=PATIENCE_MS):
        session.maker.make()
    os.kill(engine_process().pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: session.generation.problem is not None, timeout=PATIENCE_MS)
    ready = EngineState.READY
    qtbot.waitUntil(lambda: session.client.state is ready, timeout=PATIENCE_MS)
    assert session.adaptation.style is not None, "the style outlives the crash"
    assert len(make(qtbot, session, SMALL)) == 2

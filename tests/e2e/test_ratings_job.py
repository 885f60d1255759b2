"""Ratings on the real engine: they are learned from, works follow them, and the critic explains."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from engine.protocol import PictureBrief
from studio.project.judgements import Place
from studio.state.session import Session
from tests.e2e.test_main_job import PATIENCE_MS, SAMPLES, adapt, make

SMALL = PictureBrief(count=3, seed=5, width_px=96, height_px=64)


def learned(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.learning.is_busy, timeout=PATIENCE_MS)


def test_ratings_teach_and_works_follow(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    adapt(qtbot, session, sorted(SAMPLES.glob("*.jpg"))[:2])
    plain = session.adaptation.style
    assert plain is not None
    works = make(qtbot, session, SMALL)
    for work, stars in zip(works, (5, 1, 3), strict=True):
        session.edits.rate(work, stars)
    session.edits.toggle_like(works[0], True)
    session.edits.toggle_preferred(works[0], works[1])
    session.edits.toggle_mark(works[2], Place(box=(0.0, 0.0, 0.5, 0.5)), False)
    learned(qtbot, session)
    assert session.learning.problem is None
    taught = session.learning.learned
    assert taught is not None
    assert taught.used >= 3
    (followed,) = make(qtbot, session, PictureBrief(count=1, seed=9, width_px=96, height_px=64))
    style = session.workspace.project.styles.get(
        session.workspace.project.works.get(followed).style_id
    )
    assert style.parent_id == plain.id
    data = session.workspace.project.blob(style.digest)
    assert len(data) > len(session.workspace.project.blob(plain.digest)), (
        "the taste stands in the style"
    )

    row = session.workspace.project.works.get(followed)
    session.judging.ask([row])
    qtbot.waitUntil(lambda: session.judging.report(row) is not None, timeout=PATIENCE_MS)
    report = session.judging.report(row)
    assert report is not None
    assert 0 <= report.match <= 1
    names = {reference.name for reference in session.workspace.references()}
    assert report.nearest in names
    assert report.features and report.said

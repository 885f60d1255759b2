"""What tests of a session without a window do: learn from sources, make works."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from engine.protocol import MAX_REFERENCES, Medium, PictureBrief
from studio.client.job import Job, JobRequest
from studio.media.registry import MEDIA
from studio.state.adaptation import StyleState
from studio.state.medium import by_medium
from studio.state.session import Session

RULES = by_medium([each.rules for each in MEDIA])
ROOM = dict.fromkeys(Medium, MAX_REFERENCES)


def adapt(qtbot: QtBot, session: Session, sources: list[Path]) -> None:
    session.add_sources(sources)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)


def make(qtbot: QtBot, session: Session, count: int = 2) -> None:
    session.workspace.set_brief(PictureBrief(count=count, width_px=48, height_px=32, seed=5))
    before = len(session.workspace.project.works.all())
    session.maker.make()
    qtbot.waitUntil(
        lambda: len(session.workspace.project.works.all()) == before + count, timeout=8000
    )
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=8000)


def requests(session: Session) -> list[JobRequest]:
    """Grows by each request that is put into the queue from now on."""
    found: dict[str, JobRequest] = {}
    sent: list[JobRequest] = []

    def note(job: Job) -> None:
        if job.id not in found:
            found[job.id] = job.request
            sent.append(job.request)

    session.jobs.job_changed.connect(note)
    return sent

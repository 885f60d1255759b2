"""The queue: its order, its pauses, and that a studio that was killed goes on where it was."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.protocol import GenerateRequest, Medium, PictureBrief
from studio.client.job_queue import JobQueue
from studio.media.registry import MEDIA
from studio.project.project import Project
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.state.timings import Timings
from tests.studio.sessions import adapt, make

ROOT = Path(__file__).parents[3]
BRIEF = PictureBrief(count=2, width_px=48, height_px=32, seed=5)


def ids(session: Session) -> list[str]:
    return [order.id for order in session.generation.queue.orders()]


@pytest.fixture
def waiting(qtbot, make_session, pictures) -> Session:
    """Three orders behind one that runs, of an engine that takes half a minute for each."""
    session = make_session("slow")
    style = session.workspace.project.styles.add(b"a style", {}, {}, Medium.IMAGE)
    for seed in range(4):
        session.generation.start(style, PictureBrief(count=1, width_px=48, height_px=32, seed=seed))
    queue = session.generation.queue
    qtbot.waitUntil(lambda: queue.running is not None and len(ids(session)) == 4, timeout=60_000)
    kept = session.workspace.project.orders.all
    qtbot.waitUntil(lambda: [one.id for one in kept()] == ids(session), timeout=60_000)
    return session


def test_an_order_is_moved_removed_and_kept_so(qtbot, waiting: Session) -> None:
    queue, orders = waiting.generation.queue, waiting.workspace.project.orders
    first, second, third, fourth = ids(waiting)
    queue.move(fourth, 1)
    assert ids(waiting) == [first, fourth, second, third]
    queue.move(third, 0)  # nothing comes before what is being made
    assert ids(waiting) == [first, third, fourth, second]
    queue.move(first, 3)
    assert ids(waiting)[0] == first
    queue.remove(fourth)
    assert ids(waiting) == [first, third, second]
    qtbot.waitUntil(lambda: [one.id for one in orders.all()] == ids(waiting), timeout=60_000)


def test_what_is_being_made_is_stopped_when_it_is_removed(qtbot, waiting: Session) -> None:
    queue = waiting.generation.queue
    first, second, *_ = ids(waiting)
    queue.remove(first)
    qtbot.waitUntil(lambda: queue.running is queue.find(second), timeout=60_000)
    assert first not in ids(waiting)


def test_a_paused_queue_begins_nothing_and_goes_on(qtbot, make_session, pictures) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    queue = session.generation.queue
    for _ in range(2):
        session.maker.make_from(BRIEF)
    queue.pause()
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=60_000)
    left = queue.orders()
    assert left  # at most the first was begun
    session.maker.make_from(BRIEF)
    qtbot.waitUntil(lambda: session.workspace.project.orders.is_paused, timeout=60_000)
    assert len(queue.orders()) == len(left) + 1
    queue.pause(False)
    qtbot.waitUntil(lambda: len(session.workspace.project.works.all()) == 6, timeout=60_000)
    qtbot.waitUntil(lambda: session.workspace.project.orders.all() == (), timeout=60_000)


def test_what_is_asked_for_now_goes_before_many_works(qtbot, make_session, pictures) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    session.workspace.set_brief(BRIEF)
    came: list[bool] = []
    works_added = session.generation.works_added
    works_added.connect(lambda rows, order: came.extend([order.later] * len(rows)))
    session.maker.make_many(9)
    session.generation.queue.pause()
    session.maker.make_from(BRIEF)
    session.generation.queue.pause(False)
    qtbot.waitUntil(lambda: not session.generation.is_busy and len(came) == 11, timeout=60_000)
    begun = came.index(False)  # at most one job of the many was begun before
    assert begun in (0, 4)
    assert came[begun : begun + 2] == [False, False]


def test_many_works_come_a_few_at_a_time_with_seeds_of_their_own(
    qtbot, make_session, pictures
) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    make(qtbot, session, 1)
    current, before = session.workspace.current, session.workspace.project.works.all()
    session.workspace.set_brief(PictureBrief(count=4, width_px=48, height_px=32, seed=900))
    rested: list[tuple[int, bool]] = []
    session.generation.rested.connect(lambda made, failed: rested.append((made, failed)))
    session.maker.make_many(10)
    qtbot.waitUntil(lambda: len(rested) == 1, timeout=60_000)
    assert rested == [(10, False)]
    works = session.workspace.project.works.all()
    many = sorted(work.seed for work in works if work not in before)
    assert len(many) == 10
    assert many == list(range(many[0], many[0] + 10))
    assert session.workspace.current == current  # the wall is left alone


def test_stopping_many_works_keeps_the_rest_for_later(qtbot, make_session) -> None:
    session = make_session("slow")
    style = session.workspace.project.styles.add(b"a style", {}, {}, Medium.IMAGE)
    session.generation.start(style, BRIEF, 40, later=True)
    queue = session.generation.queue
    qtbot.waitUntil(lambda: queue.running is not None, timeout=60_000)
    session.maker.cancel()
    qtbot.waitUntil(lambda: queue.running is None, timeout=60_000)
    assert queue.is_paused
    assert [order.total for order in queue.orders()] == [40]


def test_an_engine_that_crashes_once_loses_no_night(
    qtbot, make_session, pictures, tmp_path
) -> None:
    session = make_session("crash-once", str(tmp_path / "crashed"))
    style = session.workspace.project.styles.add(b"a style", {}, {}, Medium.IMAGE)
    session.generation.start(style, BRIEF, 4, later=True)
    works = session.workspace.project.works
    qtbot.waitUntil(lambda: len(works.all()) == 4, timeout=60_000)
    assert session.generation.problem is None


def test_what_failed_stands_in_the_queue_until_it_is_tried_again(qtbot, make_session) -> None:
    session = make_session("failing")
    style = session.workspace.project.styles.add(b"a style", {}, {}, Medium.IMAGE)
    session.generation.start(style, BRIEF)
    qtbot.waitUntil(lambda: session.generation.problem is not None, timeout=60_000)
    (order,) = session.generation.queue.orders()
    assert order.problem is not None
    assert not session.generation.is_busy
    session.generation.dismiss()
    assert session.generation.queue.orders() == ()


KILLED = """
import os, signal, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from engine.protocol import GenerateRequest, Medium, PictureBrief
from studio.client.engine_client import EngineClient
from studio.client.job_queue import JobQueue
from studio.media.registry import MEDIA
from studio.project.project import Project
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.state.timings import Timings
folder, engine = Path(sys.argv[1]), sys.argv[2]
app = QApplication([])
project = Project.create(folder / "Night.maquette")
client = EngineClient((sys.executable, engine, "normal"))
queue = JobQueue(client, folder / "scratch")
settings, timings = SettingsStore(folder / "settings.json"), Timings(folder / "timings.json")
session = Session(settings, client, queue, timings, project, MEDIA)
style = project.styles.add(b"a style", {}, {}, Medium.IMAGE)
brief = PictureBrief(count=4, width_px=48, height_px=32, seed=70)
def die(rows, order):
    os.kill(os.getpid(), signal.SIGKILL)
session.generation.works_added.connect(die)
session.generation.start(style, brief, 10, later=True)
session.generation.start(style, PictureBrief(count=2, width_px=48, height_px=32, seed=7))
client.start()
app.exec()
"""


def test_a_killed_studio_goes_on_where_it_was(qtbot, make_client, tmp_path) -> None:
    """kill -9 when the first works are kept: none is made twice, none is left out."""
    engine = str(ROOT / "tests" / "studio" / "fake_engine.py")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), engine],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        timeout=300,
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    project = Project.open(tmp_path / "Night.maquette")
    kept = len(project.works.all())
    assert 0 < kept < 12
    client = make_client("normal")
    jobs = JobQueue(client, tmp_path / "scratch 2", client)
    settings, timings = SettingsStore(tmp_path / "s.json"), Timings(tmp_path / "t.json")
    session = Session(settings, client, jobs, timings, project, MEDIA)
    client.start()
    try:
        qtbot.waitUntil(lambda: len(project.works.all()) == 12, timeout=60_000)
        qtbot.waitUntil(lambda: project.orders.all() == (), timeout=60_000)
        seeds = sorted(work.seed for work in project.works.all())
        assert seeds == [7, 8, *range(70, 80)]
    finally:
        session.close()


def test_another_project_keeps_its_own_queue(qtbot, waiting: Session, tmp_path) -> None:
    queue, kept = waiting.generation.queue, ids(waiting)
    path = waiting.workspace.project.path
    Project.create(tmp_path / "Other.maquette").close()
    waiting.open(tmp_path / "Other.maquette")
    assert queue.orders() == ()
    waiting.open(path)
    assert ids(waiting) == kept
    qtbot.waitUntil(lambda: queue.running is queue.find(kept[0]), timeout=60_000)


def test_the_queue_goes_along_into_a_copy(qtbot, waiting: Session, tmp_path) -> None:
    queued, left, copy = ids(waiting), waiting.workspace.project.path, tmp_path / "Copy.maquette"
    waiting.save_as(copy)
    qtbot.waitUntil(lambda: waiting.workspace.project.path == copy, timeout=60_000)
    assert ids(waiting) == queued
    assert [row.id for row in waiting.workspace.project.orders.all()] == queued
    original = Project.open(left)
    assert not original.orders.all(), "what waits would be made twice"
    original.close()


def test_a_copy_of_what_another_window_works_on_has_no_queue(
    qtbot, waiting: Session, tmp_path
) -> None:
    queued, left = waiting.workspace.project.orders.all(), waiting.workspace.project.path
    waiting.new()
    other, copy = Project.open(left), tmp_path / "Copy.maquette"
    waiting.open(left)
    assert waiting.workspace.project.is_read_only
    waiting.save_as(copy)
    qtbot.waitUntil(lambda: waiting.workspace.project.path == copy, timeout=60_000)
    assert not ids(waiting)
    assert other.orders.all() == queued
    other.close()


def test_the_files_of_batches_that_are_kept_do_not_pile_up(qtbot, make_session, pictures) -> None:
    """The last one's stay for those who look at its previews; works lie in the project."""
    session = make_session()
    adapt(qtbot, session, pictures)
    for _ in range(3):
        make(qtbot, session)
    jobs = [job for job in session.jobs.jobs() if isinstance(job.request, GenerateRequest)]
    assert len(jobs) == 1
    assert len(session.workspace.project.works.all()) == 6

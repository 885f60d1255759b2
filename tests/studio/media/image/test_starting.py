"""A picture to start from: it is in the project, and the engine gets it as a file."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from engine.protocol import GenerateRequest, Medium, Palette, PictureBrief, Use
from studio.media.image import uses
from studio.media.image.controller import image_controller_of
from studio.media.image.mask import Mask
from studio.media.image.pictures import main_colours, size_of
from studio.project.project import Project
from studio.state.orders import brief_of
from studio.state.session import Session
from tests.studio.sessions import adapt, make

COMPOSED = PictureBrief(seed=3)


def start(qtbot, session: Session, act: Callable[[], None]) -> PictureBrief:
    """Do what changes the start, and wait for the brief."""
    before = session.workspace.brief
    act()
    qtbot.waitUntil(lambda: session.workspace.brief != before, timeout=8000)
    return session.workspace.brief


def mask_of(width: int, height: int) -> QImage:
    mask = Mask(QSize(width, height), QColor("red"))
    mask.fill_all()
    return mask.grey()


# ---- the brief ---------------------------------------------------------------------------------


def test_a_use_brings_its_size() -> None:
    size = (600, 400)
    for use, wide in ((Use.FILL, 600), (Use.EXTEND, 900), (Use.ENLARGE, 1200)):
        assert uses.begun(COMPOSED, use, "d", size).width_px == wide
    restyled = uses.begun(COMPOSED, Use.RESTYLE, "d", (300, 300))
    area = restyled.width_px * restyled.height_px
    assert restyled.width_px == restyled.height_px
    assert area == pytest.approx(uses.USUAL_PX, rel=0.01)


@pytest.mark.parametrize("use", uses.OF_A_PICTURE)
@pytest.mark.parametrize("size", [(1, 1), (33, 5000), (9000, 8000), (2048, 2048), (1500, 1000)])
def test_every_size_is_possible(use: Use, size: tuple[int, int]) -> None:
    for wide, tall in uses.sizes(use, size).values():
        assert 32 <= wide <= 2048
        assert 32 <= tall <= 2048


def test_an_end_leaves_a_brief_that_composes() -> None:
    begun = uses.begun(COMPOSED, Use.ENLARGE, "d", (512, 352))
    ended = uses.ended(replace(begun, palette=Palette.MINE, mask="m"))
    assert ended == COMPOSED


def test_another_picture_has_no_mask_yet() -> None:
    masked = replace(uses.begun(COMPOSED, Use.FILL, "one", (64, 64)), mask="m")
    assert uses.begun(masked, Use.RESTYLE, "one", (64, 64)).mask == "m"
    assert uses.begun(masked, Use.FILL, "two", (64, 64)).mask == ""


def test_what_is_not_shown_is_not_sent() -> None:
    hidden = replace(COMPOSED, strength=1.7, mask="m", colours=("#ffffff",), root=9)
    assert uses.trimmed(hidden) == COMPOSED
    shown = replace(hidden, use=Use.VARY, content="d", palette=Palette.FIXED, variation=0.3)
    assert uses.trimmed(shown) == replace(shown, mask="")


def test_what_is_lacking() -> None:
    assert uses.lacking(COMPOSED) == ""
    assert uses.lacking(replace(COMPOSED, use=Use.FILL, content="d")) == "mask"
    assert uses.lacking(replace(COMPOSED, palette=Palette.FIXED)) == "colours"


# ---- into the project --------------------------------------------------------------------------


def test_a_file_is_kept_and_may_go(qtbot, make_session, pictures) -> None:
    session = make_session()
    data = pictures[0].read_bytes()
    brief = start(
        qtbot, session, lambda: image_controller_of(session).start.take(pictures[0], Use.RESTYLE)
    )
    pictures[0].unlink()
    assert session.workspace.project.blob(brief.content) == data
    assert session.workspace.project.working_state.brief(Medium.IMAGE) == brief
    assert brief.use is Use.RESTYLE
    assert not session.workspace.references(), "a start is no reference"


def test_a_pasted_picture_a_reference_and_a_work(qtbot, make_session, pictures) -> None:
    session = make_session()
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("blue"))
    pasted = start(qtbot, session, lambda: image_controller_of(session).start.take(image, Use.VARY))
    assert size_of(session.workspace.project.blob(pasted.content)) == (40, 30)
    adapt(qtbot, session, pictures)
    row = session.workspace.references()[1]
    brief = start(
        qtbot, session, lambda: image_controller_of(session).start.use_reference(row.id, Use.EXTEND)
    )
    assert (brief.content, brief.width_px, brief.height_px) == (row.digest, 90, 60)
    make(qtbot, session, 1)
    work = session.workspace.project.works.get(session.workspace.current)
    brief = start(
        qtbot, session, lambda: image_controller_of(session).start.use_work(work.id, Use.ENLARGE)
    )
    assert (brief.content, brief.width_px) == (work.digest, 96)
    brief = start(qtbot, session, lambda: image_controller_of(session).start.set_use(Use.EXTEND))
    assert (brief.content, brief.width_px) == (work.digest, 72)


def test_each_start_is_one_step_of_the_history(qtbot, make_session, pictures) -> None:
    session = make_session()
    before = session.workspace.brief
    first = start(qtbot, session, lambda: image_controller_of(session).start.take(pictures[0]))
    start(qtbot, session, lambda: image_controller_of(session).start.take(pictures[1]))
    image_controller_of(session).start.clear()
    assert session.workspace.brief == uses.ended(session.workspace.brief)
    session.workspace.history.undo()
    session.workspace.history.undo()
    assert session.workspace.brief == first
    session.workspace.history.undo()
    assert session.workspace.brief == before


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("poem.txt", b"words", "no picture"),
        ("broken.png", b"no picture at all", "damaged"),
        ("zero.png", b"", "empty"),
        ("gone.png", None, "read"),
    ],
)
def test_what_is_no_picture_changes_nothing(
    qtbot, make_session, tmp_path, name, data, word
) -> None:
    session = make_session()
    before = session.workspace.brief
    if data is not None:
        (tmp_path / name).write_bytes(data)
    image_controller_of(session).start.take(tmp_path / name)
    qtbot.waitUntil(lambda: image_controller_of(session).start.problem is not None, timeout=8000)
    problem = image_controller_of(session).start.problem
    assert problem is not None
    assert word in problem.text
    assert name in problem.text
    assert session.workspace.brief == before


def test_a_start_stays_in_its_project(qtbot, make_session, pictures, tmp_path) -> None:
    session = make_session()
    brief = start(qtbot, session, lambda: image_controller_of(session).start.take(pictures[0]))
    session.save_as(tmp_path / "Copy.maquette")
    qtbot.waitUntil(lambda: session.workspace.project.name == "Copy", timeout=8000)
    assert session.workspace.brief == brief
    assert session.workspace.project.blob(brief.content)
    Project.create(tmp_path / "Other.maquette").close()
    session.open(tmp_path / "Other.maquette")
    assert session.workspace.project.name == "Other"
    assert (session.workspace.brief.use, session.workspace.brief.content) == (Use.COMPOSE, "")


# ---- to the engine and back --------------------------------------------------------------------


def test_the_engine_gets_files_and_the_work_digests(qtbot, make_session, pictures) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    session.maker.seed_locked = True
    brief = start(
        qtbot, session, lambda: image_controller_of(session).start.take(pictures[0], Use.FILL)
    )
    assert session.maker.lacking() == "mask"
    session.maker.make()
    assert not session.generation.is_busy, "nothing is made before something is marked"
    image_controller_of(session).start.finish_mask(lambda: mask_of(60, 40), "", fresh=True)
    assert not session.maker.lacking()
    session.workspace.set_brief(replace(session.workspace.brief, count=1))
    brief = session.workspace.brief
    session.maker.make()
    qtbot.waitUntil(lambda: len(session.workspace.project.works.all()) == 1, timeout=8000)
    job = session.jobs.jobs()[-1]
    assert isinstance(job.request, GenerateRequest)
    sent = job.request.brief
    assert Path(sent.content).parent == job.folder
    assert Path(sent.content).read_bytes() == pictures[0].read_bytes()
    assert size_of(Path(sent.mask).read_bytes()) == (60, 40)
    kept = session.workspace.project.works.sidecar(session.workspace.project.works.all()[0].id)
    assert brief_of(kept, PictureBrief()) == uses.trimmed(brief)


def test_a_mask_that_is_emptied_is_none(qtbot, make_session, pictures) -> None:
    session = make_session()
    start(qtbot, session, lambda: image_controller_of(session).start.take(pictures[0], Use.FILL))
    image_controller_of(session).start.keep_mask(mask_of(60, 40))
    qtbot.waitUntil(lambda: session.workspace.brief.mask != "", timeout=8000)
    assert session.workspace.history.stack.count() == 1, "painting is no step until it is over"
    name = session.workspace.brief.mask
    image_controller_of(session).start.finish_mask(lambda: mask_of(60, 40), "", fresh=True)
    assert session.workspace.brief.mask == name
    session.workspace.history.undo()
    assert session.workspace.brief.mask == ""
    session.workspace.history.redo()
    image_controller_of(session).start.finish_mask(lambda: None, name, fresh=True)
    assert session.workspace.brief.mask == ""


def test_vary_makes_works_like_this_one(qtbot, make_session, pictures) -> None:
    session = make_session()
    adapt(qtbot, session, pictures)
    make(qtbot, session, 1)
    work, brief = session.workspace.project.works.all()[0], session.workspace.brief
    image_controller_of(session).vary(work.id)
    qtbot.waitUntil(lambda: len(session.workspace.project.works.all()) == 2, timeout=8000)
    varied = brief_of(
        session.workspace.project.works.sidecar(session.workspace.project.works.all()[0].id),
        PictureBrief(),
    )
    assert (varied.use, varied.content) == (Use.VARY, work.digest)
    assert session.workspace.brief == brief
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=8000)
    row = session.workspace.references()[0]
    image_controller_of(session).vary_reference(row.id)
    qtbot.waitUntil(lambda: len(session.workspace.project.works.all()) == 3, timeout=8000)
    varied = brief_of(
        session.workspace.project.works.sidecar(session.workspace.project.works.all()[0].id),
        PictureBrief(),
    )
    assert (varied.use, varied.content) == (Use.VARY, row.digest)
    assert session.workspace.brief == brief


# ---- the document ------------------------------------------------------------------------------


@pytest.mark.process
def test_a_killed_studio_keeps_start_and_mask(tmp_path: Path) -> None:
    path = tmp_path / "Killed.maquette"
    code = (
        "import os, signal, sys\n"
        "from dataclasses import replace\n"
        "from pathlib import Path\n"
        "from engine.protocol import PictureBrief, Use\n"
        "from studio.project.project import Project\n"
        "project = Project.create(Path(sys.argv[1]))\n"
        "content, mask = project.put(b'a picture'), project.put(b'a mask')\n"
        "project.working_state.save_brief(PictureBrief(use=Use.FILL, content=content, mask=mask))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    project = Project.open(path)
    brief = project.working_state.brief(Medium.IMAGE)
    assert isinstance(brief, PictureBrief)
    assert (project.blob(brief.content), project.blob(brief.mask)) == (b"a picture", b"a mask")
    project.close()


def test_a_brief_from_before_all_this_still_opens(project: Project) -> None:
    old = json.dumps({"medium": "image", "width_px": 640, "height_px": 272, "seed": 4})
    project.document.put_meta("brief.image", old)
    brief = project.working_state.brief(Medium.IMAGE)
    assert brief == PictureBrief(width_px=640, height_px=272, seed=4)


def test_main_colours() -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("#c8102e"))
    assert main_colours(image, 5) == ("#c8102e",)
    for x in range(10):
        for y in range(10):
            image.setPixelColor(x, y, QColor("#101010"))
    assert main_colours(image, 2) == ("#101010", "#c8102e")
    assert main_colours(QImage(), 3) == ()

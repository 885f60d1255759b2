"""Suites through their page: one click, three media, one mood, one web page."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.protocol import GenerateRequest, Medium, MusicBrief, PictureBrief, TextBrief
from studio import i18n
from studio.state.adaptation import StyleState
from studio.state.mood import Mood
from studio.state.problems import Problem
from studio.state.suites import Suite, keep, kept
from studio.views.main_window import MainWindow
from studio.views.suite_dialog import SuiteDialog
from studio.views.suite_picture import setting_of
from studio.views.suite_video import SuiteVideo
from tests.studio import fake_music
from tests.studio.sessions import requests
from tests.studio.windows import controls

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
WAIT_MS = 20_000


@pytest.fixture
def three(qtbot: QtBot, made: MainWindow, texts: list[Path], tmp_path: Path) -> MainWindow:
    """With pictures, poems and music learned."""
    tune = tmp_path / "tune.wav"
    tune.write_bytes(fake_music.wav(0.5))
    session = made.session
    for medium, sources in ((Medium.TEXT, texts), (Medium.AUDIO, [tune])):
        session.add_sources(sources)
        qtbot.waitUntil(lambda medium=medium: session.workspace.medium is medium, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=WAIT_MS)
    return made


def open_page(window: MainWindow) -> SuiteDialog:
    window.actions_["suite"].trigger()
    page = window.files.suite.page
    assert isinstance(page, SuiteDialog)
    return page


def make(qtbot: QtBot, page: SuiteDialog) -> Suite:
    page.make.click()
    qtbot.waitUntil(lambda: page.suites.suite is not None, timeout=WAIT_MS)
    assert page.suites.suite is not None
    return page.suites.suite


def test_one_click_makes_three_works_of_one_mood(qtbot: QtBot, three: MainWindow) -> None:
    page = open_page(three)
    assert page._lacking.isHidden()
    assert page.export.isHidden()
    page.sliders["agitation"].slider.setValue(100)
    page.sliders["brightness"].slider.setValue(-100)
    sent = requests(three.session)
    suite = make(qtbot, page)  # be the sliders still moving
    assert suite.mood == Mood(1.0, -1.0, 0.0)
    assert set(suite.works) == set(Medium)
    workspace = three.session.workspace
    for medium, work_id in suite.works.items():
        assert workspace.project.works.get(work_id).medium is medium
    briefs = [one.brief for one in sent if isinstance(one, GenerateRequest)][-3:]
    picture = next(one for one in briefs if isinstance(one, PictureBrief))
    music = next(one for one in briefs if isinstance(one, MusicBrief))
    text = next(one for one in briefs if isinstance(one, TextBrief))
    assert (picture.light, picture.count) == (-0.6, 1)
    assert (music.mode, music.count) == ("minor", 1)
    assert (text.count, text.line < 1) == (3, True)
    assert workspace.briefs.of(Medium.IMAGE).light == 0, "what the artist asks for stays"
    assert not page.picture._image.isNull()
    assert page.picture._words


def test_its_works_are_seen_and_heard_in_the_window(qtbot: QtBot, three: MainWindow) -> None:
    page = open_page(three)
    suite = make(qtbot, page)
    workspace = three.session.workspace
    for medium in Medium:
        page.works[medium].click()
        assert workspace.medium is medium
        assert workspace.current == suite.works[medium]


def test_suites_are_there_again(qtbot: QtBot, three: MainWindow, tmp_path: Path) -> None:
    page, session = open_page(three), three.session
    first = make(qtbot, page)
    second_mood = Mood(0.0, 0.0, 1.0)
    page.suites.set_mood(second_mood)
    page.suites.suite = None
    second = make(qtbot, page)
    assert [page.past.itemText(n) for n in range(page.past.count())] == ["Suite 2", "Suite 1"]
    page.past.setCurrentIndex(1)
    page.past.activated.emit(1)
    assert page.suites.suite == first
    session.save_as(tmp_path / "Copy.maquette")
    qtbot.waitUntil(lambda: session.workspace.project.name == "Copy", timeout=WAIT_MS)
    assert page.suites.suite == second
    assert page.suites.all() == (second, first)


def test_a_mood_is_taken_from_a_picture(qtbot: QtBot, three: MainWindow) -> None:
    page, workspace = open_page(three), three.session.workspace
    workspace.show_medium(Medium.IMAGE)
    assert workspace.current is not None
    page.measure.click()
    qtbot.waitUntil(lambda: page.suites.mood != Mood(), timeout=WAIT_MS)
    report = three.session.judging.report(workspace.project.works.get(workspace.current))
    assert report is not None
    gaps = {feature.code: feature.gap for feature in report.features}
    assert page.suites.mood == workspace.media[Medium.IMAGE].mood_of(gaps, b"")
    assert page.sliders["brightness"].value() == round(100 * page.suites.mood.brightness)


def test_a_mood_is_taken_from_words(qtbot: QtBot, three: MainWindow) -> None:
    page, workspace = open_page(three), three.session.workspace
    project = workspace.project
    style = project.styles.all(Medium.TEXT)[0]
    work = project.works.add(b"The fire, the red rose", {}, style_id=style.id, seed=1)
    workspace.show_medium(Medium.TEXT)
    three.gallery.model.add([work])
    workspace.select(work.id)
    page.measure.click()
    assert page.suites.mood.warmth > 0.5


def test_what_is_missing_is_said(qtbot: QtBot, made: MainWindow) -> None:
    page = open_page(made)
    assert not page.make.isEnabled()
    assert "at least two media" in page._lacking.text()


def test_without_music_there_is_still_a_suite(
    qtbot: QtBot, made: MainWindow, texts: list[Path]
) -> None:
    session = made.session
    session.add_sources(texts)
    qtbot.waitUntil(lambda: session.workspace.medium is Medium.TEXT, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=WAIT_MS)
    page = open_page(made)
    assert page._lacking.text().startswith("Without: Music")
    suite = make(qtbot, page)
    assert set(suite.works) == {Medium.IMAGE, Medium.TEXT}
    assert page.works[Medium.AUDIO].isHidden()


def test_the_page_asks_for_nothing_from_outside(
    qtbot: QtBot, three: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(three)
    make(qtbot, page)
    out = tmp_path / "out"
    (out / "Suite").mkdir(parents=True)  # a name that is taken
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(out))
    page.export.click()
    qtbot.waitUntil(lambda: page.said.text() == "Written into “Suite (2)”.", timeout=WAIT_MS)
    folder = out / "Suite (2)"
    assert sorted(path.name for path in folder.iterdir()) == [
        *("index.html", "index.zh.html", "works"),
    ]
    for name in ("index.html", "index.zh.html"):
        html = (folder / name).read_text("utf-8")
        links = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert {link.split("/")[0] for link in links} <= {"works", "index.html", "index.zh.html"}
        assert "<script" not in html
        assert "://" not in html
        assert '<div class="poem"' in html
        assert "<audio controls" in html
    works = [path for path in (folder / "works").iterdir() if path.suffix != ".json"]
    assert sorted(path.suffix for path in works) == [".flac", ".png", ".txt"]
    assert all(path.with_suffix(".json").exists() for path in works)
    assert not list(out.glob(".*"))


@pytest.mark.slow
@pytest.mark.qt_log_ignore(
    "Couldn.t", "FFmpeg", "ffmpeg", "multimedia", "frameRate", "propagateSizeHints"
)
def test_a_video_is_written_whole(
    qtbot: QtBot, three: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(three)
    make(qtbot, page)
    target = tmp_path / "night"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    assert page.video.isVisible()
    page.video.click()
    assert not page.video.isEnabled()
    qtbot.waitUntil(page.video.isEnabled, timeout=60_000)
    assert page.said.text() == "Written into “night.mp4”."
    written = target.with_suffix(".mp4").read_bytes()
    assert written[4:8] == b"ftyp"
    assert b"moov" in written
    assert not list(tmp_path.glob(".night*"))


@pytest.mark.slow
@pytest.mark.qt_log_ignore("Couldn.t", "FFmpeg", "ffmpeg", "propagateSizeHints")
def test_what_cannot_be_heard_is_no_video(qtbot: QtBot, made: MainWindow, tmp_path: Path) -> None:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    video = SuiteVideo(image, b"no sound at all", tmp_path / "a.mp4", made)
    said: list[Problem] = []
    video.failed.connect(said.append)
    qtbot.waitUntil(lambda: bool(said), timeout=60_000)
    assert "could not be written" in said[0].text
    assert not list(tmp_path.glob("*.mp4"))


def test_stopping_keeps_what_is_made(qtbot: QtBot, three: MainWindow) -> None:
    page = open_page(three)
    page.make.click()
    assert page.cancel.isVisible()
    page.cancel.click()
    assert not page.suites.is_busy
    assert page.make.isEnabled()
    qtbot.waitUntil(lambda: not three.session.generation.is_busy, timeout=WAIT_MS)
    assert not three.session.generation.queue.orders()


def test_suites_that_are_not_understood_or_lost_their_works(made: MainWindow) -> None:
    project = made.session.workspace.project
    suite = Suite("a", Mood(), {Medium.IMAGE: 1, Medium.TEXT: 2})
    keep(project, suite)
    assert kept(project) == (suite,)
    project.works.delete([2])
    assert kept(project) == ()
    for bad in ("{", "3", '[{"id": "a"}]', '[{"id":"a","mood":{"x":1},"works":{}}]'):
        project.document.put_meta("suites", bad)
        assert kept(project) == ()


def test_words_stand_on_the_calmer_side(qapp) -> None:
    image = QImage(320, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("#f0f0f0"))
    painter = QPainter(image)
    for x in range(0, 160, 20):
        painter.fillRect(x, 0, 10, 200, QColor("black"))
    painter.end()
    assert setting_of(image).side == "right"
    assert setting_of(image).light
    assert setting_of(image.transformed(QTransform().rotate(180))).side == "left"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_has_a_name_and_says_what_it_does(
    qtbot: QtBot, three: MainWindow, language: str
) -> None:
    page = open_page(three)
    make(qtbot, page)
    i18n.set_language(language)
    found = list(controls(page))
    assert len(found) > 10
    for control in found:
        assert control.accessibleName().strip(), type(control).__name__
        assert control.toolTip().strip(), control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.accessibleName()

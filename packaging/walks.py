"""The walks whose pictures stand in the README and in the manual."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from photographer import Photographer, wait

from engine.core.assets import asset
from engine.protocol import Medium, PictureBrief


def pictures(at: Photographer) -> None:
    window = at.window
    at.shoot("empty")
    at.learn(Medium.IMAGE)
    at.shoot("references")
    at.make()
    at.make(photographed=True)
    at.judge()
    at.shoot("gallery")
    window.actions_["compare"].trigger()
    at.shoot("compare")
    window.actions_["compare"].trigger()
    _start_from_a_picture(at)
    at.shoot_in("light", theme="light")
    at.shoot_in("chinese", theme="dark", language="zh")


def _start_from_a_picture(at: Photographer) -> None:
    """A photograph restyled, a region of it painted over, a tile seen repeated."""
    from engine.protocol import Use
    from studio.media.image.controller import image_controller_of
    from studio.media.image.wall import PictureWall

    window, session = at.window, at.session
    before = session.workspace.brief
    start = image_controller_of(session).start
    start.take(asset("bench/images/nasa-2.webp"), Use.RESTYLE)
    wait(lambda: session.workspace.brief.use is Use.RESTYLE, "the start")
    at.make()
    at.shoot("restyle")
    start.set_use(Use.FILL)
    wait(lambda: window.stage.covers_work, "the picture to paint on")
    wall = window.stage.wall
    assert isinstance(wall, PictureWall)
    wall.masks.easel.toggle_box()
    wall.masks.easel.fill_box(erase=False)
    at.shoot("fill")
    window.stage.leave()
    session.workspace.set_brief(
        replace(PictureBrief(), count=1, tile=True, width_px=256, height_px=256)
    )
    at.make()
    window.actions_["repeat"].trigger()
    at.shoot("tile")
    window.actions_["repeat"].trigger()
    session.workspace.set_brief(before)


def texts(at: Photographer) -> None:
    """A sonnet in English, then regulated verse in columns."""
    from studio.media.text.wall import TextWall

    for name, language, form in (("text", "en", "sonnet"), ("text-zh-vertical", "zh", "五绝")):
        at.wear(language=language, theme="dark" if name == "text" else "light")
        at.session.new()
        at.learn(Medium.TEXT)
        at.session.workspace.set_brief(replace(at.session.workspace.brief, form=form))
        wall = at.window.stage.wall
        assert isinstance(wall, TextWall)
        wall.set_vertical(language == "zh")
        at.make()
        at.make()
        at.judge()
        at.shoot(name)


def voices(at: Photographer) -> None:
    """Five modern texts in English, then in Chinese, over the language model that was added first;
    without one the shipped model writes, and the window says what it is not made for."""
    from engine.lab.training.modern_sets import sets_of

    references = {each.name: each.references for each in sets_of(part="asked")}
    for picture, language, voice in (
        ("voice", "en", "allotment-couplets"),
        ("voice-zh", "zh", "海边短诗"),
    ):
        at.wear(language=language, theme="dark")
        at.session.new()
        folder = Path(mkdtemp())
        for number, text in enumerate(references[voice], 1):
            (folder / f"{voice}-{number}.txt").write_text(text, encoding="utf-8")
        at.learn_from(sorted(folder.iterdir()))
        at.make()
        at.make()
        at.judge()
        at.shoot(picture)


def music(at: Photographer) -> None:
    """The sample tunes; works that grow, one in the middle, as notes and in notation, two
    compared."""
    from studio.media.audio.controller import audio_controller_of
    from studio.media.audio.wall import MusicWall

    window = at.window
    player = audio_controller_of(at.session).player
    at.learn(Medium.AUDIO)
    at.shoot("music-references")
    at.make(photographed=True, name="music-growing")
    at.judge()
    player.seek(player.seconds / 3)
    at.shoot("music")
    wall = window.stage.wall
    assert isinstance(wall, MusicWall)
    wall.transport.notation.click()
    wait(lambda: not wall.tracks.isVisible(), "the notation")
    at.shoot("music-notation")
    wall.transport.notation.click()
    window.actions_["compare"].trigger()
    player.seek(player.seconds / 3)
    at.shoot("music-compare")
    window.actions_["compare"].trigger()
    at.shoot_in("music-light", theme="light")
    at.shoot_in("music-chinese", theme="dark", language="zh")


def ratings(at: Photographer) -> None:
    """An artist who likes warm pictures with quiet ground: what the window says of it."""
    window, session = at.window, at.session
    session.new()
    at.learn(Medium.IMAGE)
    asked = replace(session.workspace.brief, count=8, width_px=384, height_px=264)
    session.maker.seed_locked = True
    wishes = ({}, {"invention": 0.8}, {"boldness": 0.9, "brush": 1.6})
    for seed, wish in zip((11, 41, 71), wishes, strict=True):
        session.workspace.set_brief(replace(asked, seed=seed, **wish))
        at.make()
    _rate_by_a_liking(at)
    wait(lambda: session.learning.learned, "the taste")
    session.workspace.set_brief(replace(asked, seed=101, count=2))
    at.make()
    window.actions_["learned"].trigger()
    at.shoot("learned")
    window.actions_["report"].trigger()
    wait(lambda: session.judging.report(session.workspace.project.works.all()[0]), "the report")
    at.shoot("report")
    at.shoot_in("report-chinese", language="zh")
    window.insight.show_page("")
    at.wear(language="en")
    _mark(at)
    window.actions_["overview"].trigger()
    works = session.workspace.project.works.all(Medium.IMAGE)
    wait(lambda: session.judging.verdict(works), "the report on all works")
    at.shoot("project-report")
    window.actions_["overview"].trigger()


def _mark(at: Photographer) -> None:
    """Two parts of a work are marked, a third is chosen; then two works are compared."""
    from studio.state.feedback import Place

    window, session = at.window, at.session
    work = session.workspace.current
    assert work is not None
    session.edits.toggle_mark(work, Place(box=(0.08, 0.1, 0.4, 0.45)), True)
    session.edits.toggle_mark(work, Place(box=(0.55, 0.62, 0.95, 0.94)), False)
    window.actions_["mark"].trigger()
    at.shoot("marks")
    window.actions_["cancel"].trigger()
    window.actions_["compare"].trigger()
    window.actions_["left_better"].trigger()
    at.shoot("rather")
    window.actions_["compare"].trigger()


def _rate_by_a_liking(at: Photographer) -> None:
    """All works, those best that are warm, and quiet; in the order in which they hang."""
    session = at.session
    rows = session.workspace.project.works.all(Medium.IMAGE)
    looks = [_look(session.workspace.project.blob(row.digest)) for row in rows]
    warm, restless = (_ranks([look[place] for look in looks]) for place in (0, 1))
    likings = [2 * one - other for one, other in zip(warm, restless, strict=True)]
    for row, rank in zip(rows, _ranks(likings), strict=True):
        session.edits.rate(row.id, 1 + int(5 * rank))


def _look(data: bytes) -> tuple[float, float]:
    """How much more red than blue a picture is, and how restless."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage

    smooth, image = Qt.TransformationMode.SmoothTransformation, QImage.fromData(data)
    colour = image.scaled(1, 1, mode=smooth).pixelColor(0, 0)
    small = image.scaled(96, 64, mode=smooth).convertToFormat(QImage.Format.Format_Grayscale8)
    steps = [
        abs(small.pixelColor(x, y).value() - small.pixelColor(x - 1, y).value())
        for x in range(1, 96)
        for y in range(64)
    ]
    return colour.redF() - colour.blueF(), sum(steps) / len(steps)


def _ranks(values: Sequence[float]) -> list[float]:
    """0 for the least … nearly 1 for the greatest."""
    order = sorted(values)
    return [order.index(value) / len(order) for value in values]

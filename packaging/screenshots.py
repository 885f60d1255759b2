"""Photograph the window: `xvfb-run python packaging/screenshots.py [OUT] [--engine COMMAND]`.

The real window with the real engine, in a temporary data folder, on the shipped samples. Writes
empty, references, generating, gallery, compare, restyle, fill, tile (dark), light and chinese, then
text and text-zh-vertical, music, music-compare and others of music, then learned, report, marks,
rather and project-report of rated works, 1440 × 900. With --only one of the walks is taken, with
--sizes every picture at three sizes of the window: NAME, NAME-small and NAME-large, with --looks
each of these in both languages and themes: NAME-zh-light-small. The walk "pages" shows every other
view and every dialog; it is taken only when it is named.
"""

import argparse
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from engine.protocol import Medium, PictureBrief  # noqa: E402 - found by the line above

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QWidget

SIZES = {"": (1440, 900), "-small": (1024, 700), "-large": (2560, 1440)}
LOOKS = {
    "": ("", ""),
    "-en-dark": ("en", "dark"),
    "-en-light": ("en", "light"),
    "-zh-dark": ("zh", "dark"),
    "-zh-light": ("zh", "light"),
}
PATIENCE_S = 600.0
STARS = (5, 4, 3, 5, 2, 4)


def wait(until: Callable[[], object], what: str) -> None:
    """Keep the window alive until something is true."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    end = time.monotonic() + PATIENCE_S
    while not until():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s for {what}")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        time.sleep(0.01)


def rest(seconds: float) -> None:
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end, "a moment")


class Photographer:
    """Walks the main job once and presses the shutter on the way."""

    def __init__(
        self, out: Path, engine: tuple[str, ...], sizes: Sequence[str], looks: Sequence[str]
    ) -> None:
        """sizes: keys of SIZES, the usual one first. looks: keys of LOOKS; "" as it stands."""
        from PySide6.QtGui import QCursor

        from studio.app import application
        from studio.state.settings import SettingsStore

        self._out, self._sizes, self._looks = out, sizes, looks
        self._qt = application.make_qt(["maquette"])
        SettingsStore().update(
            language="en", reduced_motion=True, engine_command=engine, saw_tour=True
        )
        self._app = application.App(self._qt)
        self._window, self._session = self._app.window, self._app.session
        wide, tall = SIZES[""]
        self._window.resize(wide, tall)
        QCursor.setPos(wide // 2, tall // 2)
        self._app.start()

    def shoot(self, name: str) -> None:
        for look in self._each_look():
            for size in self._sizes:
                self._window.resize(*SIZES[size])
                rest(0.4)
                self._press(self._window, f"{name}{look}{size}")
        self._window.resize(*SIZES[""])

    def shoot_dialog(self, name: str, make: "Callable[[], QDialog]") -> None:
        """A dialog by itself, made anew in every look."""
        for look in self._each_look():
            dialog = make()
            dialog.show()
            rest(0.6)
            self._press(dialog, f"{name}{look}")
            dialog.close()
            dialog.deleteLater()

    def _each_look(self) -> Iterator[str]:
        """The looks one after the other, worn; afterwards the window is dressed as it was."""
        settings = self._app.settings.settings
        before = {"language": settings.language, "theme": settings.theme}
        for look in self._looks:
            language, theme = LOOKS[look]
            if look:
                self._app.settings.update(language=language, theme=theme)
                self._app.apply()
            yield look
        if any(self._looks):
            self._app.settings.update(**before)
            self._app.apply()

    def _press(self, widget: "QWidget", name: str) -> None:
        picture, path = widget.grab(), self._out / f"{name}.png"
        picture.save(str(path))
        print(f"{path} {picture.width()} × {picture.height()}", flush=True)

    def walk(self, only: str) -> None:
        wait(lambda: self._session.client.hello, "the engine")
        walks = {
            "pictures": self._walk_pictures,
            "texts": self._walk_texts,
            "music": self._walk_music,
            "ratings": self._walk_ratings,
            "pages": self._walk_pages,
        }
        for name, walk in walks.items():
            if only == name or (not only and name != "pages"):
                self._app.settings.update(language="en", theme="dark")
                self._app.apply()
                walk()
        self._window.close()
        self._app.close()

    def _walk_pictures(self) -> None:
        window = self._window
        self.shoot("empty")
        self._learn(Medium.IMAGE)
        self.shoot("references")
        self._make()
        self._make(photographed=True)
        self._judge()
        self.shoot("gallery")
        window.actions_["compare"].trigger()
        self.shoot("compare")
        window.actions_["compare"].trigger()
        self._start_from_a_picture()
        self._in("light", theme="light")
        self._in("chinese", theme="dark", language="zh")

    def _walk_pages(self) -> None:
        """The tour, the pages beside the work, the trash, the work alone, and every dialog."""
        from studio.views.gallery_order import Filter

        window, session = self._window, self._session
        self.shoot("empty")
        window.tour.begin()
        for step in range(4):
            self.shoot(f"tour-{step + 1}")
            window.tour.next.click()
        for medium in (Medium.TEXT, Medium.AUDIO, Medium.IMAGE):
            self._learn(medium)
            self._make()
            self._judge()
            self.shoot(f"work-{medium.value}")
        for page in ("report", "learned", "lineage"):
            window.actions_[page].trigger()
            rest(1.0)
            self.shoot(f"page-{page}")
        self._queue()
        window.actions_["wipe"].trigger()
        self.shoot("wipe")
        window.actions_["cancel"].trigger()
        window.actions_["hide"].trigger()
        window.gallery.filter(Filter.HIDDEN)
        self.shoot("trash")
        window.gallery.filter(Filter.ALL)
        window.actions_["panels"].trigger()
        self.shoot("alone")
        window.actions_["panels"].trigger()
        self._dialogs()
        session.generation.queue.drop(*session.generation.queue.orders())

    def _queue(self) -> None:
        """One order that runs, one that waits, forty for the night; then paused."""
        window, session = self._window, self._session
        session.maker.make_many(40)
        for _ in range(2):
            session.maker.make()
        wait(lambda: session.generation.queue.running, "the queue")
        session.generation.queue.pause()
        window.actions_["queue"].trigger()
        rest(0.5)
        window.insight.queue.list.setCurrentRow(1)
        self.shoot("page-queue")
        window.insight.show_page("")

    def _dialogs(self) -> None:
        from studio.views.about_dialog import AboutDialog
        from studio.views.export_dialog import ExportDialog
        from studio.views.library_dialog import LibraryDialog
        from studio.views.models_dialog import ModelsDialog
        from studio.views.overnight_dialog import OvernightDialog
        from studio.views.preset_dialog import PresetDialog
        from studio.views.report_dialog import ReportDialog
        from studio.views.settings_dialog import SettingsDialog
        from studio.views.shortcuts_sheet import ShortcutsSheet
        from studio.views.tag_dialog import TagDialog

        window, session = self._window, self._session
        self.shoot_dialog("dialog-overnight", lambda: OvernightDialog(session, window))
        self.shoot_dialog(
            "dialog-export", lambda: ExportDialog(session, window.exports.choices(), window)
        )
        self.shoot_dialog("dialog-settings", lambda: SettingsDialog(session, lambda: None, window))
        self.shoot_dialog("dialog-models", lambda: ModelsDialog(session, window))
        self.shoot_dialog("dialog-keys", lambda: ShortcutsSheet(window.actions_, window))
        self.shoot_dialog("dialog-about", lambda: AboutDialog(session, window))
        self.shoot_dialog("dialog-error-report", lambda: ReportDialog(session, window))
        self.shoot_dialog("dialog-library", lambda: LibraryDialog(session, window))
        self.shoot_dialog("dialog-preset", lambda: PresetDialog("512 × 352", window))
        self.shoot_dialog("dialog-tags", lambda: TagDialog(2, ["sea"], ["sea", "sky"], window))

    def _start_from_a_picture(self) -> None:
        """A reference restyled, a region of it painted over, a tile seen repeated."""
        from engine.protocol import Use
        from studio.media.image.controller import image_controller_of
        from studio.media.image.wall import PictureWall

        window, session = self._window, self._session
        before, reference = session.workspace.brief, session.workspace.references()[0].id
        start = image_controller_of(session).start
        start.use_reference(reference, Use.RESTYLE)
        wait(lambda: session.workspace.brief.use is Use.RESTYLE, "the start")
        self._make()
        self.shoot("restyle")
        start.set_use(Use.FILL)
        wait(lambda: window.stage.covers_work, "the picture to paint on")
        wall = window.stage.wall
        assert isinstance(wall, PictureWall)
        wall.masks.easel.toggle_box()
        wall.masks.easel.fill_box(erase=False)
        self.shoot("fill")
        window.stage.leave()
        session.workspace.set_brief(
            replace(PictureBrief(), count=1, tile=True, width_px=256, height_px=256)
        )
        self._make()
        window.actions_["repeat"].trigger()
        self.shoot("tile")
        window.actions_["repeat"].trigger()
        session.workspace.set_brief(before)

    def _walk_texts(self) -> None:
        """A sonnet in English, then regulated verse in columns."""
        from studio.media.text.wall import TextWall

        for name, language, form in (("text", "en", "sonnet"), ("text-zh-vertical", "zh", "五绝")):
            self._app.settings.update(
                language=language, theme="dark" if name == "text" else "light"
            )
            self._app.apply()
            self._session.new()
            self._learn(Medium.TEXT)
            self._session.workspace.set_brief(replace(self._session.workspace.brief, form=form))
            wall = self._window.stage.wall
            assert isinstance(wall, TextWall)
            wall.set_vertical(language == "zh")
            self._make()
            self._make()
            self._judge()
            self.shoot(name)

    def _walk_music(self) -> None:
        """The sample tunes; works that grow, one in the middle, two compared."""
        from studio.media.audio.controller import audio_controller_of

        window = self._window
        player = audio_controller_of(self._session).player
        self._learn(Medium.AUDIO)
        self.shoot("music-references")
        self._make(photographed=True, name="music-growing")
        self._judge()
        player.seek(player.seconds / 3)
        self.shoot("music")
        window.actions_["compare"].trigger()
        player.seek(player.seconds / 3)
        self.shoot("music-compare")
        window.actions_["compare"].trigger()
        self._in("music-light", theme="light")
        self._in("music-chinese", theme="dark", language="zh")

    def _walk_ratings(self) -> None:
        """An artist who likes warm pictures with quiet ground: what the window says of it."""
        window, session = self._window, self._session
        session.new()
        self._learn(Medium.IMAGE)
        asked = replace(session.workspace.brief, count=8, width_px=384, height_px=264)
        session.maker.seed_locked = True
        wishes = ({}, {"invention": 0.8}, {"boldness": 0.9, "brush": 1.6})
        for seed, wish in zip((11, 41, 71), wishes, strict=True):
            session.workspace.set_brief(replace(asked, seed=seed, **wish))
            self._make()
        self._rate_by_a_liking()
        wait(lambda: session.learning.learned, "the taste")
        session.workspace.set_brief(replace(asked, seed=101, count=2))
        self._make()
        window.actions_["learned"].trigger()
        self.shoot("learned")
        window.actions_["report"].trigger()
        wait(lambda: session.judging.report(session.workspace.project.works.all()[0]), "the report")
        self.shoot("report")
        self._in("report-chinese", language="zh")
        window.insight.show_page("")
        self._app.settings.update(language="en")
        self._app.apply()
        self._mark()
        window.actions_["overview"].trigger()
        works = session.workspace.project.works.all(Medium.IMAGE)
        wait(lambda: session.judging.verdict(works), "the report on all works")
        self.shoot("project-report")
        window.actions_["overview"].trigger()

    def _mark(self) -> None:
        """Two parts of a work are marked, a third is chosen; then two works are compared."""
        from studio.state.feedback import Place

        window, session = self._window, self._session
        work = session.workspace.current
        assert work is not None
        session.edits.toggle_mark(work, Place(box=(0.08, 0.1, 0.4, 0.45)), True)
        session.edits.toggle_mark(work, Place(box=(0.55, 0.62, 0.95, 0.94)), False)
        window.actions_["mark"].trigger()
        self.shoot("marks")
        window.actions_["cancel"].trigger()
        window.actions_["compare"].trigger()
        window.actions_["left_better"].trigger()
        self.shoot("rather")
        window.actions_["compare"].trigger()

    def _rate_by_a_liking(self) -> None:
        """All works, those best that are warm, and quiet; in the order in which they hang."""
        session = self._session
        rows = session.workspace.project.works.all(Medium.IMAGE)
        looks = [_look(session.workspace.project.blob(row.digest)) for row in rows]
        warm, restless = (_ranks([look[place] for look in looks]) for place in (0, 1))
        likings = [2 * one - other for one, other in zip(warm, restless, strict=True)]
        for row, rank in zip(rows, _ranks(likings), strict=True):
            session.edits.rate(row.id, 1 + int(5 * rank))

    def _learn(self, medium: Medium) -> None:
        self._window.beginnings.begin_with_samples(medium)
        wait(lambda: self._session.adaptation.style, "the style")
        rest(2.0)

    def _make(self, photographed: bool = False, name: str = "generating") -> None:
        session = self._session
        before = len(session.workspace.project.works.all())
        session.maker.make()
        if photographed:
            wait(
                lambda: session.generation.job and session.generation.job.fraction > 0.45,
                "half the work",
            )
            self.shoot(name)
        wait(lambda: len(session.workspace.project.works.all()) > before, "the works")
        wait(lambda: not session.generation.is_busy, "the end of the job")
        rest(0.5)

    def _judge(self) -> None:
        from studio.views.gallery_model import WORK_ROLE

        session, model = self._session, self._window.gallery.model
        works = [model.index(row).data(WORK_ROLE).id for row in range(model.rowCount())]
        for work, stars in zip(works, STARS, strict=False):
            session.edits.rate(work, stars)
        for work in (works[0], works[3]):
            session.edits.toggle_kept(work)
        session.workspace.select(works[3])
        session.workspace.select(works[0])

    def _in(self, name: str, **settings: object) -> None:
        self._app.settings.update(**settings)
        self._app.apply()
        self.shoot(name)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--engine", default="", help="a command that starts another engine")
    parser.add_argument(
        "--only",
        choices=("pictures", "texts", "music", "ratings", "pages"),
        default="",
        help="one walk",
    )
    parser.add_argument("--looks", action="store_true", help="in both languages and themes")
    parser.add_argument("--sizes", action="store_true", help="at three sizes of the window")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            os.environ[name] = home
        sizes = list(SIZES) if options.sizes else [""]
        looks = [look for look in LOOKS if look] if options.looks else [""]
        engine = tuple(shlex.split(options.engine))
        Photographer(options.out, engine, sizes, looks).walk(options.only)


if __name__ == "__main__":
    main()

"""The studio with a camera: a window that is walked by a program, and photographed on the way."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.protocol import Medium

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QMenu, QWidget

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
    """One window on one engine; `studio`, `window` and `session` are what a walk works with."""

    def __init__(
        self, out: Path, engine: tuple[str, ...], sizes: Sequence[str], looks: Sequence[str]
    ) -> None:
        """sizes: keys of SIZES, the usual one first. looks: keys of LOOKS; "" as it stands."""
        from PySide6.QtGui import QCursor

        from studio.app import application
        from studio.state.settings import SettingsStore

        self.out, self._sizes, self._looks = out, sizes, looks
        self._qt = application.make_qt(["maquette"])
        told = {"saw_tour": True, "was_told_of_scale": True}
        SettingsStore().update(language="en", reduced_motion=True, engine_command=engine, **told)
        self.studio = application.App(self._qt)
        self.window, self.session = self.studio.window, self.studio.session
        wide, tall = SIZES[""]
        self.window.resize(wide, tall)
        QCursor.setPos(wide // 2, tall // 2)
        self.studio.start()

    def shoot(self, name: str) -> None:
        for look in self.each_look():
            for size in self._sizes:
                self.window.resize(*SIZES[size])
                rest(0.4)
                self.press(self.window, f"{name}{look}{size}")
        self.window.resize(*SIZES[""])

    def shoot_dialog(self, name: str, make: "Callable[[], QDialog]") -> None:
        """A dialog by itself, made anew in every look."""
        for look in self.each_look():
            dialog = make()
            dialog.show()
            rest(0.6)
            self.press(dialog, f"{name}{look}")
            dialog.close()
            dialog.deleteLater()

    def shoot_menu(self, name: str, menu: "QMenu") -> None:
        """A menu as it is when it has fallen open."""
        for look in self.each_look():
            menu.popup(self.window.mapToGlobal(self.window.rect().center()))
            rest(0.3)
            self.press(menu, f"{name}{look}")
            menu.close()

    def each_look(self) -> Iterator[str]:
        """The looks one after the other, worn; afterwards the window is dressed as it was."""
        settings = self.studio.settings.settings
        before = {"language": settings.language, "theme": settings.theme}
        for look in self._looks:
            language, theme = LOOKS[look]
            if look:
                self.studio.settings.update(language=language, theme=theme)
                self.studio.apply()
            yield look
        if any(self._looks):
            self.studio.settings.update(**before)
            self.studio.apply()

    def press(self, widget: "QWidget", name: str) -> None:
        picture, path = widget.grab(), self.out / f"{name}.png"
        picture.save(str(path))
        print(f"{path} {picture.width()} × {picture.height()}", flush=True)

    def close(self) -> None:
        self.window.close()
        self.studio.close()

    # ---- what every walk does ------------------------------------------------------------------

    def wear(self, **settings: object) -> None:
        self.studio.settings.update(**settings)
        self.studio.apply()

    def shoot_in(self, name: str, **settings: object) -> None:
        self.wear(**settings)
        self.shoot(name)

    def learn(self, medium: Medium) -> None:
        self.window.beginnings.begin_with_samples(medium)
        self._wait_for_style()

    def learn_from(self, paths: Sequence[Path]) -> None:
        self.session.add_sources(list(paths))
        self._wait_for_style()

    def _wait_for_style(self) -> None:
        wait(lambda: self.session.adaptation.style, "the style")
        rest(2.0)

    def make(self, photographed: bool = False, name: str = "generating") -> None:
        session = self.session
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

    def judge(self) -> None:
        from studio.views.gallery_model import WORK_ROLE

        session, model = self.session, self.window.gallery.model
        works = [model.index(row).data(WORK_ROLE).id for row in range(model.rowCount())]
        for work, stars in zip(works, STARS, strict=False):
            session.edits.rate(work, stars)
        for work in (works[0], works[3]):
            session.edits.toggle_kept(work)
        session.workspace.select(works[3])
        session.workspace.select(works[0])

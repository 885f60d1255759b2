"""Every other view of the window, and every dialog: looked at before a release, shown nowhere."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from photographer import Photographer, rest, wait

from engine.protocol import Medium, Use

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

MEDIA = (Medium.TEXT, Medium.AUDIO, Medium.IMAGE)  # the last one is looked at afterwards


def pages(at: Photographer) -> None:
    """The tour; three media; what stands beside the work and over it; the queue."""
    _tour(at)
    for medium in MEDIA:
        _begin(at, medium)
        at.shoot(f"work-{medium.value}")
        _edited(at, medium)
    for page in ("report", "learned", "lineage"):
        at.window.actions_[page].trigger()
        rest(1.0)
        at.shoot(f"page-{page}")
    at.window.insight.show_page("")
    _over_the_work(at)
    _before_and_after(at)
    _trash(at)
    _alone(at)
    _queue(at)


def dialogs(at: Photographer) -> None:
    """What is opened over the window or beside it, its menus, and what is printed."""
    for medium in MEDIA:
        if not at.session.workspace.project.works.all(medium):
            _begin(at, medium)
    _menus(at)
    _contact_sheet(at)
    _dialogs(at)


def _begin(at: Photographer, medium: Medium) -> None:
    at.learn(medium)
    at.make()
    at.judge()


def _tour(at: Photographer) -> None:
    at.shoot("empty")
    at.window.tour.begin()
    for step in range(4):
        at.shoot(f"tour-{step + 1}")
        at.window.tour.next.click()


def _edited(at: Photographer, medium: Medium) -> None:
    """The editor of a text; all that is asked for, down to its end."""
    from studio.widgets.fold import Fold

    if medium is Medium.TEXT:
        at.window.actions_["edit"].trigger()
        at.shoot("edit-text")
        at.window.actions_["cancel"].trigger()
    brief = at.window.brief
    for fold in brief.findChildren(Fold):
        fold.head.setChecked(True)
    rest(0.5)
    brief.bar.setValue(brief.bar.maximum())
    at.shoot(f"brief-{medium.value}")
    for fold in brief.findChildren(Fold):
        fold.head.setChecked(False)


def _over_the_work(at: Photographer) -> None:
    actions = at.window.actions_
    for name, end in (("compare", ""), ("wipe", "cancel"), ("mark", "cancel"), ("overview", "")):
        actions[name].trigger()
        rest(0.5)
        at.shoot(name)
        if end:
            actions[end].trigger()
    actions["overview"].trigger()
    actions["wipe"].trigger()  # of two works it is on until it is turned off


def _before_and_after(at: Photographer) -> None:
    """The work restyled under its line, and a part of it painted over."""
    from studio.media.image.controller import image_controller_of
    from studio.media.image.wall import PictureWall

    session, before = at.session, at.session.workspace.brief
    start = image_controller_of(session).start
    current = session.workspace.current
    assert current is not None
    start.use_work(current, Use.RESTYLE)
    wait(lambda: session.workspace.brief.use is Use.RESTYLE, "the start")
    at.make()
    at.window.actions_["wipe"].trigger()
    at.shoot("before-after")
    at.window.actions_["wipe"].trigger()
    start.set_use(Use.FILL)
    wait(lambda: at.window.stage.covers_work, "the picture to paint on")
    wall = at.window.stage.wall
    assert isinstance(wall, PictureWall)
    wall.masks.easel.toggle_box()
    wall.masks.easel.fill_box(erase=False)
    at.shoot("fill")
    at.window.stage.leave()
    session.workspace.set_brief(before)


def _trash(at: Photographer) -> None:
    from studio.views.gallery_order import Filter

    at.window.actions_["hide"].trigger()
    at.window.gallery.filter(Filter.HIDDEN)
    at.shoot("trash")
    at.window.gallery.filter(Filter.ALL)


def _alone(at: Photographer) -> None:
    """All but the work hidden, and the slideshow, which would turn the page."""
    at.window.actions_["panels"].trigger()
    at.shoot("alone")
    at.window.actions_["panels"].trigger()
    at.window.actions_["slideshow"].trigger()
    at.window.slideshow.pause.stop()
    rest(0.5)
    at.press(at.window, "slideshow")
    at.window.actions_["slideshow"].trigger()
    rest(0.5)


def _menus(at: Photographer) -> None:
    """As they fall down from the bar at the top and from the wishes."""
    bar, brief = at.window.top_bar, at.window.brief.menus
    for name, menu in (
        ("project", bar.menu),
        ("presets", brief.presets_menu),
        ("past", brief.past_menu),
    ):
        at.shoot_menu(f"menu-{name}", menu)


def _dialogs(at: Photographer) -> None:
    from studio.i18n import t
    from studio.project.shelf import projects
    from studio.project.work_groups import Collection
    from studio.views.about_dialog import AboutDialog
    from studio.views.collect_dialog import CollectDialog
    from studio.views.export_dialog import ExportDialog
    from studio.views.models_dialog import ModelsDialog
    from studio.views.overnight_dialog import OvernightDialog
    from studio.views.preset_dialog import PresetDialog
    from studio.views.projects_dialog import ProjectsDialog
    from studio.views.report_dialog import ReportDialog
    from studio.views.settings_dialog import SettingsDialog
    from studio.views.shortcuts_sheet import ShortcutsSheet
    from studio.views.tag_dialog import TagDialog

    window, session = at.window, at.session
    library, suite = _library(at), _suite(at)
    works = [work.id for work in session.workspace.project.works.all(Medium.IMAGE)][:2]
    collections = [
        Collection(id="1", medium=Medium.IMAGE, name="For the wall").with_works(works),
        Collection(id="2", medium=Medium.IMAGE, name="海 · Sea").with_works(works[:1]),
    ]
    dialogs: dict[str, Callable[[], QDialog]] = {
        "overnight": partial(OvernightDialog, session, window),
        "export": lambda: ExportDialog(session, window.exports.choices(), window),
        "settings": partial(SettingsDialog, session, lambda: None, window),
        "models": partial(ModelsDialog, session, window),
        "keys": partial(ShortcutsSheet, window.actions_, window),
        "about": partial(AboutDialog, session, window),
        "error-report": partial(ReportDialog, session, window),
        "library": library,
        "suite": suite,
        "collections": partial(CollectDialog, works, collections, Medium.IMAGE, window),
        "preset": partial(PresetDialog, "512 × 352", t("presets.words"), window),
        "tags": partial(TagDialog, 2, ["sea"], ["sea", "sky"], window),
    }
    for name, make in dialogs.items():
        at.shoot_dialog(f"dialog-{name}", make)
    session.new()
    found = projects(session.settings.projects_folder(), session.settings.recent())
    open_now = session.workspace.project.path.resolve()  # which is not offered
    others = [one for one in found if one.path.resolve() != open_now]
    at.shoot_dialog("dialog-projects", partial(ProjectsDialog, others, window))


def _library(at: Photographer) -> "Callable[[], QDialog]":
    """With the styles of all three media, one of them chosen."""
    from studio.views.library_dialog import LibraryDialog

    library = at.session.library
    for medium in MEDIA:
        at.session.workspace.show_medium(medium)
        wait(lambda: library.can_save, "a style to keep")
        known = len(library.entries())
        library.save_project_style()
        wait(lambda known=known: len(library.entries()) > known, "the entry")

    def make() -> LibraryDialog:
        dialog = LibraryDialog(at.session, at.window)
        wait(dialog.list.count, "the covers")
        dialog.list.setCurrentRow(0)
        return dialog

    return make


def _suite(at: Photographer) -> "Callable[[], QDialog]":
    """A calm and bright one, which is made first."""
    from studio.state.mood import Mood
    from studio.views.suite_dialog import SuiteDialog

    suites = at.session.suites
    suites.set_mood(Mood(-0.5, 0.6, 0.3))
    suites.make()
    wait(lambda: suites.suite is not None and not suites.is_busy, "the suite")
    rest(0.5)
    return partial(SuiteDialog, at.session, at.window)


def _queue(at: Photographer) -> None:
    """One order that runs, one that waits, forty for the night; then paused."""
    window, session = at.window, at.session
    session.maker.make_many(40)
    for _ in range(2):
        session.maker.make()
    wait(lambda: session.generation.queue.running, "the queue")
    session.generation.queue.pause()
    window.actions_["queue"].trigger()
    rest(0.5)
    window.insight.queue.list.setCurrentRow(1)
    at.shoot("page-queue")
    window.insight.show_page("")
    session.generation.queue.drop(*session.generation.queue.orders())


def _contact_sheet(at: Photographer) -> None:
    """The first page of the PDF, in each look's language."""
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtPdf import QPdfDocument

    from studio.views.contact_sheet import write_contact_sheet

    workspace = at.session.workspace
    works: Sequence[int] = [work.id for work in workspace.project.works.all()][:8]
    for look in at.each_look():
        target = Path(at.out) / "sheet.pdf"
        write_contact_sheet(workspace.project, workspace.media, works, target)
        pdf = QPdfDocument()
        pdf.load(str(target))
        page = QImage(QSize(794, 1123), QImage.Format.Format_RGB32)
        page.fill("white")
        painter = QPainter(page)
        painter.drawImage(0, 0, pdf.render(0, page.size()))
        painter.end()
        page.save(str(at.out / f"contact-sheet{look}.png"))
        pdf.close()
        target.unlink()

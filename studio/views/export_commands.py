"""Works leave by the menu, the key or the button: the dialog, and the line that tells of it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from studio import i18n
from studio.i18n import t
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.gallery_panel import GalleryPanel

if TYPE_CHECKING:
    from studio.views.export_dialog import ExportOrder


class ExportCommands(QObject):
    def __init__(
        self, session: Session, actions: Actions, gallery: GalleryPanel, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session, self._workspace = session, session.workspace
        self._gallery, self._window = gallery, window
        self._order: ExportOrder | None = None
        self._left: tuple[Path, ...] = ()  # what was written last
        actions["export"].triggered.connect(self._on_export)
        gallery.export.clicked.connect(self._on_export)
        gallery.said.acted.connect(self._on_followed)
        exporter = session.exporter
        exporter.exported.connect(self._on_exported)
        exporter.failed.connect(self._on_failed)
        exporter.progressed.connect(self._on_progressed)
        exporter.cancelled.connect(self._on_cancelled)

    def choices(self) -> dict[str, list[int]]:
        selected, current = self._gallery.selected(), self._workspace.current
        works = self._workspace.project.works.all(kept_only=True)
        kept = [work.id for work in works if work.medium is self._workspace.medium]
        several = len({work.medium for work in works}) > 1
        return {
            "selected": selected if len(selected) > 1 else [],
            "this": [current] if current is not None else [],
            "kept": kept,
            "all_kept": [work.id for work in works] if several else [],
        }

    def _on_export(self) -> None:
        from studio.views.export_dialog import ExportDialog

        choices = self.choices()
        if not any(ids for name, ids in choices.items() if name != "all_kept"):
            self._gallery.said.show_text(t("error.export_nothing"))
            return
        dialog = ExportDialog(self._session, choices, self._window)
        dialog.exec()
        if dialog.order is not None:
            self.start(dialog.order)
        dialog.deleteLater()

    def start(self, order: "ExportOrder") -> None:
        self._order, workspace, exporter = order, self._workspace, self._session.exporter
        project, media = workspace.project, workspace.media
        if order.shape == "sheet":
            from studio.views.contact_sheet import write_contact_sheet

            exporter.write(partial(write_contact_sheet, project, media, order.works, order.target))
        elif order.shape == "page":
            from studio.views.portfolio import write_portfolio

            parts = order.works, order.target, order.options, i18n.language()
            exporter.write(partial(write_portfolio, project, media, *parts))
        else:
            exporter.start(order.works, order.target, order.options)
        if not exporter.is_busy:  # the engine tells how it gets on
            self._gallery.said.show_text(t("export.working_on", n=len(order.works)))

    # ---- what comes of it ----------------------------------------------------------------------

    def _on_progressed(self, done: int, total: int) -> None:
        words = t("export.working", n=done + 1, total=total)
        self._gallery.said.show_text(words, t("dialog.cancel"))

    def _on_cancelled(self, done: int) -> None:
        self._gallery.said.show_text(t("export.cancelled", n=done))

    def _on_failed(self, problem) -> None:
        self._gallery.said.show_text("")
        self._workspace.problem_raised.emit(problem)

    def _on_exported(self, paths: tuple[Path, ...]) -> None:
        self._left = paths
        order, where = self._order, paths[0].parent.name
        words = t("export.done", n=len(paths), where=where)
        if order is not None and order.shape != "files":
            name = order.target.name
            words = t("export.made", n=len(order.works), name=name)
        page = order is not None and order.shape == "page"
        link = t("export.open_page") if page else t("export.open_folder")
        self._gallery.said.show_text(words, link, done=True)

    def _on_followed(self) -> None:
        """Stop what is exported, or show where it went."""
        if self._session.exporter.is_busy:
            self._session.exporter.cancel()
        elif self._left:
            first = self._left[0]
            shown = first if first.suffix == ".html" else first.parent
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(shown)))

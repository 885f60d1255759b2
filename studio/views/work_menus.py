"""What a right click, or the menu key, offers on a work and on a reference."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.gallery_panel import GalleryPanel
from studio.views.medium_view import MediumViews
from studio.views.reference_card import ReferenceCard
from studio.views.references_panel import ReferencesPanel
from studio.views.stage import Stage


class WorkMenus(QObject):
    def __init__(
        self,
        session: Session,
        views: MediumViews,
        actions: Actions,
        stage: Stage,
        gallery: GalleryPanel,
        references: ReferencesPanel,
    ) -> None:
        super().__init__(stage)
        self._workspace, self._edits, self._views = session.workspace, session.edits, views
        self._actions, self._stage = actions, stage
        self._capabilities = session.capabilities
        for home in (*(wall.canvas for wall in stage.walls.values()), gallery.view):
            home.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            home.customContextMenuRequested.connect(
                lambda point, home=home: self.show_work_menu(home, point)
            )
        references.menu_asked.connect(self.show_reference_menu)

    def show_work_menu(self, home: QWidget, point: QPoint) -> None:
        looks_at_work = not (self._stage.is_growing or self._stage.is_reading)
        if self._workspace.current is not None and looks_at_work:
            groups = self._views[self._workspace.medium].work_menu
            self._open(self.work_menu(groups, home), home.mapToGlobal(point))

    def work_menu(self, groups: Sequence[Sequence[str]], home: QWidget) -> QMenu:
        """The actions of the current work, which a right click in the gallery has just chosen."""
        menu = QMenu(home)
        for names in groups:
            if not menu.isEmpty():
                menu.addSeparator()
            for name in filter(self._capabilities.serves_action, names):
                menu.addAction(self._actions[name])
        return menu

    def show_reference_menu(self, card: ReferenceCard, point: QPoint) -> None:
        self._open(self.reference_menu(card), card.mapToGlobal(point))

    def reference_menu(self, card: ReferenceCard) -> QMenu:
        menu, edits, reference = QMenu(card), self._edits, card.row
        self._views[reference.medium].add_reference_actions(menu, reference)
        if not menu.isEmpty():
            menu.addSeparator()
        remove = menu.addAction(t("reference.remove", name=card.name.whole))
        remove.triggered.connect(lambda: edits.remove_reference(reference.id))
        return menu

    @staticmethod
    def _open(menu: QMenu, place: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

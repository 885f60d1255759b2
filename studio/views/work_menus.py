"""What a right click, or the menu key, offers on a work and on a reference."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from engine.messages import Medium, Use
from studio.i18n import t
from studio.media.audio.music import is_score
from studio.project.project import ReferenceRow
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.gallery_panel import GalleryPanel
from studio.views.reference_card import ReferenceCard
from studio.views.references_panel import ReferencesPanel
from studio.views.stage import Stage
from studio.views.work_commands import USES

_SAID = "like", "dislike", "mark", "report"
_KEPT = "keep", "compare", "export", "hide"
_PICTURE = (("vary", "again"), tuple(USES), _SAID, _KEPT)
_MUSIC = (("again",), _SAID, _KEPT)
_TEXT = (("again",), ("edit", "vertical"), _SAID, _KEPT)

GROUPS = {Medium.IMAGE: _PICTURE, Medium.TEXT: _TEXT, Medium.AUDIO: _MUSIC}


class WorkMenus(QObject):
    def __init__(
        self,
        session: Session,
        actions: Actions,
        stage: Stage,
        gallery: GalleryPanel,
        references: ReferencesPanel,
    ) -> None:
        super().__init__(stage)
        self._session, self._actions, self._stage = session, actions, stage
        for home in (stage.easel, stage.pages, stage.music.tracks, gallery.view):
            home.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            home.customContextMenuRequested.connect(
                lambda point, home=home: self.show_work_menu(home, point)
            )
        references.menu_asked.connect(self.show_reference_menu)

    def show_work_menu(self, home: QWidget, point: QPoint) -> None:
        looks_at_work = not (self._stage.is_growing or self._stage.is_reading)
        if self._session.current is not None and looks_at_work:
            groups = GROUPS[self._session.medium]
            self._open(self.work_menu(groups, home), home.mapToGlobal(point))

    def work_menu(self, groups: Sequence[Sequence[str]], home: QWidget) -> QMenu:
        """The actions of the current work, which a right click in the gallery has just chosen."""
        menu = QMenu(home)
        for names in groups:
            if not menu.isEmpty():
                menu.addSeparator()
            for name in names:
                menu.addAction(self._actions[name])
        return menu

    def show_reference_menu(self, card: ReferenceCard, point: QPoint) -> None:
        self._open(self.reference_menu(card), card.mapToGlobal(point))

    def reference_menu(self, card: ReferenceCard) -> QMenu:
        menu, session, reference = QMenu(card), self._session, card.row
        if reference.medium is Medium.IMAGE:
            vary = menu.addAction(t("action.vary"))
            vary.setEnabled(session.adaptation.style is not None)
            vary.triggered.connect(lambda: session.vary_reference(reference.id))
            for name, use in USES.items():
                menu.addAction(t(f"action.{name}")).triggered.connect(
                    lambda _on=False, use=use: self._use(reference.id, use)
                )
            menu.addSeparator()
        if reference.medium is Medium.AUDIO:
            self._add_music_uses(menu, reference)
            menu.addSeparator()
        remove = menu.addAction(t("reference.remove", name=card.name.whole))
        remove.triggered.connect(lambda: session.remove_reference(reference.id))
        return menu

    def _add_music_uses(self, menu: QMenu, reference: ReferenceRow) -> None:
        """A score can be gone on from, a recording lends its sound."""
        score = is_score(reference.name)
        words = t("opening.from_reference") if score else t("sound.from_reference")
        field = "content" if score else "sound"
        menu.addAction(words).triggered.connect(
            lambda: self._session.openings.use_reference(reference.id, field)
        )

    def _use(self, reference_id: int, use: Use) -> None:
        self._session.starting.use_reference(reference_id, use)

    @staticmethod
    def _open(menu: QMenu, place: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

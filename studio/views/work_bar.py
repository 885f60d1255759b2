"""Under the work: its stars, and what can be done with it."""

from PySide6.QtWidgets import QWidget

from studio import theme
from studio.i18n import t
from studio.session import Session
from studio.views.actions import Actions
from studio.views.stage import Stage
from studio.widgets.base import Elided, Panel, row
from studio.widgets.buttons import IconButton
from studio.widgets.stars import Stars

_HEIGHT_PX = 48


class WorkBar(Panel):
    def __init__(
        self, session: Session, actions: Actions, stage: Stage, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("WorkBar")
        self.setFixedHeight(_HEIGHT_PX)
        self._session, self._actions, self._stage = session, actions, stage
        self._facts = Elided("dim")
        self.stars = Stars(self)
        self.keep = IconButton("heart", words=True)
        self.vary = IconButton("copy-plus", words=True)
        self.compare = IconButton("columns-2", words=True)
        self.export = IconButton("download", words=True)
        self.zoom = IconButton("maximize", 16, words=True)
        self.keep.setCheckable(True)
        self.compare.setCheckable(True)
        tools = row(self.stars, self.keep, self.vary, self.compare, self.export, gap=4)
        tools.insertSpacing(1, theme.GAP_PX)
        line = row(self._facts, tools, row(None, self.zoom))
        line.setStretch(0, 1)
        line.setStretch(2, 1)
        line.setContentsMargins(16, 0, 12, 0)
        self.setLayout(line)
        for name in ("keep", "vary", "compare", "export"):
            button = getattr(self, name)
            button.clicked.connect(actions[name].trigger)
        self.zoom.clicked.connect(actions["toggle_fit"].trigger)
        for fact in (session.current_changed, session.work_changed, session.project_changed):
            fact.connect(lambda *_: self._show())
        stage.shown_changed.connect(self._show)
        stage.easel.zoom_changed.connect(self._show_zoom)
        self.retranslate()

    def retranslate(self) -> None:
        self.stars.setAccessibleName(t("work.rating"))
        for name in ("vary", "compare"):
            getattr(self, name).set_words(t(f"action.{name}"), self._actions.key(name))
        self.export.set_words(t("work.export"), self._actions.key("export"))
        self._show()

    def _show(self) -> None:
        """The current work's marks; without one, the tools wait greyed."""
        current = self._session.current
        shown = current is not None and not self._stage.is_growing
        work = self._session.project.work(current) if current is not None and shown else None
        for tool in (self.stars, self.keep, self.vary, self.compare, self.export):
            tool.setEnabled(work is not None)
        self.stars.set_value(work.rating if work else 0)
        kept = bool(work and work.kept)
        self.keep.setChecked(kept)
        self.keep.set_icon("heart", filled=kept)
        self.keep.set_words(t("work.kept") if kept else t("action.keep"), self._actions.key("keep"))
        self.compare.setChecked(self._stage.is_comparing)
        facts = (
            {"width": work.width_px, "height": work.height_px, "seed": work.seed} if work else {}
        )
        self._facts.set_text(t("work.facts", **facts) if work else "")
        self._show_zoom()

    def _show_zoom(self) -> None:
        easel = self._stage.easel
        self.zoom.setEnabled(bool(easel.sheets()))
        percent = t("work.zoom", percent=round(100 * easel.scale()))
        self.zoom.set_words(t("work.fit") if easel.is_fitted() else percent)
        self.zoom.setToolTip(f"{t('action.toggle_fit')}  {self._actions.key('toggle_fit')}")

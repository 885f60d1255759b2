"""Under the work: its stars, and what can be done with it."""

from PySide6.QtWidgets import QMenu, QWidget

from studio.i18n import t
from studio.project.rows import WorkRow
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.bar import Bar, press, show_liking
from studio.views.medium_view import MediumViews
from studio.views.stage import Stage
from studio.widgets import theme
from studio.widgets.base import Elided, row
from studio.widgets.buttons import IconButton
from studio.widgets.stars import Stars

_LEAST_PX, _FACTS_PX, _MARGINS_PX, _GAP_PX = 400, 96, 80, 4
_BARE = ("like", "dislike", "mark")
_CHECKABLE = ("keep", "compare", "wipe", "edit", "vertical", "repeat", *_BARE)
_CLICKED = (*_CHECKABLE, "vary", "again", "export")
_OF_MEDIA = ("edit", "again", "vary", "go_on", "repeat", "vertical", "wipe", "zoom")
_USES = ("start", "fill", "extend", "enlarge")
# Where not all have room: which go into the menu at the end, and which have their words first.
_WORDLESS = "wipe", "repeat"
_STEP_BACK = ("zoom", "repeat", "wipe", "vertical", "compare", "edit", "go_on", "mark", "export")
_STEP_BACK += ("again", "vary")
_WORDS_FIRST = ("keep", "vary", "again", "export", "go_on", "compare", "edit", "vertical", "zoom")
_ACTION_OF = {"zoom": ("toggle_fit",), "go_on": _USES}


class WorkBar(Bar):
    def __init__(
        self,
        session: Session,
        views: MediumViews,
        actions: Actions,
        stage: Stage,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent)
        self._session, self._workspace, self._views = session, session.workspace, views
        self._actions, self._stage = actions, stage
        self._facts = Elided("dim")
        self.stars = Stars(self)
        self.like, self.dislike = IconButton("thumbs-up"), IconButton("thumbs-down")
        self.mark = IconButton("square-dashed-mouse-pointer")
        self.keep = IconButton("heart", words=True)
        self.vary = IconButton("copy-plus", words=True)
        self.again = IconButton("dices", words=True)
        self.go_on = IconButton("image-plus", words=True)
        self.repeat = IconButton("images")
        self.compare = IconButton("columns-2", words=True)
        self.wipe = IconButton("square-split-horizontal")
        self.edit = IconButton("pencil", words=True)
        self.export = IconButton("download", words=True)
        self.zoom = IconButton("maximize", 16, words=True)
        self.vertical = IconButton("text-down", words=True)
        self.rest = IconButton("ellipsis")
        worded = self.keep, self.vary, self.again, self.go_on, self.compare, self.edit, self.export
        self._bare = [getattr(self, name) for name in _BARE]
        self._tools = self.stars, *self._bare, *worded
        self._offered: dict[str, bool] = {}  # of _OF_MEDIA, whether this work has them
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        policy = self._facts.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # so that the tools stay in the middle
        self._facts.setSizePolicy(policy)
        tools = row(*self._tools, gap=4)
        tools.insertSpacing(4, theme.GAP_PX)
        right = row(None, self.wipe, self.repeat, self.vertical, self.zoom, self.rest, gap=_GAP_PX)
        line = row(self._facts, tools, right)
        line.setStretch(0, 1)
        line.setStretch(2, 1)
        line.setContentsMargins(16, 0, 12, 0)
        self.setLayout(line)
        self.setMinimumWidth(_LEAST_PX)  # then the icons stand alone, and some in the menu

    def _connect(self) -> None:
        actions, session = self._actions, self._session
        for name in _CHECKABLE:
            getattr(self, name).setCheckable(True)
        for name in _CLICKED:
            getattr(self, name).clicked.connect(actions[name].trigger)
        self.uses = QMenu(self)
        self.go_on.setMenu(self.uses)
        self.go_on.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self.rest_menu = QMenu(self)
        self.rest.setMenu(self.rest_menu)
        self.rest.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self.zoom.clicked.connect(actions["toggle_fit"].trigger)
        workspace = session.workspace
        for fact in (workspace.current_changed, workspace.work_changed, workspace.medium_changed):
            fact.connect(lambda *_: self._show())
        for controller in session.controllers.values():
            controller.content_ready.connect(lambda _digest: self._show())
        self._stage.shown_changed.connect(self._show)
        session.capabilities.changed.connect(self._show)

    def retranslate(self) -> None:
        self.stars.setAccessibleName(t("work.rating"))
        self.stars.setToolTip(t("what.stars"))
        for name in ("vary", "again", "compare", "wipe", "vertical", "repeat", *_BARE):
            getattr(self, name).set_words(t(f"action.{name}"), self._actions.key(name))
        self.go_on.set_words(t("work.go_on"))
        self.export.set_words(t("work.export"), self._actions.key("export"))
        self.export.setToolTip(f"{self.export.toolTip()}\n{t('carry.hint')}")
        self.rest.set_words(t("work.rest"))
        self._show()

    def _show(self) -> None:
        """The current work's marks; without one, the tools wait greyed."""
        current, stage = self._workspace.current, self._stage
        away = stage.is_growing or stage.is_reading or stage.is_choosing
        shown = current is not None and not away
        work = self._workspace.project.works.get(current) if current is not None and shown else None
        for tool in self._tools:
            tool.setEnabled(work is not None)
        self.stand_under(self._views[self._workspace.medium])
        self._offer(work)
        self._press(work)
        words = t("work.done") if stage.is_editing else t("action.edit")
        self.edit.set_words(words, "Esc" if stage.is_editing else self._actions.key("edit"))
        told = self._views[work.medium].details(work) if work else ""
        self._facts.set_text(t("stage.choose") if stage.is_choosing else told)
        self._show_zoom()
        self._fit()

    def _offer(self, work: WorkRow | None) -> None:
        """The tools that this medium has."""
        stage, serves = self._stage, self._session.capabilities.serves_action
        self.uses.clear()
        self.uses.addActions([self._actions[name] for name in _USES if serves(name)])
        for name in _OF_MEDIA:
            served = serves(name) and not (name == "go_on" and self.uses.isEmpty())
            self._offered[name] = served and stage.wall.offers(name, work)
        self.edit.setEnabled(stage.may_edit() or stage.is_editing)

    def _press(self, work: WorkRow | None) -> None:
        """What was said of the work, and how it is shown."""
        stage, kept = self._stage, bool(work and work.kept)
        self.stars.set_value(work.rating if work else 0)
        show_liking(self.like, self.dislike, work.liked if work else None)
        press(self.keep, "heart", kept)
        self.keep.set_words(t("work.kept") if kept else t("action.keep"), self._actions.key("keep"))
        self.mark.setChecked(stage.marking.is_open)
        self.compare.setChecked(stage.is_comparing)
        self.wipe.setChecked(stage.wall.is_on("wipe"))
        self.edit.setChecked(stage.is_editing)
        self.vertical.setChecked(stage.wall.is_on("vertical"))
        self.repeat.setChecked(stage.wall.is_on("repeat"))

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Icons as far as there is room, the others in the menu at the end; then words beside the
        icons, as far as there is room; then the facts."""
        names = [
            name for name in (*_BARE, *_WORDS_FIRST, *_WORDLESS) if self._offered.get(name, True)
        ]
        for name in _WORDS_FIRST:
            getattr(self, name).show_words(False)
        used = self.stars.width() + theme.GAP_PX + sum(map(self._wide, names))
        room, stowed = self.width() - _MARGINS_PX, []
        for name in (name for name in _STEP_BACK if name in names):
            if used + (self._wide("rest") if stowed else 0) <= room:
                break
            stowed.append(name)
            used -= self._wide(name)
        used += self._wide("rest") if stowed else 0
        shown = [name for name in names if name not in stowed]
        for name in (*_BARE, *_WORDS_FIRST, *_WORDLESS):
            getattr(self, name).setVisible(name in shown)
        self._fill_rest(stowed)
        for name in (name for name in _WORDS_FIRST if name in shown):
            more = self._wide_with_words(name) - self._wide(name)
            if used + more + _FACTS_PX > room:
                break
            getattr(self, name).show_words(True)
            used += more
        self._facts.setVisible(used + _FACTS_PX <= room)

    def _wide(self, name: str) -> int:
        return getattr(self, name).sizeHint().width() + _GAP_PX

    def _wide_with_words(self, name: str) -> int:
        tool = getattr(self, name)
        tool.show_words(True)
        wide = self._wide(name)
        tool.show_words(False)
        return wide

    def _fill_rest(self, stowed: list[str]) -> None:
        self.rest.setVisible(bool(stowed))
        self.rest_menu.clear()
        for name in stowed:
            for action in _ACTION_OF.get(name, (name,)):
                self.rest_menu.addAction(self._actions[action])

    def _show_zoom(self) -> None:
        scale = self._stage.wall.scale()
        self.zoom.setEnabled(scale is not None)
        fitted = scale is None or self._stage.wall.is_fitted()
        self.zoom.set_words(
            t("work.fit") if fitted else t("work.zoom", percent=round(100 * (scale or 1.0)))
        )
        self.zoom.setToolTip(f"{t('action.toggle_fit')}  {self._actions.key('toggle_fit')}")

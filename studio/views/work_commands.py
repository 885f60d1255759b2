"""What the keys do with the current work: rate and move on, keep, vary, compare."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit

from engine.protocol import Medium
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.gallery_panel import GalleryPanel
from studio.views.medium_view import MediumViews
from studio.views.stage import Stage

# Actions that mean something in some media only; the wall knows what.
_OF_MEDIA = ("vary", "start", "fill", "extend", "enlarge", "repeat", "vertical", "wipe")
_OF_MEDIA += ("go_on", "fill_bars", "accompany", "swap", "back", "forward", "to_start")
_OWN = ("keep", "again", "compare", "hide", "tags", "collect", "edit", "mark", "overview", "media")
_OWN += ("left_better", "right_better", "make", "cancel")  # each has its _on_…
HOLD_MS = 900  # that a rated work stays, so that what is pressed next is of it


class WorkCommands(QObject):
    def __init__(
        self,
        session: Session,
        views: MediumViews,
        actions: Actions,
        gallery: GalleryPanel,
        stage: Stage,
    ) -> None:
        super().__init__(stage)
        self._session, self._workspace, self._views = session, session.workspace, views
        self._gallery, self._stage = gallery, stage
        self._before: int | None = None  # the work that was looked at before this one
        self._last: int | None = None
        self._actions = actions
        self.alone_left: Callable[[], bool] = lambda: False  # whether Esc left the work alone
        self.hold = QTimer(self, singleShot=True, interval=HOLD_MS)  # then the next work comes
        self.hold.timeout.connect(self._on_held)
        self._workspace.current_changed.connect(self._on_current_changed)
        self._workspace.medium_changed.connect(self._on_medium_changed)
        stage.shown_changed.connect(self._on_shown_changed)
        self._give_verbs(actions)

    def _give_verbs(self, actions: Actions) -> None:
        """What each action does."""
        for name in (*_OF_MEDIA, "again", "mark", "edit", "compare", "export"):
            actions[name].triggered.connect(self.hold.stop)  # something is done with the work
        for value in range(6):
            actions[f"rate_{value}"].triggered.connect(partial(self._on_rated, value))
        for name in _OWN:
            actions[name].triggered.connect(getattr(self, f"_on_{name}"))
        for name in _OF_MEDIA:
            actions[name].triggered.connect(partial(self._on_medium_action, name))
        for name in ("undo", "redo"):
            actions[name].triggered.connect(partial(self._on_history, name))
        for name, liked in (("like", True), ("dislike", False)):
            actions[name].triggered.connect(partial(self._on_liked, liked))
        for name, step in (("previous_work", -1), ("next_work", 1)):
            actions[name].triggered.connect(partial(self._on_step, step))
        for medium, view in self._views.items():
            actions[view.action].triggered.connect(partial(self._on_medium, medium))
        actions["zoom_in"].triggered.connect(lambda: self._stage.wall.zoom(1))
        actions["zoom_out"].triggered.connect(lambda: self._stage.wall.zoom(-1))
        actions["toggle_fit"].triggered.connect(self._on_toggle_fit)

    def _judged(self) -> int | None:
        """The work that is looked at; None while others grow or something else is shown."""
        stage = self._stage
        elsewhere = stage.is_growing or stage.is_reading or stage.covers_work or stage.is_choosing
        elsewhere = elsewhere or stage.overview.is_open
        return None if elsewhere else self._workspace.current

    def rate(self, value: int) -> None:
        """Set the stars of the current work and stay with it (a click on the stars)."""
        if (current := self._judged()) is not None:
            self._session.edits.rate(current, value)

    def _on_rated(self, value: int, _on: bool = False) -> None:
        """Rate by key, and move on to the next after a moment; clearing stays."""
        if (current := self._judged()) is None:
            return
        self._session.edits.rate(current, value)
        if value:
            self.hold.start()
        else:
            self.hold.stop()

    def _on_held(self) -> None:
        """The artist has said what there was to say of the work."""
        if self._judged() is not None:
            self._on_step(1)

    def _hold_on(self) -> None:
        """More is said of a work that was just rated: it stays a moment longer."""
        if self.hold.isActive():
            self.hold.start()

    def _on_step(self, step: int, _on: bool = False) -> None:
        neighbour = self._gallery.model.neighbour(self._workspace.current, step)
        if neighbour is not None:
            self._workspace.select(neighbour)

    def _on_keep(self) -> None:
        if (current := self._judged()) is not None:
            self._session.edits.toggle_kept(current)
            self._hold_on()

    def _on_liked(self, liked: bool, _on: bool = False) -> None:
        """Like or dislike by key or click, the part that is chosen or the whole work, and stay."""
        if self._stage.marking.is_open:
            self._stage.marking.say(liked)
        elif (current := self._judged()) is not None:
            self._session.edits.toggle_like(current, liked)
            self._hold_on()

    def _on_again(self) -> None:
        if (current := self._judged()) is not None:
            self._session.maker.again(current)

    def _on_medium_action(self, name: str, _on: bool = False) -> None:
        if self._session.capabilities.serves_action(name):
            self._stage.wall.act(name, self._judged())
        self._on_shown_changed()

    def _on_toggle_fit(self) -> None:
        self._stage.wall.toggle_fit()

    def _on_hide(self) -> None:
        """Nothing is dropped: the filter "Hidden" shows them, and hiding again brings them back."""
        current = self._judged()
        chosen = self._gallery.selected() or ([] if current is None else [current])
        if not chosen:
            return
        following = self._gallery.model.neighbour(chosen[-1], 1)
        hidden = not self._workspace.project.works.get(chosen[0]).hidden
        self._session.edits.set_hidden(chosen, hidden)
        self._workspace.select(following or self._gallery.model.neighbour(None, 0))

    def _on_tags(self) -> None:
        """Of the selected works, or the one that is looked at; what some have they keep."""
        from studio.views.tag_dialog import TagDialog

        selected, current = self._gallery.selected(), self._judged()
        ids = selected if len(selected) > 1 else [current] if current is not None else []
        if not ids:
            return
        rows = [self._workspace.project.works.get(work_id) for work_id in ids]
        common = [tag for tag in rows[0].tags if all(tag in row.tags for row in rows)]
        dialog = TagDialog(len(ids), common, self._gallery.model.tags(), self._stage.window())
        if dialog.exec():
            for row in rows:
                own = [tag for tag in row.tags if tag not in common]
                self._session.edits.set_tags(row.id, tuple(dict.fromkeys((*own, *dialog.tags))))
        dialog.deleteLater()

    def _on_collect(self) -> None:
        """The selected works, or the one that is looked at, into collections; or these themselves,
        where there is no work."""
        from studio.views.collect_dialog import CollectDialog

        selected, current = self._gallery.selected(), self._judged()
        ids = selected if len(selected) > 1 else [current] if current is not None else []
        medium, collections = self._workspace.medium, self._workspace.collections()
        dialog = CollectDialog(ids, collections, medium, self._stage.window())
        if dialog.exec():
            self._session.edits.set_collections(medium, dialog.collections)
        dialog.deleteLater()

    def _on_compare(self) -> None:
        """The two selected works, or this one with the one that was looked at before."""
        if self._stage.is_comparing or self._stage.covers_work:
            self._stage.leave()
            return
        selected = self._gallery.selected()
        if len(selected) >= 2:
            self._stage.compare(selected[0], selected[1])
            return
        current = self._workspace.current
        neighbour = self._gallery.model.neighbour(current, 1)
        seen = self._before if self._gallery.model.row_of(self._before) is not None else None
        other = seen or neighbour or self._gallery.model.neighbour(current, -1)
        if current is not None and other is not None and other != current:
            self._stage.compare(other, current)
        self._actions["compare"].setChecked(self._stage.is_comparing)

    def _on_mark(self) -> None:
        self._stage.toggle_marking()
        self._on_shown_changed()

    def _on_overview(self) -> None:
        self._stage.toggle_overview()
        self._on_shown_changed()

    def prefer(self, place: int) -> None:
        """Of the two that are compared, this one (0: the left one) rather than the other."""
        if (pair := self._stage.pair) is not None:
            self._session.edits.toggle_preferred(pair[place], pair[1 - place])

    def _on_left_better(self) -> None:
        self.prefer(0)

    def _on_right_better(self) -> None:
        self.prefer(1)

    def _on_edit(self) -> None:
        self._stage.edit()
        self._on_shown_changed()

    def _on_media(self) -> None:
        """To the next medium that the project holds."""
        present = self._workspace.project.media() | {self._workspace.medium}
        order = [medium for medium in self._views if medium in present]
        place = order.index(self._workspace.medium) + 1
        self._workspace.show_medium(order[place % len(order)])

    def _on_medium(self, medium: Medium, _on: bool = False) -> None:
        """To this medium, be it empty yet."""
        self._stage.leave()
        self._workspace.show_medium(medium)

    def _on_shown_changed(self) -> None:
        self._actions["compare"].setChecked(self._stage.is_comparing)
        self._actions["edit"].setChecked(self._stage.is_editing)
        self._actions["mark"].setChecked(self._stage.marking.is_open)
        self._actions["overview"].setChecked(self._stage.overview.is_open)
        for name in ("vertical", "repeat", "wipe"):
            self._actions[name].setChecked(self._stage.wall.is_on(name))

    def _on_make(self) -> None:
        self._stage.leave()
        self._session.maker.make()
        if isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox):
            self._stage.focus_home().setFocus()  # the next keys judge works, and are no words

    def _on_cancel(self) -> None:
        if not (self._stage.leave() or self.alone_left()):
            self._session.maker.cancel()

    def _on_history(self, name: str, _on: bool = False) -> None:
        """Undo or redo: the strokes of an editor, while it covers the work."""
        self.hold.stop()
        self._workspace.brief_closing.emit()  # what was typed last is the last step
        if self._stage.covers_work:
            self._stage.wall.step(name)
        elif name == "undo" and not self._workspace.history.stack.canUndo():
            self._session.go_back()
        else:
            getattr(self._workspace.history, name)()

    def _on_medium_changed(self) -> None:
        self._before = self._last = None

    def _on_current_changed(self) -> None:
        self.hold.stop()
        self._before, self._last = self._last, self._workspace.current

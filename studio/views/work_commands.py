"""What the keys do with the current work: rate and move on, keep, vary, compare."""

from functools import partial

from PySide6.QtCore import QObject

from engine.messages import Medium, Use
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.gallery_panel import GalleryPanel
from studio.views.stage import Stage

MEDIA = {"pictures": Medium.IMAGE, "texts": Medium.TEXT, "music": Medium.AUDIO}
USES = {"start": Use.RESTYLE, "fill": Use.FILL, "extend": Use.EXTEND, "enlarge": Use.ENLARGE}


class WorkCommands(QObject):
    def __init__(
        self, session: Session, actions: Actions, gallery: GalleryPanel, stage: Stage
    ) -> None:
        super().__init__(stage)
        self._session, self._gallery, self._stage = session, gallery, stage
        self._before: int | None = None  # the work that was looked at before this one
        self._last: int | None = None
        self._actions = actions
        for value in range(6):
            actions[f"rate_{value}"].triggered.connect(partial(self._on_rated, value))
        for name in (
            *("keep", "vary", "again", "compare", "swap", "hide", "edit", "vertical", "repeat"),
            *(
                "mark",
                "overview",
                "left_better",
                "right_better",
                "media",
                "make",
                "cancel",
                "undo",
                "redo",
            ),
        ):
            actions[name].triggered.connect(getattr(self, f"_on_{name}"))
        for name, liked in (("like", True), ("dislike", False)):
            actions[name].triggered.connect(partial(self._on_liked, liked))
        for name, use in USES.items():
            actions[name].triggered.connect(partial(self._on_used, use))
        for name, step in (("previous_work", -1), ("next_work", 1)):
            actions[name].triggered.connect(partial(self._on_step, step))
        for name, medium in MEDIA.items():
            actions[name].triggered.connect(partial(self._on_medium, medium))
        for name, step in (("back", -1), ("forward", 1)):
            actions[name].triggered.connect(partial(self._on_skip, step))
        actions["to_start"].triggered.connect(self._on_to_start)
        actions["zoom_in"].triggered.connect(lambda: stage.zoom(1))
        actions["zoom_out"].triggered.connect(lambda: stage.zoom(-1))
        actions["toggle_fit"].triggered.connect(self._on_toggle_fit)
        session.current_changed.connect(self._on_current_changed)
        session.medium_changed.connect(self._on_medium_changed)
        stage.shown_changed.connect(self._on_shown_changed)

    def _judged(self) -> int | None:
        """The work that is looked at; None while others grow, a text is read or a mask painted."""
        stage = self._stage
        elsewhere = stage.is_growing or stage.is_reading or stage.is_masking
        elsewhere = elsewhere or stage.overview.is_open
        return None if elsewhere else self._session.current

    def rate(self, value: int) -> None:
        """Set the stars of the current work and stay with it (a click on the stars)."""
        if (current := self._judged()) is not None:
            self._session.rate(current, value)

    def _on_rated(self, value: int, _on: bool = False) -> None:
        """Rate by key, and move on to the next; clearing stays."""
        current = self._judged()
        if current is None:
            return
        following = self._gallery.model.neighbour(current, 1)
        self._session.rate(current, value)
        if value and following is not None:
            self._session.select(following)

    def _on_step(self, step: int, _on: bool = False) -> None:
        neighbour = self._gallery.model.neighbour(self._session.current, step)
        if neighbour is not None:
            self._session.select(neighbour)

    def _on_keep(self) -> None:
        if (current := self._judged()) is not None:
            self._session.toggle_kept(current)

    def _on_liked(self, liked: bool, _on: bool = False) -> None:
        """Like or dislike by key or click, the part that is chosen or the whole work, and stay."""
        if self._stage.marking.is_open:
            self._stage.marking.say(liked)
        elif (current := self._judged()) is not None:
            self._session.toggle_like(current, liked)

    def _judged_picture(self) -> int | None:
        return self._judged() if self._session.medium is Medium.IMAGE else None

    def _on_vary(self) -> None:
        if (current := self._judged_picture()) is not None:
            self._session.vary(current)

    def _on_again(self) -> None:
        if (current := self._judged()) is not None:
            self._session.again(current)

    def _on_used(self, use: Use, _on: bool = False) -> None:
        if (current := self._judged_picture()) is not None:
            self._session.starting.use_work(current, use)

    def _on_repeat(self) -> None:
        """A tile is seen as it repeats, or alone; music is looped, or ends."""
        if self._session.medium is Medium.AUDIO:
            self._stage.music.toggle_loop()
        else:
            self._stage.pictures.toggle_repeat()
        self._on_shown_changed()

    def _on_hide(self) -> None:
        """Nothing is dropped: the filter "Hidden" shows them, and hiding again brings them back."""
        for work_id in self._gallery.selected():
            following = self._gallery.model.neighbour(work_id, 1)
            self._session.set_hidden(work_id, not self._session.project.work(work_id).hidden)
            self._session.select(following or self._gallery.model.neighbour(None, 0))

    def _on_compare(self) -> None:
        """The two selected works, or this one with the one that was looked at before."""
        if self._stage.is_comparing or self._stage.is_masking:
            self._stage.leave()
            return
        selected = self._gallery.selected()
        if len(selected) >= 2:
            self._stage.compare(selected[0], selected[1])
            return
        current = self._session.current
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
            self._session.toggle_preferred(pair[place], pair[1 - place])

    def _on_left_better(self) -> None:
        self.prefer(0)

    def _on_right_better(self) -> None:
        self.prefer(1)

    def _on_swap(self) -> None:
        if self._session.medium is Medium.AUDIO and self._stage.is_comparing:
            self._stage.music.swap()

    def _on_skip(self, step: int, _on: bool = False) -> None:
        if self._session.medium is Medium.AUDIO:
            self._stage.music.skip(step)

    def _on_to_start(self) -> None:
        if self._session.medium is Medium.AUDIO:
            self._stage.music.to_start()

    def _on_toggle_fit(self) -> None:
        self._stage.toggle_fit()

    def _on_edit(self) -> None:
        self._stage.write()
        self._on_shown_changed()

    def _on_vertical(self) -> None:
        pages = self._stage.pages
        if self._session.medium is Medium.TEXT:
            self._stage.texts.set_vertical(not pages.is_vertical)
        self._on_shown_changed()

    def _on_media(self) -> None:
        """To the next medium that the project holds."""
        held = self._session.project.media() | {self._session.medium}
        order = [medium for medium in MEDIA.values() if medium in held]
        place = order.index(self._session.medium) + 1
        self._session.show_medium(order[place % len(order)])

    def _on_medium(self, medium: Medium, _on: bool = False) -> None:
        """To this medium, be it empty yet."""
        self._stage.leave()
        self._session.show_medium(medium)

    def _on_shown_changed(self) -> None:
        self._actions["compare"].setChecked(self._stage.is_comparing)
        self._actions["edit"].setChecked(self._stage.is_writing)
        self._actions["mark"].setChecked(self._stage.marking.is_open)
        self._actions["overview"].setChecked(self._stage.overview.is_open)
        self._actions["vertical"].setChecked(self._stage.pages.is_vertical)
        music = self._session.medium is Medium.AUDIO
        repeats = self._session.player.loops if music else self._stage.pictures.repeats
        self._actions["repeat"].setChecked(repeats)

    def _on_make(self) -> None:
        self._stage.leave()
        self._session.make()

    def _on_cancel(self) -> None:
        if not self._stage.leave():
            self._session.cancel()

    def _on_undo(self) -> None:
        if self._stage.is_masking:
            self._stage.masks.easel.act("undo")
        else:
            self._session.history.undo()

    def _on_redo(self) -> None:
        if self._stage.is_masking:
            self._stage.masks.easel.act("redo")
        else:
            self._session.history.redo()

    def _on_medium_changed(self) -> None:
        self._before = self._last = None

    def _on_current_changed(self) -> None:
        self._before, self._last = self._last, self._session.current

"""What is asked for: the wishes of the medium, number and seed; under it the primary button."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QScrollArea, QWidget

from engine.protocol import Medium
from studio.i18n import t
from studio.state.generation import MAX_SEED, new_seed
from studio.state.session import Session
from studio.views.brief_menus import BriefMenus
from studio.views.fields import GROUP_GAP_PX, room
from studio.views.make_panel import MakePanel
from studio.views.medium_view import MediumViews
from studio.widgets.base import Panel, column, header, label, row
from studio.widgets.buttons import IconButton
from studio.widgets.fold import Fold
from studio.widgets.inputs import NumberField
from studio.widgets.segments import Segments
from studio.widgets.slider import QuietSlider

WIDTH_PX = 276
COUNTS = (1, 2, 4, 8, 16)


class BriefPanel(Panel):
    def __init__(
        self, session: Session, views: MediumViews, motion_ms: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("SidePanel")
        self._session, self._workspace = session, session.workspace
        self._heading = label("heading")
        self._labels = {name: label("dim") for name in ("works", "seed")}
        self.fields = {medium: view.fields() for medium, view in views.items()}
        self._folded_away: set[Medium] = set()  # media without rarer wishes, now
        self._folds = {
            medium: Fold(fields.more(), motion_ms) for medium, fields in self.fields.items()
        }
        self.counts = Segments(COUNTS)
        self.seed = NumberField(0, MAX_SEED)
        self.lock, self.dice = IconButton("lock-open"), IconButton("dices")
        self.lock.setCheckable(True)
        self.follow = QCheckBox()
        self.make_panel = MakePanel(session, self)
        self.menus = BriefMenus(session, self)
        self._lay_out()
        self._connect()
        self.retranslate()
        self._on_medium_changed()

    def _lay_out(self) -> None:
        seed = row(self.seed, self.lock, self.dice, gap=4)
        seed.setStretch(0, 1)
        self._shared = {
            "count": room(self._labels["works"], self.counts),
            "seed": room(self._labels["seed"], seed),
            "follow": self.follow,
        }
        lines = column(
            *self.fields.values(),
            *self._shared.values(),
            *self._folds.values(),
            None,
            gap=GROUP_GAP_PX,
        )
        lines.setContentsMargins(16, 0, 16, 12)
        body = QWidget()
        body.setLayout(lines)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = header(self._heading, None, self.menus.past, self.menus.presets)
        self.setLayout(column(head, scroll, self.make_panel, gap=0))
        self.setMinimumWidth(WIDTH_PX)
        self.bar = scroll.verticalScrollBar()
        self._scroll_wanted: int | None = None  # before the panel is as long as that
        self.bar.rangeChanged.connect(lambda _low, _high: self._scroll_back())

    def _connect(self) -> None:
        self._workspace.brief_changed.connect(self._on_brief_changed)
        self._workspace.medium_changed.connect(self._on_medium_changed)
        self._workspace.brief_closing.connect(self.commit)
        self.menus.committed.connect(self.commit)
        for medium, fields in self.fields.items():
            fields.edited.connect(partial(self._on_edited, medium))
            fields.more_wanted.connect(partial(self._on_more_wanted, medium))
            fields.more_asked.connect(lambda fold=self._folds[medium]: fold.head.setChecked(True))
        for controller in self._session.controllers.values():
            controller.begun.connect(self._to_top)
        self._session.capabilities.changed.connect(self._on_capabilities_changed)
        self.counts.chosen.connect(lambda n: self._edit(count=n))
        self.seed.valueChanged.connect(self._on_seed_typed)
        self.lock.clicked.connect(self._on_locked)
        self.follow.clicked.connect(lambda on: self._edit(follow=1.0 if on else 0.0))
        self.dice.clicked.connect(lambda: self._edit(seed=new_seed()))

    def scroll_to(self, value: int) -> None:
        """As far as it was scrolled before, as soon as the panel is that long."""
        self._scroll_wanted = value
        self._scroll_back()

    def _scroll_back(self) -> None:
        if self._scroll_wanted is not None:
            self.bar.setValue(self._scroll_wanted)
            if self.bar.maximum() >= self._scroll_wanted:
                self._scroll_wanted = None

    def _to_top(self) -> None:
        self._scroll_wanted = None
        self.bar.setValue(0)

    def first(self) -> QWidget:
        """Where the keys begin."""
        return self.fields[self._workspace.medium].first()

    def set_motion(self, motion_ms: int) -> None:
        for fold in self._folds.values():
            fold.set_motion(motion_ms)

    def commit(self) -> None:
        """Into the brief with what the window shows already: half a number, a slider that the hand
        has just left, characters that an input method still holds."""
        QGuiApplication.inputMethod().commit()
        for field in self.findChildren(NumberField):
            field.commit()
        for slider in self.findChildren(QuietSlider):
            slider.commit()

    def _edit(self, **changes) -> None:
        self._on_edited(self._workspace.medium, changes)

    def _on_edited(self, medium: Medium, changes: dict[str, object]) -> None:
        """Into the brief of the medium whose field it was, whichever is worked on now."""
        for slider in self.findChildren(QuietSlider):
            slider.commit()  # or the brief, shown anew, would take it back
        self._workspace.set_brief(replace(self._workspace.briefs.of(medium), **changes))

    def retranslate(self) -> None:
        self._heading.setText(t("brief.heading"))
        self.menus.retranslate()
        for name, text in self._labels.items():
            text.setText(t(f"brief.{name}"))
        self.counts.set_words(t("brief.works"), hint=t("what.works"))
        self.seed.setAccessibleName(t("brief.seed"))
        self.seed.setToolTip(t("what.seed"))
        self.dice.set_words(t("brief.dice"))
        self.follow.setText(t("brief.follow"))
        self.follow.setAccessibleName(t("brief.follow"))
        self.follow.setToolTip(t("brief.follow_hint"))
        self._show_wished()
        self._show_lock()

    def _show_wished(self) -> None:
        """How much is asked for under "More", so that nothing acts unseen."""
        for medium, rules in self._workspace.media.items():
            brief = self._workspace.briefs.of(medium)
            wished = self.fields[medium].wished(rules.trimmed(brief))
            words = t("brief.more_set", n=len(wished)) if wished else t("brief.more")
            self._folds[medium].set_words(words, lit=bool(wished))

    def _show_lock(self) -> None:
        locked = self._session.maker.seed_locked
        self.lock.setChecked(locked)
        self.lock.set_words(t("brief.locked") if locked else t("brief.unlocked"))
        self.lock.set_icon("lock" if locked else "lock-open")

    def _on_medium_changed(self) -> None:
        for medium, fields in self.fields.items():
            fields.setVisible(medium is self._workspace.medium)
            self._show_fold(medium)
        self._on_brief_changed()

    def _on_capabilities_changed(self) -> None:
        """Only what the style's generator serves is asked for."""
        generator, fields = self._session.capabilities.generator, self.fields
        fields[self._workspace.medium].serve(generator)
        for name, part in self._shared.items():
            part.setVisible(generator is None or name in generator.fields)

    def _show_fold(self, medium: Medium) -> None:
        shown = medium is self._workspace.medium and medium not in self._folded_away
        self._folds[medium].setVisible(shown)

    def _on_more_wanted(self, medium: Medium, wanted: bool) -> None:
        (self._folded_away.discard if wanted else self._folded_away.add)(medium)
        self._show_fold(medium)

    def _on_brief_changed(self) -> None:
        brief = self._workspace.brief
        with QSignalBlocker(self.seed):
            self.seed.setValue(brief.seed)
        self.counts.set_value(brief.count)
        self.follow.setChecked(brief.follow > 0)
        self._show_lock()
        self._show_wished()
        self.fields[brief.medium].show_brief(brief)

    def _on_seed_typed(self, value: int) -> None:
        """A seed that was asked for is kept for the works that follow."""
        self._workspace.set_brief(replace(self._workspace.brief, seed=value), locked=True)

    def _on_locked(self, locked: bool) -> None:
        self._session.maker.seed_locked = locked

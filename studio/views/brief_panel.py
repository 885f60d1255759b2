"""What is asked for: size, number, invention, seed; and under it the one primary button."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QScrollArea, QSpinBox, QWidget

from engine.messages import MAX_SIDE_PX, MIN_SIDE_PX, Brief
from studio import theme
from studio.i18n import t
from studio.making import MAX_SEED, new_seed
from studio.session import Session
from studio.views.make_panel import MakePanel
from studio.widgets.base import Panel, column, header, label, row
from studio.widgets.buttons import IconButton
from studio.widgets.fold import Fold
from studio.widgets.segments import Segments
from studio.widgets.slider import QuietSlider

WIDTH_PX = 276
COUNTS = (1, 2, 4, 8, 16)
SIZES: dict[str, tuple[int, int]] = {
    "landscape": (512, 352),
    "portrait": (352, 512),
    "square": (416, 416),
    "wide": (640, 272),
    "large": (768, 528),
}


def _number(low: int, high: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(low, high)
    field.setKeyboardTracking(False)
    field.lineEdit().setTextMargins(8, 0, 8, 0)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return field


class BriefPanel(Panel):
    def __init__(self, session: Session, motion_ms: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("SidePanel")
        self._session = session
        self._heading = label("heading")
        self._labels = {name: label("dim") for name in ("size", "works", "invention", "seed")}
        self.size_box = QComboBox()
        self.size_box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.counts = Segments(COUNTS)
        self.invention = QuietSlider(0, 100, 40)
        self._low, self._high = label("small"), label("small")
        self.seed = _number(0, MAX_SEED)
        self.lock, self.dice = IconButton("lock-open"), IconButton("dices")
        self.lock.setCheckable(True)
        self.width_px, self.height_px = (_number(MIN_SIDE_PX, MAX_SIDE_PX) for _ in range(2))
        self.swap = IconButton("arrow-left-right", 16)
        self.tile = QCheckBox()
        self.more = Fold(self._more_body(), motion_ms)
        self.make_panel = MakePanel(session, self)
        self._lay_out()
        self._connect()
        self.retranslate()
        self._on_brief_changed()

    def _more_body(self) -> QWidget:
        body = QWidget()
        self._times, self._exact = label("dim"), label("dim")
        self._tile_hint = label("small", wrap=True)
        exact = row(self.width_px, self._times, self.height_px, self.swap)
        exact.setStretch(0, 1)
        exact.setStretch(2, 1)
        lines = column(self._exact, exact, self.tile, self._tile_hint, gap=theme.GRID_PX)
        lines.insertSpacing(2, theme.GAP_PX)
        body.setLayout(lines)
        return body

    def _lay_out(self) -> None:
        seed = row(self.seed, self.lock, self.dice, gap=4)
        seed.setStretch(0, 1)
        groups = (
            column(self._labels["size"], self.size_box, gap=theme.GRID_PX),
            column(self._labels["works"], self.counts, gap=theme.GRID_PX),
            column(
                *(self._labels["invention"], self.invention, row(self._low, None, self._high)),
                gap=2,
            ),
            column(self._labels["seed"], seed, gap=theme.GRID_PX),
            column(self.more),
        )
        fields = column(*groups, None, gap=16)
        fields.setContentsMargins(16, 0, 16, 12)
        body = QWidget()
        body.setLayout(fields)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = header(self._heading, None)
        self.setLayout(column(head, scroll, self.make_panel, gap=0))
        self.setMinimumWidth(WIDTH_PX)

    def _connect(self) -> None:
        self._session.brief_changed.connect(self._on_brief_changed)
        self.size_box.activated.connect(self._on_size_chosen)
        self.counts.chosen.connect(lambda n: self._edit(count=n))
        self.invention.settled.connect(lambda value: self._edit(invention=value / 100))
        self.seed.valueChanged.connect(self._on_seed_typed)
        self.lock.toggled.connect(self._on_locked)
        self.dice.clicked.connect(lambda: self._edit(seed=new_seed()))
        self.width_px.valueChanged.connect(lambda value: self._edit(width_px=value))
        self.height_px.valueChanged.connect(lambda value: self._edit(height_px=value))
        self.swap.clicked.connect(self._on_swapped)
        self.tile.toggled.connect(lambda on: self._edit(tile=on))

    def _edit(self, **changes) -> None:
        self._session.set_brief(replace(self._session.brief, **changes))

    def retranslate(self) -> None:
        self._heading.setText(t("brief.heading"))
        for name, text in self._labels.items():
            text.setText(t(f"brief.{name}"))
        self.size_box.setAccessibleName(t("brief.size"))
        self.counts.set_words(t("brief.works"))
        self.invention.setAccessibleName(t("brief.invention"))
        self.invention.setToolTip(t("brief.invention_hint"))
        self._low.setText(t("brief.invention_low"))
        self._high.setText(t("brief.invention_high"))
        self.seed.setAccessibleName(t("brief.seed"))
        self.dice.set_words(t("brief.dice"))
        self.more.set_words(t("brief.more"))
        self._times.setText("×")
        self._exact.setText(t("brief.exact"))
        self.width_px.setAccessibleName(t("brief.width"))
        self.height_px.setAccessibleName(t("brief.height"))
        self.swap.set_words(t("brief.swap"))
        self.tile.setText(t("brief.tile"))
        self.tile.setAccessibleName(t("brief.tile"))
        self._tile_hint.setText(t("brief.tile_hint"))
        self._fill_sizes()
        self._show_lock()

    def _fill_sizes(self) -> None:
        with QSignalBlocker(self.size_box):
            self.size_box.clear()
            for name, (wide, tall) in SIZES.items():
                self.size_box.addItem(t(f"size.{name}", width=wide, height=tall), (wide, tall))
            brief = self._session.brief
            size = {"width": brief.width_px, "height": brief.height_px}
            self.size_box.addItem(t("size.custom", **size), None)
            sizes = list(SIZES.values())
            now = (brief.width_px, brief.height_px)
            self.size_box.setCurrentIndex(sizes.index(now) if now in sizes else len(sizes))

    def _show_lock(self) -> None:
        locked = self._session.seed_locked
        self.lock.set_words(t("brief.locked") if locked else t("brief.unlocked"))
        self.lock.set_icon("lock" if locked else "lock-open")

    def _on_brief_changed(self) -> None:
        brief: Brief = self._session.brief
        for field, value in (
            (self.seed, brief.seed),
            (self.width_px, brief.width_px),
            (self.height_px, brief.height_px),
        ):
            with QSignalBlocker(field):
                field.setValue(value)
        with QSignalBlocker(self.tile):
            self.tile.setChecked(brief.tile)
        self.invention.show_value(round(brief.invention * 100))
        self.counts.set_value(brief.count)
        self._fill_sizes()

    def _on_size_chosen(self, index: int) -> None:
        size = self.size_box.itemData(index)
        if size is None:
            self.more.head.setChecked(True)
            self.width_px.setFocus()
        else:
            self._edit(width_px=size[0], height_px=size[1])

    def _on_swapped(self) -> None:
        brief = self._session.brief
        self._edit(width_px=brief.height_px, height_px=brief.width_px)

    def _on_seed_typed(self, value: int) -> None:
        self._edit(seed=value)
        self.lock.setChecked(True)

    def _on_locked(self, locked: bool) -> None:
        self._session.seed_locked = locked
        self._show_lock()

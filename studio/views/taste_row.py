"""One thing that was learned: what is liked, how much, how surely; and whether it holds."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.protocol import Named
from studio import i18n
from studio.i18n import t
from studio.state.feedback import TasteOverride
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import IconButton
from studio.widgets.meter import Meter

_SURE = ((0.95, "almost_sure"), (0.85, "quite_sure"), (0.7, "probably"), (0.0, "perhaps"))


def named(words: Named) -> str:
    """In the language of the window."""
    return words.chinese if i18n.language() == "zh" else words.english


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def certainty_words(certainty: float) -> str:
    return t(f"learned.{next(word for least, word in _SURE if certainty >= least)}")


class TasteRow(Panel):
    """`pinned` and `forgotten` ask for the switch to be turned."""

    pinned = Signal(object, bool)  # TasteOverride, on
    forgotten = Signal(object, bool)

    def __init__(
        self, taste: TasteOverride, share: float, state: str, parent: QWidget | None = None
    ) -> None:
        """share: of the strongest, 0 … 1. state: "", "pinned" or "forgotten"."""
        super().__init__(parent)
        self.taste, self._state = taste, state
        self.words = label("dim" if state == "forgotten" else "", wrap=True)
        self._sure = label("small")
        self.pin, self.forget = IconButton("pin", 16), IconButton("x", 16)
        self.bring_back = IconButton("undo-2", 16)
        self.pin.setCheckable(True)
        self.pin.setChecked(state == "pinned")
        self._meter = Meter(self)
        self._meter.show_share(share, 2 * taste.certainty - 1)
        gone = state == "forgotten"
        head = row(self.words, self.pin, self.forget, self.bring_back, gap=2)
        head.setStretch(0, 1)
        self.setLayout(column(head, self._meter, self._sure, gap=3))
        for part, shown in (
            *((self.pin, not gone), (self.forget, not gone), (self.bring_back, gone)),
            *((self._meter, not gone), (self._sure, not gone)),
        ):
            part.setVisible(shown)
        self.pin.clicked.connect(lambda on: self.pinned.emit(self.taste, on))
        self.forget.clicked.connect(lambda: self.forgotten.emit(self.taste, True))
        self.bring_back.clicked.connect(lambda: self.forgotten.emit(self.taste, False))
        self.retranslate()

    def retranslate(self) -> None:
        what = named(self.taste.direction)
        pinned = self._state == "pinned"
        self.words.setText(sentence(what))
        sure = t("learned.held") if pinned else certainty_words(self.taste.certainty)
        self._sure.setText(sure)
        self.pin.set_words(t("learned.unpin" if pinned else "learned.pin", what=what))
        self.forget.set_words(t("learned.forget", what=what))
        self.bring_back.set_words(t("learned.bring_back", what=what))
        self.setAccessibleName(f"{self.words.text()}: {sure}")

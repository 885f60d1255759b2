"""Where a text is written over: the same face and measure as on the wall."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from studio.media.text.typeset import LEADING
from studio.media.text.words import text_of
from studio.widgets import theme

_MARGIN_PX = 48


class TextEditor(QTextEdit):
    """Plain text in one column in the middle. It has its own undo until it is left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "writing")
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._width = 0.0

    def begin(self, words: str, size_px: int) -> None:
        """Put the text here, the cursor at its end, what was written before forgotten."""
        chinese = text_of(words).is_chinese
        self.setFont(theme.serif(size_px, chinese))
        self.document().setDefaultFont(theme.serif(size_px, chinese))
        self.setPlainText(words)
        lines = QTextBlockFormat()
        kind = QTextBlockFormat.LineHeightTypes.FixedHeight.value
        lines.setLineHeight(size_px * LEADING[chinese], kind)
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(lines)
        self.document().clearUndoRedoStacks()
        widest = max(
            self.fontMetrics().horizontalAdvance(line) for line in [*words.split("\n"), ""]
        )
        self._width = min(theme.MEASURE_EM * size_px, widest + 4 * size_px)
        self._centre()
        self.moveCursor(QTextCursor.MoveOperation.End)

    def words(self) -> str:
        return self.toPlainText().rstrip()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._centre()

    def _centre(self) -> None:
        side = max(_MARGIN_PX, (self.width() - self._width) / 2)
        tall = self.document().size().height()
        top = max(_MARGIN_PX, (self.height() - tall) * 0.42)
        self.setViewportMargins(int(side), int(top), int(side) - 12, _MARGIN_PX)

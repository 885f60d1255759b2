"""Two to four styles of the library with their shares, and a small work of what lies between."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.library import Library
from studio.state.library_files import StyleEntry
from studio.state.library_jobs import LEAST, MOST
from studio.state.png import decode
from studio.widgets.base import Elided, Panel, column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.notice import Notice
from studio.widgets.slider import QuietSlider
from studio.widgets.thumb import clip_round

_PICTURE = QSize(216, 148)
_WHOLE = 100


class BlendPicture(QWidget):
    """The small work; while the next is made, the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(_PICTURE)
        self.image = QImage()

    def show_png(self, png: bytes) -> None:
        self.image = decode(png)
        self.update()

    def paintEvent(self, event) -> None:
        painter, box = QPainter(self), QRectF(self.rect())
        clip_round(painter, box)
        if not self.image.isNull():
            size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(box.center())
            painter.drawImage(target, self.image)


class _Share(QWidget):
    """One style and how much of it there is."""

    def __init__(self, entry: StyleEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._name, self._number = Elided(), label("small")
        self.slider = QuietSlider(0, _WHOLE, _WHOLE // 2)
        self.slider.valueChanged.connect(self.retranslate)
        line = row(self._name, self._number)
        line.setStretch(0, 1)
        self.setLayout(column(line, self.slider, gap=0))
        self.retranslate()

    def retranslate(self, *_: object) -> None:
        self._name.set_text(self.entry.name)
        self._number.setText(f"{self.slider.value()} %")
        self.slider.setAccessibleName(t("library.share_of", name=self.entry.name))
        self.slider.setToolTip(t("what.blend_share"))


class LibraryBlendPanel(Panel):
    """Shown while two to four styles are chosen that can be blended."""

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library, self._blending = library, library.blending
        self._heading, self._said = label("heading"), label("small", wrap=True)
        self.picture, self.notice = BlendPicture(self), Notice(self)
        self.keep, self.use = TextButton(), TextButton()
        self.shares: list[_Share] = []
        self._rows = column(gap=8)
        right = column(self._heading, self._rows, self._said, None, row(self.keep, self.use, None))
        line = row(self.picture, right, gap=16)
        line.setStretch(1, 1)
        line.setAlignment(self.picture, Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(line, self.notice))
        self.keep.clicked.connect(library.save_blend)
        self.use.clicked.connect(library.use_blend)
        self._blending.changed.connect(self._show)
        self.retranslate()
        self.hide()

    def show_entries(self, entries: Sequence[StyleEntry]) -> None:
        """Blend these; fewer than two, too many, or unlike ones put the panel away."""
        fit = self.why_not(entries) == ""
        if [share.entry.id for share in self.shares] != [entry.id for entry in entries]:
            left = {share.entry.id: share.slider.value() for share in self.shares}
            self._clear()
            for entry in entries if fit else ():
                share = _Share(entry)
                share.slider.setValue(left.get(entry.id, _WHOLE // 2))
                share.slider.valueChanged.connect(self._on_moved)
                self.shares.append(share)
                self._rows.addWidget(share)
        self.setVisible(fit)
        self._on_moved()

    @staticmethod
    def why_not(entries: Sequence[StyleEntry]) -> str:
        """Why these cannot be blended, in words; "" where they can. "…" of one alone."""
        if len(entries) < LEAST:
            return "…"
        if len(entries) > MOST:
            return t("library.blend_most")
        kinds = {(entry.medium, entry.generator) for entry in entries}
        return t("library.blend_media") if len(kinds) > 1 else ""

    def retranslate(self) -> None:
        self._heading.setText(t("library.blend"))
        self.picture.setAccessibleName(t("library.blend_picture"))
        self.picture.setToolTip(t("library.blend_picture"))
        self.keep.set_words(t("library.keep_blend"), t("library.keep_blend_hint"))
        self.use.set_words(t("library.use_blend"), t("library.use_blend_hint"))
        for share in self.shares:
            share.retranslate()
        self._show()

    def _clear(self) -> None:
        for share in self.shares:
            self._rows.removeWidget(share)
            share.hide()
            share.deleteLater()
        self.shares = []

    def _on_moved(self, _value: int = 0) -> None:
        shares = {one.entry.id: (one.entry, float(one.slider.value())) for one in self.shares}
        self._blending.show(shares)

    def _show(self) -> None:
        blending = self._blending
        self.picture.show_png(blending.picture)
        busy = blending.is_busy or (blending.wanted is not None and not blending.has_picture)
        waits = busy and blending.problem is None
        self._said.setText(t("library.blend_busy") if waits else t("library.blend_hint"))
        for button in (self.keep, self.use):
            button.setEnabled(blending.result is not None)
        self.notice.show_text(blending.problem.text if blending.problem else "")

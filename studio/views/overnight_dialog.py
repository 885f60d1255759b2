"""Many works while nobody watches: how many, of what, and first what that takes."""

import shutil

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.views.amounts import size_words
from studio.views.dialogs import PlainDialog
from studio.views.make_panel import duration
from studio.widgets.base import column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.inputs import NumberField

USUAL, MOST = 40, 400
SPARE = 1 << 30  # bytes that stay free on a disk that nobody watches


class OvernightDialog(PlainDialog):
    """`exec` tells whether it was asked for; then `count` and `like` say what. like: the work whose
    brief is taken, None for the brief of the panel."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(t("overnight.title"), 460, parent)
        self._session, self._current = session, session.workspace.current
        about = label("dim", wrap=True)
        about.setText(t("overnight.about"))
        words = label("dim")
        words.setText(t("overnight.count"))
        self.number = NumberField(1, MOST)
        self.number.setValue(USUAL)
        self.number.setAccessibleName(t("overnight.count"))
        self.number.setFixedWidth(96)
        self.number.valueChanged.connect(lambda _value: self._show())
        self.brief, self.work = QRadioButton(t("overnight.of_brief")), QRadioButton()
        self._choice = QButtonGroup(self)
        for button in (self.brief, self.work):
            self._choice.addButton(button)
        self.brief.setAccessibleName(self.brief.text())
        self._offer()
        self.time, self.room = label(), label()
        self.warning = label("notice", wrap=True)
        self._choice.buttonClicked.connect(lambda _button: self._show())
        self.put(about, row(words, self.number, None), column(self.brief, self.work))
        self.put(column(self.time, self.room, gap=4), self.warning)
        self.no, self.yes = TextButton(), TextButton("primary")
        self.no.set_words(t("dialog.cancel"))
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.accept)
        self.put_buttons(self.no, self.yes)
        self._show()

    def _offer(self) -> None:
        """The brief, where something can be made from it; the work that is looked at."""
        can = self._session.maker.can_make()
        self.brief.setEnabled(can)
        self.work.setVisible(self._current is not None)
        if self._current is not None:
            self.work.setText(t("overnight.of_work", id=self._current))
            self.work.setAccessibleName(self.work.text())
        (self.brief if can or self._current is None else self.work).setChecked(True)

    @property
    def count(self) -> int:
        return self.number.value()

    @property
    def like(self) -> int | None:
        return self._current if self.work.isChecked() else None

    def _show(self) -> None:
        self.yes.set_words(t("overnight.queue", n=self.count))
        seconds, taken = self._seconds(), self._bytes()
        unknown = t("overnight.time_unknown")
        self.time.setText(
            unknown if seconds is None else t("overnight.time", time=duration(seconds))
        )
        free = self._free()
        known = t("overnight.room", size=size_words(round(taken or 0)), free=size_words(free))
        self.room.setText(
            t("overnight.room_unknown", free=size_words(free)) if taken is None else known
        )
        short = (taken or 0) + SPARE > free
        self.warning.setVisible(short)
        self.warning.setText(t("overnight.no_room") if short else "")
        makes = self.like is not None or self._session.maker.can_make()
        self.yes.setEnabled(makes and not short)

    def _seconds(self) -> float | None:
        return self._session.maker.estimate_many_s(self.count, self.like)

    def _bytes(self) -> float | None:
        workspace = self._session.workspace
        mean = workspace.project.works.mean_bytes(workspace.medium)
        return None if mean is None else mean * self.count

    def _free(self) -> int:
        """Bytes on the disk of the project."""
        try:
            return shutil.disk_usage(self._session.workspace.project.path.parent).free
        except OSError:
            return 0

"""An error report: shown whole before it is saved, with room for the artist's own words."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from studio.i18n import t
from studio.state import error_report
from studio.state.session import Session
from studio.state.settings import usual_folder
from studio.views.dialogs import PlainDialog
from studio.widgets.base import label
from studio.widgets.buttons import TextButton
from studio.widgets.notice import Notice

_WIDTH_PX, _WORDS_PX, _REPORT_PX = 620, 72, 300
_NAME = "maquette-report.txt"


class ReportDialog(PlainDialog):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(t("error_report.title"), _WIDTH_PX, parent)
        about, self._said = label("dim", wrap=True), label("", wrap=True)
        about.setText(t("error_report.about"))
        self.words, self.report = QPlainTextEdit(), QPlainTextEdit()
        self.words.setFixedHeight(_WORDS_PX)
        self.words.setPlaceholderText(t("error_report.words_hint"))
        self.words.setTabChangesFocus(True)
        self.report.setReadOnly(True)
        self.report.setMinimumHeight(_REPORT_PX)
        self.report.setPlainText(error_report.gathered(session))
        for field, name in ((self.words, "words"), (self.report, "report")):
            field.setAccessibleName(t(f"error_report.{name}"))
            field.setToolTip(t(f"error_report.{name}"))
        self.notice = Notice(self)
        self.save, self.close_button = TextButton(), TextButton()
        self.save.set_words(t("error_report.save"), t("error_report.save_hint"))
        self.close_button.set_words(t("dialog.close"), t("dialog.close_hint"))
        self.save.clicked.connect(self._on_save)
        self.close_button.clicked.connect(self.accept)
        self._said.hide()
        self.put(about, self.words, self.report, self._said, self.notice)
        self.put_buttons(self.save, self.close_button)

    def _on_save(self) -> None:
        start = str(usual_folder("text") / _NAME)
        name, _ = QFileDialog.getSaveFileName(self, t("error_report.save"), start)
        if not name:
            return
        text = error_report.as_text(self.report.toPlainText(), self.words.toPlainText())
        try:
            Path(name).write_text(text, "utf-8")
        except OSError as error:
            self._said.hide()
            detail = error.strerror or str(error)
            self.notice.show_text(t("error_report.not_saved", detail=detail))
            return
        self.notice.show_text("")
        self._said.setText(t("error_report.saved", name=Path(name).name))
        self._said.show()

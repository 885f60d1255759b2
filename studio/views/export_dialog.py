"""Which works leave, in which format, and to where."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QComboBox, QFileDialog, QRadioButton, QWidget

from studio.i18n import t
from studio.state.export_format import ExportFormat
from studio.views.dialogs import PlainDialog
from studio.widgets.base import column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.slider import QuietSlider

_QUALITY = 92


class ExportDialog(PlainDialog):
    """After `exec`, `choice` holds (work ids, target, format, quality), or None."""

    def __init__(
        self,
        choices: dict[str, list[int]],
        formats: Sequence[ExportFormat],
        parent: QWidget | None = None,
    ) -> None:
        """`choices`: "this", "selected" and "kept" works; empty ones are not offered."""
        super().__init__(t("export.title"), 420, parent)
        self.choice: tuple[list[int], Path, ExportFormat, int] | None = None
        self._choices = {name: ids for name, ids in choices.items() if ids}
        self._which = QButtonGroup(self)
        radios = []
        for place, (name, ids) in enumerate(self._choices.items()):
            radio = QRadioButton(t(f"export.{name}", n=len(ids)))
            radio.setAccessibleName(radio.text())
            self._which.addButton(radio, place)
            radios.append(radio)
        radios[0].setChecked(True)
        self._format, self._quality = QComboBox(), QuietSlider(50, 100, _QUALITY)
        self._format.setAccessibleName(t("export.format"))
        for each in formats:
            self._format.addItem(t(f"export.format_{each.value}"), each)
        self._format.currentIndexChanged.connect(self._on_format_changed)
        self._quality.setAccessibleName(t("export.quality"))
        self._quality.valueChanged.connect(lambda _value: self._on_format_changed())
        self._quality_words, self._hint = label("dim"), label("small", wrap=True)
        self._hint.setText(t("export.sidecars"))
        self._lay_out(radios)
        self._on_format_changed()

    def _lay_out(self, radios: list[QRadioButton]) -> None:
        form = label("dim")
        form.setText(t("export.format"))
        line = row(form, self._format)
        line.setStretch(1, 1)
        self._quality_row = QWidget()
        quality = row(self._quality_words, self._quality)
        quality.setStretch(1, 1)
        self._quality_row.setLayout(quality)
        self.put(column(*radios), line, self._quality_row, self._hint)
        cancel, self.zip, self.folder = TextButton(), TextButton(), TextButton()
        cancel.set_words(t("dialog.cancel"))
        self.zip.set_words(t("export.to_zip"))
        self.folder.set_words(t("export.to_folder"))
        self.folder.setDefault(True)
        cancel.clicked.connect(self.reject)
        self.zip.clicked.connect(self._on_zip)
        self.folder.clicked.connect(self._on_folder)
        self.put_buttons(cancel, self.zip, self.folder)

    def _wanted(self) -> ExportFormat:
        return ExportFormat(self._format.currentData())  # Qt keeps the bare string

    def _on_format_changed(self) -> None:
        self._quality_row.setVisible(self._wanted().has_quality)
        self._quality_words.setText(t("export.quality_is", n=self._quality.value()))

    def _on_zip(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, t("export.to_zip"), "maquette.zip", t("export.zip_files")
        )
        if name:
            self._finish(Path(name).with_suffix(".zip"))

    def _on_folder(self) -> None:
        if name := QFileDialog.getExistingDirectory(self, t("export.to_folder")):
            self._finish(Path(name))

    def _finish(self, target: Path) -> None:
        ids = list(self._choices.values())[self._which.checkedId()]
        self.choice = (ids, target, self._wanted(), self._quality.value())
        self.accept()

"""The forms of texts to choose from, under the headings of their kinds."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QWidget

from engine.protocol import GeneratorInfo
from studio.i18n import t
from studio.media.text import forms
from studio.widgets import theme
from studio.widgets.inputs import Choice

_FORM = Qt.ItemDataRole.UserRole


class FormBox(Choice):
    """The language of the references comes first; their own form comes before all."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chinese = False
        self._value = forms.AS_REFERENCES
        self._generator: GeneratorInfo | None = None
        self.setMaxVisibleItems(18)
        self.activated.connect(self._on_activated)

    def value(self) -> str:
        return self._value

    def set_value(self, form: str) -> None:
        self._value = form
        with QSignalBlocker(self):
            self.setCurrentIndex(max(0, self.findData(form, _FORM)))

    def show_language(self, chinese: bool) -> None:
        if chinese != self._chinese:
            self._chinese = chinese
            self.retranslate()

    def serve(self, generator: GeneratorInfo | None) -> None:
        """Offer the forms that this generator writes; None: all."""
        self._generator = generator
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(t("brief.form"))
        self.setToolTip(t("what.form"))
        model = QStandardItemModel(self)
        own = QStandardItem(t("form.own"))
        own.setData(forms.AS_REFERENCES, _FORM)
        model.appendRow(own)
        order = ("verse", "tunes", "english") if self._chinese else ("english", "verse", "tunes")
        for kind in order:
            served = [form for form in forms.GROUPS[kind] if forms.is_served(form, self._generator)]
            if not served:
                continue
            heading = QStandardItem(t(f"form.group_{kind}"))
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setFont(theme.font(theme.SMALL_PX))
            model.appendRow(heading)
            for form in served:
                item = QStandardItem(form if kind == "tunes" else t(f"form.{form}"))
                item.setData(form, _FORM)
                model.appendRow(item)
        with QSignalBlocker(self):
            self.setModel(model)
        self.set_value(self._value)

    def _on_activated(self, index: int) -> None:
        self.chosen.emit(str(self.itemData(index, _FORM)))

"""What a preset is called."""

from PySide6.QtWidgets import QLineEdit, QWidget

from studio.i18n import t
from studio.state.presets import MAX_NAME
from studio.views.dialogs import PlainDialog
from studio.widgets.base import label
from studio.widgets.buttons import TextButton

_WIDTH_PX = 400


class PresetDialog(PlainDialog):
    """Asks what to call a preset; after `exec`, `name` is that. words: what it holds."""

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(t("presets.title"), _WIDTH_PX, parent)
        self.field, about = QLineEdit(name), label("small", wrap=True)
        self.field.setMaxLength(MAX_NAME)
        self.field.setAccessibleName(t("presets.name"))
        self.field.setPlaceholderText(t("presets.name"))
        self.field.setToolTip(t("presets.name_hint"))
        self.field.selectAll()
        about.setText(words)
        self.no, self.yes = TextButton(), TextButton("primary")
        self.no.set_words(t("dialog.cancel"), t("presets.cancel_hint"))
        self.yes.set_words(t("presets.keep"), t("presets.keep_hint"))
        self.yes.setDefault(True)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.accept)
        self.field.textChanged.connect(lambda _text: self._show())
        self.put(self.field, about)
        self.put_buttons(self.no, self.yes)
        self._show()

    @property
    def name(self) -> str:
        return " ".join(self.field.text().split())

    def _show(self) -> None:
        self.yes.setEnabled(bool(self.name))

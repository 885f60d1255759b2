"""The tags of one work or several: typed, or taken from those that are in use."""

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QWidget

from studio.i18n import t
from studio.state.finding import TAG
from studio.views.dialogs import PlainDialog
from studio.widgets.base import column, label
from studio.widgets.buttons import TextButton
from studio.widgets.flow import Flow

_SHOWN, _WIDTH_PX, _MOST = 24, 440, 40  # tags in use, the window, characters of a tag


class TagDialog(PlainDialog):
    """After `exec`, `tags` are those that are to be there; those that only some of the works
    have are offered below, and stay where they are."""

    def __init__(
        self, count: int, common: Sequence[str], used: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(t("tags.title", n=count), _WIDTH_PX, parent)
        self.field = QLineEdit(", ".join(common))
        self.field.setAccessibleName(t("tags.field"))
        self.field.setPlaceholderText(t("tags.example"))
        hint, room = label("small", wrap=True), QWidget()
        hint.setText(t("tags.hint"))
        flow = Flow(room)
        self.offers = [TextButton() for _ in used[:_SHOWN]]
        for button, tag in zip(self.offers, used, strict=False):
            button.set_words(f"{TAG}{tag}")
            button.clicked.connect(lambda _on=False, tag=tag: self._toggle(tag))
            flow.addWidget(button)
        lines = column(self.field, hint, *([room] if used else []), None)
        self.put(lines)
        cancel, self.apply = TextButton(), TextButton("primary")
        cancel.set_words(t("dialog.cancel"))
        self.apply.set_words(t("tags.done"))
        self.apply.setDefault(True)
        cancel.clicked.connect(self.reject)
        self.apply.clicked.connect(self.accept)
        self.put_buttons(cancel, self.apply)
        self.field.setFocus()

    @property
    def tags(self) -> tuple[str, ...]:
        words = self.field.text()
        for mark in "，、;；":
            words = words.replace(mark, ",")
        parts = (" ".join(part.lstrip(" #＃").split())[:_MOST] for part in words.split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def _toggle(self, tag: str) -> None:
        now = list(self.tags)
        now.remove(tag) if tag in now else now.append(tag)
        self.field.setText(", ".join(now))

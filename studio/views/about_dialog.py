"""What this is, in which version, and whose work it stands on."""

import json
import platform

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from studio import __version__
from studio.i18n import t
from studio.state.session import Session
from studio.views.dialogs import PlainDialog
from studio.views.top_bar import device_words
from studio.widgets import theme
from studio.widgets.base import label
from studio.widgets.buttons import TextButton


class AboutDialog(PlainDialog):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(t("about.title"), 520, parent)
        hello = session.client.hello
        purpose, versions = label("", wrap=True), label("dim", wrap=True)
        purpose.setText(t("about.purpose"))
        engine = hello.engine_version if hello else t("about.engine_off")
        device = device_words(hello.device) if hello else "–"
        versions.setText(
            t(
                "about.versions",
                version=__version__,
                engine=engine,
                device=device,
                qt=qVersion(),
                python=platform.python_version(),
            )
        )
        licences = QPlainTextEdit(licence_words())
        licences.setReadOnly(True)
        licences.setMinimumHeight(220)
        licences.setAccessibleName(t("about.licences_name"))
        close = TextButton()
        close.set_words(t("dialog.close"))
        close.clicked.connect(self.accept)
        self.put(purpose, versions, licences)
        self.put_buttons(close)


def licence_words() -> str:
    """All that Maquette stands on, each with its licence, then the licences' own words. Written by
    packaging/licences.py."""
    folder = theme.ASSETS / "licences"
    listed = json.loads((folder / "list.json").read_text("utf-8"))
    rows = [*listed["distributions"], *listed["others"]]
    lines = "\n".join(f"{name}: {licence}" for name, licence in rows)
    return f"{t('about.licences')}\n\n{lines}\n\n\n{(folder / 'texts.txt').read_text('utf-8')}"

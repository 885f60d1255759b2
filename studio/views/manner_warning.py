"""Before anything is made: that no generator here knows the manner of the references."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.adaptation import StyleState
from studio.state.session import Session
from studio.views.generator_line import name_of
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton


class MannerWarning(Panel):
    """Over the button that makes works, with two ways out; the button stays: one may try."""

    models_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.words = label("notice", wrap=True)
        self.get, self.instead = TextButton("link"), TextButton("link")
        self.get.clicked.connect(self.models_asked)
        self.instead.clicked.connect(self._on_instead)
        links = row(self.get, None), row(self.instead, None)
        self.setLayout(column(self.words, *links, gap=4))
        session.adaptation.changed.connect(self.retranslate)
        session.client.ready.connect(lambda _hello: self.retranslate())
        self.retranslate()

    def retranslate(self) -> None:
        adaptation, capabilities = self._session.adaptation, self._session.capabilities
        choice = adaptation.choice if adaptation.state is StyleState.READY else None
        self.setVisible(choice is not None and choice.is_unknown)
        self.words.setText(t("generator.unknown"))
        self.get.set_words(t("generator.get"), t("generator.get_hint"))
        other = capabilities.without_claims()
        name = name_of(other) if other else ""
        self.instead.set_words(t("generator.instead", name=name), t("generator.instead_hint"))
        self.get.setVisible(capabilities.lacks_model())
        self.instead.setVisible(other is not None)

    def _on_instead(self) -> None:
        if (other := self._session.capabilities.without_claims()) is not None:
            self._session.adaptation.choose(other.id)

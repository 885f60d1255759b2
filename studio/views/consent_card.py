"""Before a model is loaded: what is loaded from where, its terms, and the artist's consent."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from engine.protocol import ModelOffer
from studio.i18n import t
from studio.state.models import Models
from studio.views.amounts import size_words
from studio.views.model_cards import Card
from studio.widgets.base import column, label, row
from studio.widgets.buttons import TextButton

_TERMS_PX = 250


class ConsentCard(Card):
    """Terms are loaded by one click, the model by another that only accepted terms allow."""

    closed = Signal()

    def __init__(self, offer: ModelOffer, models: Models, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer, self._models = offer, models
        self._title, self._about = label("strong"), label("", wrap=True)
        self.read = TextButton()
        self.terms = QPlainTextEdit()
        self.terms.setReadOnly(True)
        self.terms.setFixedHeight(_TERMS_PX)
        self.accept = QCheckBox()
        self.get, self.no = TextButton(), TextButton()
        buttons = row(self.get, self.no, None)
        lines = column(self.terms, self.accept, gap=8)
        self.lay_out(self._title, self._about, row(self.read, None), lines, buttons)
        self.read.clicked.connect(lambda: models.read_terms(offer.package))
        self.accept.toggled.connect(lambda _on: self.show_state())
        self.get.clicked.connect(self._on_get)
        self.no.clicked.connect(self.closed)
        self._word()
        self.show_state()

    def _word(self) -> None:
        offer, result = self.offer, self._models.result
        folder = result.folder if result else ""
        size, name = size_words(offer.bytes), offer.name
        self._title.setText(t("models.before", name=name))
        gaps = {"licence": offer.licence, "disk": size_words(offer.disk_bytes)}
        about = t("models.consent", size=size, folder=folder, **gaps)
        self._about.setText(about)
        self.read.set_words(t("models.read_terms"), t("models.read_terms_hint"))
        self.terms.setAccessibleName(t("models.terms", licence=offer.licence))
        self.terms.setToolTip(t("models.terms", licence=offer.licence))
        self.accept.setText(t("models.accept", licence=offer.licence))
        self.accept.setAccessibleName(self.accept.text())
        self.accept.setToolTip(t("models.accept_hint"))
        self.get.set_words(t("models.get_now", name=name, size=size), t("models.get_now_hint"))
        self.no.set_words(t("models.not_now"), t("models.not_now_hint"))

    def show_state(self) -> None:
        """The terms, once they are here; the way on, once they are accepted."""
        terms, busy = self._models.terms.get(self.offer.package, ""), self._models.is_busy
        if terms and not self.terms.toPlainText():
            self.terms.setPlainText(terms)
        self.read.setVisible(not terms)
        self.read.setEnabled(not busy)
        self.terms.setVisible(bool(terms))
        self.accept.setVisible(bool(terms))
        self.get.setEnabled(bool(terms) and self.accept.isChecked() and not busy)

    def _on_get(self) -> None:
        self._models.fetch(self.offer.package)
        self.closed.emit()

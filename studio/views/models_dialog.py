"""The page of models: what is there, what can be had, and what each is good for."""

from pathlib import Path

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QProgressBar, QScrollArea, QWidget

from engine.protocol import ModelKind
from studio.i18n import t
from studio.state.models import Models
from studio.state.session import Session
from studio.views.consent_card import ConsentCard
from studio.views.dialogs import PlainDialog
from studio.views.make_panel import duration
from studio.views.model_cards import (
    FoundCard,
    ModelCard,
    OfferCard,
    OwnCard,
    good_for,
    shortened,
)
from studio.widgets.base import Elided, column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.notice import Notice

_WIDTH_PX, _HEIGHT_PX = 640, 640


class ModelsDialog(PlainDialog):
    """Stands beside the window: works are made while a model is loaded."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(t("models.title"), _WIDTH_PX, parent)
        self._session, self.models = session, session.models
        self._intro = label("dim", wrap=True)
        self.notice = Notice(self)
        self.bar, self._stage = QProgressBar(), label("dim")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.stop = TextButton()
        self._busy = QWidget()
        self.cards: list[QWidget] = []
        self.consent: ConsentCard | None = None
        self._asking = ""  # the package whose terms are read
        self._room = column(gap=8)
        self._folder = Elided("small")
        self.open_folder, self.add_file = TextButton("link"), TextButton()
        self.add_folder, self.close_button = TextButton(), TextButton()
        self._shown: object = None  # what the cards were made of
        self._lay_out()
        self._connect()
        self.retranslate()
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self.models.look()

    def _lay_out(self) -> None:
        line = row(self.bar, self.stop)
        line.setStretch(0, 1)
        self._busy.setLayout(column(self._stage, line, gap=4))
        body = QWidget()
        inner = column(self._room, None)
        inner.setContentsMargins(0, 0, 8, 0)
        body.setLayout(inner)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        place = row(self._folder, self.open_folder)
        place.setStretch(0, 1)
        self.put(self._intro, self.notice, self._busy, scroll, place)
        self._lines.setStretchFactor(scroll, 1)
        self.put_buttons(self.add_file, self.add_folder, self.close_button)

    def _connect(self) -> None:
        models = self.models
        models.changed.connect(self._show)
        self._session.client.ready.connect(lambda _hello: self._show())
        self.notice.acted.connect(models.retry)
        self.notice.dismissed.connect(models.dismiss)
        self.stop.clicked.connect(models.stop)
        self.add_file.clicked.connect(self._on_add_file)
        self.add_folder.clicked.connect(self._on_add_folder)
        self.open_folder.clicked.connect(self._on_open_folder)
        self.close_button.clicked.connect(self.close)
        self.finished.connect(lambda _code: models.look_away())

    # ---- words ---------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        self.set_title(t("models.title"))
        self._intro.setText(t("models.intro"))
        self.stop.set_words(t("models.stop"), t("models.stop_hint"))
        self.bar.setAccessibleName(t("models.progress"))
        self.bar.setToolTip(t("models.progress"))
        self.open_folder.set_words(t("settings.open_folder"), t("models.open_folder_hint"))
        self.add_file.set_words(t("models.add_file"), t("models.add_file_hint"))
        self.add_folder.set_words(t("models.add_folder"), t("models.add_folder_hint"))
        self.close_button.set_words(t("dialog.close"), t("dialog.close_hint"))
        self._shown = None
        self._show()

    def _show(self) -> None:
        models = self.models
        self._show_progress(models)
        problem = models.problem
        action = ""
        if problem is not None and problem.retry:
            short = problem.key == "engine_says.model_memory"
            action = t("models.anyway") if short else t("problem.retry")
        self.notice.show_text(problem.text if problem else "", action)
        for button in (self.add_file, self.add_folder):
            button.setEnabled(not models.is_busy)
        result = models.result
        self._folder.set_text(shortened(result.folder) if result else "")
        self.open_folder.setVisible(result is not None)
        made_of = (result, models.found, self._session.client.hello)
        if made_of != self._shown:
            self._shown = made_of
            self._fill()
        for card in self.cards:
            if not isinstance(card, ConsentCard):
                card.setEnabled(not models.is_busy)
        if self.consent is not None:
            self.consent.show_state()

    def _show_progress(self, models: Models) -> None:
        self._busy.setVisible(models.is_busy)
        self.bar.setVisible(models.is_long)
        self.stop.setVisible(models.is_long)
        job = models.job
        self.bar.setValue(round(1000 * job.fraction) if job else 0)
        progress = job.progress if job else None
        stage = progress.stage if progress and models.is_long else ""
        words = t(f"models.stage_{stage}") if stage else t("models.looking")
        if models.is_long and progress is not None and job is not None:
            words = t("models.percent", stage=words, n=round(100 * job.fraction))
            if progress.seconds_left is not None:
                left = duration(progress.seconds_left)
                words = t("models.left", stage=words, time=left)
        self._stage.setText(words)

    # ---- cards ---------------------------------------------------------------------------------

    def _fill(self) -> None:
        """All cards anew."""
        for card in self.cards:
            self._room.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards, self.consent = [], None
        models, result = self.models, self.models.result
        offers = result.offers if result else ()
        asking = next((each for each in offers if each.package == self._asking), None)
        if asking is not None:
            self.consent = ConsentCard(asking, models)
            self.consent.closed.connect(lambda: self.ask_consent(""))
            self._put(self.consent)
            return
        if models.found is not None:
            self._put(FoundCard(models.found, models))
        used: set[tuple[str, str]] = set()  # media and kinds of which the one in use was shown
        for model in result.models if result else ():
            is_first = model.kind != ModelKind.LOW_RANK and (model.medium, model.kind) not in used
            used |= {(model.medium, model.kind)} if is_first else set()
            self._put(ModelCard(model, models, is_first=is_first))
        hello = self._session.client.hello
        for generator in hello.generators if hello else ():
            if good_for(generator.id):
                self._put(OwnCard(generator))
        for each in offers:
            card = OfferCard(each)
            card.asked.connect(lambda offer: self.ask_consent(offer.package))
            self._put(card)

    def _put(self, card: QWidget) -> None:
        self.cards.append(card)
        self._room.addWidget(card)

    def ask_consent(self, package: str) -> None:
        """Show what loading this package means, and nothing else; "" puts that away."""
        self._asking, self._shown = package, None
        self._show()

    # ---- verbs ---------------------------------------------------------------------------------

    def _on_add_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, t("models.add_file"), "", f"{t('models.files')} (*.gguf *.safetensors)"
        )
        if name:
            self.models.inspect(Path(name))

    def _on_add_folder(self) -> None:
        if name := QFileDialog.getExistingDirectory(self, t("models.add_folder")):
            self.models.inspect(Path(name))

    def _on_open_folder(self) -> None:
        if self.models.result is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self.models.result.folder))

"""Which generator has learned the style, why that one, and how to take another."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from engine.protocol import GeneratorInfo
from studio import i18n
from studio.i18n import t
from studio.state.adaptation import Choice, StyleState
from studio.state.session import Session
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton


class GeneratorLine(Panel):
    """One quiet line, and a link to the others. See `MannerWarning` for when none is good."""

    models_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.line, self.change = label("dim", wrap=True), TextButton("link")
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.change.clicked.connect(self._open_menu)
        self.terms = TextButton("link")
        self.terms.clicked.connect(self.models_asked)
        self.setLayout(column(self.line, row(self.change, self.terms, None), gap=4))
        session.adaptation.changed.connect(self.retranslate)
        session.client.ready.connect(lambda _hello: self.retranslate())
        self.retranslate()

    def retranslate(self) -> None:
        adaptation, capabilities = self._session.adaptation, self._session.capabilities
        choice, others = adaptation.choice, capabilities.of_medium()
        shown = adaptation.state is StyleState.READY and choice is not None and len(others) > 1
        self.setVisible(shown)
        self.change.set_words(t("generator.change"), t("generator.change_hint"))
        self.terms.set_words(t("generator.terms"), t("generator.terms_hint"))
        self.terms.setVisible(shown and choice is not None and bool(choice.licence))
        if shown and choice is not None:
            derived = t("generator.derived", name=choice.model, licence=choice.licence)
            told = choice.model and choice.licence
            self.line.setText(f"{self._words(choice)}\n{derived}" if told else self._words(choice))

    def _words(self, choice: Choice) -> str:
        info = self._session.capabilities.of(choice.generator)
        name = choice.model or (name_of(info) if info else choice.generator)
        if choice.is_named:
            return t("generator.named", name=name)
        if choice.is_unknown or not choice.suitability:
            return t("generator.made_by", name=name)
        other = next(
            (each for each in choice.suitability if each.generator != choice.generator), None
        )
        rival = self._session.capabilities.of(other.generator) if other else None
        if rival is None:
            return t("generator.knows", name=name)
        return t("generator.knows_better", name=name, other=name_of(rival))

    # ---- the choice ----------------------------------------------------------------------------

    def fill_menu(self) -> None:
        adaptation, menu = self._session.adaptation, self.menu
        menu.clear()
        own = menu.addAction(t("generator.by_itself"))
        own.setCheckable(True)
        own.setChecked(not adaptation.wish)
        own.triggered.connect(lambda _on=False: adaptation.choose(""))
        menu.addSeparator()
        for info in self._session.capabilities.of_medium():
            self._add_choice(info)

    def _add_choice(self, info: GeneratorInfo) -> None:
        adaptation = self._session.adaptation
        choice = adaptation.choice
        found = choice.of(info.id) if choice else None
        name = name_of(info)
        if info.on_models and found is None and not adaptation.wish:
            words = t("generator.needs_model", name=name)
            self.menu.addAction(words).triggered.connect(lambda _on=False: self.models_asked.emit())
            return
        verdict = "" if found is None else t("generator.fits" if found.known else "generator.alien")
        words = t("generator.with_verdict", name=name, verdict=verdict) if verdict else name
        action = self.menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(adaptation.wish == info.id)
        action.triggered.connect(partial(self._on_chosen, info.id))

    def _on_chosen(self, generator: str, _on: bool = False) -> None:
        self._session.adaptation.choose(generator)

    def _open_menu(self) -> None:
        self.menu.popup(self.change.mapToGlobal(self.change.rect().bottomLeft()))


def name_of(info: GeneratorInfo) -> str:
    """In the language of the window."""
    return info.name.chinese if i18n.language() == "zh" else info.name.english

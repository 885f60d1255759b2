"""The parts of the page of models: one that is there, one that can be had, one that was found."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from engine.protocol import GeneratorInfo, ModelInfo, ModelKind, ModelOffer
from studio.i18n import in_a_row, knows, t
from studio.state.models import Models
from studio.views.amounts import parameter_words, size_words
from studio.views.generator_line import name_of
from studio.views.make_panel import duration
from studio.widgets.base import Elided, Panel, column, label, row
from studio.widgets.buttons import TextButton

BESIDE: dict[str, str] = {  # what works beside a model
    ModelKind.LOW_RANK: "models.lora_facts",
    ModelKind.CONTROL: "models.control_facts",
    ModelKind.IMAGE_PROMPT: "models.image_prompt_facts",
    ModelKind.CAPTION: "models.caption_facts",
}
_TERMS_PX = 220
_WORDS_A_TOKEN = 0.75  # of English, about


def needs_words(model: ModelInfo) -> str:
    """What it takes to make works with this model, before it is loaded; "" of what works beside
    one."""
    if model.kind != ModelKind.MODEL:
        return ""
    words = max(1, round(model.tokens_a_second * _WORDS_A_TOKEN))
    time, memory = duration(max(1.0, model.seconds)), size_words(model.memory_bytes)
    return t(f"models.needs_{model.medium}", n=words, time=time, memory=memory)


def facts_words(model: ModelInfo) -> str:
    licence = t("models.licence_unknown") if model.licence in ("", "?") else model.licence
    if model.kind in BESIDE:
        size = size_words(model.bytes)
        return t(BESIDE[model.kind], family=model.family, size=size, licence=licence)
    return t(
        "models.facts",
        family=model.family,
        parameters=parameter_words(model.parameters),
        size=size_words(model.bytes),
        licence=licence,
    )


def remark_words(model: ModelInfo) -> list[str]:
    """What the artist should know of it, a sentence each."""
    names = [f"models.remark_{each}" for each in model.remarks]
    own = [f"{name}_{model.medium}" for name in names]
    return [t(one) if knows(one) else t(name) for one, name in zip(own, names, strict=True)]


def shortened(path: str) -> str:
    """A place as people write it: what lies in their own folder begins with ~."""
    place, home = Path(path), Path.home()
    return str(Path("~") / place.relative_to(home)) if place.is_relative_to(home) else path


def good_for(name: str) -> str:
    """What a generator or a package is good for; "" where nobody has tried."""
    return t(f"models.good_{name}") if knows(f"models.good_{name}") else ""


def _line(text: str, role: str = "small") -> QWidget:
    words = label(role, wrap=True)
    words.setText(text)
    words.setVisible(bool(text))
    return words


def _name(text: str) -> Elided:
    name = Elided("strong")
    name.set_text(text)
    return name


class Card(Panel):
    """A raised ground, so that one model is told from the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Card")

    def lay_out(self, *parts) -> None:
        lines = column(*parts, gap=4)
        lines.setContentsMargins(12, 10, 12, 10)
        self.setLayout(lines)


class OwnCard(Card):
    """A model that comes with Maquette."""

    def __init__(self, generator: GeneratorInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        side = label("small")
        side.setText(t("models.own"))
        head = row(_name(name_of(generator)), side)
        head.setStretch(0, 1)
        self.lay_out(head, _line(good_for(generator.id)))


class ModelCard(Card):
    """A model that was added; removing it asks once more, in its place."""

    def __init__(
        self, model: ModelInfo, models: Models, is_first: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.model, self._models = model, models
        self.prefer, self.remove = TextButton("link"), TextButton("link")
        self.yes, self.no = TextButton(), TextButton()
        self.terms = TermsFold(model)
        self._sure = QWidget()
        self._use = label("small")
        self._use.setText(t("models.in_use"))
        is_model = model.kind != ModelKind.LOW_RANK and not model.gone
        self._use.setVisible(is_first and is_model)
        self.prefer.setVisible(not is_first and is_model)
        place = Elided("small")
        place.set_text(shortened(model.source))
        head = row(_name(model.name), self._use, self.prefer, self.remove, gap=12)
        head.setStretch(0, 1)
        self.lay_out(head, *self._lines(), self.terms, place, self._sure)
        self._ask_once_more()
        self._connect()

    def _lines(self) -> list[QWidget]:
        model = self.model
        if model.gone:
            return [_line(facts_words(model)), _line(t("models.gone"), "notice")]
        remarks = remark_words(model)
        return [
            _line(good_for(model.package)),
            _line(facts_words(model)),
            _line(in_a_row([needs_words(model), *remarks])),
        ]

    def _ask_once_more(self) -> None:
        sure = f"models.remove_sure_{self.model.medium}"
        words = t(sure, name=self.model.name, size=size_words(self.model.disk_bytes))
        question = _line(words, "notice")
        lines = column(question, row(self.yes, self.no, None))
        lines.setContentsMargins(0, 8, 0, 0)
        self._sure.setLayout(lines)
        self._sure.hide()

    def _connect(self) -> None:
        name = self.model.name
        prefer = f"models.prefer_{self.model.medium}"
        self.prefer.set_words(t(prefer), t(f"{prefer}_hint", name=name))
        self.remove.set_words(t("models.remove"), t("models.remove_hint", name=name))
        self.yes.set_words(t("models.remove_yes"), t("models.remove_hint", name=name))
        self.no.set_words(t("models.remove_no"), t("models.remove_no_hint", name=name))
        self.prefer.clicked.connect(lambda: self._models.prefer(self.model.id))
        self.remove.clicked.connect(self._sure.show)
        self.no.clicked.connect(self._sure.hide)
        self.yes.clicked.connect(lambda: self._models.remove(self.model.id))


class TermsFold(QWidget):
    """The terms that hold for what is derived from a model, folded behind a link."""

    def __init__(self, model: ModelInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.link, self.words = TextButton("link"), QPlainTextEdit(model.terms)
        self.words.setReadOnly(True)
        self.words.setFixedHeight(_TERMS_PX)
        self.words.setAccessibleName(model.licence)
        self.words.setToolTip(model.licence)
        self.words.hide()
        hint = t("models.show_terms_hint", licence=model.licence)
        self.link.set_words(t("models.show_terms", licence=model.licence), hint)
        self.link.clicked.connect(lambda: self.words.setVisible(self.words.isHidden()))
        lines = column(row(self.link, None), self.words, gap=4)
        lines.setContentsMargins(0, 0, 0, 0)
        self.setLayout(lines)
        if not model.terms:
            self.hide()


class OfferCard(Card):
    """A model that can be loaded by name; the button opens the terms, it loads nothing yet."""

    asked = Signal(object)  # ModelOffer

    def __init__(self, offer: ModelOffer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer = offer
        self.get = TextButton()
        size = size_words(offer.bytes)
        words = t("models.get", name=offer.name, size=size, licence=offer.licence)
        if offer.kept_bytes:
            kept = size_words(offer.kept_bytes)
            words = t("models.go_on", name=offer.name, size=size, kept=kept)
        self.get.set_words(words, t("models.get_hint"))
        self.get.clicked.connect(lambda: self.asked.emit(self.offer))
        self.lay_out(_name(offer.name), _line(good_for(offer.package)), row(self.get, None))


class FoundCard(Card):
    """A file or folder that was chosen: what it is and needs, before it is loaded."""

    def __init__(self, model: ModelInfo, models: Models, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.add, self.no = TextButton(), TextButton()
        too_large = models.is_too_large(model)
        self.add.set_words(t("models.anyway" if too_large else "models.add"), t("models.add_hint"))
        self.no.set_words(t("models.not_now"), t("models.not_now_hint"))
        self.add.clicked.connect(lambda: models.add(model))
        self.no.clicked.connect(models.put_away)
        free = models.result.free_memory_bytes if models.result else 0
        short = t("models.short_of_memory", free=size_words(free)) if too_large else ""
        remarks = remark_words(model)
        self.lay_out(
            _name(model.name),
            _line(facts_words(model)),
            _line(needs_words(model)),
            _line(in_a_row([*remarks, short]), "notice"),
            row(self.add, self.no, None),
        )

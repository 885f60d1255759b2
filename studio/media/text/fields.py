"""What is asked of texts: form, length, first words, daring; and what is asked more rarely."""

import re

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QWidget

from engine.protocol import GeneratorInfo, Medium, Script, TextBrief
from studio.i18n import t
from studio.media.text import forms
from studio.media.text.controller import text_controller_of
from studio.media.text.form_box import FormBox
from studio.media.text.words import text_of
from studio.state.session import Session
from studio.views.fields import (
    GROUP_GAP_PX,
    RATIO_STEPS,
    Fields,
    dial_hint,
    dial_words,
    place_of,
    ratio_at,
    ratio_words,
    room,
)
from studio.widgets import theme
from studio.widgets.base import column, label
from studio.widgets.inputs import LineField, NumberField
from studio.widgets.segments import Segments
from studio.widgets.slider import LabelledSlider

_MAX_LENGTH, _LENGTH_STEP = 2000, 20
_MAX_COPY = 200
_LINES = ("prompt", "keywords", "acrostic")
_NUMBERS = ("length", "copy_limit")
_RARER = ("strength", "line", "keywords", "acrostic", "tones", "script", "copy_limit")
_SCRIPTS = tuple(Script)
_HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
# A space parts Chinese words, too: none of them has one inside.
_BETWEEN_WORDS = re.compile(rf"[,，、;；\n]+|(?<={_HAN})\s+(?={_HAN})")


class TextFields(Fields):
    kind = TextBrief
    rarer = ("strength", "line", "keywords", "acrostic", "tones", "copy_limit")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._texts = session.workspace, text_controller_of(session).texts
        self._chinese = False  # the references are
        self._names = {name: label("dim") for name in ("form", *_LINES, *_NUMBERS, "script")}
        self.form = FormBox()
        self.lines = {name: LineField() for name in _LINES}
        self.length, self.copy_limit = NumberField(0, _MAX_LENGTH), NumberField(0, _MAX_COPY)
        self.length.setSingleStep(_LENGTH_STEP)
        self.daring = LabelledSlider(30, 150, 90)
        self.strength = LabelledSlider(0, 200, 100)
        self.line = LabelledSlider(-RATIO_STEPS, RATIO_STEPS, 0, ratio_words)
        self.tones = QCheckBox()
        self.script = Segments((0, 1))
        names = self._names
        self._rooms = {name: room(names[name], field) for name, field in self.lines.items()}
        self._rooms |= {"form": room(names["form"], self.form), "tones": self.tones}
        self._rooms |= {"length": room(names["length"], self.length), "temperature": self.daring}
        self._rooms |= {"script": room(names["script"], self.script), "line": self.line}
        self._rooms |= {"copy_limit": room(names["copy_limit"], self.copy_limit)}
        self._rooms |= {"strength": self.strength}
        rooms = self._rooms
        self.lay_out(
            (rooms["form"], rooms["length"]),
            (rooms["prompt"], rooms["temperature"]),
        )
        self._connect()
        self.retranslate()
        self._on_references_changed()

    def _connect(self) -> None:
        edited = self.edited.emit
        for fact in (self._workspace.references_changed, self._workspace.medium_changed):
            fact.connect(self._on_references_changed)
        self._texts.ready.connect(lambda _digest: self._on_references_changed())
        self.form.chosen.connect(lambda form: edited({"form": form}))
        self.length.valueChanged.connect(lambda value: edited({"length": value}))
        self.copy_limit.valueChanged.connect(lambda value: edited({"copy_limit": value}))
        self.daring.settled.connect(lambda value: edited({"temperature": value / 100}))
        self.strength.settled.connect(lambda value: edited({"strength": value / 100}))
        self.line.settled.connect(self._on_line_length)
        self.tones.clicked.connect(lambda on: edited({"tones": on}))
        self.script.chosen.connect(lambda place: edited({"script": _SCRIPTS[place]}))
        for name, line in self.lines.items():
            line.textEdited.connect(lambda _words, name=name: self._on_line(name))
            line.editingFinished.connect(lambda name=name: self._tidy(name))

    def first(self) -> QWidget:
        return self.form

    def more(self) -> QWidget:
        body = QWidget()
        parts = (self._rooms[name] for name in _RARER)
        body.setLayout(column(*parts, gap=GROUP_GAP_PX - theme.GRID_PX))
        return body

    def serve(self, generator: GeneratorInfo | None) -> None:
        self.form.serve(generator)
        super().serve(generator)
        self.more_wanted.emit(self.serves(*_RARER))

    # ---- words ---------------------------------------------------------------------------------

    def retranslate(self) -> None:
        for name, text in self._names.items():
            text.setText(t(f"brief.{name}"))
        for name, field in self.lines.items():
            field.setAccessibleName(t(f"brief.{name}"))
            field.setToolTip(t(f"what.{name}"))
            field.setPlaceholderText(t(f"brief.{name}_hint"))
        for name, field in (("length", self.length), ("copy_limit", self.copy_limit)):
            field.setAccessibleName(t(f"brief.{name}"))
            field.setToolTip(t(f"brief.{name}_hint"))
        for name, slider in (("daring", self.daring), ("strength", self.strength)):
            slider.set_words(*dial_words(f"brief.{name}"))
        self.tones.setText(t("brief.tones"))
        self.tones.setAccessibleName(t("brief.tones"))
        self.tones.setToolTip(t("brief.tones_hint"))
        scripts = [t(f"script.{each}") for each in _SCRIPTS]
        self.script.set_words(t("brief.script"), scripts, t("what.script"))
        self.form.retranslate()
        self._show_units()

    def _show_units(self) -> None:
        """Characters or words, and only the wishes that the form has a place for."""
        form = self.brief.form
        chinese = forms.is_chinese(form) or self._fives_or_sevens()
        places = {"length": forms.is_open(form), "tones": forms.has_tones(form), "script": chinese}
        places["line"] = forms.has_open_lines(form)
        for name, part in self._rooms.items():
            self.offer(part, name, when=places.get(name, True))
        self._show_line()
        unit = "characters" if chinese else "words"
        self.length.setSuffix(t(f"unit.{unit}"))
        self.copy_limit.setSuffix(t(f"unit.{unit}_in_a_row"))
        self.length.setSpecialValueText(t("brief.length_own"))
        self.copy_limit.setSpecialValueText(t(f"brief.copy_usual_{unit}"))

    def _fives_or_sevens(self) -> bool:
        """Whether lines have five characters or seven, and nothing between."""
        return self.brief.form == forms.AS_REFERENCES and self._chinese

    def _show_line(self) -> None:
        """How long lines are, where the form leaves that open."""
        step, words = 1, dial_words("brief.line")
        if self._fives_or_sevens():
            ends = t("brief.line_five"), t("brief.line_seven")
            step, words = RATIO_STEPS, (words[0], *ends, dial_hint("brief.line_chinese_hint"))
        self.line.set_words(*words)
        self.line.slider.setSingleStep(step)

    # ---- facts ---------------------------------------------------------------------------------

    def _on_references_changed(self) -> None:
        """Texts are counted in characters or words as most of the references are."""
        if self._workspace.medium is Medium.TEXT:
            rows = self._workspace.references()
            texts = [self._texts.get(reference.digest) for reference in rows]
            known = [text for text in texts if text is not None and text.words]
            self.show_language(2 * sum(text.is_chinese for text in known) > len(known))

    def show_language(self, chinese: bool) -> None:
        self._chinese = chinese
        self.form.show_language(chinese)
        self._show_units()

    def show_brief(self, brief: TextBrief) -> None:
        super().show_brief(brief)
        self.form.set_value(brief.form)
        for field, value in ((self.length, brief.length), (self.copy_limit, brief.copy_limit)):
            with QSignalBlocker(field):
                field.setValue(value)
        self.daring.show_value(round(brief.temperature * 100))
        self.strength.show_value(round(brief.strength * 100))
        self.line.show_value(place_of(brief.line))
        self.tones.setChecked(brief.tones)
        self.script.set_value(_SCRIPTS.index(brief.script))
        for name, line in self.lines.items():
            if getattr(brief, name) != _wish(name, line.text()):
                self._tidy(name)  # what is being typed stays as it is typed
        self._show_units()

    def _tidy(self, name: str) -> None:
        """A line as it is written when nobody is typing."""
        value = getattr(self.brief, name)
        self.lines[name].setText(value if isinstance(value, str) else _in_a_row(value))

    def _on_line_length(self, place: int) -> None:
        if self._fives_or_sevens():
            place = RATIO_STEPS * round(place / RATIO_STEPS)
            self.line.show_value(place)
        self.edited.emit({"line": ratio_at(place)})

    def _on_line(self, name: str) -> None:
        value = _wish(name, self.lines[name].text())
        if value != getattr(self.brief, name):
            self.edited.emit({name: value})


def _wish(name: str, words: str) -> str | tuple[str, ...]:
    """What the brief makes of a line that was typed."""
    if name != "keywords":
        return words.strip()
    parts = (part.strip() for part in _BETWEEN_WORDS.split(words))
    return tuple(dict.fromkeys(filter(None, parts)))


def _in_a_row(keywords: tuple[str, ...]) -> str:
    """Several words as one types them, parted by the commas of their language."""
    words = ", ".join(keywords)
    return words.replace(", ", "，") if text_of(words).is_chinese else words

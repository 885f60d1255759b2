"""What is asked of texts: form, length, first words, daring; and what is asked more rarely."""

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from engine.protocol import Medium, Script, TextBrief
from studio.i18n import t
from studio.media.text import forms
from studio.media.text.controller import text_controller_of
from studio.media.text.form_box import FormBox
from studio.media.text.reading import text_of
from studio.state.session import Session
from studio.views.fields import (
    GROUP_GAP_PX,
    RATIO_STEPS,
    Fields,
    dial_hint,
    dial_words,
    group,
    number,
    place_of,
    ratio_at,
)
from studio.widgets import theme
from studio.widgets.base import column, label
from studio.widgets.segments import Segments
from studio.widgets.slider import LabelledSlider

_MAX_LENGTH, _LENGTH_STEP = 2000, 20
_MAX_COPY = 200
_LINES = ("prompt", "keywords", "acrostic")
_NUMBERS = ("length", "copy_limit")
_SCRIPTS = tuple(Script)
_BETWEEN_WORDS = re.compile(r"[,，、;；\n]+")


def _line() -> QLineEdit:
    field = QLineEdit()
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return field


class TextFields(Fields):
    kind = TextBrief

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._texts = session.workspace, text_controller_of(session).texts
        self._chinese = False  # the references are
        self._names = {name: label("dim") for name in ("form", *_LINES, *_NUMBERS, "script")}
        self.form = FormBox()
        self.lines = {name: _line() for name in _LINES}
        self.length, self.copy_limit = number(0, _MAX_LENGTH), number(0, _MAX_COPY)
        self.length.setSingleStep(_LENGTH_STEP)
        self.daring = LabelledSlider(30, 150, 90)
        self.strength = LabelledSlider(0, 200, 100)
        self.line = LabelledSlider(-RATIO_STEPS, RATIO_STEPS, 0)
        self.tones = QCheckBox()
        self.script = Segments((0, 1))
        self._length_room, self._script_room = QWidget(), QWidget()
        self._length_room.setLayout(group(self._names["length"], self.length))
        self._script_room.setLayout(group(self._names["script"], self.script))
        self.lay_out(
            (group(self._names["form"], self.form), self._length_room),
            (group(self._names["prompt"], self.lines["prompt"]), self.daring),
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
        self.lines["prompt"].editingFinished.connect(lambda: self._on_line("prompt"))
        self.lines["acrostic"].editingFinished.connect(lambda: self._on_line("acrostic"))
        self.lines["keywords"].editingFinished.connect(lambda: self._on_line("keywords"))

    def first(self) -> QWidget:
        return self.form

    def more(self) -> QWidget:
        body = QWidget()
        names, lines = self._names, self.lines
        parts = (
            self.strength,
            self.line,
            group(names["keywords"], lines["keywords"]),
            group(names["acrostic"], lines["acrostic"]),
            self.tones,
            self._script_room,
            group(names["copy_limit"], self.copy_limit),
        )
        body.setLayout(column(*parts, gap=GROUP_GAP_PX - theme.GRID_PX))
        return body

    # ---- words ---------------------------------------------------------------------------------

    def retranslate(self) -> None:
        for name, text in self._names.items():
            text.setText(t(f"brief.{name}"))
        for name, field in self.lines.items():
            field.setAccessibleName(t(f"brief.{name}"))
            field.setPlaceholderText(t(f"brief.{name}_hint"))
        for name, field in (("length", self.length), ("copy_limit", self.copy_limit)):
            field.setAccessibleName(t(f"brief.{name}"))
            field.setToolTip(t(f"brief.{name}_hint"))
        for name, slider in (("daring", self.daring), ("strength", self.strength)):
            slider.set_words(*dial_words(f"brief.{name}"))
        self.tones.setText(t("brief.tones"))
        self.tones.setAccessibleName(t("brief.tones"))
        self.tones.setToolTip(t("brief.tones_hint"))
        self.script.set_words(t("brief.script"), [t(f"script.{each}") for each in _SCRIPTS])
        self.form.retranslate()
        self._show_units()

    def _show_units(self) -> None:
        """Characters or words, and only the wishes that the form has a place for."""
        form = self.brief.form
        chinese = forms.is_chinese(form) or self._fives_or_sevens()
        self._length_room.setVisible(forms.is_open(form))
        self.tones.setVisible(forms.has_tones(form))
        self._script_room.setVisible(chinese)
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
        self.line.setVisible(forms.has_open_lines(self.brief.form))
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
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)
        self.daring.show_value(round(brief.temperature * 100))
        self.strength.show_value(round(brief.strength * 100))
        self.line.show_value(place_of(brief.line))
        self.tones.setChecked(brief.tones)
        self.script.set_value(_SCRIPTS.index(brief.script))
        keywords = ", ".join(brief.keywords)
        if text_of(keywords).is_chinese:
            keywords = keywords.replace(", ", "，")
        for name, words in (("prompt", brief.prompt), ("acrostic", brief.acrostic)):
            self.lines[name].setText(words)
        self.lines["keywords"].setText(keywords)
        self._show_units()

    def _on_line_length(self, place: int) -> None:
        if self._fives_or_sevens():
            place = RATIO_STEPS * round(place / RATIO_STEPS)
            self.line.show_value(place)
        self.edited.emit({"line": ratio_at(place)})

    def _on_line(self, name: str) -> None:
        words = self.lines[name].text().strip()
        if name == "keywords":
            parts = (part.strip() for part in _BETWEEN_WORDS.split(words))
            value = tuple(dict.fromkeys(filter(None, parts)))
        else:
            value = words
        if value != getattr(self.brief, name):
            self.edited.emit({name: value})

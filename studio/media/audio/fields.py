"""What is asked of music: form, length, tempo, sound, key, metre; the rest under More."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QWidget

from engine.protocol import (
    MAX_BARS,
    MAX_ROOM_M,
    MAX_TEMPO,
    MAX_TEXTURE_S,
    MAX_VOICES,
    METRES,
    MIN_TEMPO,
    Medium,
    Mode,
    MusicBrief,
    MusicForm,
    PictureBrief,
)
from studio.i18n import t
from studio.media.audio import music
from studio.media.audio.controller import audio_controller_of
from studio.media.audio.opening_fields import OpeningFields
from studio.media.audio.sound_box import SoundBox
from studio.state.session import Session
from studio.views.fields import (
    GROUP_GAP_PX,
    RATIO_STEPS,
    Fields,
    dial_words,
    place_of,
    ratio_at,
    ratio_words,
    room,
    slider_words,
)
from studio.widgets import theme
from studio.widgets.base import column, label, row
from studio.widgets.inputs import Choice, LineField, NumberField
from studio.widgets.segments import Segments
from studio.widgets.slider import LabelledSlider

_FORMS = ("", MusicForm.MUSIC, MusicForm.TEXTURE)
_NAMES = ("music_form", "music_length", "sound_prompt", "sound", "key", "metre", "tempo", "voices")
USUAL_MODEL_S, MAX_MODEL_S = 10, 30  # of a sound model of the artist's


def _box() -> Choice:
    box = Choice()
    box.setMaxVisibleItems(18)
    return box


def _halves(left: QWidget, right: QWidget) -> QHBoxLayout:
    """Two controls side by side, equally wide; either may be put away."""
    for part in (left, right):
        part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    line = row(left, right, gap=theme.GAP_PX)
    line.setStretch(0, 1)
    line.setStretch(1, 1)
    return line


class MusicFields(Fields):
    kind = MusicBrief
    rarer = ("content", "voices", "pace", "lift", "density", "strength")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = session.workspace
        self._sketches = audio_controller_of(session).sketches
        self._texture = False
        self._names = {name: label("dim") for name in _NAMES}
        self.form = Segments((0, 1, 2))
        self.opening, self.sound = OpeningFields(session), SoundBox(session)
        self.length = NumberField(0, MAX_BARS)
        self.prompt = LineField()
        self.tempo = NumberField(0, MAX_TEMPO, skipped=range(1, MIN_TEMPO))
        self.key, self.metre, self.voices = (_box() for _ in range(3))
        self.daring = LabelledSlider(30, 150, 90)
        self.density = LabelledSlider(-RATIO_STEPS, RATIO_STEPS, 0, ratio_words)
        self.pace = LabelledSlider(-RATIO_STEPS, RATIO_STEPS, 0, ratio_words)
        self.lift = LabelledSlider(-music.OCTAVE, music.OCTAVE, 0, "{:+d}".format)
        self.variation = LabelledSlider(0, 100, round(100 * MusicBrief().nearness))
        self.strength = LabelledSlider(0, 200, 100)
        self.room = LabelledSlider(0, round(MAX_ROOM_M), round(MusicBrief().room), "{} m".format)
        self.invention = LabelledSlider(0, 100, round(100 * PictureBrief().invention))
        self.loop = QCheckBox()
        self._of_notes, self._rarer = QWidget(), QWidget()
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        names, gap = self._names, GROUP_GAP_PX
        self._length_room = room(names["music_length"], self.length)
        self._tempo_room = room(names["tempo"], self.tempo)
        self._prompt_room = room(names["sound_prompt"], self.prompt)
        pace = _halves(self._length_room, self._tempo_room)
        self._rooms = {
            "form": room(names["music_form"], self.form),
            "sound": room(names["sound"], self.sound),
            "key": room(names["key"], self.key),
            "metre": room(names["metre"], self.metre),
            "nearness": self.variation,
            "temperature": self.daring,
            "loop": self.loop,
            "room": self.room,
        }
        rooms = self._rooms
        key = _halves(rooms["key"], rooms["metre"])
        dials = (self.variation, self.daring)
        self._of_notes.setLayout(column(rooms["sound"], self.room, key, *dials, gap=gap))
        self._rare = {
            "content": self.opening,
            "voices": room(names["voices"], self.voices),
            "pace": self.pace,
            "lift": self.lift,
            "density": self.density,
            "strength": self.strength,
        }
        self._rarer.setLayout(column(*self._rare.values(), gap=gap - theme.GRID_PX))
        self.lay_out(
            (rooms["form"], self._prompt_room, pace, self.loop), (self._of_notes, self.invention)
        )

    def _connect(self) -> None:
        edited = self.edited.emit
        # Bars become seconds, or seconds bars: the length begins again at the usual one.
        self.form.chosen.connect(lambda place: edited({"form": str(_FORMS[place]), "length": 0}))
        self.length.valueChanged.connect(lambda value: edited({"length": value}))
        self.prompt.editingFinished.connect(self._on_prompt)
        self.tempo.valueChanged.connect(lambda value: edited({"tempo": value}))
        self.key.activated.connect(self._on_key)
        self.metre.activated.connect(lambda place: edited({"metre": self.metre.itemData(place)}))
        self.voices.activated.connect(lambda place: edited({"voices": place}))
        self.daring.settled.connect(lambda value: edited({"temperature": value / 100}))
        self.variation.settled.connect(lambda value: edited({"nearness": value / 100}))
        self.strength.settled.connect(lambda value: edited({"strength": value / 100}))
        self.room.settled.connect(lambda value: edited({"room": float(value)}))
        self.density.settled.connect(lambda value: edited({"density": ratio_at(value)}))
        self.pace.settled.connect(lambda value: edited({"pace": ratio_at(value)}))
        self.lift.settled.connect(self._on_lift)
        self.invention.settled.connect(lambda value: edited({"invention": value / 100}))
        self.opening.edited.connect(edited)
        self.loop.clicked.connect(lambda on: edited({"loop": on}))
        self._sketches.ready.connect(lambda _digest: self._show_form())
        self._workspace.references_changed.connect(self._show_form)

    def first(self) -> QWidget:
        return self.form.findChildren(QWidget)[0]

    def more(self) -> QWidget:
        return self._rarer

    # ---- words ---------------------------------------------------------------------------------

    def retranslate(self) -> None:
        for name, text in self._names.items():
            text.setText(t(f"brief.{name}"))
        own = t("music.as_theirs")
        words = [t(f"music_form.{form or 'own'}") for form in _FORMS]
        self.form.set_words(t("brief.music_form"), words, t("what.music_form"))
        self.tempo.setSpecialValueText(own)
        self.tempo.setSuffix(t("unit.beats"))
        named = {"tempo": self.tempo, "music_length": self.length, "sound_prompt": self.prompt}
        for name, field in named.items():
            field.setAccessibleName(t(f"brief.{name}"))
            field.setToolTip(t(f"brief.{name}_hint"))
        modes = [(f" {mode}", t(f"mode.{mode}")) for mode in Mode]
        keys = [
            (f"{key} {mode}", music.key_words(key, mode)) for key in music.KEYS for mode in Mode
        ]
        self._fill(self.key, "key", [(" ", own), *modes, *keys])
        self._fill(self.metre, "metre", [("", own), *((metre, metre) for metre in METRES)])
        counts = [t("voices.n", n=n) for n in range(2, MAX_VOICES + 1)]
        choices = [t("voices.own"), t("voices.melody"), *counts]
        self._fill(self.voices, "voices", list(enumerate(choices)))
        sliders = {"daring": self.daring, "density": self.density, "manner": self.strength}
        sliders |= {"pace": self.pace, "lift": self.lift}
        for name, slider in sliders.items():
            slider.set_words(*dial_words(f"music.{name}"))
        self.variation.set_words(*slider_words("music.variation"))
        self.room.set_words(*slider_words("music.room"))
        self.invention.set_words(*slider_words("music.pieces"))
        self.loop.setText(t("brief.loop"))
        self.loop.setAccessibleName(t("brief.loop"))
        self.loop.setToolTip(t("brief.loop_hint"))
        self.opening.retranslate()
        self.sound.retranslate()
        self.show_brief(self.brief)

    @staticmethod
    def _fill(box: QComboBox, name: str, choices: list) -> None:
        box.setAccessibleName(t(f"brief.{name}"))
        box.setToolTip(t(f"what.{name}"))
        with QSignalBlocker(box):
            box.clear()
            for value, words in choices:
                box.addItem(words, value)

    def _show_form(self) -> None:
        """Only the wishes that have a place: of a texture no notes are asked."""
        if self._workspace.medium is not Medium.AUDIO:
            return
        known = map(self._sketches.of_reference, self._workspace.references())
        heard = [one.sketch for one in known if one is not None and one.listened and one.seconds]
        self._texture = music.is_texture(self.brief, heard)
        notes = not self._texture
        reads_words = self.generator is not None and self.serves("prompt")
        self.offer(self._prompt_room, "prompt", when=reads_words)
        for name, part in (self._rooms | self._rare).items():
            self.offer(part, name)
        self.offer(self.pace, "pace", when=music.has_pace(self.brief))
        self.offer(self._length_room, "length", when=self.brief.score_use not in music.WHOLE)
        self.offer(self._tempo_room, "tempo", when=notes)
        self._of_notes.setVisible(notes)
        self.offer(self.invention, "invention", when=self._texture)
        with QSignalBlocker(self.length):
            in_seconds = self._texture or reads_words
            longest = MAX_TEXTURE_S if self._texture else MAX_BARS
            self.length.setMaximum(MAX_MODEL_S if reads_words else longest)
            self.length.setSuffix(t("unit.seconds") if in_seconds else t("unit.bars"))
            seconds = music.USUAL_TEXTURE_S if self._texture else USUAL_MODEL_S
            usual = f"{seconds}{t('unit.seconds')}"
            self.length.setSpecialValueText(usual if in_seconds else t("music.as_theirs"))
            self.length.setValue(self.brief.length)
        self.more_wanted.emit(notes and self.serves(*self._rare))

    # ---- facts ---------------------------------------------------------------------------------

    def show_brief(self, brief: MusicBrief) -> None:
        super().show_brief(brief)
        if brief.medium is not Medium.AUDIO:
            return
        self.form.set_value(_FORMS.index(brief.form) if brief.form in _FORMS else 0)
        with QSignalBlocker(self.tempo):
            self.tempo.setValue(brief.tempo)
        if not self.prompt.hasFocus():
            self.prompt.setText(brief.prompt)
        self.key.setCurrentIndex(max(0, self.key.findData(f"{brief.key} {brief.mode}")))
        self.metre.setCurrentIndex(max(0, self.metre.findData(brief.metre)))
        self.voices.setCurrentIndex(min(MAX_VOICES, brief.voices))
        self.daring.show_value(round(brief.temperature * 100))
        self.variation.show_value(round(brief.nearness * 100))
        self.strength.show_value(round(brief.strength * 100))
        self.room.show_value(round(brief.room))
        self.density.show_value(place_of(brief.density))
        self.pace.show_value(place_of(brief.pace))
        self.lift.slider.setSingleStep(music.OCTAVE if music.in_octaves(brief) else 1)
        self.lift.show_value(music.lift_of(brief))
        self.invention.show_value(round(brief.invention * 100))
        self.loop.setChecked(brief.loop)
        if brief.content and brief.content != self.opening.brief.content:
            self.more_asked.emit()  # where it can be seen, and taken back
        self.opening.show_brief(brief)
        self.sound.show_brief(brief)
        self._show_form()

    def _on_prompt(self) -> None:
        if (words := self.prompt.text().strip()) != self.brief.prompt:
            self.edited.emit({"prompt": words})

    def _on_key(self, place: int) -> None:
        key, _, mode = str(self.key.itemData(place)).partition(" ")
        self.edited.emit({"key": key, "mode": mode})

    def _on_lift(self, value: int) -> None:
        """Where only octaves count, the handle goes to the nearest of them."""
        lift = music.lift_of(replace(self.brief, lift=value))
        self.lift.show_value(lift)
        self.edited.emit({"lift": lift})

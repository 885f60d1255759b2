"""Whose sound music has: theirs, an instrument of Maquette's, or one that the artist brings."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QWidget

from engine.protocol import INSTRUMENTS, RECORDING_SUFFIXES, SOUNDFONT_SUFFIXES, Medium, MusicBrief
from studio.i18n import knows, t
from studio.media.audio.controller import audio_controller_of
from studio.media.audio.files import is_recording
from studio.state.session import Session
from studio.state.titles import short_names
from studio.views.file_choice import choose_file
from studio.widgets.inputs import Choice

_SOUND = Qt.ItemDataRole.UserRole
_FILE = "file…"  # the last choice; no instrument is called so


class SoundBox(Choice):
    """Speaks to `MusicSources`; an own sound stands between the references' and the built-in."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._sources = session.workspace, audio_controller_of(session).sources
        self._settings = session.settings
        self._value = ""
        self.setMaxVisibleItems(18)
        self.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)  # a long name does not widen the panel
        self.activated.connect(self._on_activated)
        session.workspace.references_changed.connect(self.retranslate)

    def value(self) -> str:
        return self._value

    def show_brief(self, brief: MusicBrief) -> None:
        if brief.sound != self._value or self.count() == 0:
            self._value = brief.sound
            self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(t("brief.sound"))
        self.setToolTip(t("brief.sound_hint"))
        with QSignalBlocker(self):
            self.clear()
            self.addItem(t("sound.theirs"), "")
            for name, digest in self._recordings():
                self.addItem(t("sound.of_one", name=name), digest)
            if self._value and self.findData(self._value, _SOUND) < 0 and not self._is_built_in():
                self.addItem(self._sources.name_of(self._value), self._value)
            self.insertSeparator(self.count())
            for instrument in INSTRUMENTS:
                self.addItem(instrument_words(instrument), instrument)
            self.insertSeparator(self.count())
            self.addItem(t("sound.from_file"), _FILE)
            self.setCurrentIndex(max(0, self.findData(self._value, _SOUND)))

    def _is_built_in(self) -> bool:
        return self._value in INSTRUMENTS

    def _recordings(self) -> list[tuple[str, str]]:
        """One of several references may lend its sound to all."""
        references = self._workspace.project.references.all(Medium.AUDIO)
        found = [one for one in references if is_recording(one.name)]
        if len(references) < 2:
            return []
        names = short_names([one.name for one in found])
        return list(zip(names, (one.digest for one in found), strict=True))

    def _on_activated(self, index: int) -> None:
        chosen = str(self.itemData(index, _SOUND))
        if chosen == _FILE:
            with QSignalBlocker(self):
                self.setCurrentIndex(max(0, self.findData(self._value, _SOUND)))
            self._on_file()
        else:
            self._sources.play_as(chosen)

    def _on_file(self) -> None:
        patterns = " ".join(f"*{one}" for one in (*RECORDING_SUFFIXES, *SOUNDFONT_SUFFIXES))
        names = f"{t('sound.files')} ({patterns})"
        path = choose_file(self, self._settings, "sound.audio", t("sound.from_file"), names)
        if path is not None:
            self._sources.take_sound(path)


def instrument_words(name: str) -> str:
    """An instrument in the language of the window; one that the catalogue lacks by its own name."""
    key = f"instrument.{name}"
    return t(key) if knows(key) else name[:1].upper() + name[1:]

"""The notes of the built-in instruments and the kit's strokes, as they ship."""

import numpy as np
import pytest

from engine.media.audio.timbre.palette import PALETTE, preset
from engine.media.audio.timbre.recorded import brought
from engine.media.audio.timbre.shipped_notes import FOLDER, card, shipped_notes, shipped_strokes
from engine.media.audio.timbre.sounds import expected_level, level
from engine.media.audio.timbre.spectra import RATE
from engine.meta.errors import WrongCheckpointError

FARTHEST = 5  # semitones from one note to the next


@pytest.mark.parametrize("name", [one.name for one in PALETTE])
def test_every_built_in_instrument_has_notes_over_its_range(name: str) -> None:
    notes = shipped_notes(name)
    pitches = sorted(note.pitch for note in notes)
    assert len(notes) >= 5 and max(np.diff(pitches)) <= 2 * FARTHEST
    assert all(0.1 < note.sounding <= 2 for note in notes)
    assert {note.velocity > 0.6 for note in notes} == {True, False}
    over = []
    for note in notes:
        sound, _ = brought(note, note.pitch, 2.0, RATE, np.zeros(100))
        over.append(level(sound, RATE) / expected_level(note.velocity))
    assert np.median(over) == pytest.approx(1, rel=0.05)
    assert preset(name).recorded is notes


def test_notes_have_the_pitches_that_are_said() -> None:
    for note in shipped_notes("flute"):
        sound, _ = brought(note, note.pitch, 1.0, RATE, np.zeros(100))
        spectrum = np.abs(np.fft.rfft(sound[8192:40960] * np.hanning(32768)))
        base = 440 * 2 ** ((note.pitch - 69) / 12) * 32768 / RATE
        strongest = float(spectrum.argmax()) / base
        assert abs(strongest - round(strongest)) < 0.03


def test_the_kit_has_every_key_and_loud_strokes_are_louder() -> None:
    strokes = shipped_strokes()
    assert set(strokes) == set(range(35, 82))
    for layers in strokes.values():
        peaks = [float(np.abs(stroke).max()) for _, stroke in layers]
        assert peaks == sorted(peaks)


def test_the_card_says_the_licence_and_it_lies_beside() -> None:
    assert card()["licence"] == "MIT"
    assert "MIT" in (FOLDER / "LICENCE.txt").read_text(encoding="utf-8")


def test_a_missing_instrument_is_told() -> None:
    with pytest.raises(WrongCheckpointError):
        shipped_notes("theremin")

"""A singer before others is heard as one line; what is struck, plucked or held steady is none."""

import numpy as np
import pytest

from engine.core.assets import asset
from engine.core.progress import finished
from engine.media.audio.codec.midi import read_midi
from engine.media.audio.codec.sound import RATE, Sound
from engine.media.audio.playing import play
from engine.media.audio.playing.instruments import Instruments
from engine.media.audio.playing.perform import perform
from engine.media.audio.timbre import preset
from engine.media.audio.transcription import model
from engine.media.audio.transcription.salience import FRAME_S
from engine.media.audio.transcription.scoring import scored
from engine.media.audio.transcription.soloist import Line, hearing_soloist
from engine.media.audio.transcription.sung import besides, sung_notes
from engine.media.audio.transcription.transcribe import SOUNDING, transcribe
from engine.media.audio.transcription.voices import CHORDS, MELODY, accompanying

TUNE = (62, 64, 65, 69, 67, 65, 64, 62, 60, 64, 62, 57)
CHORDS_UNDER = ((50, 53, 57), (50, 55, 58), (48, 52, 55), (50, 53, 57))
NOTE_S = 0.7


def harmonic(pitches: np.ndarray, rate: int, partials: int = 8) -> np.ndarray:
    """(samples,) MIDI pitches -> a tone that follows them."""
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((pitches - 69) / 12)) / rate
    return np.sum([np.sin(h * phase) / h for h in range(1, partials + 1)], 0)


def sung_course(rate: int) -> np.ndarray:
    """TUNE with vibrato of 60 cents to either side, and glides of 80 ms."""
    times = np.arange(int(len(TUNE) * NOTE_S * rate)) / rate
    steps = np.array(TUNE, float)[(times / NOTE_S).astype(int)]
    size = int(0.08 * rate)
    glides = np.convolve(np.pad(steps, size // 2, mode="edge"), np.full(size, 1 / size), "same")
    glides = glides[size // 2 : size // 2 + len(steps)]
    return glides + 0.6 * np.sin(2 * np.pi * 5.6 * times)


def chords(rate: int, *, rings: float = 0.0) -> np.ndarray:
    """CHORDS_UNDER, each for three notes of the tune; rings: nepers a second by which they fall."""
    held = int(3 * NOTE_S * rate)
    fall = np.exp(-rings * np.arange(held) / rate)
    return np.concatenate(
        [
            fall * sum(harmonic(np.full(held, float(p)), rate) for p in chord)
            for chord in CHORDS_UNDER
        ]
    )


def scene() -> np.ndarray:
    voice, others = harmonic(sung_course(RATE), RATE, 12), chords(RATE)
    size = min(len(voice), len(others))
    wave = voice[:size] + 0.15 * others[:size]
    return np.pad(0.3 * wave / np.abs(wave).max(), (int(0.2 * RATE), RATE)).astype(np.float32)


@pytest.mark.weights
def test_a_singer_before_others_is_one_line() -> None:
    found = transcribe(Sound(scene()[None], RATE))
    melody = found.notes[found.notes["voice"] == MELODY]
    assert melody["pitch"].tolist() == list(TUNE)
    onsets = 0.2 + NOTE_S * np.arange(len(TUNE))
    assert np.abs(melody["onset_s"] - onsets).max() < 0.08
    assert (found.notes["voice"] != MELODY).sum() >= 9, "the others are heard too"
    assert len(found.score.parts) >= 2
    assert found.score.tempos[0].quarters == pytest.approx(60 / NOTE_S, rel=0.03)


@pytest.mark.weights
def test_a_singer_alone_is_one_line() -> None:
    wave = harmonic(sung_course(RATE), RATE, 12)
    found = transcribe(Sound((0.3 * wave / np.abs(wave).max()).astype(np.float32)[None], RATE))
    assert found.notes["pitch"].tolist() == list(TUNE)
    assert len(found.score.parts) == 1


@pytest.mark.parametrize("rings", [0.0, 3.0])
def test_held_and_plucked_chords_have_no_soloist(rings: float) -> None:
    wave = chords(model.RATE, rings=rings).astype(np.float32)
    assert finished(hearing_soloist(wave)) is None


def test_a_loud_steady_line_is_no_singer() -> None:
    steps = np.repeat(np.array(TUNE, float), int(NOTE_S * model.RATE))
    assert finished(hearing_soloist(harmonic(steps, model.RATE))) is None


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3])
def test_silence_has_no_soloist(seconds: float) -> None:
    wave = np.zeros(int(seconds * model.RATE), np.float32)
    assert finished(hearing_soloist(wave)) is None


def course(*parts: tuple[float, float]) -> np.ndarray:
    """(seconds, pitch) each -> frames, with a vibrato."""
    pitches = np.concatenate([np.full(round(s / FRAME_S), p) for s, p in parts])
    waver = 0.5 * np.sin(2 * np.pi * 5.5 * FRAME_S * np.arange(len(pitches)))
    return np.where(pitches > 0, pitches + waver, 0)


def test_vibrato_and_short_silences_end_no_note() -> None:
    pitches = course((0.6, 62.0), (0.5, 64.0), (0.05, 0.0), (0.4, 64.0), (0.3, 0.0), (0.4, 64.0))
    notes = sung_notes(Line(pitches, np.full(len(pitches), 20.0), 0.9))
    assert notes["pitch"].tolist() == [62, 64, 64]
    assert notes["onset_s"] == pytest.approx([0, 0.6, 1.85], abs=0.05)
    assert notes["duration_s"] == pytest.approx([0.6, 0.95, 0.4], abs=0.06)


def test_a_note_that_is_sung_anew_is_another() -> None:
    pitches = course((1.0, 62.0))
    levels = np.full(len(pitches), 20.0)
    middle = len(levels) // 2
    levels[middle - 4 : middle + 4] -= 25
    assert sung_notes(Line(pitches, levels, 0.9))["pitch"].tolist() == [62, 62]


def test_what_lies_on_the_line_and_its_overtones_is_its_own() -> None:
    pitches = course((2.0, 62.0), (1.0, 0.0))
    notes = np.zeros(5, SOUNDING)
    notes["onset_s"] = (0.2, 0.4, 0.5, 0.5, 2.2)
    notes["duration_s"] = 0.5
    notes["pitch"] = (62, 63, 74, 53, 62)
    line = Line(pitches, np.zeros(len(pitches)), 0.9)
    assert besides(line, notes).tolist() == [False, False, False, True, True]


def test_a_short_note_alone_accompanies_nothing() -> None:
    notes = np.zeros(4, SOUNDING)
    notes["onset_s"] = (0, 0, 1, 2)
    notes["duration_s"] = (0.2, 0.2, 0.2, 1.0)
    assert accompanying(notes)["onset_s"].tolist() == [0, 0, 2]
    assert len(accompanying(notes[:0])) == 0


def test_an_octave_over_a_stronger_note_accompanies_nothing() -> None:
    notes = np.zeros(4, SOUNDING)
    notes["pitch"], notes["duration_s"] = (48, 60, 64, 79), 1.0
    notes["strength"] = (0.6, 0.5, 0.7, 0.4)
    assert accompanying(notes)["pitch"].tolist() == [48, 64]  # 60 is 48's, 79 is 48's too
    notes["strength"][1] = 0.8
    assert accompanying(notes)["pitch"].tolist() == [48, 60, 64]


@pytest.mark.parametrize("bpm", [66, 80, 96])
def test_a_slow_melody_over_ragged_chords_is_not_counted_twice_as_fast(bpm: int) -> None:
    random = np.random.default_rng(bpm)
    beat = 60 / bpm
    rows = [(beat * i, 0.9 * beat, TUNE[i % len(TUNE)], MELODY) for i in range(48)]
    for i in range(0, 48, 2):
        at = beat * i + random.uniform(0, 0.09, 3)
        rows += [(float(t), 1.8 * beat, p, CHORDS) for t, p in zip(at, (48, 52, 55), strict=True)]
        rows.append((beat * (i + 0.5), 0.4 * beat, 60, CHORDS))
    rows.sort()
    notes = np.zeros(len(rows), SOUNDING)
    for place, name in enumerate(("onset_s", "duration_s", "pitch", "voice")):
        notes[name] = [row[place] for row in rows]
    notes["velocity"] = 0.7
    assert scored(notes).tempos[0].quarters == pytest.approx(bpm, rel=0.03)


@pytest.mark.parametrize("sharp", [-0.4, -0.1, 0.0, 0.3])
def test_a_wide_vibrato_hides_no_tuning(sharp: float) -> None:
    pitches = course((0.8, 62.0 + sharp), (0.6, 0.0), (0.8, 67.0 + sharp), (0.8, 64.0 + sharp))
    line = Line(pitches, np.zeros(len(pitches)), 0.9)
    assert line.tuning == pytest.approx(sharp, abs=0.06)
    lower = line.played_at(2 ** (-sharp / 12))
    assert lower.tuning == pytest.approx(0, abs=0.06)
    assert len(lower.pitches) == pytest.approx(len(pitches) * 2 ** (sharp / 12), abs=1)


@pytest.mark.weights
def test_quick_notes_of_one_violin_are_heard_one_by_one() -> None:
    """A line cannot follow them; that they go up and down is no vibrato."""
    path = sorted(asset("samples/music").glob("*.mid"))[1]
    score = read_midi(path.read_bytes(), path.name)
    stems = finished(play.voices(score, Instruments((preset("violin"),)), [], 1, loop=False))
    mixed = play.mixed(stems, loop=False).samples[:, : 16 * RATE]
    found = transcribe(Sound(mixed.astype(np.float32), RATE))
    asked = [note for note in perform(score, 1) if note["onset_s"] < 15.5]

    def is_heard(note: np.void) -> bool:
        near = np.abs(found.notes["onset_s"] - note["onset_s"]) < 0.06
        return bool((near & (found.notes["pitch"] == note["pitch"])).any())

    heard = [is_heard(note) for note in asked]
    assert np.mean(heard) > 0.85

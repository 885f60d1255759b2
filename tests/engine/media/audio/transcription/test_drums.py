"""Strokes of a kit are heard in their classes; strings, noise and silence are no kit."""

import numpy as np
import pytest

from engine.core.progress import finished
from engine.lab.training.synthetic_kit import LEVELS, struck
from engine.media.audio.codec.score import TICKS
from engine.media.audio.codec.sound import Sound
from engine.media.audio.timbre import preset, synthesise
from engine.media.audio.transcription.drum_model import CLASSES, FRAMES_HZ, RATE
from engine.media.audio.transcription.drums import hearing_hits, peaks, without_membranes
from engine.media.audio.transcription.transcribe import transcribe

BEAT_S, BARS = 0.5, 6
PATTERN = {36: (0, 6, 8), 38: (4, 12), 42: (0, 2, 4, 6, 8, 10, 12, 14)}  # sixteenths


def beat() -> tuple[np.ndarray, list[tuple[float, int]]]:
    """The sound of our own kit, and when which key of it is struck."""
    strokes = [
        (0.2 + (16 * bar + step) * BEAT_S / 4, key)
        for bar in range(BARS)
        for key, steps in PATTERN.items()
        for step in steps
    ]
    wave = np.zeros(int((4 * BARS * BEAT_S + 2) * RATE), np.float32)
    for at, key in strokes:
        sound = LEVELS[key] * struck(key)
        first = int(at * RATE)
        wave[first : first + len(sound)] += 0.3 * sound
    return wave, sorted(strokes)


def melody(program: str) -> np.ndarray:
    pitches = (72, 74, 76, 79, 76, 74, 72, 71) * BARS
    rows = [(0.2 + 0.25 * i * 2, 0.45, p, 0.8) for i, p in enumerate(pitches[: 4 * BARS])]
    return synthesise(rows, preset(program), RATE)


def matched(found: np.ndarray, strokes: list[tuple[float, int]]) -> float:
    """F1 of strokes within 30 ms."""
    heard = [(float(hit["onset_s"]), int(hit["key"])) for hit in found]
    right = sum(any(k == key and abs(t - at) < 0.03 for t, k in heard) for at, key in strokes)
    return 2 * right / (len(heard) + len(strokes))


@pytest.mark.weights
def test_a_kit_alone_and_with_a_melody_is_heard_stroke_by_stroke() -> None:
    wave, strokes = beat()
    assert matched(finished(hearing_hits(wave)), strokes) > 0.9
    tune = melody("flute")[: len(wave)]
    wave[: len(tune)] += tune
    assert matched(finished(hearing_hits(wave)), strokes) > 0.85


@pytest.mark.weights
@pytest.mark.parametrize("program", ["piano", "steel guitar", "kalimba"])
def test_struck_and_plucked_strings_are_no_kit(program: str) -> None:
    assert len(finished(hearing_hits(melody(program)))) == 0


@pytest.mark.weights
def test_noise_and_silence_are_no_kit() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 6 * RATE).astype(np.float32)
    for wave in (noise, np.zeros(6 * RATE, np.float32), noise[:50], np.zeros(0, np.float32)):
        assert len(finished(hearing_hits(wave))) == 0


@pytest.mark.weights
def test_drums_stand_on_the_bars_of_the_score_which_they_make_clear() -> None:
    wave, _ = beat()
    tune = melody("flute")[: len(wave)]
    wave[: len(tune)] += tune
    found = transcribe(Sound(wave[None], RATE))
    score = found.score
    assert len(score.parts) == 1
    assert score.metres[0].beats == score.metres[0].unit == 4
    assert score.tempos[0].quarters == pytest.approx(60 / BEAT_S, rel=0.03)
    kicks = score.hits["onset"][score.hits["key"] == 36]
    snares = score.hits["onset"][score.hits["key"] == 38]
    syncope = 3 * TICKS // 2  # before the third beat or, as its bars may be heard, before the first
    places = (0, syncope, 2 * TICKS, 2 * TICKS + syncope)
    assert np.isin(kicks % (4 * TICKS), places).mean() > 0.9
    assert np.isin(snares % (4 * TICKS), (TICKS, 3 * TICKS)).mean() > 0.9


def test_of_a_class_weak_hits_beside_strong_ones_are_left_out() -> None:
    sure = np.zeros((400, len(CLASSES)), np.float32)
    sure[20:380:40, 0] = 0.95
    sure[40:380:120, 0] = 0.6
    assert [frame for frame, _ in peaks(sure)] == list(range(20, 380, 40))


def test_a_bass_drum_is_filtered_out_and_a_bass_stays() -> None:
    times = np.arange(3 * 22_050) / 22_050
    bass = 0.3 * np.sin(2 * np.pi * 82.4 * times)
    drum = np.sin(2 * np.pi * 55 * times) * np.exp(-30 * (times % 0.75))
    left = without_membranes((bass + drum).astype(np.float32), 22_050)
    middle = slice(22_050 // 2, -22_050 // 2)
    error = np.square(left - bass)[middle].mean()
    assert error < 0.35 * np.square(drum)[middle].mean()
    assert np.square(left)[middle].mean() > 0.5 * np.square(bass)[middle].mean()


def test_frames_are_hundredths_of_a_second() -> None:
    assert FRAMES_HZ == 100

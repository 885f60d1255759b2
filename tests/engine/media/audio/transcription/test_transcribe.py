"""Recordings to notes: on tones of known pitch and time, and on what has no notes."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from engine.core.progress import finished
from engine.media.audio.codec.score import TICKS
from engine.media.audio.codec.sound import RATE, Sound
from engine.media.audio.score_tokens import decode, encode
from engine.media.audio.theory.grid import quantise
from engine.media.audio.transcription.beats import find_beats
from engine.media.audio.transcription.model import (
    FRAME_SECONDS,
    KEYS,
    BasicPitch,
    activating,
    shipped,
)
from engine.media.audio.transcription.notes import (
    _Found,
    _without_formants,
    _without_strays,
    heard_notes,
)
from engine.media.audio.transcription.scoring import scored
from engine.media.audio.transcription.segments import refined_pitch, segments
from engine.media.audio.transcription.transcribe import (
    LISTENED_S,
    SOUNDING,
    _is_one_voice,
    transcribe,
)
from engine.media.audio.transcription.tuning import tuning_of

MELODY = (60, 62, 64, 65, 67, 69, 71, 72, 71, 67, 64, 60)
BEAT_S = 0.5


def played(rows: Sequence[tuple[float, float, float, float]], seconds: float) -> np.ndarray:
    """(onset s, duration s, pitch, level) rows -> (N,) tones of six partials that ring out."""
    wave = np.zeros(int(seconds * RATE))
    for onset, duration, pitch, level in rows:
        times = np.arange(int((duration + 0.1) * RATE)) / RATE
        fundamental = 440 * 2 ** ((pitch - 69) / 12)
        tone = sum(np.sin(2 * np.pi * fundamental * h * times) / h**1.5 for h in range(1, 7))
        shape = np.minimum(times / 0.005, 1) * np.exp(-2.5 * times)
        shape *= np.clip((duration + 0.1 - times) / 0.1, 0, 1)
        first = int(onset * RATE)
        part = (level * tone * shape)[: len(wave) - first]
        wave[first : first + len(part)] += part
    return (0.5 * wave / max(float(np.abs(wave).max()), 1e-9)).astype(np.float32)


def melody(shift: float = 0.0) -> Sound:
    rows = [(0.3 + BEAT_S * i, 0.45, p + shift, 1.0) for i, p in enumerate(MELODY)]
    return Sound(played(rows, 7)[None], RATE)


@pytest.mark.weights
def test_a_melody_is_heard_note_for_note() -> None:
    found = transcribe(melody())
    assert found.notes["pitch"].tolist() == list(MELODY)
    onsets = 0.3 + BEAT_S * np.arange(len(MELODY))
    assert np.abs(found.notes["onset_s"] - onsets).max() < 0.05
    assert found.notes["velocity"].min() > 0.7
    assert found.has_notes > 0.9
    assert found.heard_s == (0.0, pytest.approx(7, abs=0.01))
    assert abs(found.tuning) < 0.1


@pytest.mark.weights
def test_the_score_is_on_bars_and_can_be_said_in_tokens() -> None:
    score = transcribe(melody()).score
    assert score.tempos[0].quarters == pytest.approx(60 / BEAT_S, rel=0.03)
    assert np.diff(score.notes["onset"]).tolist() == [TICKS] * (len(MELODY) - 1)
    assert score.keys[0].fifths == 0
    assert score.notes["onset"].min() < score.metres[0].bar_ticks
    on_grid = quantise(score)
    assert np.array_equal(decode(encode(on_grid)).notes["pitch"], on_grid.notes["pitch"])


@pytest.mark.weights
def test_chords_are_heard_whole() -> None:
    chords = ((60, 64, 67), (57, 60, 65), (55, 59, 62), (60, 64, 67))
    rows = [(0.2 + i, 0.9, p, 1.0) for i, chord in enumerate(chords) for p in chord]
    found = transcribe(Sound(played(rows, 5)[None], RATE))
    heard = {(round(float(n["onset_s"]) - 0.2), int(n["pitch"])) for n in found.notes}
    expected = {(i, p) for i, chord in enumerate(chords) for p in chord}
    assert len(heard & expected) >= 10
    assert len(heard - expected) <= 3


@pytest.mark.weights
def test_a_recording_in_another_tuning_is_heard_as_the_same_melody() -> None:
    found = transcribe(melody(0.4))
    assert found.tuning == pytest.approx(0.4, abs=0.08)
    assert found.notes["pitch"].tolist() == list(MELODY)
    assert found.notes["onset_s"][-1] == pytest.approx(0.3 + 11 * BEAT_S, abs=0.05)


@pytest.mark.weights
def test_louder_notes_are_told_from_softer_ones() -> None:
    rows = [(0.3 + BEAT_S * i, 0.45, p, 1.0 if i % 2 else 0.2) for i, p in enumerate(MELODY)]
    found = transcribe(Sound(played(rows, 7)[None], RATE))
    loud = found.notes["velocity"][np.isin(found.notes["pitch"], (62, 65, 69, 72))]
    assert loud.min() > found.notes["velocity"][0] + 0.15


def noise(seconds: float) -> np.ndarray:
    random = np.random.default_rng(0)
    return (0.1 * random.normal(size=int(seconds * RATE))).astype(np.float32)


def bursts(seconds: float) -> np.ndarray:
    times = np.arange(int(seconds * RATE)) / RATE
    return (noise(seconds) * np.exp(-20 * (times % 0.25))).astype(np.float32)


@pytest.mark.weights
@pytest.mark.parametrize(
    "wave", [noise(5), bursts(5), np.zeros(3 * RATE, np.float32), noise(0.12), noise(0.12)[:100]]
)
def test_what_has_no_notes_is_known_and_does_no_harm(wave: np.ndarray) -> None:
    sound = Sound(np.stack([wave, wave]), RATE)
    found = transcribe(sound)
    assert found.has_notes == 0
    assert len(segments(sound, found)) <= 8


@pytest.mark.weights
def test_of_a_long_recording_the_part_with_most_beginnings_is_heard() -> None:
    rows = [(60 + 0.25 * i, 0.2, 60 + i % 12, 1.0) for i in range(100)]
    wave = played(rows, 100) + 1e-3 * noise(100)
    found = transcribe(Sound(wave[None], RATE))
    first, last = found.heard_s
    assert last - first == pytest.approx(LISTENED_S, abs=0.1)
    assert first < 60
    assert last > 85
    assert found.notes["onset_s"].min() == pytest.approx(60, abs=0.1)


@pytest.mark.weights
def test_single_notes_are_cut_out_with_their_pitch() -> None:
    sound = melody(0.1)
    cut = segments(sound, transcribe(sound))
    assert 3 <= len(cut) <= 8
    assert len({round(note.pitch) for note in cut[:5]}) == 5
    for note in cut:
        assert note.pitch - round(note.pitch) == pytest.approx(0.1, abs=0.05)
        assert note.samples.dtype == np.float32
        assert 0.3 < len(note.samples) / note.rate < 1
        assert abs(float(note.samples[0])) < 1e-3
        assert abs(float(note.samples[-1])) < 1e-3
        assert note.alone > 0.9
        assert 0.5 < note.velocity <= 1


def test_pitch_is_refined_within_its_key() -> None:
    wave = played([(0, 0.5, 64.3, 1.0)], 0.6)
    assert refined_pitch(wave, RATE, 64) == pytest.approx(64.3, abs=0.03)


@pytest.mark.parametrize("shift", [-0.4, -0.2, 0.0, 0.3])
def test_tuning_is_found(shift: float) -> None:
    assert tuning_of(melody(shift).mono(), RATE) == pytest.approx(shift, abs=0.06)
    assert tuning_of(noise(2), RATE) == 0
    assert tuning_of(np.zeros(10_000, np.float32), RATE) == 0


@pytest.mark.parametrize(
    ("bpm", "pattern", "by_three"),
    [
        (100, (0, 1, 1.5, 2, 3, 3.25, 3.5, 3.75), False),
        (140, (0, 1, 2, 2.5, 3), False),
        (80, (0, 1 / 3, 2 / 3, 1, 5 / 3, 2, 7 / 3, 8 / 3, 3, 11 / 3), True),
    ],
)
def test_the_beat_is_found(bpm: float, pattern: tuple[float, ...], by_three: bool) -> None:
    random = np.random.default_rng(1)
    beats = np.concatenate([4 * bar + np.array(pattern) for bar in range(8)])
    onsets = beats * 60 / bpm + 1.0 + random.normal(0, 0.006, len(beats))
    weights = np.where(beats % 4 == 0, 2.0, np.where(beats % 1 == 0, 1.0, 0.7))
    found = find_beats(onsets, np.full(len(onsets), 0.2), weights)
    assert found.bpm == pytest.approx(bpm, rel=0.03)
    assert found.by_three == by_three
    on_beat = found.at(onsets)[beats % 1 == 0]
    assert np.abs(on_beat - np.round(on_beat)).max() < 0.1


@pytest.mark.parametrize(
    ("groups", "metre"),
    [
        ((2, 2, 3), (7, 8)),
        ((3, 2, 2), (7, 8)),
        ((2, 3), (5, 8)),
        ((2, 2, 2, 2), (4, 4)),
        ((2, 2, 2), (3, 4)),
    ],
)
def test_uneven_metres_are_counted(groups: tuple[int, ...], metre: tuple[int, int]) -> None:
    random = np.random.default_rng(2)
    unit = sum(groups)
    places = np.arange(unit * 12)
    starts = np.cumsum((0, *groups[:-1]))
    heavy, light = places % unit == 0, np.isin(places % unit, starts)
    onsets = places * 0.25 + random.normal(0, 0.006, len(places))
    found = find_beats(onsets, np.full(len(onsets), 0.2), 1 + 1.0 * heavy + 0.5 * light)
    assert found.metre == metre
    if metre[1] == 8:
        begins = (found.at(onsets[heavy]) - found.first) / found.per_bar
        assert np.abs(begins - np.round(begins)).max() < 0.1


def test_taps_follow_a_player_who_hurries() -> None:
    gaps = np.linspace(0.6, 0.5, 40)
    onsets = 0.5 + np.concatenate([[0.0], np.cumsum(gaps)])
    found = find_beats(onsets, np.full(len(onsets), 0.3), np.ones(len(onsets)))
    assert np.diff(np.round(found.at(onsets))).tolist() == [1.0] * 40


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_notes_have_beats_too(count: int) -> None:
    onsets = 0.2 + 0.7 * np.arange(count)
    found = find_beats(onsets, np.full(count, 0.5), np.ones(count))
    assert found.times_s[0] <= onsets[0] + 0.1
    assert found.times_s[-1] >= onsets[-1]
    assert np.isfinite(found.bpm)


@pytest.mark.weights
def test_the_network_hears_windows_as_one_stream() -> None:
    wave = np.resize(melody().mono()[::2], 5 * 22_050).astype(np.float32)
    notes, onsets = finished(activating(wave, shipped(torch.device("cpu"))))
    assert notes.shape == onsets.shape == (-(-len(wave) // 256), KEYS)
    assert 0 <= notes.min() <= notes.max() <= 1
    assert len(notes) * FRAME_SECONDS == pytest.approx(5, abs=0.02)
    assert sum(p.numel() for p in BasicPitch().parameters()) == 16_700


def test_no_activation_is_no_note() -> None:
    nothing = np.zeros((100, KEYS), np.float32)
    assert len(heard_notes(nothing, nothing)) == 0
    one = nothing.copy()
    one[20:60, 40] = 0.9
    found = heard_notes(one, nothing)
    assert len(found) == 1
    assert found["duration_s"][0] == pytest.approx(40 * FRAME_SECONDS, abs=0.05)


def test_a_squeak_far_above_the_music_is_no_note() -> None:
    music = [_Found(20 * i, 20 * i + 15, 40 + i % 5, 0.6, 0.9) for i in range(40)]
    squeak, held = _Found(105, 115, 70, 0.5, 0.9), _Found(605, 660, 70, 0.5, 0.9)
    assert _without_strays([*music, squeak, held]) == [*music, held]
    pair = [_Found(105, 115, 70, 0.5, 0.9), _Found(125, 135, 72, 0.5, 0.9)]
    assert _without_strays([*music, *pair]) == [*music, *pair], "a melody stays there"


def test_the_formant_of_a_singer_is_no_note() -> None:
    sung = [_Found(40 * i, 40 * i + 38, 38 + i % 4, 0.8, 0.9) for i in range(30)]
    formant = [_Found(40 * i + 4, 40 * i + 34, 79 + i % 3, 0.5, 0.9) for i in range(0, 30, 5)]
    assert _without_formants([*sung, *formant]) == sung
    flute = [_Found(40 * i + 4, 40 * i + 34, 79 + i % 3, 0.9, 0.9) for i in range(0, 30, 5)]
    assert _without_formants([*sung, *flute]) == [*sung, *flute], "as strong as what lies below"
    leading = [*flute, *(_Found(f.start, f.end, f.key - 9, 0.8, 0.9) for f in flute)]
    assert _without_formants([*sung, *leading]) == [*sung, *leading], "others play up there"


@pytest.mark.parametrize(("phrase", "by_three"), [(32, False), (64, False), (24, True), (48, True)])
def test_a_passage_comes_back_after_whole_beats(phrase: int, by_three: bool) -> None:
    """Even quavers whose accents say nothing: what they repeat after tells how they are counted."""
    random = np.random.default_rng(3)
    pitches = np.tile(random.integers(60, 80, phrase), 4)
    onsets = 0.1875 * np.arange(len(pitches)) + random.normal(0, 0.004, len(pitches))
    found = find_beats(onsets, np.full(len(onsets), 0.18), np.ones(len(onsets)), pitches)
    assert found.by_three == by_three
    assert (found.metre[1] == 8) == by_three
    beats = float(np.diff(found.at(onsets[[0, phrase]]))[0])
    assert beats == pytest.approx(round(beats), abs=0.1)
    assert round(beats) % found.per_bar == 0


def test_quick_notes_under_a_slow_beat_stay_apart() -> None:
    """Dotted quavers and semiquavers at 160, of which every fourth quaver is accented."""
    dotted = [(0.375 * i, 0.28, 0.9 if i % 2 == 0 else 0.5) for i in range(64)]
    short = [(0.375 * i + 0.28125, 0.09, 0.5) for i in range(64)]
    notes = np.zeros(128, SOUNDING)
    columns = np.array(sorted(dotted + short)).T
    notes["onset_s"], notes["duration_s"], notes["velocity"] = columns
    notes["pitch"] = 60 + np.arange(len(notes)) % 7
    score = scored(notes)
    assert len(np.unique(score.notes["onset"])) == len(notes)
    assert np.isin(np.diff(score.notes["onset"]), (120, 360)).mean() > 0.95


def test_one_voice_that_rings_on_is_one_voice() -> None:
    def played(together: int) -> np.ndarray:
        notes = np.zeros(40, SOUNDING)
        notes["onset_s"] = np.repeat(0.2 * np.arange(40 // together), together)
        notes["duration_s"] = 0.34
        return notes

    assert _is_one_voice(played(1))
    assert not _is_one_voice(played(2))
    found = scored(played(2), one_voice=True).notes
    assert len(found) == 20
    assert (found["onset"][:-1] + found["duration"][:-1] <= found["onset"][1:]).all()

"""Recorded notes are played again."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.media.audio.timbre import NoteSegment, Timbre, learn_timbre, synthesise
from engine.media.audio.timbre.recorded import (
    AS_NEAR,
    RecordedNote,
    brought,
    entered,
    from_tensors,
    joined,
    nearest,
    recorded_note,
    to_tensors,
)
from engine.media.audio.timbre.spectra import RATE

SAME = np.zeros(100)  # the decoder says that nothing changes


def wavering(pitch: float = 60.0, seconds: float = 1.0) -> np.ndarray:
    """Ten partials whose level goes up and down six times a second, as no decoder says it."""
    at = np.arange(round(seconds * RATE)) / RATE
    base = 440 * 2 ** ((pitch - 69) / 12)
    parts = [np.sin(2 * np.pi * k * base * at) / k for k in range(1, 11)]
    return (0.05 * np.sum(parts, 0) * (1 + 0.6 * np.sin(2 * np.pi * 6 * at))).astype(np.float32)


def note(pitch: float = 60.0, seconds: float = 1.0, velocity: float = 0.8) -> RecordedNote:
    found = recorded_note(wavering(pitch, seconds), pitch, velocity, falls=False)
    assert found is not None
    return found


def hz(sound: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(sound * np.hanning(len(sound)))).argmax()) * RATE / len(sound)


def waver(sound: np.ndarray) -> float:
    """Hz at which the level goes up and down."""
    size = round(0.01 * RATE)
    levels = np.sqrt(np.square(sound[: len(sound) // size * size].reshape(-1, size)).mean(1))
    power = np.abs(np.fft.rfft((levels - levels.mean()) * np.hanning(len(levels)), 1000))
    return float(power.argmax()) / 10


def test_at_its_own_pitch_it_is_the_recording() -> None:
    made, ends = brought(note(), 60.0, 2.0, RATE, SAME)
    real = wavering()
    assert len(made) == len(real)
    assert ends == pytest.approx(1.0, abs=0.1)
    apart = np.abs(made - real)[2000:-2000]
    assert apart.max() < 0.02 * np.abs(real).max()


@pytest.mark.parametrize("pitch", [53.0, 67.0])
def test_at_another_pitch_it_has_that_pitch(pitch: float) -> None:
    made, ends = brought(note(), pitch, 2.0, RATE, SAME)
    assert hz(made) == pytest.approx(440 * 2 ** ((pitch - 69) / 12), rel=0.01)
    assert ends == pytest.approx(2 ** ((60 - pitch) / 12), rel=0.15)


def test_the_decoders_change_moves_the_spectrum_by_half() -> None:
    louder = np.where(np.arange(100) == 3, 1.0, 0.0)
    plain, moved = (brought(note(), 62.0, 1.0, RATE, change)[0] for change in (SAME, louder))

    def fourth(sound: np.ndarray) -> float:
        spectrum = np.abs(np.fft.rfft(sound[4000:36768] * np.hanning(32768)))
        base = 440 * 2 ** ((62 - 69) / 12) * 32768 / RATE
        first, fourth = (spectrum[round(k * base) - 5 : round(k * base) + 6].max() for k in (1, 4))
        return float(np.log(fourth / first))

    assert fourth(moved) - fourth(plain) == pytest.approx(0.25, abs=0.05)  # half, and smoothed


def test_what_lies_below_the_fundamental_is_left_out() -> None:
    at = np.arange(RATE) / RATE
    humming = wavering() + (0.1 * np.sin(2 * np.pi * 50 * at)).astype(np.float32)
    found = recorded_note(humming, 60.0, 0.8, falls=False)
    assert found is not None
    made, _ = brought(found, 60.0, 1.0, RATE, SAME)
    assert np.abs(made[2000:-2000] - wavering()[2000:-2000]).max() < 0.02


def test_a_note_that_was_let_go_ends_there_and_one_that_dies_away_does_not() -> None:
    at = np.arange(RATE) / RATE
    let_go = wavering() * np.where(at < 0.5, 1, np.exp(-20 * (at - 0.5))).astype(np.float32)
    held, struck = (recorded_note(let_go, 60.0, 0.8, falls=falls) for falls in (False, True))
    assert held is not None and struck is not None
    assert held.sounding == pytest.approx(0.5, abs=0.1)
    assert struck.sounding == 1.0
    assert recorded_note(wavering(seconds=0.05), 60.0, 0.8, falls=True) is None


def test_the_nearest_is_chosen_and_of_several_as_near_not_always_one() -> None:
    notes = [note(60.0), note(60.0 + AS_NEAR / 2), note(72.0)]
    found = {nearest(notes, 60.0, 0.8, 0.3, np.random.default_rng(i)) for i in range(20)}
    assert found == {0, 1}
    assert nearest(notes, 70.0, 0.8, 0.3, np.random.default_rng(0)) == 2
    loud = [note(60.0, velocity=0.9), note(62.0, velocity=0.3)]
    assert nearest(loud, 60.0, 0.3, 0.3, np.random.default_rng(0)) == 1
    short = [note(60.0, 0.2), note(62.0, 1.0)]
    assert nearest(short, 60.0, 0.8, 1.0, np.random.default_rng(0)) == 1


def test_where_the_recording_ends_the_decoder_goes_on_at_its_level() -> None:
    mine, made = wavering(seconds=0.5), 0.3 * wavering(seconds=1.0)
    first = entered(mine, 0.5, len(made), RATE)
    whole, entry = joined(mine, made[first:], first, RATE)
    assert len(whole) == len(made)
    assert entry.seconds == pytest.approx(0.45, abs=0.01)
    assert entry.gain == pytest.approx(1 / 0.3, rel=0.2)
    assert np.array_equal(whole[: round(0.44 * RATE)], mine[: round(0.44 * RATE)])
    levels = np.sqrt(np.square(whole[: RATE // 2 * 2].reshape(-1, RATE // 6)).mean(1))
    assert levels.max() < 1.5 * levels.min()


def test_what_was_kept_in_a_style_is_the_same() -> None:
    notes = (note(60.0), note(64.3))
    found = from_tensors(to_tensors(notes))
    for kept, own in zip(found, notes, strict=True):
        assert np.array_equal(kept.samples, own.samples)
        assert (kept.peak, kept.pitch) == (own.peak, own.pitch)
        assert (kept.velocity, kept.sounding) == (own.velocity, own.sounding)
    assert from_tensors({}) == () and to_tensors(()) == {}


@pytest.mark.weights
def test_a_learned_sound_moves_as_the_recording_does() -> None:
    given = [NoteSegment(wavering(pitch), RATE, pitch, 0.8) for pitch in (60.0, 65.0)]
    timbre = learn_timbre(given, steps=2, seconds=600)
    assert len(timbre.recorded) == 2
    sound = synthesise([(0, 0.9, 62.0, 0.8)], timbre)[: round(0.85 * RATE)]
    assert waver(sound) == pytest.approx(6.0, abs=1.0)
    quiet, loud = (
        synthesise([(0, 0.9, 62.0, velocity)], timbre)[: RATE // 2] for velocity in (0.3, 0.9)
    )
    assert np.square(loud).mean() > 10 * np.square(quiet).mean()


@pytest.mark.weights
def test_notes_that_others_cover_are_not_played_again() -> None:
    given = [NoteSegment(wavering(60.0), RATE, 60.0, 0.8, alone=0.5)]
    assert learn_timbre(given, steps=1, seconds=600).recorded == ()


@pytest.mark.weights
def test_playing_leaves_the_recording_as_it_was() -> None:
    timbre = Timbre(torch.zeros(32), recorded=(note(60.0), note(67.0)))
    before = [one.samples.copy() for one in timbre.recorded]
    rows = [(0.3 * i, 0.25, 60.0, 0.8) for i in range(4)]
    first = synthesise(rows, timbre, seed=3)
    assert np.array_equal(first, synthesise(rows, timbre, seed=3))
    assert all(np.array_equal(a, b.samples) for a, b in zip(before, timbre.recorded, strict=True))
    assert not np.array_equal(first, synthesise(rows, replace(timbre, recorded=()), seed=3))

"""Plucked sounds that other notes cover in a recording: how fast they fall."""

import numpy as np
import pytest
import torch

from engine.media.audio.timbre.decay import DB, measured_fall
from engine.media.audio.timbre.sounds import MODES, Timbre
from engine.media.audio.timbre.spectra import RATE
from engine.media.audio.timbre.synthesis import synthesise

PITCHES = (60.0, 64.0, 67.0, 71.0)


def tone(pitch: float, fall_db: float, seconds: float = 0.6) -> np.ndarray:
    """Ten partials that fall by so many decibels a second."""
    times = np.arange(int(seconds * RATE)) / RATE
    hz = 440 * 2 ** ((pitch - 69) / 12)
    sound = sum(np.sin(2 * np.pi * hz * k * times + k) / k for k in range(1, 11))
    return (0.1 * sound * 10 ** (-fall_db * times / 20)).astype(np.float32)


def covered(pitch: float, fall_db: float) -> np.ndarray:
    """With another note that begins behind it, and is as loud."""
    sound = tone(pitch, fall_db)
    later = int(0.25 * RATE)
    sound[later:] += tone(pitch + 3, fall_db)[: len(sound) - later]
    return sound


@pytest.mark.parametrize("fall_db", [30.0, 50.0])
def test_the_fall_is_heard_under_a_later_note(fall_db: float) -> None:
    found = DB * measured_fall([(covered(pitch, fall_db), pitch, 0.4) for pitch in PITCHES])
    assert 0.6 * fall_db < found < 1.5 * fall_db


def test_what_sustains_falls_not_at_all() -> None:
    assert measured_fall([(tone(pitch, 2.0), pitch, 0.4) for pitch in PITCHES]) == 0
    assert measured_fall([(tone(60, 40, 0.1), 60, 0.4)] * 4) == 0, "too short to tell"
    assert measured_fall([(tone(60, 40), 60, 0.4)]) == 0, "one note is no instrument"


def test_a_blown_note_is_held_though_its_high_partials_fade() -> None:
    def blown(pitch: float) -> np.ndarray:
        times = np.arange(int(0.6 * RATE)) / RATE
        hz = 440 * 2 ** ((pitch - 69) / 12)
        low = sum(np.sin(2 * np.pi * hz * k * times + k) / k for k in (1, 2, 3))
        high = sum(np.sin(2 * np.pi * hz * k * times + k) / k for k in range(4, 13))
        return (0.1 * (low + high * np.exp(-8 * times))).astype(np.float32)

    assert measured_fall([(blown(pitch), pitch, 1.0) for pitch in PITCHES]) == 0


def test_a_note_that_sounds_alone_tells_its_fall_by_its_level() -> None:
    found = DB * measured_fall([(tone(pitch, 40.0), pitch, 1.0) for pitch in PITCHES])
    assert found == pytest.approx(40, rel=0.1)


def test_a_timbre_keeps_its_fall_in_a_style() -> None:
    timbre = Timbre(torch.zeros(32), torch.zeros(MODES), decay=3.0)
    assert Timbre.from_tensors(timbre.to_tensors()).decay == 3.0
    plain = Timbre(torch.zeros(32))
    assert Timbre.from_tensors(plain.to_tensors()).decay == 0
    assert "timbre/decay" not in plain.to_tensors()


@pytest.mark.weights
def test_a_held_note_falls_by_as_much_more() -> None:
    def levels(decay: float) -> np.ndarray:
        timbre = Timbre(torch.zeros(32), torch.zeros(MODES), decay=decay)
        sound = synthesise([(0, 1.5, 60, 0.8)], timbre)
        return np.array([np.square(sound[int(t * RATE) :][:4410]).mean() for t in (0.2, 1.2)])

    plain, plucked = 10 * np.log10(levels(0.0)), 10 * np.log10(levels(4.0))
    more = (plucked[0] - plucked[1]) - (plain[0] - plain[1])
    assert more == pytest.approx(4.0 * DB, abs=6)

"""What is measured in a recording beside its spectra: vibrato, and noise that it does not have."""

import numpy as np
import pytest
import torch

from engine.media.audio.timbre.noise_bands import between, too_loud
from engine.media.audio.timbre.sounds import MODES, Timbre
from engine.media.audio.timbre.spectra import BANDS, RATE
from engine.media.audio.timbre.synthesis import synthesise
from engine.media.audio.timbre.vibrato import Vibrato, measured_vibrato

PITCHES = (57.0, 62.0, 66.0, 69.0)


def swinging(pitch: float, rate: float, cents: float, seconds: float = 0.9) -> np.ndarray:
    """Six partials whose pitch swings."""
    times = np.arange(int(seconds * RATE)) / RATE
    hz = 440 * 2 ** ((pitch - 69 + cents / 100 * np.sin(2 * np.pi * rate * times)) / 12)
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    return sum(np.sin(k * phase) / k for k in range(1, 7)).astype(np.float32)  # pyright: ignore


def hissing(pitch: float, level: float, highest: float = RATE / 2) -> np.ndarray:
    rng = np.random.default_rng(int(pitch))
    sound = swinging(pitch, 0, 0, 0.5)
    spectrum = np.fft.rfft(rng.normal(0, level, len(sound)))
    spectrum[np.fft.rfftfreq(len(sound), 1 / RATE) > highest] = 0
    return sound + np.fft.irfft(spectrum, len(sound)).astype(np.float32)


@pytest.mark.parametrize(("rate", "cents"), [(5.0, 20.0), (6.5, 45.0)])
def test_vibrato_is_measured(rate: float, cents: float) -> None:
    found = measured_vibrato([(swinging(p, rate, cents), p, 0.9) for p in PITCHES])
    assert found.rate_hz == pytest.approx(rate, abs=0.25)
    assert found.cents == pytest.approx(cents, rel=0.2)


def test_what_stands_still_or_is_too_short_has_none() -> None:
    assert measured_vibrato([(swinging(p, 6, 1.0), p, 0.9) for p in PITCHES]) == Vibrato()
    assert measured_vibrato([(swinging(p, 6, 30, 0.3), p, 0.3) for p in PITCHES]) == Vibrato()
    glide = [(swinging(p, 0.4, 60), p, 0.9) for p in PITCHES]
    assert measured_vibrato(glide) == Vibrato(), "a glide is none"
    two = [(swinging(p, 6, 30), p, 0.9) for p in PITCHES[:2]]
    assert measured_vibrato(two) == Vibrato(), "two notes are no habit"


@pytest.mark.weights
def test_a_timbre_plays_its_vibrato() -> None:
    timbre = Timbre(torch.zeros(32), torch.zeros(MODES), vibrato=torch.tensor([6.0, 30.0]))
    notes = [(synthesise([(0, 1.2, p, 0.8)], timbre), p, 1.2) for p in PITCHES]
    assert measured_vibrato(notes).rate_hz == pytest.approx(6.0, abs=0.3)
    again = Timbre.from_tensors(timbre.to_tensors())
    assert again.vibrato.tolist() == [6.0, 30.0]
    plain = Timbre(torch.zeros(32))
    assert not {"timbre/vibrato", "timbre/noise"} & set(plain.to_tensors())


def test_noise_that_the_recording_does_not_have_is_taken_back() -> None:
    """Played with noise over the whole band, recorded with little, and none above 8 kHz."""
    pairs = [(hissing(p, 0.01, 8000), hissing(p, 0.1), p) for p in PITCHES]
    found = too_loud(pairs).numpy()
    assert found.shape == (BANDS,) and found.max() <= 0
    assert found[20:25] == pytest.approx(-4.6, abs=1.2), "20 dB"
    assert found[-3:].max() < -6
    alike = too_loud([(hissing(p, 0.05), hissing(p, 0.05), p) for p in PITCHES])
    assert alike.abs().max() < 0.3
    quieter = too_loud([(hissing(p, 0.1), hissing(p, 0.01), p) for p in PITCHES])
    assert not quieter.any(), "nothing is added"
    assert not too_loud(pairs[:1]).any(), "one note is no instrument"
    assert between(np.zeros(100, np.float32), 60) is None

"""Noise is measured in bands between the partials; notes are brought to a steady pitch for it."""

import numpy as np
import pytest
import torch

from engine.media.audio.timbre.bands import heard_noise, shaped
from engine.media.audio.timbre.pitch import HOP_S, moved, steadied, tracked
from engine.media.audio.timbre.sounds import Timbre
from engine.media.audio.timbre.spectra import BANDS, RATE, band_centres

PITCH = 69.0


def tone(seconds: float = 1.2, cents: np.ndarray | None = None) -> np.ndarray:
    """Twenty partials of 440 Hz; cents: (S,) by which they are higher."""
    count = round(seconds * RATE)
    hz = 440 * 2 ** (np.zeros(count) if cents is None else cents / 1200)
    turns = np.cumsum(hz) / RATE
    partials = [np.sin(2 * np.pi * k * turns + k * k) / k for k in range(1, 21)]
    return (0.1 * np.sum(partials, 0)).astype(np.float32)


def vibrato(depth: float, rate: float = 5.5, seconds: float = 1.2) -> np.ndarray:
    """(S,) cents."""
    return depth * np.sin(2 * np.pi * rate * np.arange(round(seconds * RATE)) / RATE)


def band_of_noise(low: float, high: float, level: float) -> np.ndarray:
    """(S,) noise of a variance `level` in its band, and 50 dB less outside."""
    count = round(1.2 * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / RATE)
    gain = np.where((hz > low) & (hz < high), 1.0, 10**-2.5) * np.sqrt(level)
    return np.fft.irfft(spectrum * gain, count).astype(np.float32)


def test_noise_is_found_in_its_band_under_the_partials() -> None:
    sound = tone() + band_of_noise(2000, 6000, 1e-6)

    def flat(pitch: float, velocity: float, moments: np.ndarray) -> torch.Tensor:
        return torch.full((len(moments), BANDS), float(np.log(1e-6)))

    moves = heard_noise([(sound, PITCH, 0.8)] * 3, flat).numpy()
    hz = band_centres()
    inside, outside = (hz > 2600) & (hz < 5200), (hz > 8000) | ((hz > 300) & (hz < 1500))
    assert np.abs(moves[1, inside]).max() < 1.0  # nepers of power: 4 dB
    assert moves[1, outside].max() < -6.0
    assert moves[0, inside].min() > moves[0, hz > 8000].max() + 6


def test_what_may_be_another_note_makes_nothing_louder() -> None:
    sound = tone() + band_of_noise(20, 20_000, 1e-5)

    def faint(pitch: float, velocity: float, moments: np.ndarray) -> torch.Tensor:
        return torch.full((len(moments), BANDS), float(np.log(1e-6)))

    moves = heard_noise([(sound, PITCH, 0.8)] * 3, faint)
    assert moves.max() <= 0
    assert float((moves > -0.1).float().mean()) > 0.8


def test_the_attack_and_what_is_held_have_noise_of_their_own() -> None:
    moves = np.stack([np.full(BANDS, 2.0), np.full(BANDS, -3.0)])
    made = shaped(np.zeros((2, BANDS), np.float32), moves, np.array([0.0, 1.0]))
    assert made[0] == pytest.approx(2.0)
    assert made[1] == pytest.approx(-3.0, abs=1e-3)


def test_a_timbre_keeps_its_noise_in_a_style() -> None:
    timbre = Timbre(torch.zeros(32), noise=torch.ones(2, BANDS))
    assert torch.equal(Timbre.from_tensors(timbre.to_tensors()).noise, timbre.noise)
    assert "timbre/noise" not in Timbre(torch.zeros(32)).to_tensors()


@pytest.mark.parametrize(("depth", "within"), [(0.0, 4.0), (40.0, 12.0)])
def test_the_course_of_a_pitch_is_followed(depth: float, within: float) -> None:
    cents = vibrato(depth)
    found = tracked(tone(cents=cents), PITCH).cents[5:-5]
    real = cents[:: round(HOP_S * RATE)][5:][: len(found)]
    assert np.abs(found - real).max() < within


def test_a_wavering_note_becomes_steady_and_a_steady_one_stays() -> None:
    steady, pitch = steadied(tone(cents=30 + vibrato(40.0)), PITCH)
    assert pitch == pytest.approx(PITCH + 0.3, abs=0.08)
    assert tracked(steady, pitch).cents[5:-10].std() < 6
    plain = tone()
    assert steadied(plain, PITCH) == (plain, PITCH)


def test_a_sound_is_moved_in_pitch_and_hardly_in_time() -> None:
    higher = moved(tone(), np.full(200, 50.0))
    assert tracked(higher, PITCH).cents[5:60].mean() == pytest.approx(50, abs=3)
    still = tone()
    assert moved(still, np.zeros(10)) == pytest.approx(still, abs=2e-4)

"""A judge of sound tells recordings apart by their spectra, whatever the loudness."""

import numpy as np

from engine.lab.bench.audio_sound_judge import PIECE_S, SoundJudge, measured, pieces
from engine.media.audio.timbre.spectra import RATE

RANDOM = np.random.default_rng(0)


def sounding(tilt: float, seconds: float = 12.0) -> np.ndarray:
    """(S,) noise whose spectrum falls so steeply, swelling and sinking."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(RANDOM.standard_normal(count))
    spectrum *= (1 + np.arange(len(spectrum))) ** -tilt
    swell = 1 + 0.5 * np.sin(np.linspace(0, 40, count))
    return (np.fft.irfft(spectrum, count) * swell).astype(np.float32)


def test_each_recording_gets_its_own_pieces() -> None:
    bright, dark = sounding(0.2), sounding(1.0)
    half = len(bright) // 2
    judge = SoundJudge([pieces(bright[:half]), pieces(dark[:half])])
    assert judge.share(pieces(bright[half:]), 0) == 1
    assert judge.share(pieces(dark[half:]), 1) == 1
    assert judge.share(pieces(dark[half:]), 0) == 0
    assert np.isnan(judge.share([], 0))


def test_loudness_says_nothing_and_silence_is_no_piece() -> None:
    piece = sounding(0.5, PIECE_S)
    assert np.allclose(measured(piece), measured(0.1 * piece), atol=1e-3)
    assert pieces(np.zeros(5 * RATE, np.float32)) == []
    assert len(pieces(np.concatenate([sounding(0.5, 3.0), np.zeros(3 * RATE)]))) < 5

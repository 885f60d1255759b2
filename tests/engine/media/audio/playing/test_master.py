"""The finished recording: loudness, peaks, where voices stand, and that a loop has no seam."""

import math

import numpy as np
import pytest

from engine.media.audio.playing.master import (
    LOUDNESS_LUFS,
    PEAK_DBTP,
    RATE,
    loudness_of,
    mix,
    parted,
    placed,
    true_peak_of,
    wrapped,
)
from engine.media.audio.playing.room import DEFAULT_ROOM, Room, impulse_response, reverberated

RANDOM = np.random.default_rng(0)


def plucks(seconds: float, rate_hz: float = 2.0) -> np.ndarray:
    """(N,) tones that begin at once and ring out."""
    times = np.arange(int(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * 330 * times) * np.exp(-6 * (times % (1 / rate_hz)))).astype("f4")


def clicks(seconds: float) -> np.ndarray:
    """(N,) hardly any loudness, all peak."""
    wave = np.zeros(int(seconds * RATE), np.float32)
    wave[:: RATE // 12] = 1
    return wave


@pytest.mark.parametrize(
    "stem",
    [
        plucks(3),
        RANDOM.normal(size=2 * RATE),
        plucks(0.2),
        0.01 * plucks(2),
        9 * plucks(2),
    ],
)
@pytest.mark.parametrize("loop", [False, True])
def test_everything_comes_to_one_loudness_below_the_peak(stem: np.ndarray, loop: bool) -> None:
    found = mix([stem], [0.3], loop=loop)
    assert found.loudness_lufs == pytest.approx(LOUDNESS_LUFS, abs=0.2)
    assert found.loudness_lufs == pytest.approx(loudness_of(found.samples), abs=0.05)
    assert found.peak_dbtp <= PEAK_DBTP
    assert true_peak_of(found.samples, loop=loop) <= PEAK_DBTP + 0.01
    assert found.samples.dtype == np.float32


def test_peaks_are_held_without_giving_up_the_loudness() -> None:
    found = mix([clicks(2) + 0.1 * plucks(2)], [0], room=None)
    assert found.peak_dbtp <= PEAK_DBTP
    scaled_only = loudness_of(placed([clicks(2) + 0.1 * plucks(2)], [0])) + PEAK_DBTP + 3
    assert found.loudness_lufs > scaled_only + 3
    assert found.loudness_lufs == pytest.approx(LOUDNESS_LUFS, abs=0.7)


@pytest.mark.parametrize("stems", [[], [np.zeros(0)], [np.zeros(1000)], [np.zeros(9), np.zeros(3)]])
def test_silence_stays_silence(stems: list[np.ndarray]) -> None:
    found = mix(stems, [0.0] * len(stems))
    assert found.loudness_lufs == found.peak_dbtp == -math.inf
    assert not found.samples.any()


def test_a_whisper_is_not_blown_up_without_end() -> None:
    found = mix([1e-5 * RANDOM.normal(size=RATE)], [0])
    assert found.loudness_lufs < -45


def test_voices_stand_where_they_are_put() -> None:
    both = placed([np.ones(4), np.ones(2)], [-1, 1])
    assert np.allclose(both, [[1, 1, 1, 1], [1, 1, 0, 0]], atol=1e-6)
    middle = placed([np.ones(4)], [0])
    assert np.allclose(np.square(middle).sum(0), 1)
    assert np.allclose(middle[0], middle[1])
    with pytest.raises(ValueError, match="zip"):
        placed([np.ones(4)], [])


def test_what_rings_on_is_heard_from_the_beginning() -> None:
    assert wrapped(np.arange(7), 3).tolist() == [0 + 3 + 6, 1 + 4, 2 + 5]
    burst = np.zeros((2, RATE // 4), np.float32)
    burst[:, -100:] = 1
    once = reverberated(burst, DEFAULT_ROOM, wrap=True)
    assert once.shape == burst.shape
    assert np.abs(once[:, : RATE // 10]).max() > 0.01
    twice = reverberated(np.tile(burst, 12), DEFAULT_ROOM)
    assert np.allclose(twice[:, 8 * RATE // 4 : 9 * RATE // 4], once, atol=1e-4)


def test_a_loop_goes_on_as_if_it_had_never_ended() -> None:
    loop = mix([plucks(2) + 0.3 * clicks(2)], [0.2], loop=True).samples
    steps = np.abs(np.diff(np.concatenate([loop, loop[:, :1]], axis=1))).max(0)
    attacks = steps[RATE // 2 - 2 : RATE // 2 + 2].max()
    assert steps[-1] <= 1.5 * attacks


def test_the_room_is_always_the_same_and_dies_away() -> None:
    response = impulse_response(Room())
    again = impulse_response.__wrapped__(Room())
    assert np.array_equal(response, again)
    power = np.square(response).sum(0)
    assert power.sum() / 2 == pytest.approx(Room().wet, rel=0.05)
    assert power[-RATE // 10 :].sum() < 1e-3 * power[: RATE // 10].sum()
    correlation = np.corrcoef(response)[0, 1]
    assert correlation < 0.8


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("level", [1.0, 40.0])
def test_voices_alone_add_up_to_the_mix(loop: bool, level: float) -> None:
    stems = [plucks(1.5), level * clicks(1.0), np.zeros(0, np.float32)]
    pans = [-0.4, 0.4, 0.0]
    found = list(parted(stems, pans, loop=loop))
    assert np.sum(found, 0) == pytest.approx(mix(stems, pans, loop=loop).samples, abs=1e-5)
    assert not np.abs(found[2]).any()


def test_a_larger_room_rings_longer_and_answers_later() -> None:
    assert Room.of_size(6.0) == DEFAULT_ROOM
    assert Room.of_size(0) is None
    small, hall = (impulse_response(Room.of_size(size) or DEFAULT_ROOM) for size in (3.0, 30.0))
    firsts = [int((np.abs(r).sum(0) > 0).argmax()) for r in (small, hall)]
    assert firsts[1] > 4 * firsts[0]

    def ringing_s(response: np.ndarray) -> float:
        """Until 30 dB of its energy are gone (Schroeder 1965)."""
        left = np.square(response).sum(0)[::-1].cumsum()[::-1]
        return int((left < 1e-3 * left[0]).argmax()) / RATE

    assert ringing_s(hall) > 2 * ringing_s(small)

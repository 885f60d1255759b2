"""When one would tap the foot, and how the taps are counted: from the times of notes alone.

The beat by autocorrelation of the onsets, weighted towards usual tempi, and the taps by dynamic
programming (Ellis 2007, "Beat tracking by dynamic programming"), so that they follow a player who
hurries; then whether beats are halved or come in threes, and how many make a bar.

Legend: N notes; a pulse has a value each 1/FRAMES_HZ s; beats are quarters, or dotted quarters
where they are divided by three.
"""

from dataclasses import dataclass

import numpy as np

FRAMES_HZ = 100
USUAL_BPM, _USUAL_OCTAVES = 105.0, 0.7
_SLOWEST, _FASTEST = 45.0, 220.0  # beats a minute
_SMOOTH_S = 0.025
_TIGHTNESS = 400.0  # of the taps, against the pulse
_METRES = {False: ((4, 1.0), (3, 1.0), (2, 0.9)), True: ((2, 1.0), (3, 0.9), (4, 0.9))}


@dataclass(frozen=True, slots=True)
class Beats:
    """times_s (B,): the taps, from before the first note to after the last. by_three: each is
    divided by three. per_bar of them make a bar; `first`, 0 to per_bar - 1, begins one."""

    times_s: np.ndarray
    by_three: bool
    per_bar: int
    first: int

    @property
    def bpm(self) -> float:
        return 60 / float(np.median(np.diff(self.times_s)))

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """(N,) seconds -> (N,) beats since the first tap, fractions between taps."""
        return np.interp(times_s, self.times_s, np.arange(len(self.times_s)))


def find_beats(onsets_s: np.ndarray, durations_s: np.ndarray, weights: np.ndarray) -> Beats:
    """(N,) each, N >= 1; weights > 0, the louder or lower the more."""
    start = float(onsets_s.min())
    pulse = _pulse(onsets_s - start, weights)
    period = _period(pulse)
    times = _taps(pulse, period) / FRAMES_HZ + start
    times = _extended(times, period / FRAMES_HZ, start, float((onsets_s + durations_s).max()))
    beats = Beats(times, False, 4, 0)
    by_three = _by_three(beats.at(onsets_s), weights)
    per_bar, first = _bars(beats.at(onsets_s), durations_s, weights, len(times), by_three)
    return Beats(times, by_three, per_bar, first)


def _pulse(onsets_s: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(T,) a bell at each onset; the root, so that chords do not count too much."""
    length = int(float(onsets_s.max()) * FRAMES_HZ) + 2 * FRAMES_HZ
    frames = np.bincount(np.round(onsets_s * FRAMES_HZ).astype(int), weights, minlength=length)
    reach = np.arange(-10, 11) / FRAMES_HZ
    return np.convolve(np.sqrt(frames), np.exp(-((reach / _SMOOTH_S) ** 2) / 2), mode="same")


def _period(pulse: np.ndarray) -> float:
    """Frames of a beat: what the pulse repeats after, with its double and half, and is usual."""
    size = 1 << (2 * len(pulse) - 1).bit_length()
    spectrum = np.fft.rfft(pulse, size)
    repeats = np.fft.irfft(np.abs(spectrum) ** 2, size)
    lags = np.arange(int(60 * FRAMES_HZ / _FASTEST), int(60 * FRAMES_HZ / _SLOWEST) + 1)
    far = np.zeros(4 * int(lags[-1]) + 2)
    count = min(len(far), len(pulse))
    far[:count] = repeats[:count] / np.maximum(len(pulse) - np.arange(count), FRAMES_HZ)
    near = np.maximum(np.maximum(far[1:-1], far[:-2]), far[2:])  # lags 1 … a frame of play
    at = {k: near[np.round(k * lags).astype(int) - 1] for k in (1, 2, 4)}
    octaves = np.log2(60 * FRAMES_HZ / lags / USUAL_BPM)
    usual = np.exp(-((octaves / _USUAL_OCTAVES) ** 2) / 2)
    return _between(lags, (at[1] + 0.5 * at[2] + 0.25 * at[4]) * usual)


def _between(lags: np.ndarray, fits: np.ndarray) -> float:
    """The lag of the peak, by a parabola through it and its neighbours."""
    best = int(fits.argmax())
    if not 0 < best < len(fits) - 1:
        return float(lags[best])
    left, top, right = fits[best - 1 : best + 2]
    bend = left - 2 * top + right
    return float(lags[best] + (0.5 * (left - right) / bend if bend < 0 else 0.0))


def _taps(pulse: np.ndarray, period: float) -> np.ndarray:
    """(B,) frames of the taps (Ellis 2007, equations 1 to 5)."""
    pulse = pulse / max(float(pulse.std()), 1e-9)
    total = pulse.copy()
    before = np.full(len(pulse), -1)
    steps = np.arange(-round(2 * period), -max(1, round(period / 2)) + 1)
    costs = -_TIGHTNESS * np.log(-steps / period) ** 2 / 4
    for t in range(-int(steps[0]), len(pulse)):
        choices = total[t + steps] + costs
        best = int(choices.argmax())
        total[t] += choices[best]
        before[t] = t + steps[best]
    tail = int(2 * FRAMES_HZ - _SMOOTH_S * FRAMES_HZ)
    end = max(1, len(pulse) - tail)  # the last onset
    last = max(0, end - round(period)) + int(total[max(0, end - round(period)) : end].argmax())
    taps = [last]
    while before[taps[-1]] >= 0:
        taps.append(int(before[taps[-1]]))
    return np.array(taps[::-1], dtype=float)


def _extended(times: np.ndarray, period_s: float, start_s: float, end_s: float) -> np.ndarray:
    """With steady taps before the first note and after the last one's end."""
    early = max(0, int(np.ceil((times[0] - start_s) / period_s - 0.125)))
    late = max(1, int(np.ceil((end_s - times[-1]) / period_s)))
    head = times[0] - period_s * np.arange(early, 0, -1)
    return np.concatenate([head, times, times[-1] + period_s * np.arange(1, late + 1)])


def _by_three(beats: np.ndarray, weights: np.ndarray) -> bool:
    """Whether onsets lie nearer to thirds of a beat than to quarters, as finer grids would."""
    errors = {n: np.abs(beats * n - np.round(beats * n)) / n for n in (3, 4)}
    off = np.abs(beats - np.round(beats)) > 0.12  # those on the beat tell nothing
    if off.sum() < 3:
        return False
    thirds, fourths = (float(np.average(errors[n][off], weights=weights[off])) for n in (3, 4))
    return thirds * 3 < fourths * 4


def _bars(
    beats: np.ndarray, durations_s: np.ndarray, weights: np.ndarray, count: int, by_three: bool
) -> tuple[int, int]:
    """(beats in a bar, the first that begins one): where the accents fall most regularly.

    An accent is a note that is loud, low, long or in a chord and begins on a beat.
    """
    places = np.round(beats).astype(int)
    on = np.abs(beats - places) < 0.15
    longs = np.minimum(durations_s, 2.0) / max(float(np.median(durations_s)), 1e-3)
    accents = np.bincount(
        places[on], (weights * np.sqrt(np.minimum(longs, 4.0)))[on], minlength=count
    )
    accents = np.sqrt(accents)
    spread = max(float(accents.std()), 1e-9)
    best = (-np.inf, 4, 0)
    for per_bar, liking in _METRES[by_three]:
        if count < 2 * per_bar:
            continue
        folded = np.array([accents[first::per_bar].mean() for first in range(per_bar)])
        first = int(folded.argmax())
        others = np.delete(folded, first)
        fit = liking * (folded[first] - others.mean()) / spread
        best = max(best, (fit, per_bar, first))
    return best[1], best[2]

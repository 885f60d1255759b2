"""When one would tap the foot, and how the taps are counted: from the times of notes alone.

The beat by autocorrelation of the onsets, weighted towards usual tempi, and the taps by dynamic
programming (Ellis 2007, "Beat tracking by dynamic programming"), so that they follow a player who
hurries; then whether beats are halved or come in threes, and how many make a bar. What a piece
repeats decides against the accents: a passage comes back after whole beats and whole bars
(Temperley and Bartlette 2002, "Parallelism as a factor in metrical analysis").

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
_THREE = 0.92  # of the error that chance would give thirds beside quarters
_NEAR = 0.15  # of a beat, or half beat: an onset that near is on it
_EVEN, _UNEVEN = (4, 6, 8), (5, 7)  # half beats in a bar
PARTS = 6  # of a beat, in which repeats are looked for: halves and thirds
LEAST_REPEAT, REPEATED = 4, 0.3  # beats; the share of the notes that come once more
_CLEARLY, _LEAST_BARS = 1.5, 4  # an uneven metre must fit so much better, over so many bars
_METRES = {False: ((4, 1.0), (3, 1.0), (2, 0.9)), True: ((2, 1.0), (3, 0.9), (4, 0.9))}


@dataclass(frozen=True, slots=True)
class Beats:
    """times_s (B,): the taps, from before the first note to after the last. by_three: each is
    divided by three. per_bar of them make a bar, 2.5 or 3.5 in metres of five or seven halves;
    `first`, less than per_bar, begins one."""

    times_s: np.ndarray
    by_three: bool
    per_bar: float
    first: float

    @property
    def metre(self) -> tuple[int, int]:
        """(how many, of which note) make a bar."""
        if self.by_three:
            return round(3 * self.per_bar), 8
        if self.per_bar % 1:
            return round(2 * self.per_bar), 8
        return round(self.per_bar), 4

    @property
    def bpm(self) -> float:
        return 60 / float(np.median(np.diff(self.times_s)))

    @property
    def doubled(self) -> "Beats":
        """Twice as many, in bars of as many."""
        count = len(self.times_s)
        times = np.interp(np.arange(2 * count - 1) / 2, np.arange(count), self.times_s)
        return Beats(times, self.by_three, self.per_bar, 2 * self.first % self.per_bar)

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """(N,) seconds -> (N,) beats since the first tap, fractions between taps."""
        return np.interp(times_s, self.times_s, np.arange(len(self.times_s)))


def find_beats(
    onsets_s: np.ndarray,
    durations_s: np.ndarray,
    weights: np.ndarray,
    pitches: np.ndarray | None = None,
    *,
    backbeat: bool = False,
    usual_bpm: float = USUAL_BPM,
) -> Beats:
    """(N,) each, N >= 1; weights > 0, the louder or lower the more. backbeat: a kit plays, whose
    strokes come back twice in a bar of four. usual_bpm: of the tempi that fit, the one that is
    nearest to this is preferred."""
    start = float(onsets_s.min())
    pulse = _pulse(onsets_s - start, weights)
    period = _period(pulse, usual_bpm)
    times = _taps(pulse, period) / FRAMES_HZ + start
    times = _extended(times, period / FRAMES_HZ, start, float((onsets_s + durations_s).max()))
    places = Beats(times, False, 4, 0).at(onsets_s)
    uneven = _uneven(places, durations_s, weights)
    if uneven is not None:
        return Beats(times, False, *uneven)
    by_three = _by_three(places, weights)
    after = 0 if pitches is None else _repeats_after(places, pitches)
    if by_three and after % PARTS and after % 4 == 0:  # it comes back after no whole beat of three
        faster = np.arange(0, len(times) - 1 + 1e-9, 4 / PARTS)
        times = np.interp(faster, np.arange(len(times)), times)
        places, by_three = Beats(times, False, 4, 0).at(onsets_s), False
        after = after * PARTS // 4
    metres = [one for one in _METRES[by_three] if one[0] != 2 or by_three or not backbeat]
    bars = _bars(places, durations_s, weights, len(times), metres, after / PARTS)
    return Beats(times, by_three, *bars)


def _pulse(onsets_s: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(T,) a bell at each onset; the root, so that chords do not count too much."""
    length = int(float(onsets_s.max()) * FRAMES_HZ) + 2 * FRAMES_HZ
    frames = np.bincount(np.round(onsets_s * FRAMES_HZ).astype(int), weights, minlength=length)
    reach = np.arange(-10, 11) / FRAMES_HZ
    return np.convolve(np.sqrt(frames), np.exp(-((reach / _SMOOTH_S) ** 2) / 2), mode="same")


def _period(pulse: np.ndarray, usual_bpm: float) -> float:
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
    octaves = np.log2(60 * FRAMES_HZ / lags / usual_bpm)
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


def _repeats_after(beats: np.ndarray, pitches: np.ndarray) -> int:
    """After how many parts of a beat, of which it has PARTS, most of the notes come once more at
    their pitch; 0 where no passage does so clearly."""
    places = np.round(beats * PARTS).astype(int)
    last = int(places.max())
    played = np.zeros((last + 1, 128), bool)
    played[np.maximum(places, 0), pitches.astype(int)] = True
    shares = np.zeros(last + 1)
    for lag in range(LEAST_REPEAT * PARTS, last * 2 // 3):
        again = played[:-lag] & played[lag:]
        shares[lag] = again.sum() / max(1, played[:-lag].sum())
    best = int(shares.argmax())
    return best if shares[best] >= REPEATED else 0


def _by_three(beats: np.ndarray, weights: np.ndarray) -> bool:
    """Whether onsets lie clearly nearer to thirds of a beat than to quarters, as finer grids would.

    Played with errors of 30 ms, tunes in 9/8 and 12/8 had a ratio of 0.5 to 0.85."""
    errors = {n: np.abs(beats * n - np.round(beats * n)) / n for n in (3, 4)}
    off = np.abs(beats - np.round(beats)) > 0.12  # those on the beat tell nothing
    if off.sum() < 3:
        return False
    thirds, fourths = (float(np.average(errors[n][off], weights=weights[off])) for n in (3, 4))
    return thirds * 3 < _THREE * fourths * 4


def _uneven(
    beats: np.ndarray, durations_s: np.ndarray, weights: np.ndarray
) -> tuple[float, float] | None:
    """(beats in a bar, the first that begins one) of a metre of five or seven half beats; None
    where the accents fall as regularly in an even one, as nearly always.

    Of 255 tunes in even metres, played with and without accents, none was taken for an uneven one;
    of 120 made in 5/8 and 7/8, 77 were found.
    """
    accents = _accents(2 * beats, durations_s, weights, 0)
    fits = {count: _fold(accents, count) for count in (*_EVEN, *_UNEVEN)}
    even = max(fits[count][0] for count in _EVEN)
    fit, count = max((fits[count][0], count) for count in _UNEVEN)
    enough = len(accents) >= _LEAST_BARS * count
    if not enough or fit <= 0 or fit <= _CLEARLY * even:
        return None
    return count / 2, fits[count][1] / 2


def _accents(
    places: np.ndarray, durations_s: np.ndarray, weights: np.ndarray, count: int
) -> np.ndarray:
    """(at least `count`,) how much is accented at each whole place.

    An accent is a note that is loud, low, long or in a chord and begins there.
    """
    whole = np.round(places).astype(int)
    on = np.abs(places - whole) < _NEAR
    longs = np.minimum(durations_s, 2.0) / max(float(np.median(durations_s)), 1e-3)
    strengths = weights * np.sqrt(np.minimum(longs, 4.0))
    return np.sqrt(np.bincount(whole[on], strengths[on], minlength=count))


def _fold(accents: np.ndarray, count: int) -> tuple[float, int]:
    """(by how many deviations the strongest of `count` places in a row stands out, which it is)."""
    if len(accents) < 2 * count:
        return -np.inf, 0
    folded = np.array([accents[first::count].mean() for first in range(count)])
    first = int(folded.argmax())
    spread = max(float(accents.std()), 1e-9)
    return float(folded[first] - np.delete(folded, first).mean()) / spread, first


def _bars(
    beats: np.ndarray,
    durations_s: np.ndarray,
    weights: np.ndarray,
    count: int,
    metres: list[tuple[int, float]],
    after: float,
) -> tuple[int, int]:
    """(beats in a bar, the first that begins one): where the accents fall most regularly, in bars
    of which whole ones go by until a passage comes back, `after` so many beats (0: none does)."""
    accents = _accents(beats, durations_s, weights, count)
    best = (-np.inf, 4, 0)
    whole = [one for one in metres if after % one[0] == 0]
    for per_bar, liking in whole or metres:
        fit, first = _fold(accents, per_bar)
        best = max(best, (liking * fit, per_bar, first))
    return best[1], best[2]

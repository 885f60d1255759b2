"""The line of a soloist before others: where it sounds, and its pitch from moment to moment.

Of all ways through the salience of pitches the most salient that moves little between frames
(dynamic programming), cut into contours. Whether it is a soloist's is told by what accompaniments
do not do (Salamon and Gomez 2012, section II-C): its pitch wavers, as a voice does and whatever is
bowed or blown with vibrato, and most of the sound's power lies on its harmonics. Strings that are
struck or plucked hold their pitch.

Legend: T frames, B bins as in `salience`; pitches are MIDI pitches, with fractions.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from engine.core.progress import Advance
from engine.media.audio.transcription.salience import (
    FRAME_S,
    LOWEST,
    PER_SEMITONE,
    Salience,
    salience_of,
)
from engine.media.audio.transcription.tuning import agreed_tuning

_SLICE = 500  # frames between two advances
_REACH = 5  # bins that a line may move from frame to frame
_MOVE, _JUMP = 0.03, 0.8  # lost for each bin; for going anywhere else
_PLACE, _RANGE = 0.04, 7.0  # lost for a semitone farther than so many from the line's middle
_SILENT_DB = 40.0  # below the loud frames
_LEAST_S, _WAVER_S = 0.1, 0.25  # of a contour; of the stretches in which it wavers
_VIBRATO = 0.055  # semitones of deviation, of a soloist's line
_STANDS_OUT = 0.7  # its share of the power
_FILLS = 0.9  # of it, where nearly nothing else sounds
_PERIOD_S = 0.18  # of a vibrato, about
_CLEAR = 0.45  # share of the power, of each of its contours
_STEADY = 0.4  # of the line's own movement: what moves less is the accompaniment's
_NEAR_S, _NEAR, _FAINT_DB = 0.25, 9.0, 15.0  # of a short contour: apart from a sure one; below it


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """pitches (T,): 0 where the soloist rests. levels (T,): decibels of its harmonics. share: of
    the power of all, that lies on them."""

    pitches: np.ndarray
    levels: np.ndarray
    share: float

    @property
    def fills(self) -> bool:
        """Whether nearly nothing else sounds."""
        return self.share >= _FILLS

    @property
    def tuning(self) -> float:
        """Semitones, -0.5 to 0.5, by which its notes are sharp; 0 where they do not agree.

        Of the means over periods of the vibrato, whose turning points lie beside the note."""
        size = round(_PERIOD_S / FRAME_S)
        if len(self.pitches) < size:
            return 0.0
        periods = np.lib.stride_tricks.sliding_window_view(self.pitches, size)
        means = periods[(periods > 0).all(1)].mean(1)
        return agreed_tuning(means, np.ones(len(means)))

    def played_at(self, speed: float) -> "Line":
        """As it is when the recording is played at another speed: longer and lower below 1."""
        frames = np.arange(round(len(self.pitches) / speed)) * speed
        places = np.minimum(frames.astype(int), len(self.pitches) - 1)
        pitches = self.pitches[places]
        lower = np.where(pitches > 0, pitches + 12 * np.log2(speed), 0)
        return Line(lower, self.levels[places], self.share)


@dataclass(frozen=True, slots=True)
class Contour:
    """start to stop, frames. pitch: the middle one. vibrato, movement: deviations in semitones, as
    in `_movement`. share: of the power, on its harmonics. level: decibels."""

    start: int
    stop: int
    pitch: float
    vibrato: float
    movement: float
    share: float
    level: float

    @property
    def frames(self) -> int:
        return self.stop - self.start

    @property
    def tells(self) -> bool:
        """Whether it is long enough to be seen to waver."""
        return self.frames * FRAME_S >= _WAVER_S


def hearing_soloist(wave: np.ndarray) -> Generator[Advance, None, Line | None]:
    """wave (samples,) mono at `model.RATE`; None where no line is surely a soloist's."""
    salience = salience_of(wave)
    strengths = salience.strengths
    if not strengths.any():
        return None
    shares = strengths / np.maximum(strengths.max(1, keepdims=True), 1e-9)
    yield Advance(0, 1)
    path = yield from _path(shares)
    contours = contours_of(_refined(strengths, path), salience.own_power(path), salience)
    sung = _chosen(contours)
    if not sung:
        return None
    middle = _middle(*(np.array([getattr(c, name) for c in sung]) for name in ("pitch", "frames")))
    away = np.abs(LOWEST + np.arange(shares.shape[1]) / PER_SEMITONE - middle)
    path = yield from _path(shares - _PLACE * np.maximum(away - _RANGE, 0).astype(np.float32))
    pitches, own = _refined(strengths, path), salience.own_power(path)
    sounding = np.zeros(len(path), bool)
    for contour in _chosen(contours_of(pitches, own, salience)):
        sounding[contour.start : contour.stop] = True
    share = _middle(*(np.array([getattr(c, name) for c in sung]) for name in ("share", "frames")))
    yield Advance(1, 1)
    return Line(np.where(sounding, pitches, 0), 10 * np.log10(own + 1e-12), share)


def _path(shares: np.ndarray) -> Generator[Advance, None, np.ndarray]:
    """(T, B) -> (T,) bins of the line that has the most."""
    frames, bins = shares.shape
    moves = np.arange(-_REACH, _REACH + 1)
    costs, all_bins = _MOVE * np.abs(moves), np.arange(bins)
    padded = np.full(bins + 2 * _REACH, -np.inf, np.float32)
    around = np.lib.stride_tricks.sliding_window_view(padded, len(moves))
    before = np.empty((frames, bins), np.int16)
    total = shares[0]
    for t in range(1, frames):
        if t % _SLICE == 0:
            yield Advance(t, frames)
        padded[_REACH:-_REACH] = total
        values = around - costs
        best = values.argmax(1)
        near = values[all_bins, best]
        top = int(total.argmax())
        far = total[top] - _JUMP
        before[t] = np.where(near < far, top, all_bins + moves[best])
        total = np.maximum(near, far) + shares[t]
    path = np.empty(frames, int)
    path[-1] = total.argmax()
    for t in range(frames - 1, 0, -1):
        path[t - 1] = before[t, path[t]]
    return path


def _refined(strengths: np.ndarray, path: np.ndarray) -> np.ndarray:
    """(T,) pitches: of the parabola through a bin and its neighbours."""
    frames, inner = np.arange(len(path)), np.clip(path, 1, strengths.shape[1] - 2)
    a, b, c = (strengths[frames, inner + d] for d in (-1, 0, 1))
    shift = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)
    return LOWEST + (inner + np.clip(shift, -0.5, 0.5)) / PER_SEMITONE


def contours_of(pitches: np.ndarray, own: np.ndarray, salience: Salience) -> list[Contour]:
    """The parts of a line that sound without a break, of at least _LEAST_S."""
    power = salience.powers.sum(1)
    levels = 10 * np.log10(power + 1e-12)
    sounding = levels > np.percentile(levels, 95) - _SILENT_DB
    broken = np.abs(np.diff(pitches, prepend=pitches[0])) > 1
    edges = np.flatnonzero(np.diff(sounding, prepend=False, append=False) | np.append(broken, True))
    found = []
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if sounding[start] and (stop - start) * FRAME_S >= _LEAST_S:
            mine = slice(start, stop)
            share = float(own[mine].sum() / max(float(power[mine].sum()), 1e-12))
            level = 10 * np.log10(float(own[mine].mean()) + 1e-12)
            middle = float(np.median(pitches[mine]))
            found.append(Contour(start, stop, middle, *_movement(pitches[mine]), share, level))
    return found


def _movement(pitches: np.ndarray) -> tuple[float, float]:
    """(vibrato, movement): the deviation from the running median, which follows steps and glides
    but no vibrato; and the usual deviation within _WAVER_S. 0 where it is shorter."""
    size = round(_WAVER_S / FRAME_S) // 2 * 2 + 1
    if len(pitches) < size:
        return 0.0, 0.0
    windows = np.lib.stride_tricks.sliding_window_view(pitches, size)
    beside = pitches[size // 2 : -(size // 2)] - np.median(windows, 1)
    return float(np.sqrt(np.mean(np.square(beside)))), float(np.median(windows.std(1)))


def _chosen(contours: list[Contour]) -> list[Contour]:
    """Those of the soloist; none where nobody wavers and stands out."""
    if not contours:
        return []
    lengths = np.array([c.frames for c in contours])
    vibrato, movement, share = (
        _middle(np.array([getattr(c, name) for c in contours]), lengths)
        for name in ("vibrato", "movement", "share")
    )
    if vibrato < _VIBRATO or share < _STANDS_OUT:
        return []
    clear = [c for c in contours if c.share >= _CLEAR]
    sure = [c for c in clear if c.tells and c.movement >= _STEADY * movement]
    return [c for c in clear if c in sure or (not c.tells and _belongs(c, sure))]


def _middle(values: np.ndarray, weights: np.ndarray) -> float:
    order = values.argsort()
    sums = weights[order].cumsum()
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])


def _belongs(short: Contour, sure: list[Contour]) -> bool:
    """Whether a contour too short to waver is sung: near a sure one in time, pitch and level."""
    return any(
        max(short.start - each.stop, each.start - short.stop) * FRAME_S <= _NEAR_S
        and abs(short.pitch - each.pitch) <= _NEAR
        and short.level >= each.level - _FAINT_DB
        for each in sure
    )

"""Which pieces of a recording follow one another, so that no join is heard and the end meets the
beginning.

Legend: T frames of HOP samples; a context is what is heard around a frame, (T, D).
"""

from dataclasses import dataclass

import numpy as np

HOP = 882  # 20 ms at 44.1 kHz
_WINDOW = 2048
_BANDS = 28
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 16_000.0
_RATE = 44_100
_AROUND = (-24, -16, -10, -6, -3, -2, -1, 0, 1, 2, 5, 9, 15, 23)  # frames of a context
_FLOOR = 1e-7  # power below which nothing is heard
_AWAY = 12  # frames that a join must jump at least
_CHOICES = 10  # of the best joins, from which one is drawn
_USED = 0.35  # of the mean distance, for each time that a frame was heard already
_STRETCH = (0.7, 1.3)  # of the usual length, where a better join is found


@dataclass(frozen=True, slots=True)
class Limits:
    """All in frames. ends: of the recordings; length: of the whole; usual: of a piece; margin: from
    a recording's edges."""

    ends: np.ndarray
    length: int
    usual: int
    margin: int

    @property
    def least(self) -> int:
        """Of a piece, but for the last."""
        return max(1, round(self.usual * _STRETCH[0]))

    @property
    def most(self) -> int:
        """Of a piece."""
        return max(2, round(self.usual * _STRETCH[1]))


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames `start` to `start + length` of the memory."""

    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


def heard_bands(wave: np.ndarray) -> np.ndarray:
    """(N,) -> (T, _BANDS) their power in bels, which end at what is audible."""
    count = -(-len(wave) // HOP)
    padded = np.pad(wave, (_WINDOW // 2, _WINDOW + HOP))
    views = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:count]
    power = np.abs(np.fft.rfft(views * np.hanning(_WINDOW).astype(np.float32), axis=1)) ** 2
    return np.log10(power @ _filters().T / _WINDOW + _FLOOR)


def contexts(bands: np.ndarray) -> np.ndarray:
    """(T, _BANDS) -> (T, D) what is heard around each frame, with unit variance on the mean."""
    count = len(bands)
    bands = (bands - bands.mean(0)) / max(float(bands.std(0).mean()), 1e-3)
    places = np.arange(count)[:, None] + np.array(_AROUND)
    return bands[places.clip(0, count - 1)].reshape(count, -1).astype(np.float32)


def _filters() -> np.ndarray:
    """(_BANDS, bins) triangles, evenly spaced in mels."""
    ends = 2595 * np.log10(1 + np.array([_LOWEST_HZ, _HIGHEST_HZ]) / 700)
    mels = np.linspace(ends[0], ends[1], _BANDS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    bins = np.fft.rfftfreq(_WINDOW, 1 / _RATE)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.clip(np.minimum(rising, falling), 0, None)
    return triangles / np.maximum(triangles.sum(1, keepdims=True), 1e-9)


def choose_path(heard: np.ndarray, limits: Limits, random: np.random.Generator) -> list[Piece]:
    """(T, D) contexts -> pieces that are limits.length long together, the last before the first."""
    room = _room(limits, len(heard))  # (T,) frames from each one to the margin of its recording
    used = np.zeros(len(heard), np.float32)
    scale = _scale(heard, random)
    count = max(2, round(limits.length / limits.usual))
    first = int(random.choice(np.flatnonzero(room >= _least_room(room, limits))))
    pieces: list[Piece] = []
    start, left = first, limits.length
    while len(pieces) < count - 1 and left > limits.usual * _STRETCH[1]:
        usual = min(max(1, round(left / (count - len(pieces)))), int(room[start]) or 1)
        low, high = (max(1, round(usual * share)) for share in _STRETCH)
        lengths = np.arange(low, min(high, int(room[start]), left - 1, limits.most) + 1)
        lengths = lengths if len(lengths) else np.array([low])
        costs = _costs(heard, start + lengths, used, scale)
        costs[:, room < _least_room(room, limits)] = np.inf
        where, following = _drawn(costs, random)
        pieces.append(Piece(start, int(lengths[where])))
        used[start : pieces[-1].end] += 1
        left -= pieces[-1].length
        start = following
    return [*pieces, *_closing(heard, pieces, start, left, room, used, scale, limits)]


def _least_room(room: np.ndarray, limits: Limits) -> int:
    """How much must follow a beginning: enough for a usual piece, or as much as there is."""
    return min(int(limits.usual * _STRETCH[1]) + 1, int(room.max()))


def _room(limits: Limits, frames: int) -> np.ndarray:
    """(T,) how long a piece that begins there may be; -1 where none may begin."""
    room = np.full(frames, -1)
    first = 0
    for end in limits.ends:
        inside = np.arange(first + limits.margin, int(end) - limits.margin)
        room[inside] = int(end) - limits.margin - inside
        first = int(end)
    if room.max() < 1:  # shorter than its margins: from the middle
        room[frames // 2] = 1
    return room


def _scale(heard: np.ndarray, random: np.random.Generator) -> float:
    """The mean distance of two frames."""
    a, b = random.integers(len(heard), size=(2, 500))
    return max(float(np.square(heard[a] - heard[b]).sum(1).mean()), 1e-6)


def _costs(heard: np.ndarray, ends: np.ndarray, used: np.ndarray, scale: float) -> np.ndarray:
    """(E, T): how ill each frame goes on after each end, in mean distances; near ones: inf."""
    ends = np.minimum(ends, len(heard) - 1)
    squares = np.square(heard).sum(1)
    distances = squares[ends][:, None] + squares - 2 * heard[ends] @ heard.T
    costs = np.maximum(distances, 0) / scale + _USED * used
    near = np.abs(np.arange(len(heard)) - ends[:, None]) < _AWAY
    if near.all(1).any():
        return costs
    return np.where(near, np.inf, costs)


def _drawn(costs: np.ndarray, random: np.random.Generator) -> tuple[int, int]:
    """(which end, which frame): one of the best joins, the better the likelier."""
    flat = costs.ravel()
    best = np.argpartition(flat, min(_CHOICES, len(flat) - 1))[:_CHOICES]
    best = best[np.isfinite(flat[best])]
    if len(best) == 0:
        return divmod(int(np.nan_to_num(flat, posinf=1e9).argmin()), costs.shape[1])
    best = best[np.argsort(flat[best], kind="stable")]
    chances = np.exp(-(flat[best] - flat[best[0]]) / 0.1)
    drawn = random.choice(best, p=chances / chances.sum())
    return divmod(int(drawn), costs.shape[1])


def _closing(
    heard: np.ndarray,
    pieces: list[Piece],
    start: int,
    left: int,
    room: np.ndarray,
    used: np.ndarray,
    scale: float,
    limits: Limits,
) -> list[Piece]:
    """The last piece, or as many as are needed: it goes on from the one before, and ends where the
    first begins. `start` is where it would begin else."""
    found: list[Piece] = []
    while left > min(int(room.max()), limits.most):
        length = max(1, min(int(room[start]), left - 1, limits.most))
        found.append(Piece(start, length))
        left -= length
        onward = _costs(heard, np.array([start + length]), used, scale)[0]
        start = int(np.where(room >= min(left, int(room.max())), onward, np.inf).argmin())
    all_pieces = [*pieces, *found]
    beginning = all_pieces[0].start if all_pieces else start
    able = np.flatnonzero(room >= left)
    able = able if len(able) else np.array([int(room.argmax())])
    back = np.square(heard[np.minimum(able + left, len(heard) - 1)] - heard[beginning]).sum(1)
    if all_pieces:
        onward = _costs(heard, np.array([all_pieces[-1].end]), used, scale)[0][able]
    else:
        onward = np.zeros(len(able))
    total = onward + back / scale
    total[np.abs(able + left - beginning) < _AWAY] += 4  # or the loop would go on as the source
    return [*found, Piece(int(able[total.argmin()]), left)]

"""How notes are played in a recording: its vibrato, glides, breath and release.

They are told from the pitch and the loudness of the notes that sound alone. Vibrato is the peak of
the spectrum of a note's pitch between 4 and 8 Hz (Prame 1994 and 1997: rate, extent, and a delay
before it begins); a glide is a pitch that takes time on its way from the note before; a release is
how fast a note dies away once it is over; breath is noise that comes before the pitch. What is not
heard in several notes is not there: a piano does not waver.
Legend: S samples at RATE, N notes, J moments every HOP_S.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.media.audio.timbre.manner import GLIDE_S, HOP_S, NEXT_S, VIBRATO_HZ, WIDEST, Manner
from engine.media.audio.timbre.pitch import Track, tracked
from engine.media.audio.timbre.spectra import RATE

LEAST_NOTES, MOST_NOTES = 2, 24  # that show a thing; that are looked at
DEEP_ENOUGH, CLEAR, LONG_ENOUGH = 9.0, 0.5, 0.36  # cents, share of the movement, seconds
EDGES_S = (0.05, 0.03)  # of a note, where its pitch comes and goes
LEAST_SHARE = 0.25  # of the notes that could show it
FALLEN_DB = (4.0, 20.0)  # of a release, between which it is timed
RELEASE_S = (0.1, 0.4)  # after a note's end: at least without another; at most looked at
LEAST_FALLEN_DB = 6.0  # in which a release must be seen, where another note ends it
BREATH_HZ, BREATH_S, BREATH_DB = 2500.0, (0.02, 0.15), 12.0
BREATH_BELOW_DB = 18.0  # of the note's own high noise: less is not heard
ALONE = 0.6  # of a note's time, for which its pitch is believed


@dataclass(frozen=True, slots=True)
class Vibrato:
    """Of one note: Hz, cents to either side, seconds from its onset on."""

    hz: float
    cents: float
    after: float


def heard_manner(sound: np.ndarray, notes: np.ndarray, tuning: float = 0.0) -> Manner:
    """(S,) at RATE; (N,) with onset_s, duration_s, pitch, by onset; semitones of the tuning."""
    onsets = notes["onset_s"].astype(float)
    ends = onsets + notes["duration_s"]
    pitches = notes["pitch"].astype(float) + tuning
    believed = np.flatnonzero(_alone(onsets, ends) >= ALONE)
    long = believed[(ends - onsets)[believed] >= LONG_ENOUGH]
    longest = long[np.argsort(onsets[long] - ends[long], kind="stable")][:MOST_NOTES].tolist()
    tracks = []
    for i in longest:
        onset, end = float(onsets[i]), float(ends[i])
        tracks.append((tracked(_between(sound, onset, end), float(pitches[i])), end - onset))
    chosen = believed[np.linspace(0, len(believed) - 1, min(len(believed), MOST_NOTES)).astype(int)]
    glides = [
        g for i in chosen if i and (g := _glide(sound, onsets, ends, pitches, int(i))) is not None
    ]
    releases = [r for i in chosen if (r := _release(sound, onsets, float(ends[i]))) is not None]
    breaths = [
        b for i in chosen if (b := _breath(sound, ends, onsets, pitches, int(i))) is not None
    ]
    gliding = [g for g in glides if g >= GLIDE_S[0]]
    if len(gliding) < max(LEAST_NOTES, LEAST_SHARE * len(glides)):
        gliding = []
    return Manner(
        *_vibratos(tracks),
        glide=float(np.median(gliding)) if gliding else 0.0,
        glide_share=len(gliding) / max(1, len(glides)),
        release=float(np.median(releases)) if len(releases) >= LEAST_NOTES else 0.0,
        breath=_common(breaths, BREATH_S[0]),
    )


def vibrato_of(cents: np.ndarray) -> Vibrato | None:
    """(J,) of one note, from its onset on; None where it does not waver."""
    first, last = (round(edge / HOP_S) for edge in EDGES_S)
    inside = cents[first : len(cents) - last]
    if len(inside) * HOP_S < LONG_ENOUGH - sum(EDGES_S) - HOP_S:
        return None
    times = np.arange(len(inside)) * HOP_S
    order = 3 if len(inside) * HOP_S > 1 else 2
    waver = inside - np.polyval(np.polyfit(times, inside, order), times)
    window = np.hanning(len(waver))
    power = np.abs(np.fft.rfft(waver * window, 1024)) ** 2
    hz = np.fft.rfftfreq(1024, HOP_S)
    looked = (hz >= VIBRATO_HZ[0]) & (hz <= VIBRATO_HZ[1])
    peak = int(np.where(looked, power, 0).argmax())
    if power[peak] < max(power[peak - 1], power[peak + 1]):
        return None  # the flank of something slower or faster
    near = np.abs(hz - hz[peak]) < 2 / (len(waver) * HOP_S)
    share = float(power[near].sum() / max(power[hz > 1.5].sum(), 1e-9))
    depth = float(2 * np.sqrt(power[peak]) / window.sum())
    if depth < DEEP_ENOUGH or share < CLEAR:
        return None
    period = max(3, round(1 / (hz[peak] * HOP_S)))
    around = np.sqrt(2 * np.convolve(waver**2, np.ones(period) / period, "same"))
    begun = int((around > 0.5 * depth).argmax())
    return Vibrato(float(hz[peak]), depth, (first + begun) * HOP_S if begun > 1 else 0.0)


def _vibratos(tracks: Sequence[tuple[Track, float]]) -> tuple[float, ...]:
    """The first seven numbers of a manner."""
    found = [(v, held) for track, held in tracks if (v := vibrato_of(track.cents)) is not None]
    if len(found) < max(LEAST_NOTES, LEAST_SHARE * len(tracks)):
        return (0.0,) * 7
    rates, depths, delays = np.array([(v.hz, v.cents, v.after) for v, _ in found]).T
    least = min(held for _, held in found)
    share = len(found) / sum(held >= least for _, held in tracks)
    middle = (float(np.median(rates)), float(np.median(depths)))
    spreads = (float(rates.std()), float(depths.std()))
    return (*middle, *spreads, float(np.median(delays)), min(1.0, share), least)


def _common(values: Sequence[float], least: float) -> float:
    """The middle one, where several are known and it is no accident."""
    if len(values) < LEAST_NOTES:
        return 0.0
    middle = float(np.median(values))
    return middle if middle >= least else 0.0


def _alone(onsets: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(N,) the share of each note's time in which no other sounds."""
    shared = np.minimum(ends[:, None], ends) - np.maximum(onsets[:, None], onsets)
    np.fill_diagonal(shared, 0)
    return 1 - np.clip(shared, 0, None).sum(1) / np.maximum(ends - onsets, 1e-3)


def _between(sound: np.ndarray, first: float, last: float) -> np.ndarray:
    return sound[max(0, int(first * RATE)) : max(0, int(last * RATE))]


def _glide(
    sound: np.ndarray, onsets: np.ndarray, ends: np.ndarray, pitches: np.ndarray, i: int
) -> float | None:
    """Seconds from the pitch of the note before to that of note i; None where they are not legato,
    or the pitch is not seen to move."""
    interval = pitches[i] - pitches[i - 1]
    if not (1 <= abs(interval) <= WIDEST) or onsets[i] - ends[i - 1] > NEXT_S:
        return None
    if onsets[i] - onsets[i - 1] < 0.12 or ends[i] - onsets[i] < 0.12:
        return None
    cut = _between(sound, onsets[i] - 0.12, onsets[i] + min(0.2, ends[i] - onsets[i]))
    reach = (int(min(0, -interval) * 100) - 100, int(max(0, -interval) * 100) + 100)
    way = 1 + tracked(cut, pitches[i], reach).cents / (interval * 100)  # 0 the old pitch, 1 the new
    if way[:4].mean() > 0.25 or way[-4:].mean() < 0.75:
        return None
    # the frame itself sees both pitches for two moments of a step
    moving = int(((way > 0.2) & (way < 0.8)).sum())
    seconds = max(0.0, (moving - 1) * HOP_S / 0.6)
    return min(seconds, GLIDE_S[1])


def _release(sound: np.ndarray, onsets: np.ndarray, end: float) -> float | None:
    """Nepers a second; None where another note begins too soon, or it does not die away."""
    later = onsets[onsets > end - 0.05]
    last_s = min(end + RELEASE_S[1], float(later.min(initial=np.inf)), len(sound) / RATE)
    if last_s < end + RELEASE_S[0]:
        return None
    levels = _levels(_between(sound, end - 0.05, last_s))
    below = levels[:5].max() - levels
    over = [np.flatnonzero(below > db) for db in FALLEN_DB]
    if not len(over[0]):
        return None
    first = int(over[0][0])
    last = int(over[1][0]) if len(over[1]) else int(below.argmax())
    fallen = float(below[last] - below[first]) if last > first else FALLEN_DB[1] - FALLEN_DB[0]
    if last <= 0 or fallen < LEAST_FALLEN_DB:
        return None
    return fallen / 8.686 / (max(1, last - first) * HOP_S)


def _levels(samples: np.ndarray) -> np.ndarray:
    """(J,) dB."""
    hop = round(HOP_S * RATE)
    power = np.square(samples[: len(samples) // hop * hop].reshape(-1, hop)).mean(1)
    return 10 * np.log10(power + 1e-10)


def _breath(
    sound: np.ndarray, ends: np.ndarray, onsets: np.ndarray, pitches: np.ndarray, i: int
) -> float | None:
    """Seconds by which high noise comes before the pitch; None where another note sounds before."""
    onset = float(onsets[i])
    if onset < 0.2 or ((onsets < onset) & (ends > onset - 0.15)).any():
        return None
    cut = _between(sound, onset - 0.2, onset + 0.15)
    spectrum = np.fft.rfft(cut)
    spectrum[: int(BREATH_HZ * len(cut) / RATE)] = 0
    high = _levels(np.fft.irfft(spectrum, len(cut)).astype(np.float32))
    pitch = tracked(cut, float(pitches[i])).levels
    begins = int((pitch > 0.35 * pitch[20:].max(initial=0)).argmax())
    loud = high > max(high[:5].mean() + BREATH_DB, high.max() - BREATH_BELOW_DB)
    earlier = int(loud[: begins + 1].argmax()) if loud[: begins + 1].any() else begins
    return min(max(0, begins - earlier) * HOP_S, BREATH_S[1])

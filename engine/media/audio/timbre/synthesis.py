"""Notes in a timbre as sound: sums of partials and filtered noise.

Legend: B notes, T moments of the decoder, J blocks of HOP samples, K partials, N noise bands.
A partial keeps its frequency, so its samples within a block are one fixed turning, and a note's
sound is two products of matrices (J, 2K) and (2K, HOP); its complex amplitude is interpolated
linearly from block to block, so it never jumps. The noise of all notes is shaped at once.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call

from engine.core.progress import Advance, finished
from engine.media.audio.timbre.bands import at_frequencies, shaped
from engine.media.audio.timbre.decoder import LONGEST, Sounding, TimbreDecoder
from engine.media.audio.timbre.manner import courses
from engine.media.audio.timbre.pitch import moved
from engine.media.audio.timbre.recorded import (
    AT_ONCE,
    Entry,
    RecordedNote,
    brought,
    entered,
    joined,
    nearest,
)
from engine.media.audio.timbre.sounds import MODES, Timbre, expected_level
from engine.media.audio.timbre.spectra import BANDS, RATE, band_centres, hats, mel
from engine.media.audio.timbre.weights import TimbrePrior, shipped

HOP, NOISE_HOP, NOISE_SIZE = 64, 128, 512  # samples
NOTES_AT_ONCE, NOTES_A_SLICE = 64, 8
INAUDIBLE = 1e-5  # of full range: a partial or a tail that stays below is left out
MOST_TAIL = 3.0  # seconds after a note was let go
FADE = 0.01  # seconds at a note's very end
# nepers a second after its end, by which a learned sound falls at least: one that was heard to die
# away or is plucked, and any other; 60 dB in 1.2 and 0.6 s. What rings on longer is the room
LEAST_RINGING, LEAST_HELD = 6.0, 12.0
FEW = 12  # partials, whose falls stand for a note's
TREND = (1.2, 1.9)  # seconds: how a note that is held longer than any heard goes on
RINGING_S = 0.25  # seconds after a note's end, in which its recording is still heard
HELD_S = (0.03, 0.6)  # seconds, in which recorded notes are compared with others
# how fast blurred partials wander; how far, of their frequency, together: more is each one's own
WANDER_HZ, TOGETHER = 12.0, 0.003
MOST_WIDE = 0.004  # of its frequency, that a partial of a recording strays: 7 cents; more warbles
MOMENTS = np.concatenate(
    [
        np.linspace(0, 0.02, 15),
        np.geomspace(0.0225, 0.2, 18),
        np.linspace(0.23, LONGEST - 0.05, 40),
    ]
)


@dataclass(frozen=True, slots=True)
class _Note:
    """One note's partials (T, K) and noise (T, N) at MOMENTS, as numpy."""

    held: float
    log_partials: np.ndarray
    log_noise: np.ndarray
    frequencies: np.ndarray
    widths: np.ndarray
    falls: np.ndarray
    noise_fall: float


def synthesise(
    notes: np.ndarray | Sequence[Sequence[float]],
    timbre: Timbre,
    rate: int = RATE,
    *,
    seed: int = 0,
    model: TimbrePrior | None = None,
) -> np.ndarray:
    """(B, 4) notes: onset and duration in seconds, MIDI pitch, velocity 0..1 -> (S,) float32.

    The end of the last note's fading is the end of the sound. The same seed gives the same samples.
    """
    return finished(synthesising(notes, timbre, rate, seed=seed, model=model))


def synthesising(
    notes: np.ndarray | Sequence[Sequence[float]],
    timbre: Timbre,
    rate: int = RATE,
    *,
    seed: int = 0,
    model: TimbrePrior | None = None,
) -> Generator[Advance, None, np.ndarray]:
    """The same, in slices."""
    decoder = (model or shipped()).decoder
    rows = np.asarray(notes, np.float64).reshape(-1, 4)
    rng = np.random.default_rng(seed)
    recordings = _recordings(decoder, timbre)
    pieces = []
    for start in range(0, len(rows), NOTES_AT_ONCE):
        chosen = rows[start : start + NOTES_AT_ONCE]
        for row, note in zip(chosen, _decoded(decoder, chosen, timbre), strict=True):
            pieces.append((float(row[0]), note, _length(note, rate)))
    total = max((round(onset * rate) + length for onset, _, length in pieces), default=0)
    sound = np.zeros(total, np.float32)
    variances = np.zeros((total // NOISE_HOP + 2, BANDS), np.float32)
    cents = courses(rows, timbre.manner, seed)
    for done, (onset, note, length) in enumerate(pieces):
        if done % NOTES_A_SLICE == 0:
            yield Advance(done, len(pieces) + 1)
        begins = round(onset * rate)
        if recordings:
            mine, ends = _replayed(recordings, note, rows[done], length, rate, (seed, done))
            first = entered(mine, ends, length, rate)
            partials, entry = joined(mine, _partials(note, length, rate, rng, first), first, rate)
        else:
            partials, entry = _partials(note, length, rate, rng), AT_ONCE
        course = cents[done]
        partials = partials if course is None else moved(partials, course, rate)
        sound[begins : begins + length] += partials
        _add_noise(variances, note, begins, length, rate, timbre.manner.breath, entry)
    return sound + _noise(variances, total, rate, rng)


def _recordings(decoder: TimbreDecoder, timbre: Timbre) -> list[tuple[RecordedNote, np.ndarray]]:
    """Each recorded note with the (K,) levels that the decoder gives it."""
    if not timbre.recorded:
        return []
    rows = np.array([(0.0, one.sounding, one.pitch, one.velocity) for one in timbre.recorded])
    decoded = _decoded(decoder, rows, timbre)
    return [(one, _levels(note)) for one, note in zip(timbre.recorded, decoded, strict=True)]


def _levels(note: _Note) -> np.ndarray:
    """(K,) the mean logarithms of the harmonics' amplitudes while a note is held."""
    held = (HELD_S[0] < MOMENTS) & (HELD_S[1] > MOMENTS)
    return note.log_partials[held, :-MODES].mean(0)


def _replayed(
    recordings: Sequence[tuple[RecordedNote, np.ndarray]],
    note: _Note,
    row: np.ndarray,
    length: int,
    rate: int,
    seed: tuple[int, int],
) -> tuple[np.ndarray, float]:
    """(M,) samples of a recorded note in place of one of the given length, and the seconds at which
    it is over. seed: of the choice among notes that are as near."""
    pitch, velocity = float(row[2]), float(row[3])
    rng = np.random.default_rng((*seed, 31))
    place = nearest([one for one, _ in recordings], pitch, velocity, note.held, rng)
    chosen, levels = recordings[place]
    needed = min(length / rate, note.held + RINGING_S)
    mine, ends = brought(chosen, pitch, needed, rate, _levels(note) - levels)
    mine *= np.float32(expected_level(velocity) / expected_level(chosen.velocity))
    after = np.maximum(np.arange(len(mine)) / rate - note.held, 0)
    mine *= np.exp(-float(np.median(note.falls[:FEW])) * after).astype(np.float32)
    return mine, min(ends, needed)


@torch.no_grad()
def _decoded(decoder: TimbreDecoder, rows: np.ndarray, timbre: Timbre) -> list[_Note]:
    device = next(decoder.parameters()).device
    count = len(rows)
    pitch, velocity = (torch.tensor(rows[:, i], dtype=torch.float32, device=device) for i in (2, 3))
    moments = torch.tensor(MOMENTS, dtype=torch.float32, device=device).expand(count, -1)
    conditioning, ratios = (
        t.to(device, torch.float32).expand(count, -1) for t in (timbre.context, timbre.ratios)
    )
    adapted = {name: tensor.to(device) for name, tensor in timbre.adapted.items()}
    given = (pitch, velocity.clamp(0, 1), moments, conditioning, ratios)
    sounding: Sounding = functional_call(decoder, adapted, given)

    def of(tensor: Tensor) -> np.ndarray:
        return tensor.cpu().numpy()

    fallen = (timbre.decay * MOMENTS[:, None]).astype(np.float32)
    partials, noise = of(sounding.log_partials) - fallen, of(sounding.log_noise) - 2 * fallen
    if timbre.noise.numel():
        noise = shaped(noise, timbre.noise.cpu().numpy(), MOMENTS)
    frequencies, widths = of(sounding.frequencies), of(sounding.widths)
    if timbre.tone.numel():
        gains = [0.5 * at_frequencies(timbre.tone.cpu().numpy(), hz) for hz in frequencies]
        partials = np.stack([shaped(p, g, MOMENTS) for p, g in zip(partials, gains, strict=True)])
        widths = np.minimum(widths, MOST_WIDE * frequencies)
    falls, noise_falls = of(sounding.falls), of(sounding.noise_falls)
    if timbre.noise.numel() or timbre.manner.release:
        falls, noise_falls = _released(falls, noise_falls, timbre)
    held = np.maximum(rows[:, 1], 0)
    return [
        _Note(
            float(held[i]),
            partials[i],
            noise[i],
            frequencies[i],
            widths[i],
            falls[i],
            float(noise_falls[i]),
        )
        for i in range(count)
    ]


def _released(
    falls: np.ndarray, noise_falls: np.ndarray, timbre: Timbre
) -> tuple[np.ndarray, np.ndarray]:
    """(B, K), (B,) nepers a second: as fast as was heard, and not too slowly; no noise outlasts its
    note."""
    middle = np.median(falls[:, :FEW], 1)
    release = timbre.manner.release
    heard = np.full_like(middle, release) if release else middle
    wanted = np.maximum(heard, LEAST_RINGING if release or timbre.decay else LEAST_HELD)
    return falls * (wanted / middle)[:, None], np.maximum(noise_falls, wanted)


def _length(note: _Note, rate: int) -> int:
    """Samples until the note is no more heard."""
    end = np.array([note.held])
    over = _envelope(note.log_partials, end)[0] - np.log(INAUDIBLE)
    noise_over = 0.5 * _envelope(note.log_noise, end).max() - np.log(INAUDIBLE)
    tail = max(float((over / note.falls).max()), float(noise_over / note.noise_fall))
    return max(1, round((note.held + float(np.clip(tail, 0.03, MOST_TAIL))) * rate))


def _envelope(logs: np.ndarray, times: np.ndarray) -> np.ndarray:
    """(T, X) at MOMENTS -> (J, X) at times (J,); past the last moment its trend goes on falling."""
    inside = np.minimum(times, MOMENTS[-1])
    places = np.interp(inside, MOMENTS, np.arange(len(MOMENTS)))
    low = np.minimum(places.astype(int), len(MOMENTS) - 2)
    share = (places - low)[:, None].astype(np.float32)
    found = logs[low] * (1 - share) + logs[low + 1] * share
    beyond = np.maximum(times - MOMENTS[-1], 0)[:, None].astype(np.float32)
    if beyond.any():
        first, last = (int(np.searchsorted(MOMENTS, t)) for t in TREND)
        trend = (logs[last] - logs[first]) / (MOMENTS[last] - MOMENTS[first])
        found += np.minimum(trend, 0).astype(np.float32) * beyond
    return found


def _partials(
    note: _Note, length: int, rate: int, rng: np.random.Generator, first: int = 0
) -> np.ndarray:
    """(length - first,): the sum of a note's partials from a sample on, faded in over a block and
    out at the end."""
    heard = (note.log_partials.max(0) > np.log(INAUDIBLE)) & (note.frequencies < 0.48 * rate)
    phases = rng.random(len(heard))[heard]  # turns
    wander = rng.standard_normal(
        (int(length / rate * WANDER_HZ) + 3, int(heard.sum()) + 1), np.float32
    )
    if not heard.any():
        return np.zeros(length - first, np.float32)
    blocks = np.arange(first // HOP, -(-length // HOP) + 1)
    times = blocks * (HOP / rate)
    logs = _envelope(note.log_partials[:, heard], times)
    logs -= note.falls[heard] * np.maximum(times - note.held, 0)[:, None].astype(np.float32)
    amplitudes = np.exp(logs) * _fades(times, length / rate)[:, None].astype(np.float32)
    turning = 2 * np.pi * note.frequencies[heard].astype(np.float64) / rate
    turns = blocks[:, None] * (turning * HOP / (2 * np.pi)) + phases
    angles = ((turns - np.floor(turns)) * (2 * np.pi)).astype(np.float32)
    angles += _wandering(wander, note.widths[heard], note.frequencies[heard], times)
    values = np.empty((len(blocks), 2 * len(turning)), np.float32)
    values[:, : len(turning)] = amplitudes * np.cos(angles)
    values[:, len(turning) :] = amplitudes * -np.sin(angles)
    inside = np.arange(HOP)
    share = inside / HOP
    now, then = _turned(turning, inside), _turned(turning, inside - HOP)
    sound = values[:-1] @ (now * (1 - share)).astype(np.float32)
    sound += values[1:] @ (then * share).astype(np.float32)
    return sound.ravel()[first % HOP :][: length - first]


def _turned(turning: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """(K,) radians a sample, (HOP,) -> (2K, HOP) cosines and sines."""
    angles = turning[:, None] * samples
    return np.concatenate([np.cos(angles), np.sin(angles)])


def _fades(times: np.ndarray, seconds: float) -> np.ndarray:
    """(J,): 0 at the first block and at the end."""
    fades = np.clip((seconds - times) / FADE, 0, 1)
    fades[0] = 0
    return fades


def _wandering(
    wander: np.ndarray, widths: np.ndarray, frequencies: np.ndarray, times: np.ndarray
) -> np.ndarray:
    """(J, K) radians: each partial's frequency strays by its width, at first with the others."""
    shared = np.minimum(widths, TOGETHER * frequencies)
    own = np.sqrt(widths**2 - shared**2)
    astray = shared * wander[:, :1] + own * wander[:, 1:]  # Hz
    knots = np.cumsum(astray, 0) * np.float32(2 * np.pi / WANDER_HZ)
    places = times * WANDER_HZ
    low = places.astype(int)
    share = (places - low)[:, None].astype(np.float32)
    smooth = share * share * (3 - 2 * share)
    return knots[low] * (1 - smooth) + knots[low + 1] * smooth


def _add_noise(
    variances: np.ndarray,
    note: _Note,
    begins: int,
    length: int,
    rate: int,
    breath: float,
    entry: Entry,
) -> None:
    """Adds a note's noise to the variances (J, N) of all. breath: seconds that it comes before."""
    earlier = begins - round(breath * rate)
    first, last = max(0, -(-earlier // NOISE_HOP)), (begins + length) // NOISE_HOP
    times = (np.arange(first, last + 1) * NOISE_HOP - begins) / rate
    logs = _envelope(note.log_noise, np.maximum(times, 0))
    after = np.maximum(times - note.held, 0)[:, None].astype(np.float32)
    fades = np.clip((length / rate - times) / FADE, 0, 1)[:, None].astype(np.float32)
    rising = np.clip(1 + times / max(breath, 1e-6), 0, 1)[:, None].astype(np.float32)
    powers = np.exp(logs - 2 * note.noise_fall * after) * fades * entry.gain**2
    powers[(times >= 0) & (times < entry.seconds)] = 0
    variances[first : last + 1] += powers * (rising**2 if breath else 1)


def _noise(variances: np.ndarray, total: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """(J, N) -> (total,): white noise, its spectrum shaped frame by frame."""
    count = len(variances)
    lead = NOISE_SIZE // 2
    white = rng.standard_normal(count * NOISE_HOP + NOISE_SIZE, np.float32)
    shape = np.sqrt(np.hanning(NOISE_SIZE + 1)[:-1]).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(white, NOISE_SIZE)[::NOISE_HOP][:count]
    hz = np.arange(NOISE_SIZE // 2 + 1) * rate / NOISE_SIZE
    places = np.interp(mel(hz), mel(band_centres()), np.arange(BANDS))
    bands = hats(places, BANDS)
    gains = np.exp(0.5 * (np.log(variances + 1e-16) @ bands))
    made = np.fft.irfft(np.fft.rfft(frames * shape) * gains, NOISE_SIZE).astype(np.float32) * shape
    sound = np.zeros((count + NOISE_SIZE // NOISE_HOP) * NOISE_HOP, np.float32)
    for part in range(NOISE_SIZE // NOISE_HOP):
        piece = made[:, part * NOISE_HOP : (part + 1) * NOISE_HOP].ravel()
        sound[part * NOISE_HOP : part * NOISE_HOP + len(piece)] += piece
    sound /= NOISE_SIZE / NOISE_HOP / 2
    return sound[lead : lead + total]

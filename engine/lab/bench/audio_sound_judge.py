"""Whose sound is it? A judge of sound that never saw the synthesiser, between two anchors.

Mel-frequency cepstral coefficients of pieces of recordings (mean, deviation and movement:
Tzanetakis and Cook 2002) and a linear discriminant with a shrunk covariance (Ledoit and Wolf 2004).
The judge and the sounds are learned from the first part of each recording. The notes of its last
part are then played in the recording's own learned sound, and in that of another recording; between
how often the judge knows the real last part, and how often it takes another's sound for it, lies
what was learned. `bench audio` asks the same of reserved presets: the judge and the sounds are
learned from the notes that are given, and asked about others.

    python -m engine.lab.bench.audio_sound_judge FOLDER

prints the table of a folder of recordings.
Legend: P pieces, E numbers, R recordings, S samples at RATE.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
import torch
from scipy.fft import dct
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from engine.core.device import one_thread
from engine.core.progress import finished
from engine.lab.bench.audio_timbre_arms import Task
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Row
from engine.lab.training.corpus.instruments_sample import SamplePreset
from engine.media.audio.codec.sound import Sound
from engine.media.audio.hearing import File, Heard, decode, hear, manner_of
from engine.media.audio.timbre import NoteSegment, Timbre, learn_timbre, synthesise
from engine.media.audio.timbre.spectra import RATE, mel
from engine.media.audio.timbre.weights import shipped

PIECE_S, STEP_S = 1.5, 0.75  # seconds of a piece, and from one to the next
FIRST_PART = 0.6  # of a recording, that is learned from
FRAME, HOP, MELS, COEFFICIENTS = 1024, 512, 40, 20
TOP_HZ, QUIET = 10_000, 0.05  # of the mean level: quieter pieces are left out
LEARNING_S = 4.0
KINDS = ("real", "own", "decoded", "other")
BENCH, METRIC = "whose sound", "share given to its instrument"
ARMS = {
    "real": "real notes",
    "own": "its learned sound",
    "decoded": "its decoder alone",
    "other": "another's learned sound",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Of one recording the shares of pieces that the judge gives to it: real ones of its last part,
    the same notes in its learned sound, in what its decoder says without recorded notes, and in
    another recording's learned sound."""

    name: str
    real: float
    own: float
    decoded: float
    other: float


def pieces(samples: np.ndarray) -> list[np.ndarray]:
    """(S,) -> pieces of PIECE_S that are not silent."""
    size, step = round(PIECE_S * RATE), round(STEP_S * RATE)
    found = [samples[i : i + size] for i in range(0, len(samples) - size + 1, step)]
    levels = [float(np.sqrt(np.square(piece).mean())) for piece in found]
    least = QUIET * max(levels, default=0.0)
    return [piece for piece, level in zip(found, levels, strict=True) if level > least]


def measured(piece: np.ndarray) -> np.ndarray:
    """(S,) -> (E,): its cepstral coefficients without the loudness."""
    frames = np.lib.stride_tricks.sliding_window_view(piece, FRAME)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) ** 2
    logs = np.log(power @ _mel_bands() + 1e-6 * power.mean())
    coefficients = np.asarray(dct(logs, axis=1, norm="ortho"))[:, 1 : COEFFICIENTS + 1]
    moving = np.diff(coefficients, axis=0).std(0)
    return np.concatenate([coefficients.mean(0), coefficients.std(0), moving])


def _mel_bands() -> np.ndarray:
    """(F, MELS)."""
    edges = np.linspace(0, float(mel(TOP_HZ)), MELS + 2)
    at = mel(np.arange(FRAME // 2 + 1) * RATE / FRAME)
    rising = (at[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - at[:, None]) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling))


class SoundJudge:
    """Gives pieces to one of R recordings."""

    def __init__(self, recordings: Sequence[Sequence[np.ndarray]]) -> None:
        rows = [measured(piece) for found in recordings for piece in found]
        owners = [i for i, found in enumerate(recordings) for _ in found]
        even = np.full(len(recordings), 1 / len(recordings))
        self._judge = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=even)
        self._judge.fit(np.stack(rows), owners)

    def share(self, found: Sequence[np.ndarray], owner: int) -> float:
        """Of the pieces that are given to the owner, 0 to 1; nan of none."""
        if not found:
            return float("nan")
        given = self._judge.predict(np.stack([measured(piece) for piece in found]))
        return float(np.equal(given, owner).mean())


def judged(names: Sequence[str], recordings: Sequence[np.ndarray]) -> list[Judged]:
    """R recordings (S,) with notes -> what is given to each."""
    cuts = [int(FIRST_PART * len(one)) for one in recordings]
    judge = SoundJudge([pieces(r[:cut]) for r, cut in zip(recordings, cuts, strict=True)])
    timbres = [_learned(r[:cut]) for r, cut in zip(recordings, cuts, strict=True)]
    found = []
    for i, (name, one, cut) in enumerate(zip(names, recordings, cuts, strict=True)):
        heard = _heard(one[cut:])
        asked = (timbres[i], _decoded(timbres[i]), timbres[(i + 1) % len(timbres)])
        given = [judge.share(pieces(_played(heard, timbre)), i) for timbre in asked]
        found.append(Judged(name, judge.share(pieces(one[cut:]), i), *given))
    return found


def judged_presets(presets: Sequence[SamplePreset]) -> list[Judged]:
    """Presets with given and asked notes -> what of the asked ones is given to each."""
    judge = SoundJudge([[note.samples for note in preset.support] for preset in presets])
    tasks = [Task.of(preset, len(preset.support)) for preset in presets]
    timbres = [_of_notes(preset) for preset in presets]
    prior, found = shipped(), []
    for i, (preset, task) in enumerate(zip(presets, tasks, strict=True)):
        other = (i + 1) % len(presets)
        players = (
            task.player(prior, timbres[i]),
            task.player(prior, _decoded(timbres[i])),
            tasks[other].player(prior, timbres[other]),
        )
        given = [judge.share([play(note) for note in preset.query], i) for play in players]
        real = judge.share([note.samples for note in preset.query], i)
        found.append(Judged(preset.name, real, *given))
    return found


def rows(presets: Sequence[SamplePreset]) -> list[Row]:
    """One row a kind, a mean over presets."""
    found = judged_presets(presets)
    made = []
    for kind in KINDS:
        values = torch.tensor([getattr(one, kind) for one in found])
        middle, low, high = mean_interval(values)
        made.append(
            Row(
                bench=BENCH,
                arm=ARMS[kind],
                metric=METRIC,
                value=middle,
                styles=len(found),
                low=low,
                high=high,
            )
        )
    return made


def _decoded(timbre: Timbre) -> Timbre:
    """As its decoder says it, without recorded notes."""
    return replace(timbre, recorded=())


def _of_notes(preset: SamplePreset) -> Timbre:
    given = [NoteSegment(n.samples, RATE, n.pitch, n.velocity) for n in preset.support]
    return learn_timbre(given, seconds=LEARNING_S)


def _heard(samples: np.ndarray) -> Heard:
    sound = Sound(samples[None].astype(np.float32), RATE)
    return finished(hear(File(recording=sound), torch.device("cpu")))


def _learned(samples: np.ndarray) -> Timbre:
    heard = _heard(samples)
    timbre = learn_timbre(heard.notes, seconds=LEARNING_S)
    return replace(timbre, manner=manner_of(heard))


def _played(heard: Heard, timbre: Timbre) -> np.ndarray:
    """The heard notes, dry; (S,)."""
    if heard.transcription is None:
        return np.zeros(0, np.float32)
    notes = heard.transcription.notes
    columns = [notes[n].astype(float) for n in ("onset_s", "duration_s", "pitch", "velocity")]
    return synthesise(np.stack(columns, 1), timbre)


def main(folder: Path) -> None:
    names, recordings = [], []
    for path in sorted(folder.glob("*.*")):
        sound = decode(path.read_bytes(), path.name).recording
        if sound is not None:
            names.append(path.stem)
            recordings.append(soxr.resample(sound.mono(), sound.rate, RATE))
    with one_thread():
        rows = judged(names, recordings)
    means = (float(np.nanmean([getattr(r, kind) for r in rows])) for kind in KINDS)
    lines = ["| recording | real, last part | same notes, own sound | decoder alone | another's |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for row in [*rows, Judged("mean", *means)]:
        shares = " | ".join(f"{getattr(row, kind):.0%}" for kind in KINDS)
        lines.append(f"| {row.name} | {shares} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

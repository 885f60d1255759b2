"""The notes that the bench needs, small enough to ship: of reserved presets, which were never
trained on.

    python -m engine.lab.training.corpus.instruments_sample

assets/samples/audio/notes.ogg holds them end to end, `SECONDS` each; notes.json says what they are.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from engine.core.assets import asset
from engine.lab.training.corpus.instruments import RATE, InstrumentNote, InstrumentNotes

FOLDER = asset("samples/audio")
FORMAT_VERSION = 1
SECONDS, FADE = 1.2, 0.01
SUPPORT, QUERIES = 5, 4
COMPRESSION = 0.6  # of libsndfile's Vorbis encoder, 0 the best
# the same recordings as another preset's; no pitch at all
LEFT_OUT = ("Bright Grand Piano", "Helicopter")


@dataclass(frozen=True, slots=True)
class SampleNote:
    """samples: (N,) float32 at `RATE`, held all the while."""

    samples: np.ndarray
    pitch: float
    velocity: float


@dataclass(frozen=True, slots=True)
class SamplePreset:
    """The queries' pitches are none of the support's."""

    name: str
    support: tuple[SampleNote, ...]
    query: tuple[SampleNote, ...]


def write_sample(corpus: InstrumentNotes, folder: Path = FOLDER) -> None:
    """Write the sample of a corpus; always the same for the same corpus."""
    size = round(SECONDS * RATE)
    fade = np.minimum(1, np.arange(size, 0, -1) / (FADE * RATE)).astype(np.float32)
    pieces, rows = [], []
    for name, notes in sorted(corpus.by_preset("reserved").items()):
        if notes[0].kind == "drum" or name in LEFT_OUT:
            continue
        support, query = _chosen(notes)
        loudest = max(note.peak for note in (*support, *query))
        for role, chosen in (("support", support), ("query", query)):
            for note in chosen:
                samples = corpus.samples(note)[:size] * np.float32(0.9 / loudest)
                pieces.append(np.pad(samples, (0, size - len(samples))) * fade)
                row = {"preset": name, "role": role, "pitch": note.pitch}
                rows.append({**row, "velocity": round(note.velocity, 4)})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "notes.ogg"
    layout = {"format": "OGG", "subtype": "VORBIS", "compression_level": COMPRESSION}
    with soundfile.SoundFile(path, "w", RATE, 1, **layout) as file:
        for piece in pieces:
            file.write(piece)
    document = {"format": FORMAT_VERSION, "seconds": SECONDS, "notes": rows}
    text = json.dumps(document, indent=0) + "\n"
    (folder / "notes.json").write_text(text, encoding="utf-8")


def read_sample(folder: Path = FOLDER) -> list[SamplePreset]:
    """Raises `FileNotFoundError`, and `ValueError` for another format."""
    document = json.loads((folder / "notes.json").read_text(encoding="utf-8"))
    if document["format"] != FORMAT_VERSION:
        raise ValueError(f"{folder} has format {document['format']}, not {FORMAT_VERSION}")
    with (folder / "notes.ogg").open("rb") as file:
        sound, _ = soundfile.read(file, dtype="float32")
    size = round(document["seconds"] * RATE)
    groups: dict[str, dict[str, list[SampleNote]]] = {}
    for place, row in enumerate(document["notes"]):
        samples = sound[place * size : (place + 1) * size]
        note = SampleNote(samples, float(row["pitch"]), float(row["velocity"]))
        roles = groups.setdefault(row["preset"], {"support": [], "query": []})
        roles[row["role"]].append(note)
    return [
        SamplePreset(name, tuple(roles["support"]), tuple(roles["query"]))
        for name, roles in groups.items()
    ]


def _chosen(
    notes: Sequence[InstrumentNote],
) -> tuple[list[InstrumentNote], list[InstrumentNote]]:
    """Support of chance, the most ordinary first; queries of other pitches, two octaves around."""
    rng = np.random.default_rng(len(notes))
    middle = float(np.median([note.pitch for note in notes]))
    near = sorted(notes, key=lambda note: abs(note.pitch - middle))
    near = [note for note in near if abs(note.pitch - middle) <= 25]
    first = near[int(rng.integers(3))]
    order = [near[int(i)] for i in rng.permutation(len(near))]
    support = [first, *[note for note in order if note is not first][: SUPPORT - 1]]
    heard = {note.pitch for note in support}
    others = [note for note in order if note.pitch not in heard]
    return support, others[:QUERIES]


if __name__ == "__main__":
    write_sample(InstrumentNotes(Path("corpus/timbre")))

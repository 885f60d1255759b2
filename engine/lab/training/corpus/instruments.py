"""Single notes of many instruments, rendered from a SoundFont, in one compact file.

Folder/notes.npy holds the samples end to end (int16, mono, `RATE` Hz, each note scaled to full
range); folder/notes.json its index. A note is held `HELD` seconds, then released for `TAIL`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from engine.lab.training.corpus.works import Part

FORMAT_VERSION = 1
NOTES_FILE, INDEX_FILE = "notes.npy", "notes.json"
RATE = 44_100
HELD, TAIL = 2.0, 0.7  # seconds
Kind = Literal["melodic", "drum"]


@dataclass(frozen=True, slots=True)
class InstrumentNote:
    """One note. pitch: MIDI; velocity: 0..1; start, length: samples in the file; peak: what full
    range stands for; a drum's pitch is its key and says nothing of how it sounds."""

    preset: str
    kind: Kind
    program: int
    part: Part
    pitch: int
    velocity: float
    start: int
    length: int
    peak: float


class InstrumentNotes:
    """The corpus file, its samples read as they are asked for. Raises `FileNotFoundError`."""

    def __init__(self, folder: Path) -> None:
        document = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
        if document["format"] != FORMAT_VERSION:
            raise ValueError(f"{folder} has format {document['format']}: build it anew")
        self.notes = [InstrumentNote(**row) for row in document["notes"]]
        self._samples = np.load(folder / NOTES_FILE, mmap_mode="r")

    def samples(self, note: InstrumentNote) -> np.ndarray:
        """(N,) float32."""
        raw = self._samples[note.start : note.start + note.length]
        return raw.astype(np.float32) * np.float32(note.peak / 32767)

    def by_preset(self, part: Part) -> dict[str, list[InstrumentNote]]:
        groups: dict[str, list[InstrumentNote]] = {}
        for note in self.notes:
            if note.part == part:
                groups.setdefault(note.preset, []).append(note)
        return groups


def write_index(folder: Path, notes: Iterable[InstrumentNote], about: Mapping[str, object]) -> None:
    """The index beside the samples."""
    document = {"format": FORMAT_VERSION, **about, "notes": [asdict(note) for note in notes]}
    partial = folder / (INDEX_FILE + ".partial")
    partial.write_text(json.dumps(document), encoding="utf-8")
    partial.replace(folder / INDEX_FILE)

"""The works of the notes corpus: one compressed file of arrays with an index, without pickle.

Legend: W works, N notes of all works one after the other; times in ticks of `TICKS` to a quarter.
A style is what an artist's handful could come from: a composer's works of one kind, the dances of
one kind in one tune book. A reserved composer reserves every style of that name.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from engine.lab.training.corpus.works import Part as CorpusPart, by_maker, part_of
from engine.media.audio.codec.score import Key, Metre, Part, Score, Tempo
from engine.meta.episodes import is_support

FORMAT_VERSION = 1
VALIDATION_BELOW = 24  # of 256, fourth byte of the style's digest
WORKS_FILE = "works.npz"
_TEMPO = np.dtype([("tick", "<i4"), ("quarters", "<f4")])


@dataclass(frozen=True, slots=True)
class NotesWork:
    """One tune, movement or section. `spellings`: its composer, where one is named.

    source: the folder of the package. kind: composer or tunes. index: its place in the file.
    """

    source: str
    style: str
    spellings: tuple[str, ...]
    kind: str
    licence: str
    title: str
    path: str
    sha256: str
    notes: int
    bars: int
    parts: tuple[tuple[str, int], ...]
    index: int = 0

    @property
    def part(self) -> CorpusPart:
        return part_of_style(self.style, self.spellings)

    @property
    def is_support(self) -> bool:
        return is_support(self.sha256)


def part_of_style(style: str, spellings: Iterable[str] = ()) -> CorpusPart:
    """As everywhere what is reserved; of the rest one style in ten is for validation, being few."""
    part = part_of(style, spellings)
    if part == "reserved":
        return part
    named = hashlib.sha256(unicodedata.normalize("NFC", style).encode()).digest()
    return "validation" if named[3] < VALIDATION_BELOW else "training"


def digest(score: Score) -> str:
    """What decides whether a work is support or query: its notes alone."""
    return hashlib.sha256(score.notes.tobytes()).hexdigest()


class NotesWorks:
    """The corpus file opened for reading.

    Raises FileNotFoundError, and ValueError for another format.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as packed:
            index = json.loads(packed["index"].tobytes())
            if index.get("format") != FORMAT_VERSION:
                raise ValueError(f"{path} has format {index.get('format')}: build it anew")
            self._arrays = {name: packed[name] for name in ("notes", "metres", "keys", "tempos")}
            counts = packed["counts"]  # (W, 4)
        self._ends = np.cumsum(counts, axis=0)
        self._starts = self._ends - counts
        self.works = tuple(_work(row, i) for i, row in enumerate(index["works"]))

    def __len__(self) -> int:
        return len(self.works)

    def by_style(self, part: CorpusPart | None = None) -> dict[str, list[NotesWork]]:
        return by_style(self.works, part)

    def score(self, work: NotesWork) -> Score:
        """Its notes; the array is a view of the file's."""
        starts, ends = self._starts[work.index], self._ends[work.index]
        spans = zip(("notes", "metres", "keys", "tempos"), starts, ends, strict=True)
        notes, metres, keys, tempos = (self._arrays[name][a:b] for name, a, b in spans)
        return Score(
            notes,
            tuple(Metre(*map(int, row)) for row in metres),
            tuple(Key(int(tick), int(fifths), bool(minor)) for tick, fifths, minor in keys),
            tuple(Tempo(int(row["tick"]), float(row["quarters"])) for row in tempos),
            tuple(Part(name, program) for name, program in work.parts),
            work.title,
        )


def _work(row: dict, index: int) -> NotesWork:
    parts = tuple((name, program) for name, program in row["parts"])
    spellings = tuple(row["spellings"])
    return NotesWork(**{**row, "parts": parts, "spellings": spellings, "index": index})


def by_style(
    works: Iterable[NotesWork], part: CorpusPart | None = None
) -> dict[str, list[NotesWork]]:
    """Style -> works, of one part where asked. A reserved composer reserves the style."""
    return by_maker(works, lambda work: work.style, part, part_of_style)


def write_works(path: Path, works: Sequence[NotesWork], scores: Sequence[Score]) -> None:
    """Write both, in the same order, whole or not at all."""
    index = {"format": FORMAT_VERSION, "works": [asdict(work) for work in works]}
    text = json.dumps(index, ensure_ascii=False).encode()
    keys = [[(k.tick, k.fifths, k.minor) for k in score.keys] for score in scores]
    metres = [[(m.tick, m.beats, m.unit) for m in score.metres] for score in scores]
    tempos = [[(t.tick, t.quarters) for t in score.tempos] for score in scores]
    arrays = {
        "index": np.frombuffer(text, dtype=np.uint8),
        "notes": np.concatenate([s.notes for s in scores]) if scores else np.zeros(0),
        "metres": np.array([m for rows in metres for m in rows], dtype="<i4").reshape(-1, 3),
        "keys": np.array([k for rows in keys for k in rows], dtype="<i4").reshape(-1, 3),
        "tempos": np.array([t for rows in tempos for t in rows], dtype=_TEMPO),
        "counts": np.array(
            [
                (len(score), len(m), len(k), len(t))
                for score, m, k, t in zip(scores, metres, keys, tempos, strict=True)
            ],
            dtype="<i8",
        ).reshape(-1, 4),
    }
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, **arrays)
    partial.replace(path)

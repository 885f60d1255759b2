"""Recorded notes of the built-in instruments and strokes of the kit, as they ship.

notes/NAME.ogg holds the notes of an instrument end to end, each scaled to LOUDEST; notes/notes.json
says what they are, where they come from and under which licence.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from engine.core.assets import asset
from engine.media.audio.timbre.recorded import RecordedNote
from engine.media.audio.timbre.spectra import RATE
from engine.meta.errors import WrongCheckpointError

FOLDER = asset("weights/timbre/notes")
CARD, KIT = "notes.json", "kit"
LOUDEST = 0.9


@cache
def shipped_notes(name: str) -> tuple[RecordedNote, ...]:
    """Of a built-in instrument. Raises `WrongCheckpointError`."""
    found = []
    for row, samples in _pieces(name):
        whole = np.round(samples * (32_767 / LOUDEST)).clip(-32_767, 32_767).astype(np.int16)
        peak, pitch, velocity = (float(row[key]) for key in ("peak", "pitch", "velocity"))
        found.append(RecordedNote(whole, peak, pitch, velocity, len(samples) / RATE))
    return tuple(found)


@cache
def shipped_strokes() -> Mapping[int, tuple[tuple[float, np.ndarray], ...]]:
    """General MIDI key -> (velocity, (N,) float32 as loud beside others as in the recordings) of
    its strokes, the softest first. Raises `WrongCheckpointError`."""
    found: dict[int, tuple[tuple[float, np.ndarray], ...]] = {}
    for row, samples in _pieces(KIT):
        stroke = (float(row["velocity"]), samples * np.float32(row["peak"] / LOUDEST))
        found[int(row["pitch"])] = (*found.get(int(row["pitch"]), ()), stroke)
    return found


def _pieces(name: str) -> list[tuple[Mapping[str, Any], np.ndarray]]:
    """(what it is, (N,) float32 scaled to LOUDEST) of a file's notes."""
    path = file_of(FOLDER, name)
    try:
        rows = card()["instruments"][name]
        sound, _ = soundfile.read(path, dtype="float32")
    except (OSError, KeyError, ValueError, soundfile.SoundFileError) as error:
        raise WrongCheckpointError(path, "the notes or their card are missing") from error
    ends = np.cumsum([row["length"] for row in rows])
    return list(zip(rows, np.split(sound, ends[:-1]), strict=True))


@cache
def card() -> Mapping[str, Any]:
    """Where the notes come from, and what they are. Raises OSError and ValueError."""
    return json.loads((FOLDER / CARD).read_text(encoding="utf-8"))


def file_of(folder: Path, name: str) -> Path:
    return folder / f"{name.replace(' ', '-')}.ogg"

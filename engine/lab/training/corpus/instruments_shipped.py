"""The notes of the built-in instruments that ship, rendered from the SoundFont.

    python -m engine.lab.training.corpus.instruments_shipped

writes assets/weights/timbre/notes. Each instrument of the palette every few semitones, loud and
soft in turns; of the kit each key, soft and loud. A note is as long as it is held: the synthesiser
goes on where it ends. Licence: of the SoundFont (MIT), beside them.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile

from engine.lab.training.corpus.instruments import HELD, RATE
from engine.lab.training.corpus.instruments_build import (
    DRUM_KEYS,
    Asked,
    range_of,
    rendered,
)
from engine.lab.training.corpus.instruments_sources import (
    DRUM_BANK,
    SOURCE,
    presets,
    renderer,
    soundfont,
)
from engine.media.audio.timbre.palette import PALETTE
from engine.media.audio.timbre.shipped_notes import CARD, FOLDER, KIT, LOUDEST, file_of
from engine.media.audio.timbre.sounds import expected_level, level

STEP, FIRST = 5, 2  # semitones between notes; of the first over the lowest
LOUD, SOFT = 100, 52  # MIDI velocities
STROKES = (50, 90, 124)
LASTING_S, STROKE_S = HELD - 0.02, 2.5  # seconds, at most
SILENT, QUIET = 3e-4, 1e-3  # peak of what is left out; of its peak, below which a note is over
COMPRESSION = 0.6  # of libsndfile's Vorbis encoder, 0 the best

Row = dict[str, float | int]


def write(folder: Path, out: Path = FOLDER) -> None:
    """Render all notes. Raises `InstrumentsMissingError`."""
    font = soundfont(folder)
    out.mkdir(parents=True, exist_ok=True)
    found = {preset.name: preset for preset in presets(font) if preset.bank in (0, 8)}
    rows: dict[str, list[Row]] = {}
    for one in PALETTE:
        preset = found[one.source]
        low, high = range_of(preset.program)
        pitches = range(low + FIRST, high + 1, STEP)
        asked = [
            Asked(one.name, "melodic", "training", preset.bank, preset.program, pitch, velocity)
            for pitch, velocity in zip(pitches, (LOUD, SOFT) * len(pitches), strict=False)
        ]
        notes = list(_heard(asked, font, LASTING_S))
        over = [level(sound, RATE) / expected_level(note.velocity / 127) for note, sound in notes]
        rows[one.name] = _written(out, one.name, notes, 1 / float(np.median(over)))
    asked = [
        Asked(KIT, "drum", "training", DRUM_BANK, 0, key, velocity)
        for key in DRUM_KEYS
        for velocity in STROKES
    ]
    strokes = list(_heard(asked, font, STROKE_S))
    loudest = max(float(np.abs(sound).max()) for _, sound in strokes)
    rows[KIT] = _written(out, KIT, strokes, 1 / loudest)
    card = {
        "model": "recorded notes of the built-in instruments and strokes of the kit",
        "licence": SOURCE.licence,
        "source": f"{SOURCE.package}: {SOURCE.holds}",
        "rate": RATE,
        "instruments": rows,
    }
    (out / CARD).write_text(json.dumps(card, separators=(",", ":")) + "\n", encoding="utf-8")


def _heard(
    asked: Sequence[Asked], font: Path, seconds: float
) -> Iterator[tuple[Asked, np.ndarray]]:
    """Those that sound, until they are over."""
    with tempfile.TemporaryDirectory() as folder:
        for note, sound in zip(asked, rendered(asked, font, renderer(), Path(folder)), strict=True):
            peak = float(np.abs(sound).max())
            if peak >= SILENT:
                over = int(np.flatnonzero(np.abs(sound) > QUIET * peak)[-1]) + 1
                yield note, sound[: min(over, round(seconds * RATE))]


def _written(
    out: Path, name: str, notes: Sequence[tuple[Asked, np.ndarray]], gain: float
) -> list[Row]:
    """One file, and what is in it."""
    rows: list[Row] = []
    kind = {"format": "OGG", "subtype": "VORBIS", "compression_level": COMPRESSION}
    with soundfile.SoundFile(file_of(out, name), "w", RATE, 1, **kind) as file:
        for note, sound in notes:
            peak = float(np.abs(sound).max())
            file.write(sound * np.float32(LOUDEST / peak))
            about: Row = {"pitch": note.pitch, "velocity": round(note.velocity / 127, 4)}
            rows.append({**about, "peak": round(peak * gain, 6), "length": len(sound)})
    return rows


if __name__ == "__main__":
    write(Path("corpus/timbre"))

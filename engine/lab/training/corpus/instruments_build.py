"""The SoundFont to one file of single notes: each preset at many pitches, three velocities.

Presets of the General MIDI bank and its variations (banks 0 and 8), and each key of the standard
drum kit as an instrument of its own. A preset whose name is reserved is never trained on; one that
shares a recording with a reserved one is left out altogether.
"""

import hashlib
import json
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile

from engine.lab.training.corpus.instruments import (
    HELD,
    NOTES_FILE,
    RATE,
    TAIL,
    InstrumentNote,
    Kind,
    write_index,
)
from engine.lab.training.corpus.instruments_sources import (
    DRUM_BANK,
    SOURCE,
    Preset,
    presets,
    renderer,
    soundfont,
)
from engine.lab.training.corpus.sources import provenance
from engine.lab.training.corpus.works import Part
from engine.meta.episodes import is_reserved

BANKS = (0, 8)
VELOCITIES = (36, 76, 116)
STEP = 5  # semitones between the pitches of a preset
DRUM_KEYS = range(35, 82)
SLOT = HELD + TAIL + 0.3  # seconds from one note to the next
TICKS_A_SECOND = 960
SILENT, QUIET = 3e-4, 1e-4  # peaks: a note below is dropped; a tail below is cut
SILENCE = 120  # MIDI controller: all sound off
VALIDATION_BELOW = 20  # of 256: the presets on which choices are made
GAIN = "0.6"
PROVENANCE_FILE = "provenance.json"
# lowest and highest pitch of each family of eight General MIDI programs
RANGES = (
    *((28, 100), (48, 103), (36, 96), (36, 84), (26, 62), (36, 92), (40, 88), (38, 86)),
    *((44, 88), (52, 100), (36, 96), (36, 90), (36, 90), (43, 86), (40, 86), (40, 80)),
)
OWN_RANGES = {40: (55, 100), 42: (36, 76), 43: (26, 60), 58: (26, 60), 72: (74, 103), 47: (38, 60)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A note to render."""

    preset: str
    kind: Kind
    part: Part
    bank: int
    program: int
    pitch: int
    velocity: int


def build(folder: Path) -> None:
    """Write the notes, their index and their provenance. Raises `InstrumentsMissingError`."""
    font, player = soundfont(folder), renderer()
    found = presets(font)
    asked = list(_asked(found))
    notes: list[InstrumentNote] = []
    written = 0
    partial = folder / "notes.raw.partial"
    with partial.open("wb") as file:
        for names in _batches(asked):
            for note, samples in zip(names, rendered(names, font, player, folder), strict=True):
                entry = _entry(note, samples, written)
                if entry is not None:
                    notes.append(entry)
                    scaled = samples[: entry.length] * (32767 / entry.peak)
                    file.write(np.round(scaled).astype("<i2").tobytes())
                    written += entry.length
    whole = np.lib.format.open_memmap(folder / NOTES_FILE, "w+", np.dtype("<i2"), (written,))
    whole[:] = np.memmap(partial, "<i2", "r")
    whole.flush()
    partial.unlink()
    source = provenance(SOURCE, folder)
    write_index(folder, notes, {"rate": RATE, "held": HELD, "source": source})
    _write_provenance(folder, notes, source, [p.name for p in found if _left_out(p, found)])


def range_of(program: int) -> tuple[int, int]:
    """The lowest and highest MIDI pitch at which a program is rendered."""
    return OWN_RANGES.get(program, RANGES[program // 8])


def part_of(name: str) -> Part:
    """Where a preset belongs."""
    if is_reserved(name):
        return "reserved"
    digest = hashlib.sha256(unicodedata.normalize("NFC", name).encode()).digest()
    return "validation" if digest[1] < VALIDATION_BELOW else "training"


def _left_out(preset: Preset, found: Sequence[Preset]) -> bool:
    """Whether it shares a recording with a reserved preset without being reserved itself."""
    reserved = [p.samples for p in found if p.bank in BANKS and is_reserved(p.name)]
    held = frozenset[str]().union(*reserved)
    return preset.bank in BANKS and not is_reserved(preset.name) and bool(preset.samples & held)


def _asked(found: Sequence[Preset]) -> Iterator[Asked]:
    for preset in found:
        if preset.bank in BANKS and not _left_out(preset, found):
            low, high = range_of(preset.program)
            for pitch in range(low + preset.program % STEP, high + 1, STEP):
                for velocity in VELOCITIES:
                    part = part_of(preset.name)
                    at = (preset.bank, preset.program, pitch, velocity)
                    yield Asked(preset.name, "melodic", part, *at)
    for key in DRUM_KEYS:
        name = f"Standard drum {key}"
        for velocity in VELOCITIES:
            yield Asked(name, "drum", part_of(name), DRUM_BANK, 0, key, velocity)


def _batches(asked: Sequence[Asked]) -> Iterator[list[Asked]]:
    """About eight presets at a time."""
    names = list(dict.fromkeys(note.preset for note in asked))
    for start in range(0, len(names), 8):
        chosen = set(names[start : start + 8])
        yield [note for note in asked if note.preset in chosen]


def rendered(asked: Sequence[Asked], font: Path, player: str, folder: Path) -> Iterator[np.ndarray]:
    """The notes of a batch, (N,) float32 each, dry: without reverberation and chorus."""
    score, sound = folder / "batch.mid", folder / "batch.wav"
    _score(asked).save(score)
    options = ["-n", "-i", "-q", "-R", "0", "-C", "0", "-g", GAIN, "-r", str(RATE), "-O", "float"]
    setting = ["-o", "synth.dynamic-sample-loading=1", "-o", "synth.midi-bank-select=gs"]
    command = [player, *options, *setting, "-F", str(sound), str(font), str(score)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stereo, rate = soundfile.read(sound, dtype="float32", always_2d=True)
    assert rate == RATE
    mono = stereo.mean(1)
    for place in range(len(asked)):
        start = round(place * SLOT * RATE)
        yield mono[start : start + round((HELD + TAIL) * RATE)]
    score.unlink()
    sound.unlink()


def _score(asked: Sequence[Asked]) -> mido.MidiFile:
    """One note a slot; before each its preset is chosen and what still sounds is silenced."""
    held, slot = round(HELD * TICKS_A_SECOND), round(SLOT * TICKS_A_SECOND)
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=500_000))
    for place, note in enumerate(asked):
        channel = 9 if note.kind == "drum" else 0
        wait = slot - held if place else 0
        track.append(mido.Message("control_change", control=SILENCE, channel=channel, time=wait))
        if note.kind == "melodic":
            track.append(mido.Message("control_change", control=0, value=note.bank))
            track.append(mido.Message("program_change", program=note.program))
        key, loud = note.pitch, note.velocity
        track.append(mido.Message("note_on", note=key, velocity=loud, channel=channel))
        track.append(mido.Message("note_off", note=key, time=held, channel=channel))
    track.append(mido.MetaMessage("end_of_track", time=slot))
    return mido.MidiFile(type=0, ticks_per_beat=TICKS_A_SECOND // 2, tracks=[track])


def _entry(note: Asked, samples: np.ndarray, start: int) -> InstrumentNote | None:
    """What the index says of a note; None for one that is not heard."""
    peak = float(np.abs(samples).max(initial=0))
    if peak < SILENT:
        return None
    length = int(np.flatnonzero(np.abs(samples) > QUIET)[-1]) + 1
    about = (note.preset, note.kind, note.program, note.part, note.pitch)
    return InstrumentNote(*about, note.velocity / 127, start, length, peak)


def _write_provenance(
    folder: Path, notes: Sequence[InstrumentNote], source: object, left_out: list[str]
) -> None:
    parts = {
        part: dict(Counter(note.preset for note in notes if note.part == part))
        for part in ("training", "validation", "reserved")
    }
    document = {"sources": {SOURCE.name: source}, "left_out": left_out, "notes": parts}
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / PROVENANCE_FILE).write_text(text + "\n", encoding="utf-8")


def table(folder: Path) -> str:
    """The source, with the notes of each part where the corpus is built."""
    built = folder / PROVENANCE_FILE
    found = json.loads(built.read_text(encoding="utf-8")) if built.exists() else {}
    notes = found.get("notes", {})
    rows = [("instruments", "version", "presets", "notes", "licence")]
    version = found.get("sources", {}).get(SOURCE.name, {}).get("version", "-")
    for part in ("training", "validation", "reserved"):
        counts = notes.get(part, {})
        said = (str(len(counts) or "-"), str(sum(counts.values()) or "-"))
        rows.append((f"{SOURCE.package} ({part})", version, *said, SOURCE.licence))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines) + "\n"

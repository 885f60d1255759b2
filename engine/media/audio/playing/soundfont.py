"""Notes played by a SoundFont that the artist owns, through FluidSynth where it is installed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.core.errors import BadInput

RATE = 44_100
TAIL_S = 2.0
GAIN = 0.6
KITS = 128  # the bank of drum kits
_HEAD = b"RIFF"


@dataclass(slots=True)
class SoundFont:
    """An open SoundFont; `number` is what FluidSynth calls it."""

    synth: Any  # pyfluidsynth says nothing of its types
    number: int

    @classmethod
    def load(cls, path: Path) -> "SoundFont":
        """Raises BadInput: "missing_file", "bad_soundfont", "no_fluidsynth"."""
        if not path.is_file():
            raise BadInput("missing_file", path=str(path))
        with path.open("rb") as file:
            head = file.read(12)
        if head[:4] != _HEAD or head[8:] != b"sfbk":
            raise BadInput("bad_soundfont", name=path.name)
        try:
            import fluidsynth
        except (ImportError, OSError) as error:
            raise BadInput("no_fluidsynth") from error
        synth = fluidsynth.Synth(gain=GAIN, samplerate=RATE)
        synth.setting("synth.reverb.active", 0)
        synth.setting("synth.chorus.active", 0)
        number = synth.sfload(str(path))
        if number < 0:
            raise BadInput("bad_soundfont", name=path.name)
        return cls(synth, number)

    def sounded(self, rows: np.ndarray, program: int) -> np.ndarray:
        """(K, 4) onset and duration in s, MIDI pitch, velocity 0 … 1 → (N,) float32 mono."""
        self.synth.system_reset()
        self.synth.program_select(0, self.number, 0, program)
        return self._played(rows)

    def drummed(self, rows: np.ndarray, kit: int = 0, bend: float = 0.0) -> np.ndarray | None:
        """The same of hits, whose pitches are General MIDI's keys of a kit; None where the
        SoundFont has no such kit. bend: semitones by which all of it is higher, -2 to 2."""
        self.synth.system_reset()
        if bend:
            self.synth.pitch_bend(0, round(4095 * bend))
        if self.synth.program_select(0, self.number, KITS, kit) < 0:
            return None
        return self._played(rows)

    def _played(self, rows: np.ndarray) -> np.ndarray:
        parts: list[np.ndarray] = []
        at = 0
        for tick, starts, pitch, velocity in _events(rows):
            if tick > at:
                parts.append(self._samples(tick - at))
                at = tick
            if starts:
                self.synth.noteon(0, pitch, velocity)
            else:
                self.synth.noteoff(0, pitch)
        parts.append(self._samples(int(TAIL_S * RATE)))
        return np.concatenate(parts)

    def _samples(self, count: int) -> np.ndarray:
        both = np.asarray(self.synth.get_samples(count), np.float32).reshape(-1, 2)
        return both.mean(1) / 2**15


def _events(rows: np.ndarray) -> list[tuple[int, bool, int, int]]:
    """(sample, whether it begins, pitch, velocity 1 … 127), ends before beginnings."""
    found = []
    for onset, duration, pitch, velocity in rows.tolist():
        key, loud = round(pitch), max(1, min(127, round(127 * velocity)))
        found.append((round(onset * RATE), True, key, loud))
        found.append((round((onset + duration) * RATE), False, key, 0))
    return sorted(found)

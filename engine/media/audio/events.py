"""What scores are made of: notes, each as its pitch, the step that reached it, and its length.

Legend: n notes of a work, k numbers of a note.
"""

from dataclasses import dataclass

import numpy as np

from engine.core.preference_tensors import MOST_STEP
from engine.interfaces import Content
from engine.media.audio.codec.score import Score
from engine.media.audio.loading import LoadedMusic
from engine.media.audio.theory.grid import DURATIONS, STEP_TICKS, quantise
from engine.media.audio.theory.keys import estimated_key

CLASS_VARIANCE, RANGE_VARIANCE = 3.0, 6.0  # of a liking of one of some; of how high, how long
_STEPS = np.array([-7.5, -4.5, -2.5, -0.5, 0.5, 2.5, 4.5, 7.5])  # between the sizes of steps
_MIDDLE, _HALF_OCTAVE = 67, 6.0


@dataclass(frozen=True, slots=True)
class NoteEvents:
    @property
    def variances(self) -> np.ndarray:
        tables = note_tables()
        return np.concatenate(
            [np.where(np.ptp(table, 0) > 1, RANGE_VARIANCE, CLASS_VARIANCE) for table in tables]
        )

    def events(self, content: Content) -> np.ndarray:
        """(n, 3): the notes of a score in the common key, as pitch, step from the note before in
        the same part, and duration on the grid."""
        assert isinstance(content, LoadedMusic)
        return _notes(content.score)

    def numbers(self, events: np.ndarray) -> np.ndarray:
        return note_numbers(events)


def _notes(score: Score) -> np.ndarray:
    score = quantise(score)
    score = score.transposed(-estimated_key(score).shift)
    found = []
    for part in np.unique(score.notes["part"]):
        notes = score.notes[score.notes["part"] == part]
        pitches = notes["pitch"].astype(int)
        ratios = np.log2(np.maximum(notes["duration"] / STEP_TICKS, 0.5))[:, None]
        lengths = np.abs(ratios - np.log2(DURATIONS)[None]).argmin(1)
        found.append(np.stack([pitches, np.diff(pitches, prepend=pitches[0]), lengths], 1))
    return np.concatenate(found).astype(np.int16) if found else np.zeros((0, 3), np.int16)


def note_numbers(notes: np.ndarray) -> np.ndarray:
    """(n, 3) pitch, step and duration → (n, k)."""
    parts = zip((pitch_numbers, step_numbers, duration_numbers), notes.T, strict=True)
    return np.concatenate([numbers(column) for numbers, column in parts], 1)


def note_tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The numbers of each pitch (128, …), of each step (2 MOST_STEP + 1, …), of each duration."""
    steps = np.arange(-MOST_STEP, MOST_STEP + 1)
    durations = duration_numbers(np.arange(len(DURATIONS)))
    return pitch_numbers(np.arange(128)), step_numbers(steps), durations


def pitch_numbers(pitches: np.ndarray) -> np.ndarray:
    """(n, 13): which of twelve, and how high."""
    height = (pitches - _MIDDLE) / _HALF_OCTAVE
    return np.concatenate([np.eye(12)[pitches % 12], height[:, None]], 1)


def step_numbers(steps: np.ndarray) -> np.ndarray:
    """(n, 9): repeated, or a step, third, leap or wide leap up or down."""
    return np.eye(len(_STEPS) + 1)[np.searchsorted(_STEPS, steps)]


def duration_numbers(durations: np.ndarray) -> np.ndarray:
    """(n, D + 1): which of the grid's, and how long."""
    octaves = np.log2(DURATIONS)[durations]
    return np.concatenate([np.eye(len(DURATIONS))[durations], octaves[:, None]], 1)

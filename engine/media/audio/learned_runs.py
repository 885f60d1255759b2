"""Which runs of notes stand in the scores that the generator learned from, without the scores.

A unit is the step from one note of a part to the next: by how many semitones, and how long the next
one is; so a tune is known in every key. A run of seventeen notes is found for certain
(`engine.sequence.runs`); of shorter ones too many are scales and trills that everyone plays.
"""

from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load

from engine.core.assets import asset
from engine.core.weights_file import load_carded
from engine.meta.errors import WrongCheckpointError
from engine.sequence.runs import LearnedRuns

FORMAT_VERSION = 1
LEARNED_FILE = asset("weights/score/learned.safetensors")
GRAM, WINDOW = 13, 4  # units: a run of 16, seventeen notes
NAME = "scores"

Line = list[tuple[int, int]]  # (pitch, duration in steps) of one part, in order


def units_of(line: Line) -> list[str]:
    """The N - 1 steps of N notes."""
    return [f"{after[0] - before[0]} {after[1]}" for before, after in pairwise(line)]


def longest_learned(line: Line, runs: LearnedRuns | None) -> int:
    """How many notes of a line in a row seem to have been learned; 0 where none are."""
    if runs is None:
        return 0
    length, _ = runs.longest(units_of(line))
    return length + 1 if length else 0


@lru_cache(maxsize=1)
def learned_runs(path: Path = LEARNED_FILE) -> LearnedRuns:
    """The filter that is shipped, read when it is first needed. Raises `WrongCheckpointError`."""
    try:
        card, data = load_carded(path)
        if (card["format"], card["gram"], card["window"]) != (FORMAT_VERSION, GRAM, WINDOW):
            raise ValueError("another version")
        return LearnedRuns(GRAM, WINDOW, card["probes"], load(data)[NAME].tobytes())
    except OSError as error:
        raise WrongCheckpointError(path, "it or its card is missing") from error
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise WrongCheckpointError(path, "it is damaged or of another version") from error

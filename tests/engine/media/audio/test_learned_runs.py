"""Runs of notes that the generator learned: found in every key, and few others are."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.assets import asset
from engine.lab.training.corpus.learned import filter_of_rows
from engine.lab.training.corpus.notes_learned import rows_of
from engine.media.audio.codec.scores import decode_all
from engine.media.audio.copying import ReferenceRuns, lines_of
from engine.media.audio.learned_runs import (
    GRAM,
    LEARNED_FILE,
    WINDOW,
    Line,
    learned_runs,
    longest_learned,
    units_of,
)
from engine.meta.errors import WrongCheckpointError

RUN = GRAM + WINDOW  # notes
TUNE = "X:1\nM:4/4\nL:1/8\nK:G\nGABc d2BG|ceAc BdGB|ABcA FGAF|G2B2 G4|gfed cBAG|FGAB cAFD|G4 G4|]\n"


def by_chance(seed: int, count: int) -> Line:
    rng = np.random.default_rng(seed)
    pitches, lengths = rng.integers(55, 80, count), rng.choice([6, 12, 24, 36], count)
    return list(zip(pitches.tolist(), lengths.tolist(), strict=True))


def test_a_learned_tune_is_known_in_every_key_and_length() -> None:
    scores = decode_all(TUNE.encode(), "tune.abc").scores
    runs, grams = filter_of_rows(rows_of(scores), GRAM, WINDOW, 24)
    assert grams > 4
    line = lines_of(scores[0])[0]
    assert longest_learned(line, runs) == len(line)
    moved = [(pitch + 5, duration) for pitch, duration in line]
    assert longest_learned(moved, runs) == len(line)
    inside = [*by_chance(0, 9), *line[8 : 8 + RUN], *by_chance(1, 9)]
    assert longest_learned(inside, runs) >= RUN
    slower = [(pitch, 2 * duration) for pitch, duration in line]
    assert longest_learned(slower, runs) == 0
    assert longest_learned(line[:GRAM], runs) == 0 and longest_learned(line, None) == 0


def test_units_are_steps() -> None:
    assert units_of([(60, 12), (62, 24), (55, 6)]) == ["2 24", "-7 6"]
    assert len(units_of(by_chance(0, 20))) == 19 and units_of([(60, 12)]) == units_of([]) == []


@pytest.mark.weights
def test_the_shipped_filter_knows_its_tunes_and_little_else() -> None:
    folder = asset("samples/music")
    assert LEARNED_FILE.stat().st_size < 1.5e6
    runs = learned_runs()
    alarms = [longest_learned(by_chance(seed, 60), runs) for seed in range(200)]
    assert np.mean([length > 0 for length in alarms]) < 0.05
    tune = next(folder.glob("*.mid"))
    assert (
        longest_learned(lines_of(decode_all(tune.read_bytes(), tune.name).scores[0])[0], runs) < 40
    )


def test_a_copy_of_what_was_learned_is_reported() -> None:
    score = decode_all(TUNE.encode(), "tune.abc").scores[0]
    runs, _ = filter_of_rows(rows_of([score]), GRAM, WINDOW)
    found = ReferenceRuns.of([], [], runs).report(score)
    assert (found.run, found.learned_run) == (0, len(score.notes))
    assert ReferenceRuns.of([], []).report(score).learned_run == 0


@pytest.mark.weights
def test_a_damaged_filter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "learned.safetensors"
    with pytest.raises(WrongCheckpointError):
        learned_runs(path)
    path.write_bytes(LEARNED_FILE.read_bytes()[:-1])
    card = LEARNED_FILE.with_suffix(".json").read_bytes()
    path.with_suffix(".json").write_bytes(card)
    with pytest.raises(WrongCheckpointError):
        learned_runs(path)

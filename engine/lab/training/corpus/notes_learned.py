"""The scores that the generator learned from as a filter of runs: see `learned_runs`.

python -m engine.lab.training.corpus.notes_learned
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from engine.lab.training.corpus.learned import false_alarms, filter_of_rows, write_carded
from engine.lab.training.corpus.notes_works import WORKS_FILE, NotesWorks
from engine.lab.training.score_data import CORPUS, load_corpus
from engine.media.audio.codec.score import Score
from engine.media.audio.copying import lines_of
from engine.media.audio.learned_runs import (
    FORMAT_VERSION,
    GRAM,
    LEARNED_FILE,
    NAME,
    WINDOW,
    units_of,
)
from engine.media.audio.theory.grid import quantise

BITS_A_GRAM = 24  # few grams, so that hardly any is known by mistake


def write_learned(works: NotesWorks, path: Path = LEARNED_FILE) -> None:
    """The filter of the corpus's training works, and its card beside it."""
    kept = [work for group in works.by_style("training").values() for work in group]
    rows = rows_of([works.score(work) for work in kept])
    runs, grams = filter_of_rows(rows, GRAM, WINDOW, BITS_A_GRAM)
    card = {
        "format": FORMAT_VERSION,
        "model": "scores, the runs of the works that the generator learned from (Bloom filter)",
        "gram": runs.gram,
        "window": runs.window,
        "probes": runs.probes,
        "works": len(kept),
        "grams": grams,
        "false_alarms_a_gram": round(false_alarms(runs), 4),
    }
    write_carded(path, {NAME: np.frombuffer(runs.bits, np.uint8)}, card)


def rows_of(scores: Sequence[Score]) -> Iterator[list[str]]:
    """The units of every part."""
    for score in scores:
        yield from (units_of(line) for line in lines_of(quantise(score)))


if __name__ == "__main__":
    write_learned(load_corpus(CORPUS / WORKS_FILE))

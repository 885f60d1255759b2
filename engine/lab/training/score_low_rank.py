"""The low-rank steps of the score model, meta-learned over styles (`sequence_low_rank`).

python -m engine train score-steps --hours 0.3 [--resume]
"""

from functools import partial
from pathlib import Path

import numpy as np

from engine.lab.training.corpus.notes_works import WORKS_FILE, NotesWorks
from engine.lab.training.distributed import Ranks
from engine.lab.training.loop import OuterLoop, train_and_ship
from engine.lab.training.score_data import (
    CORPUS,
    ScoreLibrary,
    load_corpus,
    part_of_work,
    tokenised,
)
from engine.lab.training.sequence_low_rank import prepare, ship
from engine.media.audio.generators.score.weights import LOW_RANK_FILE, OPENING, WEIGHTS_FILE
from engine.sequence.low_rank import steps_for
from engine.sequence.weights import load_model

RUNS = Path("runs/score-steps")
MOST_REFERENCES, QUERIES = 5, 2
MOST_TOKENS = 1600  # of references and queries together: what a step can afford


def run(
    hours: float, resume: bool, folder: Path = RUNS, seed: int = 0, *, corpus: Path = CORPUS
) -> None:
    """Train for `hours`, then ship the start and its rates.

    Raises `FileNotFoundError` without a corpus, `WrongCheckpointError`, `RankLostError`.
    """

    def begin(ranks: Ranks) -> OuterLoop:
        works = load_corpus(corpus / WORKS_FILE)
        training, watching = (partial(style, library(works, p)) for p in ("training", "validation"))
        model = load_model(WEIGHTS_FILE)
        return prepare(model, training, watching, folder, resume=resume, seed=seed, ranks=ranks)

    train_and_ship(hours, begin, partial(ship, path=LOW_RANK_FILE))


def library(works: NotesWorks, part: str) -> ScoreLibrary:
    """Of the styles of one part of the corpus."""
    groups = {n: g for n, g in works.by_style(part).items() if len(g) > 1}  # pyright: ignore[reportArgumentType]
    return ScoreLibrary.of(tokenised(works, groups))


def style(scores: ScoreLibrary, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """The tokens of some works of one style, and of these with others behind."""
    while True:
        mine = scores.styles[rng.choice(len(scores.styles), p=scores.chances)]
        count = min(int(rng.integers(1, MOST_REFERENCES + 1)), len(mine) - 1)
        picked = rng.permutation(len(mine))[: count + QUERIES]
        rows = [part_of_work(mine[i], rng).tolist() for i in picked]
        context = [OPENING, *(t for row in rows[:count] for t in row)]
        whole = context + [t for row in rows[count:] for t in row]
        if len(whole) <= MOST_TOKENS and steps_for(len(context)) > 0:
            return context, whole

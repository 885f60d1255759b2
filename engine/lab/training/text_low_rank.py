"""The low-rank steps of the text model, meta-learned over authors (`sequence_low_rank`).

python -m engine train text-steps --hours 0.5 [--resume]
"""

from functools import partial
from pathlib import Path

import numpy as np

from engine.lab.training.corpus.works import WORKS_FILE, by_author
from engine.lab.training.distributed import Ranks
from engine.lab.training.loop import OuterLoop, train_and_ship
from engine.lab.training.sequence_low_rank import prepare, ship
from engine.lab.training.text_data import Library, learn_tokens, load_corpus
from engine.media.text.generators.maquette_lm.weights import LOW_RANK_FILE, WEIGHTS_FILE
from engine.media.text.tokens import START, TOKENIZER_FILE
from engine.sequence.low_rank import steps_for
from engine.sequence.weights import load_model

CORPUS, RUNS = Path("corpus/text"), Path("runs/text-steps")
MOST_REFERENCES, QUERIES = 8, 2


def author(library: Library, room: int, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """The tokens of some works, and of these with others behind, in `room` tokens."""
    while True:
        language = "zh" if rng.random() < 0.8 or "en" not in library.authors else "en"
        groups = library.authors[language]
        mine = groups[int(rng.choice(len(groups), p=library.chances[language]))]
        count = int(rng.integers(1, MOST_REFERENCES + 1))
        if len(mine) < count + 1:
            continue
        picked = rng.permutation(mine)[: count + QUERIES]
        rows = [library.work(int(i)).tolist() for i in picked]
        context = [START, *(t for row in rows[:count] for t in row)]
        whole = context + [t for row in rows[count:] for t in row]
        if len(whole) <= room and steps_for(len(context)) > 0:
            return context, whole


def run(
    hours: float, resume: bool, folder: Path = RUNS, seed: int = 0, *, corpus: Path = CORPUS
) -> None:
    """Train for `hours`, then ship the start and its rates.

    Raises `FileNotFoundError` without a corpus, `WrongCheckpointError`, `RankLostError`.
    """

    def begin(ranks: Ranks) -> OuterLoop:
        works = load_corpus(corpus / WORKS_FILE)
        tokens = learn_tokens(works, TOKENIZER_FILE)
        model = load_model(WEIGHTS_FILE)
        training, watching = (
            partial(author, Library.of(by_author(works, part), tokens), model.config.context)
            for part in ("training", "validation")
        )
        return prepare(model, training, watching, folder, resume=resume, seed=seed, ranks=ranks)

    train_and_ship(hours, begin, partial(ship, path=LOW_RANK_FILE))

"""Joint pre-training of the score model on sequences that are several works of one style.

    python -m engine train score --hours 1 [--resume]

What this writes to the folder: checkpoint, log.csv, best.safetensors (the averaged weights that
were best on the validation styles); at the end the best are measured on the reserved styles and
shipped with a model card.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from engine.lab.training.corpus.notes_sources import LICENCES, SOURCE
from engine.lab.training.corpus.notes_works import WORKS_FILE, NotesWorks
from engine.lab.training.distributed import Ranks, best_device
from engine.lab.training.loop import OuterLoop, train_and_ship
from engine.lab.training.score_data import CORPUS, ScoreLibrary, load_corpus, tokenised
from engine.lab.training.score_eval import probes
from engine.lab.training.sequence import BEST_NAME, CONFIG, history, sequence_loop
from engine.lab.training.sequence_eval import CONTEXTS, Probe, author_table, figures
from engine.lab.training.sequence_gate import learn_gate, save_gate
from engine.lab.training.sequence_start import start_from_counts
from engine.lab.training.weights import save_weights
from engine.media.audio.generators.score.weights import GATE_FILE, WEIGHTS_FILE
from engine.media.audio.score_tokens import VOCABULARY
from engine.meta.episodes import TaskBatch
from engine.sequence.model import Transformer, TransformerConfig

RUNS = Path("runs/score")
TOKENS_A_STEP = 4096
SHAPE = TransformerConfig(
    vocabulary=VOCABULARY, layers=6, width=192, heads=4, hidden=512, context=2048
)


def run(
    hours: float, resume: bool, folder: Path = RUNS, seed: int = 0, *, corpus: Path = CORPUS
) -> None:
    """Train for `hours`, then ship the best weights. resume: from the folder's checkpoint;
    where there is none, from the shipped weights.

    Raises `FileNotFoundError` without a corpus, `WrongCheckpointError`, `RankLostError`.
    """
    works = load_corpus(corpus / WORKS_FILE)

    def begin(ranks: Ranks) -> OuterLoop:
        return prepare(works, folder, resume=resume, seed=seed, ranks=ranks, compiled=True)

    def end(loop: OuterLoop) -> None:
        seen = loop.step * loop.ranks.ranks * TOKENS_A_STEP
        ship(folder, works, WEIGHTS_FILE, tokens_seen=seen)

    train_and_ship(hours, begin, end)


def prepare(
    works: NotesWorks,
    folder: Path,
    *,
    resume: bool,
    seed: int = 0,
    ranks: Ranks | None = None,
    shape: TransformerConfig = SHAPE,
    compiled: bool = False,
) -> OuterLoop:
    """The outer loop, at its start, at its checkpoint or at the shipped weights."""
    rows, device = tokenised(works, works.by_style("training")), best_device()
    library = ScoreLibrary.of(rows)

    def start(model: Transformer) -> None:
        start_from_counts(model, np.concatenate([row for group in rows.values() for row in group]))

    def sample(step: int, rank: int, ranks: int) -> TaskBatch:
        length = shape.context // (1 if step % 3 == 2 else 2)
        count = max(1, TOKENS_A_STEP // length)
        batch = torch.from_numpy(library.batch(seed, step, rank, count, length)).to(device)
        return TaskBatch(batch, batch, batch, batch)

    return sequence_loop(
        shape,
        start,
        WEIGHTS_FILE,
        sample,
        lambda: watched(works, shape.context),
        folder,
        resume=resume,
        config=replace(CONFIG, evaluate_every=50, checkpoint_every=50),
        seed=seed,
        ranks=ranks,
        compiled=compiled,
    )


def watched(works: NotesWorks, context: int) -> list[Probe]:
    """Works of validation styles after three others of theirs."""
    groups = works.by_style("validation")
    return probes(works, groups, styles=16, queries=4, context=context, numbers=(3,))


def ship(
    folder: Path, works: NotesWorks, path: Path = WEIGHTS_FILE, *, tokens_seen: int
) -> Mapping[str, object]:
    """Measure the best weights on reserved styles and write them with their card; returns it."""
    model = Transformer(SHAPE)
    tensors = load_file(folder / BEST_NAME)
    model.load_state_dict(tensors)
    card = history(folder, model) | {
        "model": "scores, joint pre-training with references in context",
        "trained_on": {
            "package": f"{SOURCE.package} {SOURCE.version}",
            "folders": LICENCES,
            "works": sum(len(group) for group in works.by_style("training").values()),
        },
        "split": "styles whose name's, or composer's, sha256 begins below 26 were never trained on",
        "tokens": tokens_seen,
        "reserved_styles": measure(model, works),
    }
    save_weights(path, {k: t.half() for k, t in tensors.items()}, card)
    save_gate(
        learn_gate(model, watched(works, model.config.context)), path.with_name(GATE_FILE.name)
    )
    return card


def measure(model: Transformer, works: NotesWorks) -> dict[str, object]:
    """Nats a note of reserved styles with 0, 1 and 5 works in context."""
    groups, context = works.by_style("reserved"), model.config.context
    found = probes(works, groups, styles=100, queries=4, context=context)
    return figures(author_table(model, found), CONTEXTS, unit="note")

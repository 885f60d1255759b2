"""Joint pre-training of the text model on sequences that are several works of one author.

    python -m engine train text --hours 2 [--resume]

Reading the first works of an author as evidence for the next is learned by doing it (in-context
meta-learning: Hochreiter et al. 2001, Brown et al. 2020). What this writes to the folder:
checkpoint, log.csv, best.safetensors (the averaged weights that were best on the validation
authors); at the end the best are measured on the reserved authors and shipped with a model card.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file

from engine.lab.training.corpus.build import PROVENANCE_FILE, SCRIPT_FILE
from engine.lab.training.corpus.sources import SOURCES
from engine.lab.training.corpus.works import WORKS_FILE, Work, by_author
from engine.lab.training.distributed import Ranks, best_device
from engine.lab.training.loop import OuterLoop, train_and_ship
from engine.lab.training.sequence import BEST_NAME, history, sequence_loop
from engine.lab.training.sequence_eval import Probe, author_table, figures
from engine.lab.training.sequence_gate import learn_gate, save_gate
from engine.lab.training.sequence_start import start_from_counts
from engine.lab.training.text_data import Library, learn_tokens, load_corpus
from engine.lab.training.text_eval import CONTEXTS_OF, probes
from engine.lab.training.weights import save_weights
from engine.media.text.generators.maquette_lm.weights import GATE_FILE, WEIGHTS_FILE
from engine.media.text.tokens import TOKENIZER_FILE, Tokens
from engine.meta.episodes import TaskBatch
from engine.sequence.model import Transformer, TransformerConfig

CORPUS = Path("corpus/text")
RUNS = Path("runs/text")
SEQUENCES = 4  # a step and rank, of half the context; every third step half as many of all of it


def run(
    hours: float,
    resume: bool,
    folder: Path = RUNS,
    seed: int = 0,
    *,
    corpus: Path = CORPUS,
    ship_to: Path = WEIGHTS_FILE,
) -> None:
    """Train for `hours`, then ship the best weights.

    resume: go on from the folder's checkpoint; where there is none, from the shipped weights.
    Raises `FileNotFoundError` without a corpus, `WrongCheckpointError`, `RankLostError`.
    """
    works = load_corpus(corpus / WORKS_FILE)
    tokens = learn_tokens(works, TOKENIZER_FILE)

    def begin(ranks: Ranks) -> OuterLoop:
        library = Library.of(by_author(works, "training"), tokens)
        return prepare(
            library, works, tokens, folder, resume=resume, seed=seed, ranks=ranks, compiled=True
        )

    def end(loop: OuterLoop) -> None:
        seen = loop.step * loop.ranks.ranks * SEQUENCES * TransformerConfig().context // 2
        ship(folder, works, tokens, ship_to, corpus=corpus, tokens_seen=seen)

    train_and_ship(hours, begin, end)


def prepare(
    library: Library,
    works: Sequence[Work],
    tokens: Tokens,
    folder: Path,
    *,
    resume: bool,
    seed: int = 0,
    ranks: Ranks | None = None,
    config: TransformerConfig | None = None,
    compiled: bool = False,
) -> OuterLoop:
    """The outer loop, at its start, at its checkpoint or at the shipped weights."""
    shape, device = config or TransformerConfig(vocabulary=tokens.size), best_device()
    context = shape.context

    def sample(step: int, rank: int, ranks: int) -> TaskBatch:
        count, length = (SEQUENCES // 2, context) if step % 3 == 2 else (SEQUENCES, context // 2)
        rows = torch.from_numpy(library.batch(seed, step, rank, count, length)).to(device)
        return TaskBatch(rows, rows, rows, rows)

    return sequence_loop(
        shape,
        lambda model: start_from_counts(model, library.tokens),
        WEIGHTS_FILE,
        sample,
        lambda: _watched(works, tokens, context),
        folder,
        resume=resume,
        seed=seed,
        ranks=ranks,
        compiled=compiled,
    )


def ship(
    folder: Path,
    works: Sequence[Work],
    tokens: Tokens,
    path: Path = WEIGHTS_FILE,
    *,
    corpus: Path = CORPUS,
    authors: int = 100,
    config: TransformerConfig | None = None,
    tokens_seen: int = 0,
) -> Mapping[str, object]:
    """Measure the best weights on reserved authors and write them with their card; returns it.

    tokens_seen: by all ranks; 0 counts the steps of one.
    """
    model = Transformer(config or TransformerConfig(vocabulary=tokens.size))
    tensors = load_file(folder / BEST_NAME)
    model.load_state_dict(tensors)
    measured = measure(model, works, tokens, authors)
    past = history(folder, model)
    steps = int(str(past["steps"]))
    card = past | {
        "model": "text, joint pre-training with references in context",
        "trained_on": _sources(corpus),
        "split": "authors whose name's sha256 begins below 26 were never trained on",
        "tokens": tokens_seen or steps * SEQUENCES * model.config.context // 2,
        "reserved_authors": measured,
    }
    save_weights(path, {k: t.half() for k, t in tensors.items()}, card)
    save_gate(
        learn_gate(model, _watched(works, tokens, model.config.context)),
        path.with_name(GATE_FILE.name),
    )
    if (corpus / SCRIPT_FILE).exists():
        shutil.copyfile(corpus / SCRIPT_FILE, path.with_name(SCRIPT_FILE))
    return card


def _watched(works: Sequence[Work], tokens: Tokens, context: int) -> list[Probe]:
    """Works of validation authors after five others of theirs."""
    groups = by_author(works, "validation")
    return probes(groups, tokens, authors=16, queries=2, context=context, numbers=(5,))


def _sources(corpus: Path) -> Mapping[str, object]:
    """What the corpus was built of: packages, versions, digests, licences, works kept."""
    path = corpus / PROVENANCE_FILE
    if not path.exists():
        return {s.name: {"package": s.package, "licence": s.licence} for s in SOURCES}
    return json.loads(path.read_text(encoding="utf-8"))["sources"]


def measure(
    model: Transformer, works: Sequence[Work], tokens: Tokens, authors: int = 100
) -> dict[str, object]:
    """Nats per character of reserved authors, by language, with `CONTEXTS_OF` works in context."""
    result: dict[str, object] = {}
    groups, context = by_author(works, "reserved"), model.config.context
    for language, numbers in CONTEXTS_OF.items():
        mine = {n: g for n, g in groups.items() if g[0].language == language}
        found = probes(mine, tokens, authors=authors, queries=2, context=context, numbers=numbers)
        if found:
            result[language] = figures(author_table(model, found), numbers)
    return result

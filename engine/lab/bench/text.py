"""Does the text generator hear a voice? Reserved authors only, whom no training ever saw.

Nats a character of an author's other works after K references, by arm; whose an unseen classifier
takes the generated poems to be; whether forms are kept; what it all costs. Rates and numbers of
steps are chosen on the validation authors.
"""

from collections.abc import Sequence
from functools import partial

import torch

from engine.lab.bench import text_causal, text_soundness
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Report, Row
from engine.lab.bench.text_arms import (
    Arm,
    Tuning,
    as_shipped,
    in_context,
    n_grams,
    plain,
    remembering,
)
from engine.lab.bench.text_authors import Episode, episodes
from engine.lab.bench.text_costs import costs
from engine.lab.bench.text_forms import kept_forms
from engine.lab.bench.text_identity import identified
from engine.lab.training.corpus.sample import SAMPLE_FILE
from engine.lab.training.corpus.works import by_author, read_works
from engine.media.text.generators.maquette_lm.weights import GATE_FILE, LOW_RANK_FILE, WEIGHTS_FILE
from engine.media.text.tokens import Tokens
from engine.sequence.low_rank import AdapterStart
from engine.sequence.model import Transformer
from engine.sequence.weights import load_gate, load_model, load_start

REFERENCES = (1, 3, 5, 10)
MAIN = 5  # references where the number of them is not the point
QUERIES = 4
LOOKS = (1, 2, 5, 10, 20)  # steps of fine-tuning
FULL_RATES, LOW_RANK_RATES, DISCOUNTS = (3e-5, 1e-4, 3e-4), (1e-3, 3e-3), (0.9, 0.97, 0.99)
RANK = 8
SHIPPED = "as shipped: in context, low-rank steps, memory"


def run(quick: bool) -> Report:
    """The report; `quick` takes fewer authors and steps, and the middle one of each arm's rates."""
    report = Report()
    model, tokens = load_model(WEIGHTS_FILE), Tokens.load()
    works = read_works(SAMPLE_FILE)
    chosen = [] if quick else episodes_of(works, tokens, model, "validation", 12, 1)
    asked = episodes_of(works, tokens, model, "reserved", 8 if quick else 100, 0)
    voices(
        report,
        model,
        chosen,
        asked,
        (1, MAIN) if quick else REFERENCES,
        LOOKS[:2] if quick else LOOKS,
        load_start(LOW_RANK_FILE),
    )
    identified(report, works, authors=4 if quick else 20, each=4 if quick else 16)
    kept_forms(report, each=1 if quick else 8)
    costs(report)
    report.extend(text_soundness.run(quick, works).rows)
    report.extend(text_causal.run(quick).rows)
    return report


def episodes_of(
    works: Sequence, tokens: Tokens, model: Transformer, part, authors: int, seed: int
) -> list[Episode]:
    """Chinese authors of a part that have ten references and a query that fit the context."""
    return episodes(
        by_author(works, part),
        tokens,
        authors=authors,
        references=max(REFERENCES),
        queries=QUERIES,
        room=model.config.context - 64,
        seed=seed,
    )


def voices(
    report: Report,
    model: Transformer,
    chosen: Sequence[Episode],
    asked: Sequence[Episode],
    references: Sequence[int],
    looks: tuple[int, ...],
    start: AdapterStart,
) -> None:
    """Nats a character by arm, and each arm's gain over the joint model on the same authors."""
    base = torch.tensor([plain(model, e, 0)[0][1] for e in asked])
    _row(report, "joint, no references", base, None, 0, 0.0)
    for count in references:
        _measure(report, "references in context", in_context, model, asked, base, count)
    gate = load_gate(GATE_FILE)
    shipped = partial(as_shipped, gate=gate, start=start)
    for count in references:
        _measure(report, SHIPPED, shipped, model, asked, base, count)
    memory = partial(remembering, gate=gate)
    _measure(report, "references in context + memory", memory, model, asked, base, MAIN)
    for name, arm in tuned_arms(model, chosen, looks).items():
        _measure(report, name, arm, model, asked, base, MAIN)


def tuned_arms(
    model: Transformer, chosen: Sequence[Episode], looks: tuple[int, ...]
) -> dict[str, Arm]:
    """The arms that leave a rate open, with the rate that is best on the validation authors; with
    the middle one where none were chosen."""
    ladders: dict[str, list[Arm]] = {
        "joint + full fine-tuning": [Tuning(r, looks) for r in FULL_RATES],
        "joint + LoRA": [Tuning(r, looks, rank=RANK) for r in LOW_RANK_RATES],
        "in context + LoRA": [Tuning(r, looks, rank=RANK, in_context=True) for r in LOW_RANK_RATES],
        "in context + dynamic evaluation": [Tuning(r, looks, in_context=True) for r in FULL_RATES],
        "joint + 5-gram Kneser-Ney": [partial(n_grams, discount=d) for d in DISCOUNTS],
    }
    best = {
        name: min(arms, key=partial(_lowest, model, chosen)) if chosen else arms[len(arms) // 2]
        for name, arms in ladders.items()
    }
    return {**best, "scratch": Tuning(1e-3, looks, scratch=True)}


def _lowest(model: Transformer, chosen: Sequence[Episode], arm: Arm) -> float:
    """The lowest point of the arm's mean curve."""
    curves = torch.tensor([[nats for _, nats in arm(model, e, MAIN)] for e in chosen])
    return float(curves.mean(0).min())


def _measure(
    report: Report,
    name: str,
    arm: Arm,
    model: Transformer,
    asked: Sequence[Episode],
    base: torch.Tensor,
    count: int,
) -> None:
    """The rows of every point of the arm."""
    points = torch.tensor([arm(model, e, count) for e in asked])  # (authors, points, 2)
    for seconds, nats in points.permute(1, 2, 0):
        _row(report, name, nats, base, count, float(seconds.mean()))


def _row(
    report: Report,
    name: str,
    nats: torch.Tensor,
    base: torch.Tensor | None,
    count: int,
    seconds: float,
) -> None:
    """Nats (authors,), the gain over `base`, and how many authors lose by the arm."""
    figures = {"nats a character": mean_interval(nats)}
    if base is not None:
        figures["gain over joint"] = mean_interval(base - nats)
        worse = float((base < nats).double().mean())
        figures["authors worse than joint"] = (worse, worse, worse)
    for metric, (value, low, high) in figures.items():
        row = Row(
            bench="text",
            arm=name,
            styles=len(nats),
            references=count,
            seconds=round(seconds, 2),
            metric=metric,
            value=value,
            low=low,
            high=high,
        )
        report.add(row)

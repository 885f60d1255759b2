"""What texts cost: seconds to adapt, seconds to the first words, tokens a second, memory."""

import resource
import time

import torch

from engine.core.progress import finished
from engine.lab.bench.report import Report, Row
from engine.media.text.generators.maquette_lm.adapt import WeightedPiece, adapt
from engine.media.text.generators.maquette_lm.particles import ROWS, particles_of
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.generators.maquette_lm.write import write
from engine.media.text.notation import piece
from engine.protocol import TextBrief
from engine.sequence.adapt import context_of, updates_of
from engine.sequence.decoder_session import DecoderSession
from engine.sequence.low_rank import adapted

POEM = "空山不见人，\n但闻人语响。\n返景入深林，\n复照青苔上。"
STEPS = 60
CPU = torch.device("cpu")


def costs(report: Report) -> None:
    """One row a figure, after one run that pays for loading."""
    base = shipped(CPU)
    model = base.model
    style = finished(adapt([WeightedPiece(piece(POEM, "zh"))] * 5, base))
    brief = TextBrief(count=4, form="七律")
    finished(write(style, ["poem"] * 5, brief, CPU))
    begun = time.perf_counter()
    finished(adapt([WeightedPiece(piece(POEM, "zh"))] * 5, base))
    _row(report, "adapt to 5 poems (s)", time.perf_counter() - begun)
    begun = time.perf_counter()
    next(write(style, ["poem"] * 5, brief, CPU))
    _row(report, "first words (s)", time.perf_counter() - begun)
    session = DecoderSession(
        base, adapted(model, updates_of(style)), context_of(style, base.opening, 700), [0], 1.0
    )
    session.begin(ROWS)
    begun = time.perf_counter()
    for _ in range(STEPS):
        session.next([5] * ROWS)
    _row(report, f"model, tokens a second, batch of {ROWS}", ROWS * STEPS / _since(begun))
    begun = time.perf_counter()
    works = finished(write(style, ["poem"] * 5, brief, CPU))
    drawn = particles_of(brief.form) * sum(len(base.tokens.encode(w.text)) for w in works)
    _row(report, f"writing, tokens a second, batch of {ROWS}", drawn / _since(begun))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _row(report, "peak memory of the bench (MB)", peak)


def _since(begun: float) -> float:
    return time.perf_counter() - begun


def _row(report: Report, metric: str, value: float) -> None:
    report.add(Row(bench="text, costs", arm="shipped model", metric=metric, value=value))

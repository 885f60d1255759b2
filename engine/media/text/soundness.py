"""How sound a text is beside its references: numbers of `coherence`, weighed.

Four logistic models, each fitted on real works against works that were spoilt in one way
(`engine.lab.training.text_soundness`): words out of order, clauses out of order, the same said
again, and nothing that a small model would not have said. The weights are the critic's own file.
Legend: F inputs of a model.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.core.critic_assets import critic_file
from engine.media.text.coherence import Coherence, log_units

FILE = "text_soundness.json"
LEAST_GAIN = 0.05  # of the references' own, where a ratio to it is taken
FEWEST_UNITS = 8  # of a text, below which its words have no order to speak of
UNKNOWN_BELOW = 0.5  # order of the references beside each other, below which nobody can tell


def of_order(work: Coherence, references: Sequence[Coherence]) -> list[float]:
    """Inputs: whether the order of words matters as it does in the references."""
    order = float(np.median([each.order for each in references]))
    neighbours = float(np.median([each.neighbours for each in references]))
    excess = float(np.mean([each.excess for each in references]))
    pairs = float(np.median([each.pairs for each in references]))
    return [
        _clipped(work.order / max(order, LEAST_GAIN), -0.5, 2.0),
        _clipped(work.neighbours / max(neighbours, LEAST_GAIN), -0.5, 2.0),
        _clipped(work.order, -0.2, 1.0),
        _clipped(work.neighbours, -0.2, 1.0),
        _clipped(work.excess - excess, -1.0, 4.0),
        log_units(work),
        _clipped(work.pairs / max(pairs, LEAST_GAIN), 0.0, 1.5),
        work.pairs,
    ]


def of_arrangement(work: Coherence, references: Sequence[Coherence]) -> list[float]:
    """Inputs: whether clauses stand where their marks and capitals say, and whether their order
    matters as it does in the references."""
    usual = float(np.median([each.joints[0] for each in references]))
    return [
        max(0.0, work.misfits - max(each.misfits for each in references)),
        work.joints[1] - 0.5,
        _clipped(work.joints[0], -1.0, 5.0),
        _clipped(work.joints[0] - usual, -3.0, 3.0),
    ]


def of_repetition(work: Coherence, references: Sequence[Coherence]) -> list[float]:
    """Inputs: what is said again, beyond the references' refrains."""
    threes, twos = (max(each.said_again[i] for each in references) for i in (0, 1))
    least = min(each.distinct for each in references)
    return [
        max(0.0, work.said_again[0] - threes),
        max(0.0, work.said_again[1] - twos),
        min(0.0, work.distinct - least),
        log_units(work),
    ]


def of_content(work: Coherence, references: Sequence[Coherence]) -> list[float]:
    """Inputs: whether there is more in it than a small model expects of itself."""
    excess = float(np.mean([each.excess for each in references]))
    return [work.excess, min(0.0, work.excess - excess), log_units(work)]


Inputs = Callable[[Coherence, Sequence[Coherence]], list[float]]
FACTORS: dict[str, Inputs] = {
    "flaw_unlikely": of_order,
    "flaw_disordered": of_arrangement,
    "flaw_repetitive": of_repetition,
    "flaw_empty": of_content,
}  # by the flaw that each is a lack of


@dataclass(frozen=True, slots=True)
class Logistic:
    """weights (F,) and bias."""

    weights: tuple[float, ...]
    bias: float

    def __call__(self, inputs: Sequence[float]) -> float:
        """0 … 1."""
        total = self.bias + sum(w * x for w, x in zip(self.weights, inputs, strict=True))
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))


@cache
def models(language: str) -> Mapping[str, Logistic]:
    """By flaw, as they were fitted for a language."""
    row = json.loads(critic_file(FILE).read_text(encoding="utf-8"))["languages"][language]
    return {name: Logistic(tuple(m["weights"]), m["bias"]) for name, m in row.items()}


def soundness(work: Coherence, references: Sequence[Coherence], language: str) -> dict[str, float]:
    """By flaw, 0 … 1, where 1 is none of it; references: at least one."""
    return {
        name: model(FACTORS[name](work, references)) for name, model in models(language).items()
    }


def can_judge(work: Coherence, references: Sequence[Coherence], language: str) -> bool:
    """Whether the model knows such texts: it finds an order in the references, which are real."""
    model, order = models(language)["flaw_unlikely"], FACTORS["flaw_unlikely"]
    long = [each for each in references if each.units >= FEWEST_UNITS]
    if not long or work.units < FEWEST_UNITS:
        return False
    found = [model(order(each, [r for r in long if r is not each] or long)) for each in long]
    return float(np.mean(found)) >= UNKNOWN_BELOW


def _clipped(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))

"""Which generator suits the references: how well each one's model expects them, measured.

The measure is nats a character of the references, read one after another. A model that knows the
language and the manner needs few; where even the best needs more than KNOWN, none knows them, and
that is said before anything is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import torch

# Nats a character: between what the best model here needs of real works that it knows (classical
# verse 4.2 to 4.9, modern Chinese 3.1, sonnets and modern English 0.8 to 1.0) and what one needs
# that does not know them (5.9 to 6.5; 1.7 to 1.9).
KNOWN = {"zh": 5.4, "en": 1.5}
MODELS = ("maquette_lm", "causal_lm")  # generators whose package has a module `expects`
CLOSE = 1.02  # the first of MODELS stays unless another is better by more than this


@dataclass(frozen=True, slots=True)
class Suited:
    """One generator: nats a character of the references, and whether it knows such texts."""

    generator: str
    nats_a_character: float
    known: bool


def suited(texts: Sequence[str], language: str, device: torch.device) -> list[Suited]:
    """The generators that could read the texts, the best first; language: zh or en."""
    found = []
    for name in MODELS:
        module = import_module(f"engine.media.text.generators.{name}.expects")
        nats = module.nats_a_character(texts, device)
        if nats is not None:
            found.append(Suited(name, nats, nats <= KNOWN[language]))
    return sorted(found, key=lambda each: each.nats_a_character * _favour(each.generator))


def _favour(generator: str) -> float:
    return 1.0 if generator == MODELS[0] else CLOSE

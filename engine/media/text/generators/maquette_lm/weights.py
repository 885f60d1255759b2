"""The shipped text model: where its files are, loaded once."""

from dataclasses import dataclass
from functools import lru_cache

import torch

from engine.core.assets import asset
from engine.media.text.tokens import START, Tokens
from engine.sequence.low_rank import AdapterStart
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer
from engine.sequence.weights import load_gate, load_model, load_start

WEIGHTS_FILE = asset("weights/text/joint.safetensors")
GATE_FILE = WEIGHTS_FILE.with_name("gate.json")
LOW_RANK_FILE = WEIGHTS_FILE.with_name("low_rank.safetensors")


@dataclass(frozen=True, slots=True)
class Shipped:
    """What all styles share: the frozen model, its vocabulary, the gate of its memory, the start
    of its low-rank steps."""

    model: Transformer
    tokens: Tokens
    gate: Gate
    start: AdapterStart
    opening: int = START


@lru_cache(maxsize=1)
def shipped(device: torch.device) -> Shipped:
    """Loaded once. Raises `WrongCheckpointError`."""
    return Shipped(
        load_model(WEIGHTS_FILE).to(device),
        Tokens.load(),
        load_gate(GATE_FILE),
        load_start(LOW_RANK_FILE).to(device),
    )

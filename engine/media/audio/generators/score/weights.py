"""The shipped score model: where its files are, loaded once."""

from dataclasses import dataclass
from functools import lru_cache

import torch

from engine.core.assets import asset
from engine.media.audio.score_tokens import PAD
from engine.sequence.low_rank import AdapterStart
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer
from engine.sequence.weights import load_gate, load_model, load_start

WEIGHTS_FILE = asset("weights/score/joint.safetensors")
GATE_FILE = WEIGHTS_FILE.with_name("gate.json")
LOW_RANK_FILE = WEIGHTS_FILE.with_name("low_rank.safetensors")
OPENING = PAD  # what a context begins with: nothing else uses it
READ = 900  # tokens of the references that a work reads: two or three tunes; more do not help


@dataclass(frozen=True, slots=True)
class Shipped:
    """What all styles of music share: the frozen model, the gate of its memory, the start of its
    low-rank steps."""

    model: Transformer
    gate: Gate
    start: AdapterStart
    opening: int = OPENING


@lru_cache(maxsize=1)
def shipped(device: torch.device) -> Shipped:
    """Loaded once. Raises `WrongCheckpointError`."""
    return Shipped(
        load_model(WEIGHTS_FILE).to(device),
        load_gate(GATE_FILE),
        load_start(LOW_RANK_FILE).to(device),
    )

"""The shipped weights of the timbre synthesiser: safetensors in half precision, with a model card,
and the contexts of its palette."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import Tensor

from engine.core.assets import asset
from engine.core.weights_file import load_checked
from engine.media.audio.timbre.decoder import TimbreConfig, TimbreDecoder
from engine.media.audio.timbre.encoder import TimbreEncoder
from engine.media.audio.timbre.sounds import Timbre
from engine.meta.errors import WrongCheckpointError

FOLDER = asset("weights/timbre")
WEIGHTS_FILE, PALETTE_FILE = FOLDER / "joint.safetensors", FOLDER / "palette.safetensors"
TRAINED_FILE = FOLDER / "trained.safetensors"


@dataclass(frozen=True, slots=True)
class TimbrePrior:
    """What all timbres share. rates: of the steps on references, of each tensor that moves."""

    decoder: TimbreDecoder
    encoder: TimbreEncoder
    rates: Mapping[str, float] = field(default_factory=dict)

    @property
    def device(self) -> torch.device:
        return self.decoder.moment.weight.device


@lru_cache(maxsize=1)
def shipped() -> TimbrePrior:
    """Loaded once. Raises `WrongCheckpointError`."""
    return load_prior(WEIGHTS_FILE)


def load_prior(path: Path) -> TimbrePrior:
    """The prior of a weights file and the card beside it. Raises `WrongCheckpointError`."""
    try:
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        config = TimbreConfig(**card["config"])
        decoder, encoder = TimbreDecoder(config), TimbreEncoder(config)
        tensors = {name: tensor.float() for name, tensor in load_checked(path).items()}
        for start, module in (("decoder.", decoder), ("encoder.", encoder)):
            mine = {k.removeprefix(start): t for k, t in tensors.items() if k.startswith(start)}
            module.load_state_dict(mine)
            module.eval().requires_grad_(False)
        rates = {str(name): float(rate) for name, rate in card["rates"].items()}
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "the weights or their card are missing") from error
    except (SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no timbre synthesiser of this version") from error
    return TimbrePrior(decoder, encoder, rates)


@lru_cache(maxsize=1)
def palette() -> Mapping[str, Timbre]:
    """Name -> timbre, of every built-in one. Raises `WrongCheckpointError`."""
    return _timbres(PALETTE_FILE)


@lru_cache(maxsize=1)
def trained_timbres() -> Mapping[str, Timbre]:
    """Name -> timbre, of every preset that the weights were trained on: what a new sound is
    compared with. Raises `WrongCheckpointError`."""
    return _timbres(TRAINED_FILE)


def _timbres(path: Path) -> Mapping[str, Timbre]:
    try:
        tensors = load_checked(path)
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "there is no such file") from error
    except (SafetensorError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no safetensors file") from error
    grouped: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        name, _, rest = key.partition("/")
        grouped.setdefault(name, {})[rest] = tensor.float()
    return {name: Timbre.from_tensors(mine) for name, mine in grouped.items()}

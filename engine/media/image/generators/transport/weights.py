"""The shipped weights of the picture denoiser: safetensors in half precision, with a model card;
where its steps on references begin; and the denoiser that a style has made its own."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import Tensor

from engine.core.assets import asset
from engine.core.errors import BadInput
from engine.core.weights_file import load_checked
from engine.media.image.generators.transport.denoiser import Denoiser, DenoiserConfig, StyleEncoder
from engine.media.image.generators.transport.fit import PLAIN_RATE, FineTuningStart
from engine.meta.errors import WrongCheckpointError

FITTED = "denoiser/"  # before the names of a style's own weights
FOLDER = asset("weights/image")
WEIGHTS_FILE, STEPS_FILE = FOLDER / "joint.safetensors", FOLDER / "steps.safetensors"


@dataclass(frozen=True, slots=True)
class Prior:
    """What all styles share: the denoiser, the encoder that tells it whose marks to expect, and
    where its steps on references begin."""

    denoiser: Denoiser
    encoder: StyleEncoder
    start: FineTuningStart


@lru_cache(maxsize=1)
def shipped(device: torch.device) -> Prior:
    """Loaded once. Raises `WrongCheckpointError`."""
    return load_prior(WEIGHTS_FILE, device, STEPS_FILE)


def load_prior(path: Path, device: torch.device, steps: Path | None = None) -> Prior:
    """The prior of a weights file and the card beside it. Raises `WrongCheckpointError`.

    steps: the meta-learned start; without one the steps begin at the denoiser itself.
    """
    try:
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        config = DenoiserConfig(
            **{**card["config"], "dilations": tuple(card["config"]["dilations"])}
        )
        tensors = {k: t.float() for k, t in load_checked(path).items()}
        denoiser, encoder = Denoiser(config), StyleEncoder(config.style)
        for name, module in (("denoiser.", denoiser), ("encoder.", encoder)):
            mine = {k.removeprefix(name): t for k, t in tensors.items() if k.startswith(name)}
            module.load_state_dict(mine)
            module.to(device).eval().requires_grad_(False)
        start = plain_start(denoiser) if steps is None else _learned_start(steps, denoiser)
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "the weights or their card are missing") from error
    except (SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no picture denoiser of this version") from error
    return Prior(denoiser, encoder, start)


def plain_start(denoiser: Denoiser, rate: float = PLAIN_RATE) -> FineTuningStart:
    """At the denoiser itself, all tensors with one rate."""
    weights = {name: tensor.detach() for name, tensor in denoiser.named_parameters()}
    return FineTuningStart(weights, dict.fromkeys(weights, rate))


def _learned_start(path: Path, denoiser: Denoiser) -> FineTuningStart:
    """Raises `KeyError` where it is that of another denoiser."""
    device = denoiser.outward.weight.device
    rates = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["rates"]
    tensors = load_checked(path)
    names = [name for name, _ in denoiser.named_parameters()]
    weights = {name: tensors[name].float().to(device) for name in names}
    return FineTuningStart(weights, {name: rates[name] for name in names})


def fitted(style: Mapping[str, Tensor], prior: Prior) -> Denoiser:
    """The denoiser as a style's references have moved it; the prior's own where none has.

    Raises BadInput for a style of another denoiser.
    """
    moved = {k.removeprefix(FITTED): t for k, t in style.items() if k.startswith(FITTED)}
    if not moved:
        return prior.denoiser
    own = copy.deepcopy(prior.denoiser)
    try:
        own.load_state_dict({name: tensor.float() for name, tensor in moved.items()})
    except RuntimeError as error:
        raise BadInput("older_style") from error
    return own

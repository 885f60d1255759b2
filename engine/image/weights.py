"""The shipped weights of the picture denoiser: safetensors in half precision, with a model card."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from engine.image.denoiser import Denoiser, DenoiserConfig, StyleEncoder
from engine.meta.errors import WrongCheckpointError

WEIGHTS_FILE = Path(__file__).resolve().parents[2] / "assets/weights/image/joint.safetensors"


@dataclass(frozen=True, slots=True)
class Prior:
    """What all styles share: the denoiser and the encoder that tells it whose marks to expect."""

    denoiser: Denoiser
    encoder: StyleEncoder


@lru_cache(maxsize=1)
def shipped(device: torch.device) -> Prior:
    """Loaded once. Raises `WrongCheckpointError`."""
    return load_prior(WEIGHTS_FILE, device)


def load_prior(path: Path, device: torch.device) -> Prior:
    """The prior of a weights file and the card beside it. Raises `WrongCheckpointError`."""
    try:
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        config = DenoiserConfig(
            **{**card["config"], "dilations": tuple(card["config"]["dilations"])}
        )
        tensors = {k: t.float() for k, t in load_file(path).items()}
        prior = Prior(Denoiser(config), StyleEncoder(config))
        for name, module in (("denoiser.", prior.denoiser), ("encoder.", prior.encoder)):
            mine = {k.removeprefix(name): t for k, t in tensors.items() if k.startswith(name)}
            module.load_state_dict(mine)
            module.to(device).eval().requires_grad_(False)
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "the weights or their card are missing") from error
    except (SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no picture denoiser of this version") from error
    return prior

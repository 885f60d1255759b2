"""Weights of a causal Transformer: safetensors in half precision, with a model card beside them."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

from engine.core.weights_file import checked, load_checked
from engine.meta.errors import WrongCheckpointError
from engine.sequence.low_rank import AdapterStart
from engine.sequence.memory import Gate
from engine.sequence.model import Transformer, TransformerConfig


def load_model(path: Path) -> Transformer:
    """The model of a weights file and the card beside it. Raises `WrongCheckpointError`."""
    try:
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        model = Transformer(TransformerConfig(**card["config"]))
        model.load_state_dict({k: t.float() for k, t in load_checked(path).items()})
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "the weights or their card are missing") from error
    except (SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no such model of this version") from error
    return model.eval()


def load_gate(path: Path) -> Gate:
    """The learned gate of the memory. Raises `WrongCheckpointError`."""
    try:
        return Gate(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no gate of this version") from error


def load_start(path: Path) -> AdapterStart:
    """Where the low-rank steps begin, and their rates. Raises `WrongCheckpointError`."""
    try:
        with safe_open(checked(path), "pt") as file:
            updates = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
            notes = file.metadata() or {}
        return AdapterStart(updates, {name: float(notes[name]) for name in updates})
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "there is no such file") from error
    except (SafetensorError, KeyError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no start of low-rank steps") from error

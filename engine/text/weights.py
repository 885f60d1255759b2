"""The shipped weights of the text model: safetensors in half precision, with a model card."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from engine.meta.errors import WrongCheckpointError
from engine.text.low_rank import Start
from engine.text.memory import Gate
from engine.text.model import TextConfig, TextModel

WEIGHTS_FILE = Path(__file__).resolve().parents[2] / "assets/weights/text/joint.safetensors"
GATE_FILE = WEIGHTS_FILE.with_name("gate.json")
LOW_RANK_FILE = WEIGHTS_FILE.with_name("low_rank.safetensors")


def load_model(path: Path = WEIGHTS_FILE) -> TextModel:
    """The model of a weights file and the card beside it. Raises `WrongCheckpointError`."""
    try:
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        model = TextModel(TextConfig(**card["config"]))
        model.load_state_dict({k: t.float() for k, t in load_file(path).items()})
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "the weights or their card are missing") from error
    except (SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no text model of this version") from error
    return model.eval()


def load_gate(path: Path = GATE_FILE) -> Gate:
    """The learned gate of the memory. Raises `WrongCheckpointError`."""
    try:
        return Gate(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no gate of this version") from error


def load_start(path: Path = LOW_RANK_FILE) -> Start:
    """Where the low-rank steps begin, and their rates. Raises `WrongCheckpointError`."""
    try:
        with safe_open(path, "pt") as file:
            updates = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
            notes = file.metadata() or {}
        return Start(updates, {name: float(notes[name]) for name in updates})
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "there is no such file") from error
    except (SafetensorError, KeyError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no start of low-rank steps") from error

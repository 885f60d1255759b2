"""Checkpoints of the outer loop: one safetensors file, JSON in its header, never pickle.

Tensors: "model/<name>", "ema/<name>", "outer/<slot>/<name>". Header: format version, step,
fingerprint (what the model is), and whatever the caller adds.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from engine.meta.errors import WrongCheckpointError

FORMAT_VERSION = 1
CHECKPOINT_NAME = "checkpoint.safetensors"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything a run needs to go on as if it had never stopped."""

    step: int
    fingerprint: str
    tensors: dict[str, Tensor]
    notes: dict[str, object]


def fingerprint(module: nn.Module) -> str:
    """The names and shapes of a model: equal exactly where a checkpoint fits."""
    shapes = [f"{name}{list(t.shape)}" for name, t in sorted(module.state_dict().items())]
    return f"{type(module).__name__}: " + " ".join(shapes)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write whole or not at all: temporary file, flushed, replaced."""
    header = {
        "format": str(FORMAT_VERSION),
        "step": str(checkpoint.step),
        "fingerprint": checkpoint.fingerprint,
        "notes": json.dumps(checkpoint.notes),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    whole = {k: t.detach().cpu().contiguous() for k, t in checkpoint.tensors.items()}
    with partial.open("wb") as file:
        file.write(save(whole, metadata=header))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def read_checkpoint(path: Path, expected: str | None = None) -> Checkpoint:
    """Read and check. Raises `WrongCheckpointError` where it is another model's or damaged."""
    try:
        with safe_open(str(path), framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "there is no such file") from error
    except SafetensorError as error:
        raise WrongCheckpointError(path, f"it is no safetensors file ({error})") from error
    try:
        version, step = int(header["format"]), int(header["step"])
        found, notes = header["fingerprint"], json.loads(header["notes"])
    except (KeyError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no checkpoint of the outer loop") from error
    if version > FORMAT_VERSION:
        raise WrongCheckpointError(path, f"its format {version} is newer than this Maquette")
    if expected is not None and found != expected:
        raise WrongCheckpointError(path, "it was made by a model of other names or shapes")
    return Checkpoint(step, found, tensors, notes)


def prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": tensor for name, tensor in tensors.items()}


def without(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    start = prefix + "/"
    return {k.removeprefix(start): t for k, t in tensors.items() if k.startswith(start)}

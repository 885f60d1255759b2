"""Shipped weights are the bytes that the card beside them names: one flipped bit is noticed."""

import json
from pathlib import Path

from safetensors.torch import load
from torch import Tensor

from engine.core.files import sha256


def load_checked(path: Path) -> dict[str, Tensor]:
    """The tensors of a file, which is read once. Raises what `checked` does, and SafetensorError
    for what is no such file."""
    return load(_bytes(path))


def checked(path: Path) -> Path:
    """`path` itself. Raises ValueError when the "sha256" of its card is another one than the
    file's, FileNotFoundError without the file; a card without it, or none, says nothing."""
    _bytes(path)
    return path


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    card = path.with_suffix(".json")
    said = json.loads(card.read_text(encoding="utf-8")).get("sha256", "") if card.is_file() else ""
    if said and sha256(data) != said:
        raise ValueError("the bytes are not those of the card")
    return data

"""Shipped weights are the bytes that the card beside them names: one flipped bit is noticed."""

import json
from pathlib import Path
from typing import Any

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


def load_carded(path: Path) -> tuple[dict[str, Any], bytes]:
    """The card of a file and its bytes, both read once. Raises ValueError when the bytes are not
    those of the card, KeyError for a card without a checksum, OSError where either is missing."""
    card = json.loads(_card(path).read_text(encoding="utf-8"))
    return card, _same(path.read_bytes(), card["sha256"])


def _bytes(path: Path) -> bytes:
    card = _card(path)
    said = json.loads(card.read_text(encoding="utf-8")).get("sha256", "") if card.is_file() else ""
    return _same(path.read_bytes(), said)


def _card(path: Path) -> Path:
    return path.with_suffix(".json")


def _same(data: bytes, said: str) -> bytes:
    if said and sha256(data) != said:
        raise ValueError("the bytes are not those of the card")
    return data

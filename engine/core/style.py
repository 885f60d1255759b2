"""A style: the adapted parameters, with their lineage, in one .style file (safetensors)."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from engine import __version__
from engine.core.errors import BadInput
from engine.core.files import sha256, write_atomic
from engine.core.input_files import read_bytes

FORMAT_VERSION = 1
MAX_STYLE_BYTES = 64 * 2**20
_KEY = "maquette"


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A reference (or, for a blend, a style) that this style was made from."""

    sha256: str
    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Style:
    """`tensors` belong to the medium's generator; `references` and `parents` are the lineage."""

    medium: str
    tensors: dict[str, torch.Tensor]
    references: tuple[Ancestor, ...]
    parents: tuple[Ancestor, ...] = ()
    seed: int = 0
    engine_version: str = field(default=__version__)

    def to_bytes(self) -> bytes:
        """The .style file. Equal styles give equal bytes: no clock, no path."""
        about = {
            "format": FORMAT_VERSION,
            "medium": self.medium,
            "engine_version": self.engine_version,
            "seed": self.seed,
            "references": [_as_dict(a) for a in self.references],
            "parents": [_as_dict(a) for a in self.parents],
        }
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in self.tensors.items()}
        return save(plain, metadata={_KEY: json.dumps(about, sort_keys=True)})

    def save(self, path: Path) -> str:
        """Writes the file whole or not at all; returns its sha256."""
        data = self.to_bytes()
        write_atomic(path, data)
        return sha256(data)


def load_style(path: Path) -> tuple[Style, str]:
    """The style and the sha256 of its file.

    Raises BadInput for a missing, damaged or foreign file, and for one of a newer format.
    """
    data = read_bytes(path, MAX_STYLE_BYTES)
    try:
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        about = json.loads(header["__metadata__"][_KEY])
        if about["format"] > FORMAT_VERSION:
            raise BadInput("newer_style", name=path.name, format=about["format"])
        style = Style(
            medium=about["medium"],
            tensors=load(data),
            references=_ancestors(about["references"]),
            parents=_ancestors(about["parents"]),
            seed=about["seed"],
            engine_version=about["engine_version"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("not_a_style", name=path.name) from error
    return style, sha256(data)


def _as_dict(ancestor: Ancestor) -> dict[str, str | float]:
    return {"sha256": ancestor.sha256, "name": ancestor.name, "weight": ancestor.weight}


def _ancestors(rows: list[dict[str, str | float]]) -> tuple[Ancestor, ...]:
    return tuple(Ancestor(str(r["sha256"]), str(r["name"]), float(r["weight"])) for r in rows)

"""What files of weights say of themselves. Only headers are read, and nothing of a model is run.

A safetensors file begins with the length of a JSON header, which names each tensor with its type,
shape and place: enough to tell what a model is, and whether the file is whole.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from engine.core.errors import BadInput

PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
PARTIAL = (".part", ".incomplete", ".crdownload", ".download", ".aria2")
MOST_HEADER_BYTES = 100 * 2**20  # what the format allows
MOST_CONFIG_BYTES = 2**20
BITS = {
    **dict.fromkeys(("F64", "I64", "U64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "I8", "U8", "BOOL"), 8),
}


@dataclass(frozen=True, slots=True)
class TensorHeader:
    """dtype: as safetensors names it, "BF16"."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def numbers(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Header:
    """Of one file, or of all files of one part of a model. bytes: on the disk."""

    tensors: Mapping[str, TensorHeader]
    metadata: Mapping[str, str]
    bytes: int

    @property
    def numbers(self) -> int:
        return sum(each.numbers for each in self.tensors.values())

    @property
    def dtypes(self) -> set[str]:
        return {each.dtype for each in self.tensors.values()}

    def width(self, pattern: str, axis: int = 1) -> int:
        """One side of the first tensor whose name fits; 0 where none does."""
        for name, tensor in self.tensors.items():
            if re.search(pattern, name) and len(tensor.shape) > axis:
                return tensor.shape[axis]
        return 0

    def has(self, *patterns: str) -> bool:
        """Whether each pattern is found in some tensor's name."""
        return all(any(re.search(each, name) for name in self.tensors) for each in patterns)


def read_header(path: Path) -> Header:
    """Of a safetensors file. Raises BadInput for a pickle, a half or damaged file."""
    if path.suffix.lower() in PICKLES:
        raise BadInput("model_pickle", name=path.name, file=path.name)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or (size < 8 + length <= MOST_HEADER_BYTES):
                raise BadInput("model_cut_off", name=path.name)
            if length > MOST_HEADER_BYTES:
                raise damaged(path.name, "its header cannot be read")
            rows = json.loads(file.read(length))
        metadata = rows.pop("__metadata__", {})
        tensors = {name: _tensor(row) for name, row in rows.items()}
        end = max((int(row["data_offsets"][1]) for row in rows.values()), default=0)
    except FileNotFoundError as error:
        raise BadInput("model_missing", path=str(path)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput("model_unreadable", name=path.name, reason=reason) from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        if isinstance(error, BadInput):
            raise
        raise damaged(path.name, "its header cannot be read") from error
    if size < 8 + length + end:
        raise BadInput("model_cut_off", name=path.name)
    return Header(tensors, {str(k): str(v) for k, v in metadata.items()}, size)


def _tensor(row: Mapping[str, Any]) -> TensorHeader:
    return TensorHeader(str(row["dtype"]), tuple(int(side) for side in row["shape"]))


def joined(headers: Iterable[Header]) -> Header:
    """Several files as one."""
    found = list(headers)
    tensors = {name: tensor for each in found for name, tensor in each.tensors.items()}
    metadata = {key: value for each in found for key, value in each.metadata.items()}
    return Header(tensors, metadata, sum(each.bytes for each in found))


def folder_header(folder: Path, name: str) -> Header:
    """Of the weights in a folder, in one file or in several with an index.

    Raises BadInput where a part is missing, half there, or pickled. name: of the whole model."""
    if unfinished := [p for p in folder.glob("*") if p.suffix.lower() in PARTIAL]:
        raise BadInput("model_cut_off", name=unfinished[0].name)
    files = weight_files(folder)
    for index in folder.glob("*.safetensors.index.json"):
        wanted = set(read_json(index, name).get("weight_map", {}).values())
        missing = sorted(each for each in wanted if not (folder / each).exists())
        if missing:
            raise BadInput("model_part", name=name, part=f"{folder.name}/{missing[0]}")
    if not files:
        pickled = [p.name for p in folder.glob("*") if p.suffix.lower() in PICKLES]
        if pickled:
            raise BadInput("model_pickle", name=name, file=pickled[0])
        raise BadInput("model_part", name=name, part=f"{folder.name}/*.safetensors")
    return joined(map(read_header, files))


def weight_files(folder: Path) -> list[Path]:
    """The files that are loaded: of several precisions the plain one, fp16 where it is alone."""
    files = sorted(folder.glob("*.safetensors"))
    plain = [each for each in files if ".fp16" not in each.name and ".non_ema" not in each.name]
    return plain or files


def read_json(path: Path, name: str) -> dict[str, Any]:
    """Raises BadInput for what is no JSON object of a moderate size; name: of the whole model."""
    try:
        if path.stat().st_size > 64 * MOST_CONFIG_BYTES:
            raise damaged(name, f"{path.name} is too large")
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput("model_part", name=name, part=f"{path.parent.name}/{path.name}") from error
    except (OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise damaged(name, f"{path.name} cannot be read") from error
    if not isinstance(found, dict):
        raise damaged(name, f"{path.name} cannot be read")
    return {str(key): value for key, value in found.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def licence_of(folder: Path, metadata: Mapping[str, str] | None = None) -> str:
    """What a model says of its licence, or "": in its header, or in the card beside it."""
    for key in ("modelspec.license", "license", "licence"):
        if said := (metadata or {}).get(key, ""):
            return said[:120]
    card = folder / "README.md"
    if card.is_file() and card.stat().st_size <= MOST_CONFIG_BYTES:
        text = card.read_text(encoding="utf-8", errors="replace")
        front = text.split("---")[1] if text.startswith("---") else ""
        named = re.search(r"(?m)^license_name:\s*(\S.*)$", front)
        plain = re.search(r"(?m)^license:\s*(\S.*)$", front)
        if found := named or plain:
            return found[1].strip().strip("\"'")[:120]
    return ""


def damaged(name: str, reason: str) -> BadInput:
    return BadInput("model_damaged", name=name, reason=reason)

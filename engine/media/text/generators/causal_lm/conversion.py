"""A model, converted once: what the scripts in use need of it, in half precision, memory-mapped.

A folder of its own holds the vocabulary that is left, the weights layer by layer, and, written
last, `about.json`: a folder without it is not finished, and converting goes on where it stopped.
The model itself is read where it lies and never changed.
"""

import hashlib
import json
import shutil
from collections.abc import Generator, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.files import write_atomic
from engine.core.progress import Advance
from engine.media.text.generators.causal_lm.families import Shape
from engine.media.text.generators.causal_lm.sources import About, Model
from engine.media.text.generators.causal_lm.vocabulary import SCRIPTS

FORMAT_VERSION = 1
ABOUT_FILE, TOKENIZER_FILE, TABLES_FILE = "about.json", "tokenizer.json", "tables.safetensors"
_BLOCK = 1 << 22  # bytes hashed at a time
_SPARE_BYTES = 64 * 2**20  # that the disk keeps free


@dataclass(frozen=True, slots=True)
class Converted:
    """What about.json says. files: the sha256 of each. digest: of the model that was converted."""

    name: str
    licence: str
    source: str
    digest: str
    instruct: bool
    scripts: tuple[str, ...]
    opening: int
    shape: Shape
    files: dict[str, str]
    format: int = FORMAT_VERSION


def digest_of(about: About) -> Generator[int, None, str]:
    """The sha256 of the weights as they lie; yields the bytes read so far."""
    paths = [about.path] if about.path.is_file() else sorted(about.path.glob("*.safetensors"))
    digest, done = hashlib.sha256(), 0
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                done += len(block)
                yield done
    return digest.hexdigest()


def room_needed(shape: Shape, tokens: int) -> int:
    """Bytes on disk of the converted model."""
    rest = shape.parameters - shape.vocabulary * shape.width * (1 if shape.tied else 2)
    return 2 * (rest + tokens * shape.width * (1 if shape.tied else 2))


def convert(
    model: Model, folder: Path, scripts: Iterable[str] = SCRIPTS
) -> Generator[Advance, None, Converted]:
    """Fills `folder`; yields how far it is, in layers. Raises BadInput, and OSError for the disk.

    A folder that is finished is read, not made anew.
    """
    about, shape = model.about, model.about.shape
    scripts = tuple(sorted(scripts))
    total = shape.layers + 3
    digest = yield from _told(digest_of(about), about.bytes, total)
    if (folder / ABOUT_FILE).exists():
        known = read_about(folder)
        if (known.digest, known.scripts) == (digest, scripts):
            return known
        shutil.rmtree(folder)
    _begin(folder, digest, scripts)
    pruned = model.vocabulary().pruned(scripts)
    need, free = room_needed(shape, len(pruned.rows)), shutil.disk_usage(folder).free
    if free < need + _SPARE_BYTES:
        raise BadInput("model_disk", path=str(folder), free_mb=free >> 20, need_mb=need >> 20)
    yield Advance(2, total)
    write_atomic(folder / TOKENIZER_FILE, pruned.tokenizer.to_str().encode())
    try:
        _write(folder / TABLES_FILE, _tables(model, pruned.rows))
        yield Advance(3, total)
        for layer in range(shape.layers):
            _write(folder / _layer_file(layer), model.naming.layer(layer))
            yield Advance(layer + 4, total)
    except KeyError as error:
        raise BadInput("model_tensor", name=about.name, tensor=str(error)) from error
    converted = Converted(
        about.name,
        about.licence,
        str(about.path),
        digest,
        about.instruct,
        scripts,
        pruned.opening,
        replace(shape, vocabulary=len(pruned.rows)),
        {path.name: _sha256(path) for path in sorted(folder.glob("*.*s*n*"))},
    )
    write_atomic(folder / ABOUT_FILE, json.dumps(asdict(converted), indent=1).encode())
    return converted


def read_about(folder: Path) -> Converted:
    """Raises BadInput for a folder that is not finished, or of a newer format."""
    try:
        row: dict[str, Any] = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
        if row["format"] != FORMAT_VERSION:
            raise BadInput("model_damaged", name=folder.name, reason="converted by another version")
        shape = Shape(**row["shape"] | {"scaling": tuple(row["shape"]["scaling"])})
        return Converted(**row | {"shape": shape, "scripts": tuple(row["scripts"])})
    except FileNotFoundError as error:
        raise BadInput("model_missing", path=str(folder)) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("model_damaged", name=folder.name, reason="about.json") from error


def weight_files(folder: Path, shape: Shape) -> list[Path]:
    return [folder / TABLES_FILE, *(folder / _layer_file(i) for i in range(shape.layers))]


def _told(
    reading: Generator[int, None, str], size: int, total: int
) -> Generator[Advance, None, str]:
    """Reading the file once counts as one unit."""
    while True:
        try:
            done = next(reading)
        except StopIteration as end:
            return end.value
        yield Advance(done / max(1, size), total)


def _begin(folder: Path, digest: str, scripts: tuple[str, ...]) -> None:
    """Clears away what another model, or another choice of scripts, left unfinished."""
    note = folder / "begun.txt"
    wanted = f"{digest} {' '.join(scripts)} {FORMAT_VERSION}"
    if folder.exists() and (not note.exists() or note.read_text(encoding="utf-8") != wanted):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(note, wanted.encode())


def _tables(model: Model, rows: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    naming = model.naming
    name = naming.name("embedding", 0, "weight")
    yield "embedding.weight", model.rows(name, rows)
    if not model.about.shape.tied:
        yield "head.weight", model.rows(naming.name("head", 0, "weight"), rows)
    yield from naming.outside()


def _write(path: Path, tensors: Iterator[tuple[str, np.ndarray]]) -> None:
    """One file of weights, whole or not at all; what is there already stays."""
    if not path.exists():
        write_atomic(path, save({name: _stored(name, array) for name, array in tensors}))


def _stored(name: str, array: np.ndarray) -> Tensor:
    tensor = torch.from_numpy(np.ascontiguousarray(array, np.float32))
    return tensor if "norm" in name else tensor.bfloat16()


def _layer_file(layer: int) -> str:
    return f"layer_{layer:03}.safetensors"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""The models that an artist has added: what there is, where it lies, what it is good for.

The data folder holds `models.json` and for each model a folder with what was converted of it. The
model itself stays where it is; only one that was fetched as a package lies in the data folder too.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Generator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil
import torch

from engine.core.errors import BadInput
from engine.core.files import write_atomic
from engine.core.progress import Advance, placed
from engine.media.text.generators.causal_lm.base import best_dtype, memory_needed
from engine.media.text.generators.causal_lm.conversion import convert
from engine.media.text.generators.causal_lm.packages import PACKAGES, Client, fetch, package_named
from engine.media.text.generators.causal_lm.sources import About, model_at

Result = TypeVar("Result")

INDEX_FILE = "models.json"
FORMAT_VERSION = 1
REMARKS = ("instruct", "small", "large")
_TOKENS_A_SECOND = 4.0e9  # parameters that one text passes in a second, on two plain cores


@dataclass(frozen=True, slots=True)
class Installed:
    """id: a short name of its own. source: where it lies. package: where it came from, or ""."""

    id: str
    name: str
    family: str
    licence: str
    parameters: int
    bytes: int
    source: str
    digest: str
    package: str = ""
    remarks: tuple[str, ...] = ()

    def is_there(self, folder: Path) -> bool:
        """Whether what was converted of it is still on the disk."""
        return (folder / self.id / "about.json").exists()


@dataclass(frozen=True, slots=True)
class Inspected:
    """What is known of a model before it is loaded."""

    about: About
    memory_bytes: int
    tokens_a_second: float
    remarks: tuple[str, ...] = field(default=())


def models_folder() -> Path:
    """The user's data folder for models; MAQUETTE_MODELS names another."""
    if named := os.environ.get("MAQUETTE_MODELS"):
        return Path(named)
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData/Local"))
    elif sys.platform == "darwin":
        base = home / "Library/Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", home / ".local/share"))
    return base / "Maquette" / "models"


def inspect(path: Path) -> Inspected:
    """From headers alone, in under a second. Raises BadInput."""
    about = model_at(path).about
    dtype = best_dtype(torch.device("cpu"))
    memory = memory_needed(about.shape, dtype, about.shape.vocabulary)
    return Inspected(about, memory, tokens_a_second(about.shape.parameters), _remarks(about))


def tokens_a_second(parameters: int) -> float:
    """An estimate, on two plain cores."""
    return _TOKENS_A_SECOND / max(1, parameters)


def fetched(package: str, folder: Path) -> Path:
    """Where a package is loaded to, and put together."""
    return folder / "fetched" / package


def _remarks(about: About) -> tuple[str, ...]:
    """Words that the window and the command line explain; see REMARKS."""
    remarks = ["instruct"] if about.instruct else []
    if about.shape.parameters < 100e6:
        remarks.append("small")
    if about.shape.parameters > 3e9:
        remarks.append("large")
    return tuple(remarks)


def installed(folder: Path) -> list[Installed]:
    """Those that were added, first to last. A list that cannot be read counts as damaged."""
    path = folder / INDEX_FILE
    if not path.exists():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        if rows["format"] != FORMAT_VERSION:
            raise BadInput("model_damaged", name=INDEX_FILE, reason="made by another version")
        return [Installed(**row | {"remarks": tuple(row["remarks"])}) for row in rows["models"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("model_damaged", name=INDEX_FILE, reason="it cannot be read") from error


def check_memory(found: Inspected) -> None:
    """Raises BadInput where the model needs more memory than is free."""
    free = psutil.virtual_memory().available
    if found.memory_bytes > free:
        need_mb, free_mb = found.memory_bytes >> 20, free >> 20
        raise BadInput("model_memory", name=found.about.name, need_mb=need_mb, free_mb=free_mb)


def add(
    path: Path, folder: Path, package: str = "", *, anyway: bool = False
) -> Generator[Advance, None, Installed]:
    """Converts a model once and lists it; yields how far it is. Raises BadInput.

    anyway: even one that needs more memory than is free.
    """
    if not anyway:
        check_memory(inspect(path))
    model = model_at(path)
    name = _id_of(model.about)
    converted = yield from convert(model, folder / name)
    row = Installed(
        name,
        model.about.name,
        model.about.shape.family,
        model.about.licence or "?",
        model.about.shape.parameters,
        model.about.bytes,
        str(path.resolve()),
        converted.digest,
        package,
        _remarks(model.about),
    )
    others = [each for each in installed(folder) if each.id != row.id]
    _write_index(folder, [*others, row])
    return row


def add_package(
    name: str, folder: Path, *, accepted: bool, client: Client | None = None
) -> Generator[Advance, None, Installed]:
    """Fetches a package, puts it together, converts it, lists it; all in shares of 1."""
    package = package_named(name)
    slices = fetch(package, fetched(name, folder), accepted=accepted, client=client)
    path = yield from _shares(slices, 0.0, 0.7)
    return (yield from _shares(add(path, folder, name), 0.7, 0.3))


def _shares(
    slices: Generator[Advance, None, Result], before: float, share: float
) -> Generator[Advance, None, Result]:
    """A part of longer work, counted from `before` to `before + share` of 1."""
    return placed(slices, lambda part: Advance(before + share * part.done / part.total, 1.0))


def remove(name: str, folder: Path) -> Installed:
    """Forgets a model and what was converted of it; a model that the artist added stays where it
    is, one that was fetched is deleted. Raises BadInput."""
    rows = installed(folder)
    found = next((row for row in rows if row.id == name), None)
    if found is None:
        raise BadInput("model_unknown_id", id=name)
    _write_index(folder, [row for row in rows if row.id != name])
    shutil.rmtree(folder / name, ignore_errors=True)
    if found.package in PACKAGES:
        shutil.rmtree(fetched(found.package, folder), ignore_errors=True)
    return found


def prefer(name: str, folder: Path) -> None:
    """Takes a model before the others. Raises BadInput."""
    rows = installed(folder)
    if all(row.id != name for row in rows):
        raise BadInput("model_unknown_id", id=name)
    _write_index(folder, sorted(rows, key=lambda row: row.id != name))


def shown_name(name: str) -> str:
    """A model's name with its parameters in capitals, as they are written: "Gemma 3 270M"."""
    return re.sub(r"(?<=\d)[mb]\b", lambda found: found.group().upper(), name)


def first_installed(folder: Path) -> Installed | None:
    """The first that can be loaded."""
    return next((row for row in installed(folder) if row.is_there(folder)), None)


def base_folder(digest: str, folder: Path, name: str = "") -> Path:
    """What was converted of the model that a style names. Raises BadInput where it is gone."""
    for row in installed(folder):
        if row.digest == digest and row.is_there(folder):
            return folder / row.id
    raise BadInput("model_gone", name=name or digest[:12])


def _id_of(about: About) -> str:
    """Letters and digits of its name, such as "gemma-3-270m"."""
    words = "".join(c.lower() if c.isascii() and c.isalnum() else " " for c in about.name).split()
    return "-".join(words)[:60] or "model"


def _write_index(folder: Path, rows: list[Installed]) -> None:
    whole = {"format": FORMAT_VERSION, "models": [asdict(row) for row in rows]}
    write_atomic(folder / INDEX_FILE, json.dumps(whole, indent=1).encode())

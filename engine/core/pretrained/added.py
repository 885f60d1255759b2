"""The list of models of pictures and sound that an artist has added; they stay where they lie.

`pipelines.json` in the folder of models holds one row for each. Nothing is converted: a row is a
place, a digest, and what the headers said when it was added.
"""

import hashlib
import json
import os
import sys
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engine.core.errors import BadInput
from engine.core.files import write_atomic
from engine.core.pretrained.headers import damaged
from engine.core.progress import Advance
from engine.protocol.models import ModelKind

INDEX_FILE = "pipelines.json"
FORMAT_VERSION = 1
MODEL, LOW_RANK = ModelKind.MODEL, ModelKind.LOW_RANK
CONTROL, IMAGE_PROMPT, CAPTION = ModelKind.CONTROL, ModelKind.IMAGE_PROMPT, ModelKind.CAPTION
_PIECE = 16 * 2**20


@dataclass(frozen=True, slots=True)
class AddedModel:
    """id: a short name of its own. medium: of its works. family: a key of the medium's families.
    digest: sha256 of its weights, file after file. files: these, relative to `source` where that
    is a folder; numbers: parameters in all."""

    id: str
    name: str
    medium: str
    kind: str
    family: str
    licence: str
    parameters: int
    bytes: int
    source: str
    digest: str
    files: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def paths(self) -> list[Path]:
        source = Path(self.source)
        return [source / each for each in self.files] if self.files else [source]

    def is_there(self) -> bool:
        """Whether its files still lie where they lay, as large as they were."""
        try:
            return sum(each.stat().st_size for each in self.paths()) == self.bytes
        except OSError:
            return False


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


def added(folder: Path, medium: str = "", kind: str = "") -> list[AddedModel]:
    """Those that were added, the preferred one first. Raises BadInput for a damaged list."""
    path = folder / INDEX_FILE
    if not path.exists():
        return []
    try:
        whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if whole["format"] != FORMAT_VERSION:
            raise damaged(INDEX_FILE, "made by another version")
        rows = [_row(each) for each in whole["models"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, BadInput):
            raise
        raise damaged(INDEX_FILE, "it cannot be read") from error
    fitting = [row for row in rows if row.medium == medium or not medium]
    return [row for row in fitting if row.kind == kind or not kind]


def _row(row: dict[str, Any]) -> AddedModel:
    fields: dict[str, Any] = {**row}
    fields["files"], fields["remarks"] = tuple(row["files"]), tuple(row["remarks"])
    return AddedModel(**fields)


def add(row: AddedModel, folder: Path) -> Generator[Advance, None, AddedModel]:
    """Lists a model with the digest of its weights, which is read once; yields how far it is."""
    digest = yield from digest_of(row.paths(), row.bytes)
    others = [each for each in added(folder) if each.digest != digest]
    whole = replace(row, digest=digest, id=_unused(free_id(row.name), others))
    _write(folder, [*others, whole])
    return whole


def _unused(name: str, rows: Sequence[AddedModel]) -> str:
    """With a number behind it, where another model has it."""
    taken = {row.id for row in rows}
    names = (name, *(f"{name}-{n}" for n in range(2, len(rows) + 3)))
    return next(each for each in names if each not in taken)


def digest_of(paths: Sequence[Path], size: int) -> Generator[Advance, None, str]:
    """sha256 of files one after another. Raises BadInput for one that is gone."""
    sum_, done = hashlib.sha256(), 0
    for path in paths:
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    sum_.update(piece)
                    done += len(piece)
                    yield Advance(min(done, size), max(1, size))
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadInput("model_unreadable", name=path.name, reason=reason) from error
    return sum_.hexdigest()


def with_id(name: str, folder: Path) -> AddedModel:
    """Raises BadInput where there is none."""
    for row in added(folder):
        if row.id == name:
            return row
    raise BadInput("model_unknown_id", id=name)


def with_digest(digest: str, folder: Path) -> AddedModel:
    """The model that a style names. Raises BadInput where it was removed, or moved."""
    for row in added(folder):
        if row.digest == digest and row.is_there():
            return row
    named = next((row.name for row in added(folder) if row.digest == digest), digest[:12])
    raise BadInput("model_gone", name=named)


def remove(name: str, folder: Path) -> AddedModel:
    """Forgets a model; its files stay. Raises BadInput."""
    found = with_id(name, folder)
    _write(folder, [row for row in added(folder) if row.id != name])
    return found


def prefer(name: str, folder: Path) -> None:
    """Takes a model before the others. Raises BadInput."""
    with_id(name, folder)
    _write(folder, sorted(added(folder), key=lambda row: row.id != name))


def free_id(name: str) -> str:
    """Letters and digits of a name, such as "stable-diffusion-v1-5"."""
    words = "".join(c.lower() if c.isascii() and c.isalnum() else " " for c in name).split()
    return "-".join(words)[:60] or "model"


def _write(folder: Path, rows: Sequence[AddedModel]) -> None:
    whole = {"format": FORMAT_VERSION, "models": [asdict(row) for row in rows]}
    write_atomic(folder / INDEX_FILE, json.dumps(whole, indent=1).encode())

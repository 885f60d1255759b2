"""A style: the adapted parameters, with their lineage, in one .style file (safetensors), format 2.

The header names the medium, the generator with its version, and the digest of the base weights.
Tensors: gen/… the generator's own; ref/0/…, ref/1/… each reference in neutral form (see
`Medium.neutral`), which any generator or critic can read; taste/… and liked/… what ratings taught.
The header also holds the sha256 of the whole file, as it is with zeros in that place: a damaged
style is refused, never another style. Those of earlier versions have none, and are read.

A file that was shared from a library may wear a label (see `engine.protocol.style_label`), which is
no part of the style and is taken off when it is read.

Format 1 had the generator's tensors without a prefix, and neither a generator nor neutral
references; `engine.service` fills these in with the help of the medium.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from engine import __version__
from engine.core.errors import BadInput
from engine.core.files import sha256, write_atomic
from engine.core.input_files import read_bytes
from engine.core.names import readable
from engine.protocol.style_label import unlabelled

FORMAT_VERSION = 2
MAX_STYLE_BYTES = 64 * 2**20
PREFERENCE_PREFIXES = ("taste/", "liked/")
_KEY, _OWN, _REFERENCE = "maquette", "gen/", "ref/"
_SUM = "file_sha256"
_ABOUT = {_SUM, "format", "medium", "generator", "engine_version", "seed", "references", "parents"}

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A reference (or, for a blend, a style) that this style was made from."""

    sha256: str
    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which generator made a style. base: sha256 of the weights that all its styles share."""

    id: str
    version: int
    base: str = ""


UNKNOWN = Stamp("", 0)  # of a style of format 1, until its medium has told


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """tensors: the generator's own, and taste/…, liked/… beside them. neutral: one mapping for
    each of `references`, in their order. digest: sha256 of its file, "" of one never saved."""

    medium: str
    tensors: Tensors
    references: tuple[Ancestor, ...]
    parents: tuple[Ancestor, ...] = ()
    seed: int = 0
    engine_version: str = field(default=__version__)
    generator: Stamp = UNKNOWN
    neutral: tuple[Tensors, ...] = ()
    digest: str = ""

    def to_bytes(self) -> bytes:
        """The .style file. Equal styles give equal bytes: no clock, no path."""
        about = {
            _SUM: _OPEN,
            "format": FORMAT_VERSION,
            "medium": self.medium,
            "generator": asdict(self.generator),
            "engine_version": self.engine_version,
            "seed": self.seed,
            "references": [asdict(a) for a in self.references],
            "parents": [asdict(a) for a in self.parents],
        }
        rows = {_on_disk(name): tensor for name, tensor in self.tensors.items()}
        for place, reference in enumerate(self.neutral):
            rows |= {f"{_REFERENCE}{place}/{name}": t for name, t in reference.items()}
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in rows.items()}
        return _sealed(save(plain, metadata={_KEY: json.dumps(about, sort_keys=True)}))

    def save(self, path: Path) -> str:
        """Writes the file whole or not at all; returns its sha256."""
        data = self.to_bytes()
        write_atomic(path, data)
        return sha256(data)


def load_style(path: Path) -> Style:
    """Raises BadInput for a missing, damaged or foreign file, and for one of a newer format.

    A style of format 1 comes with `UNKNOWN` for its generator and without neutral references.
    """
    data = unlabelled(read_bytes(path, MAX_STYLE_BYTES))
    try:
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        about = json.loads(header["__metadata__"][_KEY])
        if about["format"] > FORMAT_VERSION:
            raise BadInput("newer_style", name=path.name, format=about["format"])
        _check_seal(data, header["__metadata__"], about)
        rows = load(data)
        is_first = about["format"] == 1
        return Style(
            medium=about["medium"],
            tensors=rows if is_first else _in_memory(rows),
            references=_ancestors(about["references"]),
            parents=_ancestors(about["parents"]),
            seed=about["seed"],
            engine_version=about["engine_version"],
            generator=UNKNOWN if is_first else Stamp(**about["generator"]),
            neutral=() if is_first else _neutral(rows),
            digest=sha256(data),
        )
    except (ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("not_a_style", name=path.name) from error


_OPEN = "0" * 64  # where the sum will stand


def _written_sum(value: str) -> bytes:
    """As it stands in a header, which holds `about` as a string."""
    return f'\\"{_SUM}\\": \\"{value}\\"'.encode()


def _sealed(data: bytes) -> bytes:
    return data.replace(_written_sum(_OPEN), _written_sum(sha256(data)), 1)


def _check_seal(data: bytes, metadata: Mapping[str, str], about: Mapping[str, object]) -> None:
    """Raises ValueError where the sum is not that of the file, or there is what no style has."""
    if set(metadata) != {_KEY} or not about.keys() <= _ABOUT:
        raise ValueError("the header holds something else")
    said = about.get(_SUM)
    if said is None:  # of an earlier version
        return
    if sha256(data.replace(_written_sum(str(said)), _written_sum(_OPEN), 1)) != said:
        raise ValueError("the sum is another one")


def _on_disk(name: str) -> str:
    return name if name.startswith(PREFERENCE_PREFIXES) else _OWN + name


def _in_memory(rows: Mapping[str, torch.Tensor]) -> Tensors:
    own = {n.removeprefix(_OWN): t for n, t in rows.items() if n.startswith(_OWN)}
    return own | {n: t for n, t in rows.items() if n.startswith(PREFERENCE_PREFIXES)}


def _neutral(rows: Mapping[str, torch.Tensor]) -> tuple[Tensors, ...]:
    found: dict[int, Tensors] = {}
    for name, tensor in rows.items():
        if name.startswith(_REFERENCE):
            place, _, rest = name.removeprefix(_REFERENCE).partition("/")
            found.setdefault(int(place), {})[rest] = tensor
    return tuple(found.get(place, {}) for place in range(max(found, default=-1) + 1))


def _ancestors(rows: list[dict[str, str | float]]) -> tuple[Ancestor, ...]:
    return tuple(
        Ancestor(str(r["sha256"]), readable(str(r["name"])), float(r["weight"])) for r in rows
    )

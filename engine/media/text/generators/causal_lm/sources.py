"""A model where it lies: a GGUF file or a `transformers` folder. Only headers are read at first.

Nothing of a model is ever run: pickled weights are refused, templates and code are not looked at.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from engine.core.errors import BadInput
from engine.core.pretrained.headers import MOST_CONFIG_BYTES, PICKLES
from engine.media.text.generators.causal_lm.families import (
    FAMILIES,
    Shape,
    known,
    shape_of_config,
    shape_of_gguf,
)
from engine.media.text.generators.causal_lm.gguf import GgufFile
from engine.media.text.generators.causal_lm.naming import GGUF_NAMES, Naming, folder_names
from engine.media.text.generators.causal_lm.vocabulary import (
    Vocabulary,
    vocabulary_of_folder,
    vocabulary_of_gguf,
)

LLAMA3_SCALING = (1.0, 4.0, 8192.0)  # of all its releases: GGUF keeps the factor only
_INSTRUCT = ("instruct", "-it", "chat", "assistant")


@dataclass(frozen=True, slots=True)
class About:
    """What the headers say. bytes: on disk. instruct: it was trained to answer, not to go on."""

    name: str
    path: Path
    shape: Shape
    bytes: int
    licence: str
    instruct: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be read. rows: some rows of a table, (n,) -> (n, N) float32."""

    about: About
    naming: Naming
    rows: Callable[[str, np.ndarray], np.ndarray]
    vocabulary: Callable[[], Vocabulary]


def model_at(path: Path) -> Model:
    """A GGUF file or a folder with config.json. Raises BadInput."""
    if not path.exists():
        raise BadInput("model_missing", path=str(path))
    if path.is_dir():
        return _folder(path)
    if path.suffix.lower() in PICKLES:
        raise BadInput("model_pickle", name=path.name, file=path.name)
    if path.suffix.lower() == ".safetensors":
        return _folder(path.parent)
    return _gguf(path)


def _gguf(path: Path) -> Model:
    file = GgufFile(path)
    family = str(file.about.get("general.architecture", ""))
    if not known(family):
        raise _unknown(path.name, family)
    tied = "output.weight" not in file.tensors
    try:
        tokens = file.about["tokenizer.ggml.tokens"]
        assert isinstance(tokens, list)
        shape = shape_of_gguf(file.about, len(tokens), tied)
    except KeyError as error:
        if "tokenizer" in str(error):
            raise BadInput("model_tokenizer", name=path.name, reason="none in the file") from error
        raise _damaged(path.name, f"{error} is not in its header") from error
    except (ValueError, TypeError, AssertionError) as error:
        raise _damaged(path.name, str(error)) from error
    if "rope_freqs.weight" in file.tensors:
        factor = float(file.tensor("rope_freqs.weight").max())
        shape = replace(shape, scaling=(factor, *LLAMA3_SCALING))
    name = str(file.about.get("general.name") or path.stem)
    return Model(
        About(
            name,
            path,
            shape,
            path.stat().st_size,
            str(file.about.get("general.license", "")),
            _answers(f"{name} {path.stem}"),
        ),
        Naming(shape, file.tensor, GGUF_NAMES, turned=known(family) in ("llama", "mistral")),
        file.rows,
        partial(vocabulary_of_gguf, file.about, path.name),
    )


def _folder(path: Path) -> Model:
    config = _json(path / "config.json", path.name)
    family = str(config.get("model_type", ""))
    if not known(family):
        raise _unknown(path.name, family)
    files = sorted(path.glob("*.safetensors"))
    if not files:
        pickled = [p.name for p in path.iterdir() if p.suffix.lower() in PICKLES]
        if pickled:
            raise BadInput("model_pickle", name=path.name, file=pickled[0])
        raise BadInput("not_a_model", name=path.name)
    tensors = _Tensors(path.name, files)
    tied = None if known(family) == "gpt2" else "lm_head.weight" not in tensors.where
    try:
        shape = shape_of_config(config, tied)
    except (KeyError, ValueError, TypeError) as error:
        raise _damaged(path.name, f"config.json: {error}") from error
    gemma, gpt2 = known(family) == "gemma3", known(family) == "gpt2"
    naming = Naming(shape, tensors.read, folder_names(shape), transposed=gpt2, less_one=gemma)
    size = sum(file.stat().st_size for file in files)
    name = Path(str(config.get("_name_or_path") or path.resolve().name)).name
    licence = str(config.get("license", ""))
    return Model(
        About(name, path, shape, size, licence, _answers(f"{name} {path.name}")),
        naming,
        lambda name, chosen: tensors.read(name)[chosen],
        partial(vocabulary_of_folder, path),
    )


class _Tensors:
    """The tensors of some safetensors files, by name; with or without "transformer." before."""

    def __init__(self, name: str, files: list[Path]) -> None:
        self._name = name
        self.where: dict[str, tuple[Path, str]] = {}
        for file in files:
            for key in self._keys(file):
                self.where[key.removeprefix("transformer.")] = (file, key)

    def _keys(self, file: Path) -> list[str]:
        try:
            with safe_open(file, "pt") as opened:
                return list(opened.keys())
        except (SafetensorError, OSError) as error:
            short = "incomplete" in str(error).lower() or "buffer" in str(error).lower()
            if short:
                raise BadInput("model_cut_off", name=file.name) from error
            raise _damaged(file.name, "its header cannot be read") from error

    def read(self, name: str) -> np.ndarray:
        """float32. Raises KeyError."""
        file, key = self.where[name]
        with safe_open(file, "pt") as opened:
            return opened.get_tensor(key).float().numpy()


def _json(path: Path, name: str) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_CONFIG_BYTES:
            raise _damaged(name, "config.json is too large")
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput("not_a_model", name=name) from error
    except (OSError, ValueError) as error:
        raise _damaged(name, "config.json cannot be read") from error
    if not isinstance(config, dict):
        raise _damaged(name, "config.json cannot be read")
    return config


def _answers(name: str) -> bool:
    """Whether it is an instruct model, by its name."""
    return any(word in name.lower() for word in _INSTRUCT)


def _unknown(name: str, family: str) -> BadInput:
    families = ", ".join(FAMILIES)
    return BadInput("model_family", name=name, family=family or "?", families=families)


def _damaged(name: str, reason: str) -> BadInput:
    return BadInput("model_damaged", name=name, reason=reason)

"""The glyph corpus in memory: an Omniglot of the world's alphabets.

Legend: N images, H = W = 28; a class is one character, an instance one font face,
an alphabet one Unicode script. Whole alphabets are reserved for measuring.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

_ROOT = Path(__file__).resolve().parents[3]
TRAINING_FILE = _ROOT / "corpus" / "glyphs" / "training.npz"
RESERVED_FILE = _ROOT / "assets" / "samples" / "glyphs" / "reserved.npz"
RECIPE_FILE = Path(__file__).with_name("glyph_recipe.json")
VALIDATION_BELOW = 40  # scripts with a first byte in 26..39 watch the training


class CorpusMissingError(FileNotFoundError):
    """The corpus was not built yet."""


@dataclass(frozen=True, slots=True)
class GlyphSet:
    """images: (N, 28, 28) uint8; labels: (N,) class of each; names: class names "Script/U+XXXX"."""

    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    faces: tuple[str, ...]  # one an image

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str, np.ndarray]]) -> "GlyphSet":
        rows = list(rows)
        names = tuple(dict.fromkeys(name for name, _, _ in rows))
        index = {name: i for i, name in enumerate(names)}
        labels = np.array([index[name] for name, _, _ in rows], np.int32)
        images = np.stack([image for _, _, image in rows])
        return cls(images, labels, names, tuple(face for _, face, _ in rows))

    def save(self, path: Path) -> None:
        """Write the compressed file whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez_compressed(
                file,
                images=self.images,
                labels=self.labels,
                names=np.array(self.names),
                faces=np.array(self.faces),
            )
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "GlyphSet":
        """Read a corpus file. Raises `CorpusMissingError` where it was not built."""
        if not path.exists():
            raise CorpusMissingError(
                f"{path} is missing: build it with `python -m engine.lab.training.glyph_recipe`"
            )
        with np.load(path, allow_pickle=False) as file:
            names = tuple(str(name) for name in file["names"])
            faces = tuple(str(face) for face in file["faces"])
            return cls(file["images"], file["labels"], names, faces)

    def scripts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.partition("/")[0] for name in self.names))

    def keep(self, scripts: Iterable[str]) -> "GlyphSet":
        """The classes of these scripts alone."""
        wanted = set(scripts)
        rows = [
            (self.names[label], face, image)
            for label, face, image in zip(self.labels, self.faces, self.images, strict=True)
            if self.names[label].partition("/")[0] in wanted
        ]
        return GlyphSet.from_rows(rows)

    def works(self) -> dict[str, tuple[int, ...]]:
        """Class name -> indices of its images: the works of `engine.meta.episodes.TaskSampler`."""
        found: dict[str, list[int]] = {name: [] for name in self.names}
        for index, label in enumerate(self.labels):
            found[self.names[label]].append(index)
        return {name: tuple(indices) for name, indices in found.items()}

    def pixels(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """(N, 1, 28, 28), ink 1, ground 0."""
        return torch.from_numpy(self.images).to(dtype).div_(255).unsqueeze(1)


def split_validation(scripts: Iterable[str]) -> tuple[list[str], list[str]]:
    """Training scripts and the few among them that only watch (never the reserved ones)."""
    training: list[str] = []
    watching: list[str] = []
    for script in scripts:
        first = hashlib.sha256(script.encode()).digest()[0]
        (watching if first < VALIDATION_BELOW else training).append(script)
    return training, watching


def rotated(works: dict[str, tuple[int, ...]], quarter_turns: int) -> dict[str, tuple[int, ...]]:
    """Names for classes turned by quarters: Santoro et al. (2016) make four classes of each."""
    return {f"{name}@{quarter_turns}": indices for name, indices in works.items()}

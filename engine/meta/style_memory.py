"""The style memory: a new adaptation starts from the nearest styles that were made before.

Legend: N styles remembered, D embedding size, θ_i the adapted parameters of style i. The read is
the softmax of cosines of Santoro et al. (2016) eq. 2 to 4, over styles instead of works.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from engine.meta.errors import EmptySupportError, WrongCheckpointError
from engine.meta.inner_loop import Parameters

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """One style: what it is like, (D,), and where adaptation to it ended."""

    embedding: Tensor
    parameters: Parameters


@dataclass(slots=True)
class StyleMemory:
    """Every style an artist has made, by name. `sharpness` of the softmax over cosines."""

    sharpness: float = 10.0
    styles: dict[str, Remembered] = field(default_factory=dict)

    def remember(self, name: str, embeddings: Tensor, parameters: Parameters) -> None:
        """Keep or replace a style; embeddings (K, D) of its references are averaged.

        Raises `EmptySupportError`.
        """
        if embeddings.shape[0] == 0:
            raise EmptySupportError(f"the set of references of {name!r}")
        kept = {k: p.detach().clone() for k, p in parameters.items()}
        self.styles[name] = Remembered(embeddings.detach().mean(0), kept)

    def forget(self, name: str) -> None:
        self.styles.pop(name, None)

    def nearest(self, embeddings: Tensor, count: int = 3) -> list[tuple[str, float]]:
        """The styles nearest to references (K, D): (name, cosine), best first."""
        if embeddings.shape[0] == 0:
            raise EmptySupportError("the set of references")
        if not self.styles:
            return []
        names = list(self.styles)
        keys = torch.stack([self.styles[name].embedding for name in names])  # (N, D)
        cosines = F.cosine_similarity(keys, embeddings.mean(0, keepdim=True))
        best = torch.topk(cosines, min(count, len(names)))
        return [
            (names[i], float(c)) for i, c in zip(best.indices.tolist(), best.values, strict=True)
        ]

    def start_from(
        self, embeddings: Tensor, fallback: Parameters, count: int = 3, least_cosine: float = 0.5
    ) -> Parameters:
        """θ to begin from: the nearest styles by softmax, or `fallback` where none is near."""
        near = [(n, c) for n, c in self.nearest(embeddings, count) if c >= least_cosine]
        if not near:
            return dict(fallback)
        weights = torch.softmax(self.sharpness * torch.tensor([c for _, c in near]), dim=0)
        return {
            key: sum(
                (
                    w.to(p) * self.styles[n].parameters[key]
                    for (n, _), w in zip(near, weights, strict=True)
                ),
                start=torch.zeros_like(p),
            )
            for key, p in fallback.items()
        }

    def save(self, path: Path) -> None:
        """One safetensors file, written whole or not at all."""
        tensors: dict[str, Tensor] = {}
        for index, style in enumerate(self.styles.values()):
            tensors[f"{index}/embedding"] = style.embedding.contiguous()
            tensors |= {f"{index}/theta/{k}": p.contiguous() for k, p in style.parameters.items()}
        header = {"format": str(FORMAT_VERSION), "names": json.dumps(list(self.styles))}
        partial = path.with_name(path.name + ".partial")
        with partial.open("wb") as file:
            file.write(save(tensors, metadata=header))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "StyleMemory":
        """Raises `WrongCheckpointError` for damaged, foreign and newer files."""
        try:
            with safe_open(str(path), framework="pt") as file:
                header = file.metadata() or {}
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            version, names = int(header["format"]), json.loads(header["names"])
        except (SafetensorError, FileNotFoundError, KeyError, ValueError) as error:
            raise WrongCheckpointError(path, f"it is no style memory ({error})") from error
        if version > FORMAT_VERSION:
            raise WrongCheckpointError(path, f"its format {version} is newer than this Maquette")
        memory = cls()
        for index, name in enumerate(names):
            start = f"{index}/theta/"
            theta = {k.removeprefix(start): t for k, t in tensors.items() if k.startswith(start)}
            memory.styles[name] = Remembered(tensors[f"{index}/embedding"], theta)
        return memory

"""What the surroundings of each pixel show: the first three blocks of a VGG16, as descriptors.

Legend: picture (3, H, W) in [-1, 1], descriptors (G, H/2, W/2). Simonyan and Zisserman 2015; every
layer counts alike, and principal axes of the references' descriptors keep what tells them apart.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor

from engine.core.assets import asset
from engine.core.weights_file import load_checked
from engine.meta.errors import WrongCheckpointError

WEIGHTS_FILE = asset("weights/features/vgg16.safetensors")
BLOCKS = (2, 2, 3)  # convolutions of each
MEAN = (123.68, 116.779, 103.939)  # of red, green, blue, 0 … 255
_SAMPLES = 6000


@dataclass(frozen=True, slots=True)
class FeatureNet:
    """weights and biases of every convolution, block by block."""

    blocks: tuple[tuple[tuple[Tensor, Tensor], ...], ...]

    @torch.no_grad()
    def __call__(self, picture: Tensor) -> Tensor:
        """(448, ⌈H/2⌉, ⌈W/2⌉): the last activations of every block, each of mean length 1."""
        size = -(-picture.shape[1] // 2), -(-picture.shape[2] // 2)
        found = []
        for n, x in enumerate(self.activations(picture)):
            at = F.interpolate(x, size, mode="bilinear", antialias=n == 0, align_corners=False)
            found.append(at[0] / at[0].norm(dim=0).mean().clamp(min=1e-6))
        return torch.cat(found)

    def activations(self, picture: Tensor) -> list[Tensor]:
        """The last of every block: (1, C, h, w) each."""
        mean = picture.new_tensor(MEAN)[:, None, None]
        x = ((picture.clamp(-1, 1) + 1) * 127.5 - mean).flip(0)[None]  # blue first
        found = []
        for n, block in enumerate(self.blocks):
            x = F.max_pool2d(x, 2, ceil_mode=True) if n else x
            for weight, bias in block:
                x = F.relu(F.conv2d(x, weight, bias, padding=1))
            found.append(x)
        return found


@lru_cache(maxsize=1)
def shipped_features(device: torch.device) -> FeatureNet:
    """Loaded once. Raises `WrongCheckpointError`."""
    return load_features(WEIGHTS_FILE, device)


def load_features(path: Path, device: torch.device) -> FeatureNet:
    """Of a weights file with its card beside it. Raises `WrongCheckpointError`."""
    try:
        json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        tensors = {name: t.float().to(device) for name, t in load_checked(path).items()}
        return FeatureNet(
            tuple(
                tuple(
                    (tensors[f"block{b}.{n}.weight"], tensors[f"block{b}.{n}.bias"])
                    for n in range(count)
                )
                for b, count in enumerate(BLOCKS, start=1)
            )
        )
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "the weights or their card are missing") from error
    except (SafetensorError, KeyError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no feature network of this version") from error


@dataclass(frozen=True, slots=True)
class Axes:
    """mean (D,) and axes (D, G) of descriptors; scale: of one whose mean squared distance to
    another at random is 1 when it is divided by it."""

    mean: Tensor
    axes: Tensor
    scale: float

    def of(self, descriptors: Tensor) -> Tensor:
        """(D, h, w) → (G, h, w)."""
        flat = (descriptors.flatten(1).T - self.mean) @ self.axes / self.scale
        return flat.T.reshape(-1, *descriptors.shape[1:])


def principal_axes(descriptors: Sequence[Tensor], count: int) -> Axes:
    """Of the references' descriptors, (D, h, w) each."""
    generator = torch.Generator().manual_seed(0)
    rows = []
    for each in descriptors:
        flat = each.flatten(1).T
        chosen = torch.randperm(len(flat), generator=generator)[: _SAMPLES // len(descriptors)]
        rows.append(flat[chosen])
    all_rows = torch.cat(rows)
    mean = all_rows.mean(0)
    centred = all_rows - mean
    _, axes = torch.linalg.eigh(centred.T @ centred)
    kept = axes[:, -count:]
    spread = (centred @ kept).square().sum(1).mean() * 2
    return Axes(mean, kept, float(spread.sqrt().clamp(min=1e-6)))

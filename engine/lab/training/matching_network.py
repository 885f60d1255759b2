"""A matching network over the patches of pictures: which patch of an artist's works belongs here?

Vinyals et al. 2016, Matching Networks for One Shot Learning, equation 1, with patches in the place
of labels: ŷ(x) = Σ_j a(x, x_j) y_j over the places x_j of the support's works, which look like this
from further away, and of which y_j are the fine patches. The attention is theirs with a squared
distance in the place of the cosine, since nearest patches are searched for by it:

    a(x, x_j) = softmax_j(-e^s |f(x) - f(x_j)|²)

f is a convolutional encoder, the same for both: a linear map of the 7 × 7 px around a place, with
what each stage of convolutions says of its wider surroundings added. At first it is nearly a random
projection of patches, which keeps their distances (Johnson and Lindenstrauss 1984).

Legend: N pictures (N, 3, H, W) in [-1, 1], descriptors (N, D, H, W), stages of C channels.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn

from engine.core.weights_file import load_checked
from engine.lab.training.weights import WEIGHTS_FOLDER
from engine.media.image.generators.painter.features import BLOCKS, MEAN, FeatureNet
from engine.media.image.generators.painter.nearest import PATCH_PX
from engine.meta.errors import WrongCheckpointError

DESCRIPTOR = 24
CHANNELS, DILATIONS = 32, (1, 2, 4, 8)
VGG_CHANNELS = (64, 128, 256)
VGG_PACE = 0.05  # an outer step of the rate r moves a weight of these by 0.05 r
SHARPNESS = 2.0  # s at first

Start = Literal["random", "vgg16"]
_WEIGHT, _MOVED = "encoder.stages.weight", "encoder.stages.moved."


class PlainStages(nn.Module):
    """Dilated convolutions from random weights: each place sees 33 × 33 px."""

    def __init__(self) -> None:
        super().__init__()
        self.widths = (CHANNELS,) * (1 + len(DILATIONS))
        self.inward = _conv(3, 1)
        self.blocks = nn.ModuleList(_conv(CHANNELS, dilation) for dilation in DILATIONS)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(N, C, H, W) each."""
        found = [F.silu(self.inward(x))]
        for block in self.blocks:
            found.append(found[-1] + F.silu(block(found[-1])))
        return found


class VggStages(nn.Module):
    """The first three blocks of a VGG16 (Simonyan and Zisserman 2015), moved from where they were:
    each place sees 40 × 40 px."""

    def __init__(self, begun: FeatureNet | None = None) -> None:
        """begun: the weights to begin with; where there are none they are zero, to be loaded."""
        super().__init__()
        self.widths = VGG_CHANNELS
        self.moved = nn.ParameterList()
        inputs = 3
        for b, (width, count) in enumerate(zip(VGG_CHANNELS, BLOCKS, strict=True)):
            for n in range(count):
                shape = (width, inputs, 3, 3)
                weight, bias = begun.blocks[b][n] if begun else (torch.zeros(shape), None)
                self.register_buffer(f"weight{b}{n}", weight.clone())
                self.register_buffer(f"bias{b}{n}", torch.zeros(width) if bias is None else bias)
                self.moved.append(nn.Parameter(torch.zeros(shape)))
                inputs = width

    def forward(self, x: Tensor) -> list[Tensor]:
        """(N, C, H, W), (N, C, H/2, W/2), (N, C, H/4, W/4)."""
        mean = x.new_tensor(MEAN)[:, None, None]
        x = ((x.clamp(-1, 1) + 1) * 127.5 - mean).flip(1)  # blue first
        found, moved = [], iter(self.moved)
        for b, count in enumerate(BLOCKS):
            x = F.max_pool2d(x, 2, ceil_mode=True) if b else x
            for n in range(count):
                weight = self.get_buffer(f"weight{b}{n}") + VGG_PACE * next(moved)
                x = F.relu(F.conv2d(x, weight, self.get_buffer(f"bias{b}{n}"), padding=1))
            found.append(x)
        return found


class PatchEncoder(nn.Module):
    """f: (N, 3, H, W) → (N, D, H, W), a descriptor of what is around each place."""

    def __init__(self, stages: PlainStages | VggStages, descriptor: int = DESCRIPTOR) -> None:
        super().__init__()
        self.stages = stages
        self.patch = nn.Conv2d(3, descriptor, PATCH_PX, bias=False)
        self.heads = nn.ModuleList(nn.Conv2d(c, descriptor, 1) for c in stages.widths)
        nn.init.normal_(self.patch.weight, std=descriptor**-0.5)
        for head in self.heads:
            assert isinstance(head, nn.Conv2d) and head.bias is not None
            nn.init.normal_(head.weight, std=0.2 * head.in_channels**-0.5)
            nn.init.zeros_(head.bias)

    def forward(self, x: Tensor) -> Tensor:
        half = PATCH_PX // 2
        found = self.patch(F.pad(x, (half, half, half, half), mode="replicate")).float()
        for stage, head in zip(self.stages(x), self.heads, strict=True):
            even = F.layer_norm(stage.movedim(1, -1).float(), (stage.shape[1],)).movedim(-1, 1)
            said = head(even).float()
            if said.shape[2:] != x.shape[2:]:
                said = F.interpolate(said, x.shape[2:], mode="bilinear", align_corners=False)
            found = found + said
        return found


class MatchingNetwork(nn.Module):
    """The encoder and the sharpness of its attention."""

    def __init__(self, encoder: PatchEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS))

    def attention(self, query: Tensor, support: Tensor) -> Tensor:
        """Descriptors (Q, D) of the query's places and (S, D) of the support's → (Q, S) log a."""
        squares = query.square().sum(1)[:, None] + support.square().sum(1)
        gaps = (squares - 2 * query @ support.T).clamp(min=0)
        return torch.log_softmax(-self.sharpness.exp() / query.shape[1] * gaps, 1)


def matching_network(start: Start, begun: FeatureNet | None = None) -> MatchingNetwork:
    """From random weights, or from a VGG16's (begun; without it they are still to be loaded)."""
    stages = PlainStages() if start == "random" else VggStages(begun)
    return MatchingNetwork(PatchEncoder(stages))


def shipped_tensors(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Of a network's state, in half precision. A VGG16's weights are shipped where they have moved
    to."""
    tensors = dict(weights)
    convolutions = [name for name in tensors if name.startswith(_WEIGHT)]
    for n, name in enumerate(convolutions):
        tensors[name] = tensors[name] + VGG_PACE * tensors.pop(f"{_MOVED}{n}")
    return {name: tensor.half() for name, tensor in tensors.items()}


def weights_file(start: Start, folder: Path = WEIGHTS_FOLDER) -> Path:
    return folder / f"image-matching-{start}.safetensors"


def load_network(path: Path, start: Start) -> MatchingNetwork:
    """Of a weights file with its card beside it. Raises `WrongCheckpointError`."""
    network = matching_network(start)
    try:
        json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        tensors = {name: tensor.float() for name, tensor in load_checked(path).items()}
        moved = {k: t for k, t in network.state_dict().items() if k.startswith(_MOVED)}
        network.load_state_dict({**moved, **tensors})
    except FileNotFoundError as error:
        raise WrongCheckpointError(path, "the weights or their card are missing") from error
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise WrongCheckpointError(path, "it is no matching network of this version") from error
    return network.eval().requires_grad_(False)


def _conv(inputs: int, dilation: int) -> nn.Conv2d:
    return nn.Conv2d(
        inputs, CHANNELS, 3, padding=dilation, dilation=dilation, padding_mode="replicate"
    )

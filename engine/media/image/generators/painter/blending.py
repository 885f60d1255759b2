"""Seams dissolved: the picture that has the gradients of the votes and stays near their colours.

Legend: f the picture, u the voted colours, g the voted gradients, λ how much u counts. Minimises
λ |f - u|² + |∇f - g|², the screened Poisson equation (Bhat et al. 2008; gradients voted by patches:
Darabi et al. 2012, Image Melding), in closed form by a cosine transform or, on a canvas without
borders, by Fourier's.
"""

import numpy as np
from scipy.fft import dctn, fft2, idctn, ifft2


def gradients(plane: np.ndarray, channels: int) -> np.ndarray:
    """(…, H, W·C) → (…, H, W·2C): for each pixel the steps to the right, then those down; 0 at the
    last."""
    pixels = plane.reshape(*plane.shape[:-1], -1, channels)
    right, down = np.zeros_like(pixels), np.zeros_like(pixels)
    right[..., :-1, :] = np.diff(pixels, axis=-2)
    down[..., :-1, :, :] = np.diff(pixels, axis=-3)
    return np.concatenate([right, down], -1).reshape(*plane.shape[:-1], -1)


def blended(colours: np.ndarray, steps: np.ndarray, weight: float, wrap: bool) -> np.ndarray:
    """colours u (H, W, C), steps g (H, W, 2C), weight λ > 0 → f (H, W, C), float32."""
    height, width, channels = colours.shape
    right, down = steps[..., :channels].copy(), steps[..., channels:].copy()
    if not wrap:
        right[:, -1], down[-1] = 0, 0
    divergence = right - np.roll(right, 1, 1) + down - np.roll(down, 1, 0)
    wanted = (weight * colours - divergence).astype(np.float32)
    turns = 2 if wrap else 1
    scale = weight + _laplacian(height, turns)[:, None] + _laplacian(width, turns)
    scale = scale[..., None].astype(np.float32)
    if wrap:
        turned = np.asarray(fft2(wanted, axes=(0, 1))) / scale
        return np.real(np.asarray(ifft2(turned, axes=(0, 1))))
    spectrum = np.asarray(dctn(wanted, axes=(0, 1), norm="ortho")) / scale
    return np.asarray(idctn(spectrum, axes=(0, 1), norm="ortho"))


def _laplacian(length: int, turns: int) -> np.ndarray:
    """The eigenvalues of minus the second difference; turns: 2 on a circle, else 1."""
    return 2 - 2 * np.cos(turns * np.pi * np.arange(length) / length)

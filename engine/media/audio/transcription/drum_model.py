"""Which pieces of a drum kit are struck when: a small network over the bands of a spectrum.

Pieces have their place in the spectrum and in the moments after a stroke, and no pitch that would
move: so convolutions run over time alone, and bands are channels (Vogl et al. 2017, "Drum
transcription via joint beat and drum modeling", with convolutions in place of recurrence).

Legend: T frames of HOP samples at RATE, B bands, C classes of pieces.
"""

import json
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn

from engine.core.assets import asset
from engine.core.weights_file import load_checked
from engine.meta.errors import WrongCheckpointError

RATE, FRAME, HOP = 44_100, 2048, 441
FRAMES_HZ = RATE // HOP
BANDS, LOWEST_HZ, HIGHEST_HZ = 64, 30.0, 16_000.0
RANGE_DB = 70.0  # below the loudest band, from which on nothing is seen
CLASSES = ("kick", "snare", "hat", "cymbal", "tom")
WIDTH, DILATIONS = 48, (1, 2, 4)
AT_ONCE = 1000  # frames, ten seconds
WEIGHTS_FILE = asset("weights/transcription/drums.safetensors")


class DrumNetwork(nn.Module):
    """(N, T, 2 B) levels and rises -> (N, T, C) logits. 50 thousand parameters, sees 150 ms to
    either side."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(2 * BANDS, WIDTH, 3, padding=1)
        self.later = nn.ModuleList(
            nn.Conv1d(WIDTH, WIDTH, 5, padding=2 * d, dilation=d) for d in DILATIONS
        )
        self.last = nn.Conv1d(WIDTH, len(CLASSES), 1)

    def forward(self, seen: Tensor) -> Tensor:
        inside = F.relu(self.first(seen.transpose(1, 2)))
        for layer in self.later:
            inside = inside + F.relu(layer(inside))
        return self.last(inside).transpose(1, 2)


def levels(wave: np.ndarray) -> np.ndarray:
    """(N,) at RATE -> (T, B) power of each band."""
    count = max(1, len(wave) // HOP)
    padded = np.pad(wave.astype(np.float32), (FRAME // 2, FRAME + HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP][:count]
    window, bands = np.hanning(FRAME).astype(np.float32), _bands()
    found = np.empty((count, BANDS), np.float32)
    for start in range(0, count, AT_ONCE):
        spectra = np.fft.rfft(frames[start : start + AT_ONCE] * window, axis=1)
        found[start : start + AT_ONCE] = (np.abs(spectra) ** 2).astype(np.float32) @ bands
    return found


def seen(powers: np.ndarray) -> np.ndarray:
    """(T, B) -> (T, 2 B): each band's level from 0 to 1 over RANGE_DB below the loudest, and by how
    much it rose within two frames."""
    decibels = 10 * np.log10(powers / max(float(powers.max(initial=0)), 1e-12) + 1e-9)
    level = np.clip(1 + decibels / RANGE_DB, 0, 1)
    before = level[np.maximum(np.arange(len(level)) - 2, 0)]
    return np.concatenate([level, 3 * np.maximum(level - before, 0)], 1).astype(np.float32)


@lru_cache(maxsize=1)
def _bands() -> np.ndarray:
    """(FRAME / 2 + 1, B) triangles on the mel scale, each of sum 1; narrow ones have a bin."""

    def mel(hz: np.ndarray | float) -> np.ndarray:
        return 2595 * np.log10(1 + np.asarray(hz) / 700)

    edges = np.linspace(float(mel(LOWEST_HZ)), float(mel(HIGHEST_HZ)), BANDS + 2)
    at = mel(np.arange(FRAME // 2 + 1) * RATE / FRAME)
    rising = (at[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - at[:, None]) / (edges[2:] - edges[1:-1])
    shares = np.maximum(0, np.minimum(rising, falling))
    shares[np.abs(at[:, None] - edges[1:-1]).argmin(0), np.arange(BANDS)] += 1e-3
    return (shares / shares.sum(0)).astype(np.float32)


@lru_cache(maxsize=1)
def shipped() -> DrumNetwork:
    """Loaded once. Raises `WrongCheckpointError`."""
    model = DrumNetwork()
    try:
        json.loads(WEIGHTS_FILE.with_suffix(".json").read_text(encoding="utf-8"))
        model.load_state_dict({k: t.float() for k, t in load_checked(WEIGHTS_FILE).items()})
    except FileNotFoundError as error:
        raise WrongCheckpointError(WEIGHTS_FILE, "the weights or their card are missing") from error
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise WrongCheckpointError(WEIGHTS_FILE, "it is no drum network of this version") from error
    return model.eval().requires_grad_(False)


@torch.inference_mode()
def activations(wave: np.ndarray, model: DrumNetwork) -> tuple[np.ndarray, np.ndarray]:
    """(N,) at RATE -> (T, C) how surely a piece of each class is struck, 0 to 1, and (T, B)
    powers."""
    powers = levels(wave)
    said = model(torch.from_numpy(seen(powers))[None])[0].sigmoid()
    return said.numpy(), powers

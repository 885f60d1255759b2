"""Which notes sound when: Basic Pitch, a network of 17 thousand weights, here as a torch module.

Bittner et al. 2022, "A lightweight instrument-agnostic model for polyphonic note transcription and
multipitch estimation"; weights by Spotify, Apache-2.0 (see the card beside them). The network as in
their release `icassp_2022`: a constant-Q spectrogram with three bins a semitone, stacked so that
harmonics lie over their fundamental, then small convolutions.

Legend: W windows of WINDOW samples at RATE, F = 172 frames of HOP samples, 264 bins, 88 keys.
"""

import json
from collections.abc import Generator
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn

from engine.core.assets import asset
from engine.core.progress import Advance
from engine.core.weights_file import load_checked
from engine.meta.errors import WrongCheckpointError

RATE = 22_050
HOP = 256
FRAME_SECONDS = HOP / RATE
LOWEST_PITCH = 21  # the A of a piano's lowest key
KEYS = 88
WINDOW = 2 * RATE - HOP
WEIGHTS_FILE = asset("weights/transcription/basic_pitch.safetensors")
_FRAMES, _EDGE = 172, 15  # of a window; those at each edge know too little and are dropped
_KEPT = _FRAMES - 2 * _EDGE
_OCTAVES, _OCTAVE_BINS = 9, 36
_BINS = 264
_SHIFTS = (-36, 0, 36, 57, 72, 84, 93, 101)  # bins to harmonics ½, 1, 2 … 7
_BATCH = 1  # windows at once: more take as long for each, and a cancel waits for all


class BasicPitch(nn.Module):
    """(W, WINDOW) samples -> (W, 172, 88) notes and (W, 172, 88) onsets, each 0 to 1."""

    lowpass: Tensor
    real: Tensor
    imaginary: Tensor
    scale: Tensor
    norm: Tensor

    def __init__(self) -> None:
        super().__init__()
        bins = _OCTAVE_BINS
        for name, shape in (
            ("lowpass", (1, 1, 256)),
            ("real", (bins, 1, 256)),
            ("imaginary", (bins, 1, 256)),
            ("scale", (309, 1)),
            ("norm", (2,)),
        ):
            self.register_buffer(name, torch.zeros(shape))
        self.contour_in = nn.Conv2d(8, 8, (3, 39), padding=(1, 19))
        self.contour_out = nn.Conv2d(8, 1, 5, padding=2)
        self.note_in = nn.Conv2d(1, 32, 7, stride=(1, 3), padding=(3, 2))
        self.note_out = nn.Conv2d(32, 1, (7, 3), padding=(3, 1))
        self.onset_in = nn.Conv2d(8, 32, 5, stride=(1, 3), padding=(2, 1))
        self.onset_out = nn.Conv2d(33, 1, 3, padding=1)

    def forward(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        stacked = self._harmonics(self._constant_q(samples))  # (W, 8, F, 264)
        contour = self.contour_out(F.relu(self.contour_in(stacked))).sigmoid()
        notes = self.note_out(F.relu(self.note_in(contour))).sigmoid()  # (W, 1, F, 88)
        onsets = torch.cat([notes, F.relu(self.onset_in(stacked))], 1)
        return notes[:, 0], self.onset_out(onsets).sigmoid()[:, 0]

    def _constant_q(self, samples: Tensor) -> Tensor:
        """(W, WINDOW) -> (W, F, 309): decibels, from 0 to 1 within each window, normalised."""
        octaves: list[Tensor] = []
        wave = samples[:, None]
        for octave in range(_OCTAVES):
            hop = HOP >> octave
            padded = F.pad(wave, (128, 128), mode="reflect")
            parts = [F.conv1d(padded, k, stride=hop) for k in (self.real, self.imaginary)]
            octaves.insert(0, parts[0] ** 2 + parts[1] ** 2)
            wave = F.conv1d(F.pad(wave, (127, 127)), self.lowpass, stride=2)
        power = torch.cat(octaves, 1)[:, -len(self.scale) :] * self.scale**2  # (W, 309, F)
        decibels = 10 * torch.log10(power + 1e-10)
        decibels = decibels - decibels.amin((1, 2), keepdim=True)
        level = decibels / decibels.amax((1, 2), keepdim=True).clamp(min=1e-6)
        return (level * self.norm[0] + self.norm[1]).transpose(1, 2)

    @staticmethod
    def _harmonics(spectrum: Tensor) -> Tensor:
        """(W, F, 309) -> (W, 8, F, 264): bin b of channel h is that of the harmonic h of b."""
        most = max(_SHIFTS)
        padded = F.pad(spectrum, (-min(_SHIFTS), most))
        first = -min(_SHIFTS)
        return torch.stack([padded[:, :, first + s : first + s + _BINS] for s in _SHIFTS], 1)


@lru_cache(maxsize=1)
def shipped(device: torch.device) -> BasicPitch:
    """Loaded once. Raises `WrongCheckpointError`."""
    model = BasicPitch()
    try:
        json.loads(WEIGHTS_FILE.with_suffix(".json").read_text(encoding="utf-8"))
        model.load_state_dict(load_checked(WEIGHTS_FILE))
    except FileNotFoundError as error:
        raise WrongCheckpointError(WEIGHTS_FILE, "the weights or their card are missing") from error
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise WrongCheckpointError(WEIGHTS_FILE, "it is no transcriber of this version") from error
    return model.to(device).eval().requires_grad_(False)


def activating(
    wave: np.ndarray, model: BasicPitch
) -> Generator[Advance, None, tuple[np.ndarray, np.ndarray]]:
    """(N,) mono at RATE -> (T, 88) notes and onsets, 0 to 1, a frame each FRAME_SECONDS."""
    frames = -(-len(wave) // HOP)
    windows = max(1, -(-frames // _KEPT))
    padded = np.zeros((windows * _KEPT) * HOP + WINDOW, np.float32)
    padded[_EDGE * HOP : _EDGE * HOP + len(wave)] = wave
    views = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[:: _KEPT * HOP][:windows]
    device = model.scale.device
    found: list[Tensor] = []
    for start in range(0, windows, _BATCH):
        yield Advance(start, windows)
        batch = torch.from_numpy(views[start : start + _BATCH].copy()).to(device)
        with torch.inference_mode():
            both = torch.stack(model(batch), 1)  # (w, 2, F, 88)
        found.append(both[:, :, _EDGE : _EDGE + _KEPT].cpu())
    notes, onsets = torch.cat(found).transpose(0, 1).reshape(2, -1, KEYS)[:, :frames].numpy()
    return notes, onsets

"""Pictures, styles and files that the engine's tests are made of: small, and always the same."""

import io
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from engine.core.progress import finished
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt
from engine.media.image.generators.transport.denoiser import Denoiser, DenoiserConfig, StyleEncoder
from engine.media.image.generators.transport.draw import Steps, draw
from engine.media.image.generators.transport.weights import Prior, plain_start
from engine.protocol import AdaptRequest, Event, PictureBrief, Reference

CPU = torch.device("cpu")
FEW_STEPS = Steps(moving=6, settling=2)
_SMALL = DenoiserConfig(channels=4, dilations=(1, 2), style=6, told=8)
_DENOISER = Denoiser(_SMALL).requires_grad_(False)  # untrained: it only shrinks
PRIOR = Prior(_DENOISER, StyleEncoder(_SMALL.style, channels=4), plain_start(_DENOISER))


def painting(height: int = 64, width: int = 80, phase: float = 0.0) -> torch.Tensor:
    """(3, H, W) in [-1, 1]: slanted waves, with edges and a drift of the colours."""
    y, x = torch.meshgrid(torch.arange(height) / 80, torch.arange(width) / 80, indexing="ij")
    waves = torch.sin(24 * x + 9 * torch.sin(5 * y + phase))
    strokes = torch.sign(torch.sin(31 * y + 7 * x + phase))
    return torch.stack([0.7 * waves, 0.5 * strokes * waves, 0.6 * y - 0.3 + 0.2 * strokes])


def adapted(
    pictures: list[torch.Tensor], weights: list[float] | None = None, seed: int = 0
) -> dict[str, torch.Tensor]:
    weighted = zip(pictures, weights or [1.0] * len(pictures), strict=True)
    named = [WeightedPicture(p, w) for p, w in weighted]
    return finished(adapt(named, seed, CPU, PRIOR, steps=2))


def drawn(
    tensors: dict[str, torch.Tensor], brief: PictureBrief, steps: Steps = FEW_STEPS
) -> torch.Tensor:
    return finished(draw(tensors, brief, PRIOR, CPU, steps))


def as_picture(pixels: torch.Tensor) -> Image.Image:
    levels = ((pixels.clamp(-1, 1) + 1) * 127.5).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())


def encoded(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def colour(height: int, width: int, *rgb: int) -> Image.Image:
    return Image.fromarray(np.full((height, width, 3), rgb, dtype=np.uint8))


def reference_file(folder: Path, name: str = "reference.png", phase: float = 0.0) -> Path:
    path = folder / name
    as_picture(painting(40, 48, phase)).save(path)
    return path


def adapt_request(out: Path, *references: Path, job_id: str = "a") -> AdaptRequest:
    named = tuple(Reference(path=str(path)) for path in references)
    return AdaptRequest(job_id=job_id, references=named, out=str(out))


def last(events: Generator[Event, None, None]) -> Event:
    return list(events)[-1]


def run_engine(*arguments: object) -> subprocess.CompletedProcess[str]:
    """`python -m engine …` in a process of its own."""
    command = [sys.executable, "-m", "engine", *(str(a) for a in arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=600, check=False)

"""How much noise there is at which time, in learning and in drawing.

Legend: x0 clean latents (N, C, h, w), ε noise of the same shape, t time in the scheduler's units.

    noising  x = √ᾱ x0 + √(1 - ᾱ) ε; the denoiser predicts ε, or v = √ᾱ ε - √(1 - ᾱ) x0
    flow     x = (1 - σ) x0 + σ ε, t = 1000 σ; the denoiser predicts ε - x0
"""

import warnings
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from engine.core.pretrained.libraries import library


class Schedule(Protocol):
    def times(self, count: int, random: torch.Generator) -> Tensor:
        """(count,) times to learn at."""
        ...

    def even_times(self, count: int) -> Tensor:
        """(count,) times from little noise to much, to measure at."""
        ...

    def noised(self, x0: Tensor, noise: Tensor, t: Tensor) -> Tensor: ...

    def target(self, x0: Tensor, noise: Tensor, t: Tensor) -> Tensor: ...

    def clean(self, x: Tensor, predicted: Tensor, t: Tensor) -> Tensor:
        """x0 as a prediction has it."""
        ...

    def steps(self, count: int, places: int, patch: int) -> Any:
        """A scheduler of `diffusers` with `count` times; places: of the latents."""
        ...


class Noising:
    """Ho et al. 2020; drawn with DPM-Solver++ of second order (Lu et al. 2022)."""

    def __init__(self, scheduler: Any, family: str) -> None:
        self._solver = library("diffusers").DPMSolverMultistepScheduler
        self._config = dict(scheduler.config)
        self._predicts_v = self._config.get("prediction_type") == "v_prediction"
        self._kept = self._solver.from_config(self._config).alphas_cumprod

    def times(self, count: int, random: torch.Generator) -> Tensor:
        return torch.randint(len(self._kept), (count,), generator=random)

    def even_times(self, count: int) -> Tensor:
        return torch.linspace(0.1, 0.9, count).mul(len(self._kept)).long()

    def _shares(self, t: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        kept = self._kept.to(like.device)[t.to(like.device).long()].view(-1, 1, 1, 1)
        return kept.sqrt(), (1 - kept).sqrt()

    def noised(self, x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        signal, rest = self._shares(t, x0)
        return signal * x0 + rest * noise

    def target(self, x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        signal, rest = self._shares(t, x0)
        return signal * noise - rest * x0 if self._predicts_v else noise

    def clean(self, x: Tensor, predicted: Tensor, t: Tensor) -> Tensor:
        signal, rest = self._shares(t.reshape(-1), x)
        if self._predicts_v:
            return signal * x - rest * predicted
        return (x - rest * predicted) / signal

    def steps(self, count: int, places: int, patch: int) -> Any:
        made = self._solver.from_config(self._config)
        with warnings.catch_warnings():  # the library turns tensors into arrays in an older way
            warnings.simplefilter("ignore", DeprecationWarning)
            made.set_timesteps(count)
        return made


class Flow:
    """Esser et al. 2024; times are drawn from a logistic normal (their equation 19)."""

    def __init__(self, scheduler: Any, family: str) -> None:
        self._scheduler, self._family = scheduler, family

    def times(self, count: int, random: torch.Generator) -> Tensor:
        return torch.randn(count, generator=random).sigmoid() * 1000

    def even_times(self, count: int) -> Tensor:
        return torch.linspace(100, 900, count)

    def noised(self, x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        sigma = self._sigma(t, x0)
        return (1 - sigma) * x0 + sigma * noise

    def target(self, x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        return noise - x0

    def clean(self, x: Tensor, predicted: Tensor, t: Tensor) -> Tensor:
        return x - self._sigma(t.reshape(-1), x) * predicted

    def _sigma(self, t: Tensor, like: Tensor) -> Tensor:
        return (t.to(like) / 1000).view(-1, 1, 1, 1)

    def steps(self, count: int, places: int, patch: int) -> Any:
        made = type(self._scheduler).from_config(self._scheduler.config)
        more: dict[str, Any] = {}
        if made.config.get("use_dynamic_shifting"):
            more["mu"] = self._shift(count, places // patch**2)
        if self._family == "sd3":
            made.set_timesteps(count, **more)
        else:
            made.set_timesteps(sigmas=np.linspace(1.0, 1 / count, count).tolist(), **more)
        return made

    def _shift(self, count: int, places: int) -> float:
        """More noise for larger pictures, as the family's own pipeline has it."""
        if self._family == "flux2":
            flux2 = library("diffusers.pipelines.flux2.pipeline_flux2_klein")
            return flux2.compute_empirical_mu(image_seq_len=places, num_steps=count)
        z_image = library("diffusers.pipelines.z_image.pipeline_z_image")
        about = self._scheduler.config
        return z_image.calculate_shift(
            places,
            about.get("base_image_seq_len", 256),
            about.get("max_image_seq_len", 4096),
            about.get("base_shift", 0.5),
            about.get("max_shift", 1.15),
        )

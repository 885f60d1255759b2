"""One face for the denoisers of all families: how each takes its prompt, its latents and its time.

Legend: N pictures, latents (N, C, h, w) whatever the family, T tokens of a prompt, E their width,
P width of a pooled prompt. Pixels (N, 3, H, W) in [-1, 1].
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.media.image.generators.diffusion.guides import Guide
from engine.media.image.generators.diffusion.image_prompt import ImagePrompt, ImageTokens, applied


@dataclass(frozen=True, slots=True, eq=False)
class Conditioning:
    """What a denoiser is told: tokens (T, E), and pooled (P,) where the family has it. image: an
    IP-Adapter with the tokens that it reads; guide: a ControlNet with its picture."""

    tokens: Tensor
    pooled: Tensor | None = None
    image: tuple[ImagePrompt, ImageTokens] | None = None
    guide: Guide | None = None

    def and_also(self, tokens: Tensor) -> "Conditioning":
        """With more tokens at the end: those of a style."""
        return replace(self, tokens=torch.cat([self.tokens, tokens.to(self.tokens)]))


class Denoiser(Protocol):
    """Of one family, over the parts of its pipeline."""

    is_flow: bool  # predicts a velocity (Lipman et al. 2023), not noise
    patch: int  # latents are denoised in patches of patch²

    def encode(self, pipe: Any, prompt: str, device: torch.device) -> Conditioning: ...

    def predict(self, pipe: Any, x: Tensor, t: Tensor, told: Conditioning) -> Tensor:
        """What the scheduler takes for x (N, C, h, w) at time t, in its own units."""
        ...

    def to_latents(self, pipe: Any, pixels: Tensor) -> Tensor: ...

    def to_pixels(self, pipe: Any, latents: Tensor) -> Tensor: ...


class ScaledLatents:
    """Latents that are shifted and scaled by numbers of the VAE's configuration."""

    patch = 1

    def to_latents(self, pipe: Any, pixels: Tensor) -> Tensor:
        config = pipe.vae.config
        drawn = pipe.vae.encode(pixels.to(pipe.vae.dtype)).latent_dist.mode()
        return (drawn - (config.get("shift_factor") or 0.0)) * config.scaling_factor

    def to_pixels(self, pipe: Any, latents: Tensor) -> Tensor:
        config = pipe.vae.config
        scaled = latents / config.scaling_factor + (config.get("shift_factor") or 0.0)
        return pipe.vae.decode(scaled.to(pipe.vae.dtype), return_dict=False)[0].float()


class WithUnet(ScaledLatents):
    """What both families over a UNet share: what works beside them."""

    def answer(self, pipe: Any, x: Tensor, t: Tensor, told: Conditioning, **more: Any) -> Tensor:
        tokens = told.tokens.expand(len(x), -1, -1)
        seen: AbstractContextManager[None] = (
            applied(pipe.unet, *told.image) if told.image else nullcontext()
        )
        added = told.guide.residuals(x, t, tokens, **more) if told.guide else {}
        with seen:
            return pipe.unet(
                x, t, encoder_hidden_states=tokens, return_dict=False, **more, **added
            )[0]


class Sd15(WithUnet):
    """A UNet that reads CLIP's tokens (Rombach et al. 2022)."""

    is_flow = False

    def encode(self, pipe: Any, prompt: str, device: torch.device) -> Conditioning:
        found, _ = pipe.encode_prompt(prompt, device, 1, False)
        return Conditioning(found[0])

    def predict(self, pipe: Any, x: Tensor, t: Tensor, told: Conditioning) -> Tensor:
        return self.answer(pipe, x, t, told)


class Sdxl(WithUnet):
    """The same, told two text encoders' tokens, a pooled prompt and sizes (Podell et al. 2023)."""

    is_flow = False

    def encode(self, pipe: Any, prompt: str, device: torch.device) -> Conditioning:
        found, _, pooled, _ = pipe.encode_prompt(
            prompt, device=device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        if not prompt and pipe.config.get("force_zeros_for_empty_prompt"):
            return Conditioning(torch.zeros_like(found[0]), torch.zeros_like(pooled[0]))
        return Conditioning(found[0], pooled[0])

    def predict(self, pipe: Any, x: Tensor, t: Tensor, told: Conditioning) -> Tensor:
        assert told.pooled is not None
        size = [side * pipe.vae_scale_factor for side in x.shape[2:]]
        ids = torch.tensor([*size, 0, 0, *size], dtype=told.tokens.dtype, device=x.device)
        added = {
            "text_embeds": told.pooled.expand(len(x), -1),
            "time_ids": ids.expand(len(x), -1),
        }
        return self.answer(pipe, x, t, told, added_cond_kwargs=added)


class Sd3(ScaledLatents):
    """A Transformer over picture and prompt together (Esser et al. 2024)."""

    is_flow = True
    patch = 2

    def encode(self, pipe: Any, prompt: str, device: torch.device) -> Conditioning:
        found, _, pooled, _ = pipe.encode_prompt(
            prompt, None, None, device=device, do_classifier_free_guidance=False
        )
        return Conditioning(found[0], pooled[0])

    def predict(self, pipe: Any, x: Tensor, t: Tensor, told: Conditioning) -> Tensor:
        assert told.pooled is not None
        return pipe.transformer(
            hidden_states=x,
            timestep=t.expand(len(x)),
            encoder_hidden_states=told.tokens.expand(len(x), -1, -1),
            pooled_projections=told.pooled.expand(len(x), -1),
            return_dict=False,
        )[0]


class Flux2:
    """The same over latents of 2 × 2 patches, normalised channel by channel, with places of all
    tokens beside them."""

    is_flow = True
    patch = 1  # they are patched already

    def encode(self, pipe: Any, prompt: str, device: torch.device) -> Conditioning:
        found, _ = pipe.encode_prompt(prompt, device=device)
        return Conditioning(found[0])

    def predict(self, pipe: Any, x: Tensor, t: Tensor, told: Conditioning) -> Tensor:
        height, width = x.shape[2:]
        tokens = told.tokens.expand(len(x), -1, -1)
        packed = pipe.transformer(
            hidden_states=x.flatten(2).transpose(1, 2),
            timestep=(t.expand(len(x)) / 1000).to(x.dtype),
            guidance=None,
            encoder_hidden_states=tokens,
            txt_ids=pipe._prepare_text_ids(tokens).to(x.device),
            img_ids=pipe._prepare_latent_ids(x).to(x.device),
            return_dict=False,
        )[0]
        return packed[:, : height * width].transpose(1, 2).unflatten(2, (height, width))

    def to_latents(self, pipe: Any, pixels: Tensor) -> Tensor:
        drawn = pipe.vae.encode(pixels.to(pipe.vae.dtype)).latent_dist.mode()
        mean, deviation = self._moments(pipe, drawn)
        return (pipe._patchify_latents(drawn) - mean) / deviation

    def to_pixels(self, pipe: Any, latents: Tensor) -> Tensor:
        mean, deviation = self._moments(pipe, latents)
        drawn = pipe._unpatchify_latents(latents * deviation + mean)
        return pipe.vae.decode(drawn.to(pipe.vae.dtype), return_dict=False)[0].float()

    def _moments(self, pipe: Any, like: Tensor) -> tuple[Tensor, Tensor]:
        norm = pipe.vae.bn
        variance = norm.running_var + pipe.vae.config.batch_norm_eps
        return (
            norm.running_mean.view(1, -1, 1, 1).to(like),
            variance.sqrt().view(1, -1, 1, 1).to(like),
        )


class ZImage(ScaledLatents):
    """A Transformer over one sequence of both; its time runs from 0, noise, to 1."""

    is_flow = True
    patch = 2

    def encode(self, pipe: Any, prompt: str, device: torch.device) -> Conditioning:
        found, _ = pipe.encode_prompt(prompt, device, do_classifier_free_guidance=False)
        return Conditioning(found[0])

    def predict(self, pipe: Any, x: Tensor, t: Tensor, told: Conditioning) -> Tensor:
        velocities = pipe.transformer(
            list(x.unsqueeze(2).unbind(0)),
            ((1000 - t.expand(len(x))) / 1000).to(x.dtype),
            [told.tokens] * len(x),
            return_dict=False,
        )[0]
        return -torch.stack([each.float() for each in velocities]).squeeze(2)


DENOISERS: dict[str, Denoiser] = {
    "sd15": Sd15(),
    "sdxl": Sdxl(),
    "sd3": Sd3(),
    "flux2": Flux2(),
    "zimage": ZImage(),
}

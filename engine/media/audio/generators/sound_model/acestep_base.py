"""ACE-Step 1.5 in memory (arXiv 2602.00744): sound ↔ latents, what its Transformer is told, and the
velocity that it predicts.

Legend: T frames of latents with D numbers each, L tokens of what it is told with E numbers each,
C channels, N samples. Latents (1, T, D); at time t, 1 … 0, they are (1 - t) x0 + t ε, and the
velocity is ε - x0 (Lipman et al. 2023).
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.core.device import steady_dtype
from engine.core.errors import BadInput
from engine.core.pretrained.added import AddedModel
from engine.core.pretrained.libraries import check_installed, library, offline
from engine.core.pretrained.loading import loading
from engine.media.audio.codec.sound import Sound
from engine.media.audio.generators.sound_model.model_jobs import identify
from engine.media.audio.generators.sound_model.parts import loudest

GUIDANCE, MOMENTUM, MOST_NORM = 7.0, -0.75, 2.5  # as the model's own pipeline has them
STEPS, TURBO_STEPS, SHIFT = 50, 8, 3.0
TIMBRE_S = 30  # of a reference, that its timbre encoder hears
LYRICS = "[Instrumental]"


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """states (1, L, E): what the Transformer is told. context (1, T, 2 D): what is known of the
    sound, and which frames are to be made."""

    states: Tensor
    context: Tensor


class AceStepBase:
    """What all styles over a model share; frozen."""

    def __init__(
        self, pipe: Any, row: AddedModel, device: torch.device, dtype: torch.dtype
    ) -> None:
        self.pipe, self.row, self.device, self.dtype = pipe, row, device, dtype
        self.rate = int(pipe.sample_rate)
        self.frames_a_second = float(pipe.latents_per_second)
        self.numbers = int(pipe.transformer.config.audio_acoustic_hidden_dim)
        self.steps = TURBO_STEPS if pipe.is_turbo else STEPS
        for part in pipe.components.values():
            if isinstance(part, nn.Module):
                part.requires_grad_(False).eval()

    @property
    def network(self) -> nn.Module:
        return self.pipe.transformer

    @property
    def width(self) -> int:
        """E."""
        return int(self.pipe.condition_encoder.config.hidden_size)

    def encode(self, sound: Sound, most_s: float) -> Tensor:
        """(T, D) of the loudest `most_s` seconds at most, on the CPU."""
        samples = loudest(sound.samples, sound.rate, self.rate, most_s)
        if len(samples) == 1:
            samples = np.repeat(samples, 2, 0)
        with torch.no_grad():
            given = torch.from_numpy(samples)[None].to(self.device, self.dtype)
            found = self.pipe.vae.encode(given).latent_dist.mode()
        return found[0].T.float().cpu()

    def decode(self, latents: Tensor) -> np.ndarray:
        """(1, T, D) → (C, N) float32 at `rate`, at most 1."""
        with torch.no_grad():
            found = self.pipe.vae.decode(latents.transpose(1, 2).to(self.dtype)).sample[0]
        samples = found.float()
        return (samples / samples.abs().max().clamp(min=1.0)).cpu().numpy()

    def silence(self, frames: int) -> Tensor:
        """(1, frames, D) as it was trained with; nothing else stands for it."""
        found = self.pipe.condition_encoder.silence_latent.to(self.device, self.dtype)
        return found.repeat(1, -(-frames // found.shape[1]), 1)[:, :frames]

    def told(self, prompt: str, frames: int, timbre: Tensor, known: Tensor | None = None) -> Heard:
        """timbre (T', D): latents of a reference. known (T'', D): of what comes before the work;
        frames: of the work and of that."""
        pipe = self.pipe
        task = "text2music" if known is None else "repaint"
        with torch.no_grad():
            words, word_mask, lyrics, lyric_mask = pipe.encode_prompt(
                prompt,
                LYRICS,
                self.device,
                audio_duration=frames / self.frames_a_second,
                instruction=pipe._get_task_instruction(task),
            )
            states, _mask = pipe.condition_encoder(
                text_hidden_states=words,
                text_attention_mask=word_mask,
                lyric_hidden_states=lyrics,
                lyric_attention_mask=lyric_mask,
                refer_audio_acoustic_hidden_states_packed=self._whole(timbre),
                refer_audio_order_mask=torch.arange(1, device=self.device),
            )
        made = torch.ones(1, frames, self.numbers).to(self.device, self.dtype)
        source = self.silence(frames)
        if known is not None:
            made[:, : len(known)] = 0
            source = torch.cat([known[None].to(source), source[:, len(known) :]], 1)
        return Heard(states, torch.cat([source, made], -1))

    def _whole(self, timbre: Tensor) -> Tensor:
        """(1, T, D) of TIMBRE_S seconds: again and again, where it is shorter."""
        frames = max(1, round(TIMBRE_S * self.frames_a_second))
        times = -(-frames // len(timbre))
        return timbre.repeat(times, 1)[None, :frames].to(self.device, self.dtype)

    def nothing(self, heard: Heard) -> Heard:
        """What is led away from: the model's own embedding of nothing."""
        blank = self.pipe.condition_encoder.null_condition_emb.to(heard.states)
        return Heard(blank.expand_as(heard.states), heard.context)

    def velocity(self, x: Tensor, t: Tensor, heard: Heard, tokens: Tensor) -> Tensor:
        """x (1, T, D) → the same in float32, differentiable. tokens (n, E): a style's."""
        states = torch.cat([heard.states, tokens[None].to(heard.states)], 1)
        time = t.reshape(1).to(self.device, self.dtype)
        return self.pipe.transformer(
            hidden_states=x.to(self.dtype),
            timestep=time,
            timestep_r=time,
            encoder_hidden_states=states,
            context_latents=heard.context,
            return_dict=False,
        )[0].float()

    def times(self) -> list[float]:
        """From 1 towards 0, which is left out."""
        return self.pipe._get_timestep_schedule(
            self.steps, SHIFT, torch.device("cpu"), torch.float32
        ).tolist()

    def guidance(self) -> Any:
        """Of one work: wanted, usual → a velocity, by adaptive projected guidance (Sadat et al.
        2024). None for models that were distilled, which are not guided."""
        if self.pipe.is_turbo:
            return None
        guiders = library("diffusers.guiders.adaptive_projected_guidance")
        momentum = guiders.MomentumBuffer(momentum=MOMENTUM)

        def guided(wanted: Tensor, usual: Tensor) -> Tensor:
            return guiders.normalized_guidance(
                wanted,
                usual,
                GUIDANCE - 1,
                momentum,
                eta=0.0,
                norm_threshold=MOST_NORM,
                use_original_formulation=True,
                norm_dim=(1,),
            )

        return guided


def load(row: AddedModel, device: torch.device, dtype: torch.dtype | None = None) -> AceStepBase:
    """Raises BadInput for a model that is gone, damaged, or too large for the memory."""
    check_installed()
    if not row.is_there():
        raise BadInput("model_gone", name=row.name)
    identify(Path(row.source))
    dtype = dtype or steady_dtype(device)
    with loading(row), offline(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # its VAE is built in an older way
        pipe = (
            library("diffusers")
            .AceStepPipeline.from_pretrained(
                row.source,
                local_files_only=True,
                use_safetensors=True,
                dtype=dtype,
                low_cpu_mem_usage=False,
            )
            .to(device)
        )
    return AceStepBase(pipe, row, device, dtype)

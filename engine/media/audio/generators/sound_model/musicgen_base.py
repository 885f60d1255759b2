"""MusicGen in memory: sound ↔ codes, what the decoder is told, and what it expects next.

Legend: K codebooks, T frames of codes, S = T + K steps, V codes of a book, E width of the decoder.
Codes of book k are delayed by k steps (Copet et al. 2023, section 2.2), so that one step writes one
code of every book: delayed (K, S), where step 0, and whatever lies outside, is padding.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.core.device import steady_dtype
from engine.core.errors import BadInput
from engine.core.pretrained.added import AddedModel
from engine.core.pretrained.libraries import check_installed, library, offline
from engine.core.pretrained.loading import loading
from engine.media.audio.codec.sound import Sound
from engine.media.audio.generators.sound_model.model_jobs import identify
from engine.media.audio.generators.sound_model.parts import loudest

GUIDANCE = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What the decoder reads: states (1, L, E); mask (1, L) of those that count."""

    states: Tensor
    mask: Tensor

    def and_also(self, tokens: Tensor) -> "Told":
        """With a style's tokens (n, E) at the end."""
        states = torch.cat([self.states, tokens[None].to(self.states)], 1)
        return Told(states, F.pad(self.mask, (0, len(tokens)), value=1))


class MusicGenBase:
    """What all styles over a model share; frozen."""

    def __init__(self, model: Any, tokenizer: Any, row: AddedModel, device: torch.device) -> None:
        self.model, self.tokenizer, self.row, self.device = model, tokenizer, row, device
        self.decoder = model.decoder
        config = model.decoder.config
        self.books = int(config.num_codebooks)
        self.padding = int(config.pad_token_id)
        self.codes = int(config.vocab_size)
        self.rate = int(model.audio_encoder.config.sampling_rate)
        self.channels = int(config.audio_channels)
        self._told: dict[str, Told] = {}
        model.requires_grad_(False).eval()

    @property
    def network(self) -> nn.Module:
        return self.decoder

    @property
    def frames_a_second(self) -> float:
        return self.rate / float(np.prod(self.model.audio_encoder.config.upsampling_ratios))

    def told(self, prompt: str) -> Told:
        """A prompt as the decoder reads it; each is encoded once."""
        if prompt not in self._told:
            self._told[prompt] = self._encoded(prompt)
        return self._told[prompt]

    def _encoded(self, prompt: str) -> Told:
        given = self.tokenizer([prompt], return_tensors="pt").to(self.device)
        with torch.no_grad():
            mask = given.attention_mask
            states = self.model.text_encoder(input_ids=given.input_ids, attention_mask=mask)[0]
            if hasattr(self.model, "enc_to_dec_proj"):
                states = self.model.enc_to_dec_proj(states)
        return Told(states * mask[..., None], mask)

    def encode(self, sound: Sound, most_s: float) -> Tensor:
        """(K, T) codes of the loudest `most_s` seconds at most."""
        samples = loudest(sound.mono()[None], sound.rate, self.rate, most_s)
        values = torch.from_numpy(samples)[None]
        with torch.no_grad():
            found = self.model.audio_encoder.encode(
                values.to(self.device, self.model.dtype)
            ).audio_codes[0, 0]
        if self.channels == 2 and len(found) == self.books // 2:
            found = found.repeat_interleave(2, 0)
        return found[: self.books]

    def decode(self, codes: Tensor) -> np.ndarray:
        """(K, T) -> (C, N) float32 at `rate`."""
        sides = [codes[::2], codes[1::2]] if self.channels == 2 else [codes]
        with torch.no_grad():
            rows = [
                self.model.audio_encoder.decode(side[None, None], [None]).audio_values[0]
                for side in sides
            ]
        return torch.cat(rows).float().cpu().numpy()

    def delayed(self, codes: Tensor) -> Tensor:
        """(K, T) -> (K, T + K), padding first; both sides of a stereo pair alike."""
        rows = torch.full((self.books, codes.shape[1] + self.lag), self.padding)
        rows = rows.to(codes.device)
        for book in range(self.books):
            first = self.delay(book)
            rows[book, first : first + codes.shape[1]] = codes[book]
        return rows

    def undelayed(self, delayed: Tensor) -> Tensor:
        """(K, T + K) -> (K, T)."""
        frames = delayed.shape[1] - self.lag
        firsts = [self.delay(book) for book in range(self.books)]
        rows = [delayed[book, first : first + frames] for book, first in enumerate(firsts)]
        return torch.stack(rows)

    def delay(self, book: int) -> int:
        """The step of its first code."""
        return 1 + (book // 2 if self.channels == 2 else book)

    @property
    def lag(self) -> int:
        """Steps beyond the frames."""
        return self.delay(self.books - 1)

    def logits(self, steps: Tensor, told: Told, cache: Any = None) -> tuple[Tensor, Any]:
        """steps (N · K, S) → (N, K, S, V) float32 and what makes the next step cheap."""
        count = len(steps) // self.books
        out = self.decoder(
            input_ids=steps,
            encoder_hidden_states=told.states.expand(count, -1, -1).to(self.model.dtype),
            encoder_attention_mask=told.mask.expand(count, -1),
            cache=cache,
            use_cache=True,
        )
        return out.logits.unflatten(0, (count, self.books)).float(), out.cache

    def error(self, codes: Tensor, told: Told) -> Tensor:
        """Mean nats of a code of (K, T), each after those before it; differentiable."""
        rows = self.delayed(codes)
        logits = self.logits(rows[:, :-1], told)[0][0]
        targets = rows[:, 1:].masked_fill(rows[:, 1:] == self.padding, -100)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)


def load(row: AddedModel, device: torch.device, dtype: torch.dtype | None = None) -> MusicGenBase:
    """Raises BadInput for a model that is gone, damaged, or too large for the memory."""
    check_installed()
    if not row.is_there():
        raise BadInput("model_gone", name=row.name)
    identify(Path(row.source))
    with loading(row), offline():
        transformers, more = library("transformers"), {"local_files_only": True}
        tokenizer = transformers.AutoTokenizer.from_pretrained(row.source, **more)
        model = transformers.MusicgenForConditionalGeneration.from_pretrained(
            row.source, use_safetensors=True, dtype=dtype or steady_dtype(device), **more
        ).to(device)
    return MusicGenBase(model, tokenizer, row, device)

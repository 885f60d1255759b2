"""A converted model in memory: the decoder, its tokens, and the rows of its head that a text needs.

Legend: V vocabulary, Vh tokens that may be written, C width.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer
from torch import Tensor

from engine.core.device import best_dtype as best_dtype
from engine.core.errors import BadInput
from engine.media.text.generators.causal_lm.conversion import (
    TOKENIZER_FILE,
    Converted,
    read_about,
    weight_files,
)
from engine.media.text.generators.causal_lm.decoder import Decoder
from engine.media.text.generators.causal_lm.families import Shape
from engine.media.text.generators.causal_lm.vocabulary import scripts_of

MOST_FREQUENT, DRAWN = 8_000, 6_000  # tokens of a head for gradients: the first, and of the rest
_PROGRAM_BYTES = 350 * 2**20  # Python and torch themselves
_WORK_BYTES = 560 * 2**20  # caches of drafts and steps of adapters: measured, 1.38 GB in all


class Tokens:
    """Text ↔ tokens. pieces (V,): what each token adds to a text, "" for a part of a character."""

    def __init__(self, tokenizer: Tokenizer, opening: int) -> None:
        self.tokenizer, self.opening = tokenizer, opening
        self.size = tokenizer.get_vocab_size()
        before = self.encode("x")  # so that a space before a word is not lost
        alone = tokenizer.decode_batch([[*before, i] for i in range(self.size)])
        self.pieces = ["" if "\ufffd" in text else text[1:] for text in alone]
        if opening >= 0:
            self.pieces[opening] = ""

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, ids: Iterable[int]) -> str:
        return self.tokenizer.decode([i for i in ids if i != self.opening])

    def texts(self) -> dict[int, str]:
        """What each token adds to a text; none of parts of characters."""
        return {i: piece for i, piece in enumerate(self.pieces) if piece}

    def written_in(self, scripts: frozenset[str], letters: frozenset[str]) -> np.ndarray:
        """(Vh,) the tokens with letters of these scripts only, or of `letters`, or with none."""
        kept = [
            i
            for i, piece in enumerate(self.pieces)
            if piece and (scripts_of("".join(c for c in piece if c not in letters)) <= scripts)
        ]
        return np.array(kept)


@dataclass(frozen=True, slots=True)
class Base:
    """What all styles of this model share; frozen."""

    about: Converted
    decoder: Decoder
    tokens: Tokens

    @property
    def opening(self) -> list[int]:
        """What every text begins with: one token or none."""
        return [self.tokens.opening] if self.tokens.opening >= 0 else []


@dataclass(frozen=True, slots=True)
class Head:
    """The tokens that may be written, and their rows: ids (Vh,), rows (Vh, C). each_for (Vh,): how
    much is added to the logit of a token that stands for others; None where none does. certainty:
    what logits are multiplied by, so that probabilities come true (Guo et al. 2017)."""

    ids: np.ndarray
    rows: Tensor
    each_for: Tensor | None = None
    certainty: float = 1.0

    @classmethod
    def of(cls, base: Base, ids: np.ndarray, certainty: float = 1.0) -> "Head":
        index = torch.from_numpy(ids).to(base.decoder.device)
        return cls(ids, base.decoder.head(index), certainty=certainty)

    @classmethod
    def sampled(
        cls, base: Base, ids: np.ndarray, also: Sequence[int] = (), seed: int = 0
    ) -> "Head":
        """The MOST_FREQUENT first of some tokens, those of a text, and DRAWN of the others, each of
        which stands for as many as were left out (sampled softmax: Jean et al. 2015).

        For gradients: vocabularies are in order of merging, which is near that of frequency, and a
        step costs half of what it does with all. Without the others, steps would move weight to
        these unseen.
        """
        near = np.union1d(ids[:MOST_FREQUENT], np.array(also, ids.dtype))
        rest = np.setdiff1d(ids, near)
        drawn = np.random.default_rng(seed).permutation(rest)[:DRAWN]
        head = cls.of(base, np.union1d(near, drawn))
        if len(drawn) == len(rest):
            return head
        weight = np.where(np.isin(head.ids, drawn), np.log(len(rest) / max(1, len(drawn))), 0.0)
        each_for = torch.from_numpy(weight).float().to(base.decoder.device)
        return cls(head.ids, head.rows, each_for)

    def places(self, tokens: Tensor) -> Tensor:
        """Where each token stands among these, -1 for what is not there."""
        ids = torch.from_numpy(self.ids).to(tokens.device)  # ascending
        found = torch.searchsorted(ids, tokens).clamp(max=len(ids) - 1)
        return torch.where(ids[found] == tokens, found, -1)

    def log_p(self, states: Tensor) -> Tensor:
        """(…, C) -> log p (…, Vh) float32, among these tokens."""
        logits = F.linear(states, self.rows).float()
        if self.certainty != 1.0:
            logits *= self.certainty
        return torch.log_softmax(logits if self.each_for is None else logits + self.each_for, -1)


def load(folder: Path, device: torch.device, dtype: torch.dtype | None = None) -> Base:
    """A converted model, memory-mapped. Raises BadInput.

    dtype: None for the faster of bfloat16 and float32 on a CPU, bfloat16 or float16 elsewhere.
    """
    about = read_about(folder)
    weights: dict[str, Tensor] = {}
    try:
        for path in weight_files(folder, about.shape):
            with safe_open(path, "pt") as opened:
                weights |= {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        decoder = Decoder(about.shape, weights)
    except (SafetensorError, OSError, KeyError) as error:
        raise BadInput("model_damaged", name=about.name, reason=str(error)[:80]) from error
    tokens = Tokens(tokenizer, about.opening)
    return Base(about, decoder.to(dtype or best_dtype(device), device), tokens)


def memory_needed(shape: Shape, dtype: torch.dtype, written: int) -> int:
    """Bytes while it adapts and writes, with `written` tokens in its head."""
    matrices = shape.parameters - shape.vocabulary * shape.width * (1 if shape.tied else 2)
    return (matrices + written * shape.width) * dtype.itemsize + _PROGRAM_BYTES + _WORK_BYTES

"""References → style over MusicGen, and style → sound.

Legend: K codebooks, T frames, S steps, V codes, n style tokens of width E. Tensors of a style: base
(32,) the sha256 of the model; tokens (n, E); low_rank/…; prompts (K, T) int16 codes of the
references, one after the other, and ends (R,) where each ends: a work may go on from them.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.core.pretrained.learned import Learned, Lesson, Rated, mixed, preferred
from engine.core.pretrained.low_rank import applied
from engine.core.progress import Advance
from engine.core.style import Tensors
from engine.media.audio.codec.sound import Sound
from engine.media.audio.generators.sound_model import learned as learning
from engine.media.audio.generators.sound_model.musicgen_base import GUIDANCE, MusicGenBase, Told
from engine.media.audio.generators.sound_model.parts import joined, of_digest, parted
from engine.media.audio.generators.sound_model.wish import RatedSound, Wish

PROMPT_S, HEARD_S = 4.0, 10.0  # of a prompt at most; of each reference
TRUST_NATS, BETA = 0.05, 5.0  # of a code, the mean divergence that ratings may bring


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """A recording as the model hears it (K, T), and the words that it was made from."""

    codes: Tensor
    prompt: str = ""


class MusicGen:
    """See `wish.SoundModel`."""

    usual_s, most_s = 10, 30  # it was trained on pieces of thirty seconds

    def __init__(self, base: MusicGenBase) -> None:
        self.base, self.row, self.rate = base, base.row, base.rate
        self.lesson = Lesson(self._error, self._change, TRUST_NATS, BETA)

    def adapt(
        self, sounds: Sequence[Sound], weights: Sequence[float], seed: int, seconds: float | None
    ) -> Generator[Advance, None, Tensors]:
        base = self.base
        examples = [Codes(base.encode(sound, HEARD_S)) for sound in sounds]
        width = base.told("").states.shape[-1]
        began = learning.begun(base.network, width, seed, base.device)
        slices = learning.trained(began, self.lesson, examples, weights, seed, seconds)
        found = yield from slices
        prompts = joined([each.codes for each in examples], "prompts", torch.int16)
        return {"base": of_digest(self.row.digest), **prompts, **found.tensors()}

    def written(
        self, style: Mapping[str, Tensor], wish: Wish
    ) -> Generator[Advance, None, np.ndarray]:
        learned = Learned.of_tensors(style, wish.follow)
        codes = yield from written(self.base, learned, parted(style, "prompts"), wish)
        return self.base.decode(codes.to(self.base.device))

    def preferred(
        self, style: Mapping[str, Tensor], works: Sequence[RatedSound], seed: int
    ) -> Generator[Advance, None, Tensors]:
        rated = [
            Rated(Codes(self.base.encode(work.sound, HEARD_S), work.prompt), work.utility)
            for work in works
        ]
        before = Learned.of_tensors(style).on(self.base.device)
        moved = yield from preferred(before, self.lesson, rated, learning.LIKED, seed)
        return moved.moved() if moved is not None else {}

    def blend(self, styles: Sequence[Mapping[str, Tensor]], shares: Sequence[float]) -> Tensors:
        both = mixed([Learned.of_tensors(each) for each in styles], shares)
        prompts = [prompt for each in styles for prompt in parted(each, "prompts")]
        kept = joined(prompts, "prompts", torch.int16)
        return {"base": styles[0]["base"], **kept, **both.tensors()}

    def _error(self, learned: Learned, one: Codes, random: torch.Generator) -> Tensor:
        """Mean nats of a code."""
        with applied(self.base.network, [(learned.adapter, 1.0)]):
            told = self.base.told(one.prompt).and_also(learned.tokens)
            return self.base.error(one.codes, told)

    def _change(self, before: Learned, after: Learned, examples: Sequence[Codes]) -> float:
        """The mean divergence of the next code, in nats."""
        rows: list[float] = []
        for one in examples:
            log_p, log_q = (self._log_p(each, one) for each in (before, after))
            rows.append(float((log_p.exp() * (log_p - log_q)).sum(-1).mean()))
        return sum(rows) / len(rows)

    def _log_p(self, learned: Learned, one: Codes) -> Tensor:
        """(K, S, V)."""
        with applied(self.base.network, [(learned.adapter, 1.0)]):
            told = self.base.told(one.prompt).and_also(learned.tokens)
            steps = self.base.delayed(one.codes)[:, :-1]
            return self.base.logits(steps, told)[0][0].log_softmax(-1)


def written(
    base: MusicGenBase, learned: Learned, prompts: Sequence[Tensor], wish: Wish
) -> Generator[Advance, None, Tensor]:
    """(K, T) codes of a work, without those that it went on from. Yields after each step."""
    random = torch.Generator().manual_seed(wish.seed)
    frames = max(1, round(wish.seconds * base.frames_a_second))
    opening = _opening(base, prompts, wish, random)
    known = opening.shape[1]
    blank = torch.full((base.books, frames), base.padding)
    wanted = base.delayed(torch.cat([opening, blank], 1))
    told = base.told(wish.prompt).and_also(learned.tokens.to(base.device))
    both = Told(
        torch.cat([told.states, torch.zeros_like(told.states)]),
        torch.cat([told.mask, torch.zeros_like(told.mask)]),
    )
    pairs = learned.on(base.device).adapter
    cache, given = None, wanted[:, :1]
    total = wanted.shape[1] - 1
    for step in range(total):
        with torch.no_grad(), applied(base.network, [(pairs, 1.0)]):
            rows = given.repeat(2, 1).to(base.device)
            logits, cache = base.logits(rows, both, cache)
        last = logits[:, :, -1].cpu()
        row = last[1] + GUIDANCE * (last[0] - last[1])
        drawn = _drawn(row, wish, random)
        for book in range(base.books):
            first = base.delay(book)
            if first + known <= step + 1 < first + known + frames:
                wanted[book, step + 1] = drawn[book]
        given = wanted[:, step + 1 : step + 2]
        yield Advance(step + 1, total)
    return base.undelayed(wanted)[:, known:]


def _opening(
    base: MusicGenBase, prompts: Sequence[Tensor], wish: Wish, random: torch.Generator
) -> Tensor:
    """(K, T') codes of a piece of a reference, where it is wanted."""
    frames = round(wish.nearness * PROMPT_S * base.frames_a_second)
    chosen = prompts[int(torch.randint(len(prompts), (1,), generator=random))].long()
    frames = min(frames, chosen.shape[1])
    room = chosen.shape[1] - frames
    first = int(torch.randint(room + 1, (1,), generator=random))
    return chosen[:, first : first + frames]


def _drawn(logits: Tensor, wish: Wish, random: torch.Generator) -> Tensor:
    """(K, V) → (K,): of the likeliest codes that together have top_p."""
    if wish.temperature <= 0:
        return logits.argmax(-1)
    p, order = (logits / wish.temperature).softmax(-1).sort(-1, descending=True)
    before = p.cumsum(-1) - p
    kept = p.masked_fill(before >= wish.top_p, 0.0)
    places = torch.multinomial(kept, 1, generator=random)
    return order.gather(-1, places)[:, 0]

"""References → style over MusicGen, and style → codes.

Legend: K codebooks, T frames, n style tokens of width E. Tensors of a style: base (32,) the sha256
of the model; tokens (n, E); low_rank/…; prompts (K, T) int16 codes of the references, one after
the other, and ends (R,) where each ends: a work may go on from them.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.pretrained import low_rank
from engine.core.pretrained.low_rank import Pair, applied
from engine.core.progress import Advance
from engine.core.style import Tensors
from engine.media.audio.codec.sound import Sound
from engine.media.audio.generators.musicgen.base import GUIDANCE, SoundBase, Told

TOKENS, PROMPT_S, HEARD_S = 4, 4.0, 10.0  # of style; of a prompt at most; of each reference
STEPS, TOKENS_ALONE, SECONDS = 80, 20, 180.0
RATES = (0.02, 5e-4)
MEASURE_EVERY = 10


@dataclass(frozen=True, slots=True, eq=False)
class SoundStyle:
    digest: str
    tokens: Tensor
    adapter: Mapping[str, Pair]
    prompts: tuple[Tensor, ...]

    def tensors(self) -> Tensors:
        ends = torch.tensor([each.shape[1] for each in self.prompts]).cumsum(0)
        return {
            "base": torch.tensor(list(bytes.fromhex(self.digest)), dtype=torch.uint8),
            "tokens": self.tokens.detach().half().cpu(),
            "prompts": torch.cat(self.prompts, 1).short().cpu(),
            "ends": ends,
            **low_rank.to_tensors(self.adapter),
        }

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor]) -> "SoundStyle":
        codes, ends = tensors["prompts"].long(), tensors["ends"].tolist()
        starts = [0, *ends[:-1]]
        return cls(
            bytes(tensors["base"].cpu().numpy()).hex(),
            tensors["tokens"].float(),
            low_rank.of_tensors(tensors),
            tuple(codes[:, a:b] for a, b in zip(starts, ends, strict=True)),
        )


def adapt(
    sounds: Sequence[Sound],
    weights: Sequence[float],
    base: SoundBase,
    seed: int,
    *,
    seconds: float | None = None,
) -> Generator[Advance, None, SoundStyle]:
    """Tokens first, then an adapter beside them; the best on all references is kept. Yields after
    each step."""
    until = time.perf_counter() + (SECONDS if seconds is None else seconds)
    codes = [base.encode(sound, HEARD_S) for sound in sounds]
    told = base.told("")
    random = torch.Generator().manual_seed(seed)
    width = told.states.shape[-1]
    tokens = 0.1 * torch.randn(TOKENS, width, generator=random).to(base.device)
    adapter = low_rank.start(base.network, seed, base.device)
    best = SoundStyle(base.row.digest, tokens, adapter, tuple(each.cpu() for each in codes))
    lowest = _measured(base, told, best, codes)
    moving, optimiser = _moving(best, with_adapter=False)
    for step in range(STEPS):
        if step == TOKENS_ALONE:
            moving, optimiser = _moving(moving, with_adapter=True)
        place = int(torch.multinomial(torch.tensor(list(weights)), 1, generator=random))
        optimiser.zero_grad()
        with torch.enable_grad(), applied(base.network, [(moving.adapter, 1.0)]):
            base.error(codes[place], told.and_also(moving.tokens)).backward()
        optimiser.step()
        is_over = time.perf_counter() > until
        if (step + 1) % MEASURE_EVERY == 0 or is_over:
            error = _measured(base, told, moving, codes)
            if error < lowest:
                lowest, best = error, _moving(moving, with_adapter=False)[0]
        yield Advance(step + 1, STEPS)
        if is_over:
            break
    return best


def _moving(style: SoundStyle, *, with_adapter: bool) -> tuple[SoundStyle, torch.optim.Optimizer]:
    """A copy that learns, and what moves it."""
    tokens = style.tokens.detach().clone().requires_grad_(True)
    pairs = {
        name: Pair(
            pair.down.detach().clone().requires_grad_(with_adapter),
            pair.up.detach().clone().requires_grad_(with_adapter),
        )
        for name, pair in style.adapter.items()
    }
    groups = [{"params": [tokens], "lr": RATES[0]}]
    if with_adapter:
        moved = [tensor for pair in pairs.values() for tensor in (pair.down, pair.up)]
        groups.append({"params": moved, "lr": RATES[1]})
    copy = SoundStyle(style.digest, tokens, pairs, style.prompts)
    return copy, torch.optim.AdamW(groups, weight_decay=0.0)


def _measured(base: SoundBase, told: Told, style: SoundStyle, codes: Sequence[Tensor]) -> float:
    """Mean nats of a code over all references."""
    with torch.no_grad(), applied(base.network, [(style.adapter, 1.0)]):
        rows = [float(base.error(each, told.and_also(style.tokens))) for each in codes]
    return sum(rows) / len(rows)


@dataclass(frozen=True, slots=True)
class Wish:
    """Of one work. nearness: 0 … 1, the share of PROMPT_S of a reference that it goes on from."""

    seed: int
    seconds: float
    prompt: str = ""
    temperature: float = 1.0
    top_p: float = 1.0
    nearness: float = 0.0
    guidance: float = GUIDANCE


def written(base: SoundBase, style: SoundStyle, wish: Wish) -> Generator[Advance, None, Tensor]:
    """(K, T) codes of a work, without those that it went on from. Yields after each step."""
    random = torch.Generator().manual_seed(wish.seed)
    frames = max(1, round(wish.seconds * base.frames_a_second))
    opening = _opening(base, style, wish, random)
    known = opening.shape[1]
    blank = torch.full((base.books, frames), base.padding)
    wanted = base.delayed(torch.cat([opening, blank], 1))
    told = base.told(wish.prompt).and_also(style.tokens.to(base.device))
    both = Told(
        torch.cat([told.states, torch.zeros_like(told.states)]),
        torch.cat([told.mask, torch.zeros_like(told.mask)]),
    )
    pairs = {name: pair.to(base.device) for name, pair in style.adapter.items()}
    cache, given = None, wanted[:, :1]
    total = wanted.shape[1] - 1
    for step in range(total):
        with torch.no_grad(), applied(base.network, [(pairs, 1.0)]):
            rows = given.repeat(2, 1).to(base.device)
            logits, cache = base.logits(rows, both, cache)
        last = logits[:, :, -1].cpu()
        row = last[1] + wish.guidance * (last[0] - last[1])
        drawn = _drawn(row, wish, random)
        for book in range(base.books):
            first = base.delay(book)
            if first + known <= step + 1 < first + known + frames:
                wanted[book, step + 1] = drawn[book]
        given = wanted[:, step + 1 : step + 2]
        yield Advance(step + 1, total)
    return base.undelayed(wanted)[:, known:]


def _opening(base: SoundBase, style: SoundStyle, wish: Wish, random: torch.Generator) -> Tensor:
    """(K, T') codes of a piece of a reference, where it is wanted."""
    frames = round(wish.nearness * PROMPT_S * base.frames_a_second)
    chosen = style.prompts[int(torch.randint(len(style.prompts), (1,), generator=random))]
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


def blend(styles: Sequence[SoundStyle], weights: Sequence[float]) -> SoundStyle:
    """Raises BadInput for styles over different models."""
    if any(each.digest != styles[0].digest for each in styles):
        raise BadInput("model_blend")
    shares = [weight / sum(weights) for weight in weights]
    pairs = list(zip(styles, shares, strict=True))
    tokens = torch.stack([share * each.tokens for each, share in pairs]).sum(0)
    adapter = low_rank.mixed([each.adapter for each in styles], shares)
    prompts = tuple(prompt for each in styles for prompt in each.prompts)
    return SoundStyle(styles[0].digest, tokens, adapter, prompts)

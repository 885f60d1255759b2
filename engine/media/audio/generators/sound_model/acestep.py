"""References → style over ACE-Step, and style → sound.

Legend: T frames of D numbers, n style tokens of width E. Tensors of a style: base (32,) the sha256
of the model; tokens (n, E); low_rank/…; heard (D, T) latents of the references, one after the
other, and ends (R,) where each ends: works have their timbre, and may go on from them.
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
from engine.media.audio.generators.sound_model.acestep_base import TIMBRE_S, AceStepBase, Heard
from engine.media.audio.generators.sound_model.parts import joined, of_digest, parted
from engine.media.audio.generators.sound_model.wish import RatedSound, Wish

PROMPT_S = 10.0  # of a reference that a work goes on from, at most
LEARNED_S = 10.0  # of a reference, in one step
TRUST, BETA = 0.03, 100.0  # of predictions' mean square; of squared errors
PLACES = (0.2, 0.5, 0.8)  # times at which a change is measured


@dataclass(frozen=True, slots=True, eq=False)
class Latents:
    """A recording (T, D), and the words that it was made from."""

    frames: Tensor
    prompt: str = ""


class AceStep:
    """See `wish.SoundModel`."""

    usual_s, most_s = 30, 240

    def __init__(self, base: AceStepBase) -> None:
        self.base, self.row, self.rate = base, base.row, base.rate
        self.lesson = Lesson(self._error, self._change, TRUST, BETA)
        self._heard: dict[tuple[int, int, str], Heard] = {}  # of the excerpts of one job

    def adapt(
        self, sounds: Sequence[Sound], weights: Sequence[float], seed: int, seconds: float | None
    ) -> Generator[Advance, None, Tensors]:
        base = self.base
        self._heard.clear()
        examples = [Latents(base.encode(sound, TIMBRE_S)) for sound in sounds]
        began = learning.begun(base.network, base.width, seed, base.device)
        found = yield from learning.trained(began, self.lesson, examples, weights, seed, seconds)
        self._heard.clear()
        heard = joined([each.frames.T for each in examples], "heard", torch.float16)
        return {"base": of_digest(self.row.digest), **heard, **found.tensors()}

    def written(
        self, style: Mapping[str, Tensor], wish: Wish
    ) -> Generator[Advance, None, np.ndarray]:
        learned = Learned.of_tensors(style, wish.follow).on(self.base.device)
        references = [each.T.float() for each in parted(style, "heard")]
        latents = yield from written(self.base, learned, references, wish)
        return self.base.decode(latents)

    def preferred(
        self, style: Mapping[str, Tensor], works: Sequence[RatedSound], seed: int
    ) -> Generator[Advance, None, Tensors]:
        self._heard.clear()
        rated = [
            Rated(Latents(self.base.encode(work.sound, TIMBRE_S), work.prompt), work.utility)
            for work in works
        ]
        before = Learned.of_tensors(style).on(self.base.device)
        moved = yield from preferred(before, self.lesson, rated, learning.LIKED, seed)
        self._heard.clear()
        return moved.moved() if moved is not None else {}

    def blend(self, styles: Sequence[Mapping[str, Tensor]], shares: Sequence[float]) -> Tensors:
        both = mixed([Learned.of_tensors(each) for each in styles], shares)
        heard = [each for style in styles for each in parted(style, "heard")]
        kept = joined(heard, "heard", torch.float16)
        return {"base": styles[0]["base"], **kept, **both.tensors()}

    # ---- what is learned from ------------------------------------------------------------------

    def _error(self, learned: Learned, one: Latents, random: torch.Generator) -> Tensor:
        """The mean squared error of the velocity, at a time and an excerpt of chance."""
        t = torch.randn(1, generator=random).sigmoid()  # Esser et al. 2024, equation 19
        frames = min(len(one.frames), max(1, round(LEARNED_S * self.base.frames_a_second)))
        first = int(torch.randint(len(one.frames) - frames + 1, (1,), generator=random))
        noise = torch.randn(1, frames, self.base.numbers, generator=random).to(self.base.device)
        clean = one.frames[None, first : first + frames].to(self.base.device)
        x = (1 - t).to(clean) * clean + t.to(clean) * noise
        return (self._predicted(learned, one, x, t) - (noise - clean)).square().mean()

    def _predicted(self, learned: Learned, one: Latents, x: Tensor, t: Tensor) -> Tensor:
        key = id(one), x.shape[1], one.prompt
        if key not in self._heard:
            self._heard[key] = self.base.told(one.prompt, x.shape[1], one.frames)
        with applied(self.base.network, [(learned.adapter, 1.0)]):
            return self.base.velocity(x, t, self._heard[key], learned.tokens)

    def _change(self, before: Learned, after: Learned, examples: Sequence[Latents]) -> float:
        """The mean squared change of velocities, as a share of their mean square."""
        random = torch.Generator().manual_seed(0)
        moved, size = 0.0, 0.0
        for one in examples:
            for place in PLACES:
                t = torch.tensor([place])
                clean = one.frames[None].to(self.base.device)
                noise = torch.randn(clean.shape, generator=random).to(clean)
                x = (1 - place) * clean + place * noise
                usual, now = (self._predicted(each, one, x, t) for each in (before, after))
                moved += float((now - usual).square().mean())
                size += float(usual.square().mean())
        return moved / max(size, 1e-12)


def written(
    base: AceStepBase, learned: Learned, references: Sequence[Tensor], wish: Wish
) -> Generator[Advance, None, Tensor]:
    """(1, T, D) latents of a work, without those that it went on from. Yields after each step."""
    random = torch.Generator().manual_seed(wish.seed)
    chosen = references[int(torch.randint(len(references), (1,), generator=random))]
    known = _opening(base, chosen, wish, random)
    frames = max(1, round(wish.seconds * base.frames_a_second)) + len(known)
    heard = base.told(wish.prompt, frames, chosen, known if len(known) else None)
    plain = base.nothing(heard)
    x = torch.randn(1, frames, base.numbers, generator=random).to(base.device)
    guided, times = base.guidance(), base.times()
    for i, t in enumerate(times):
        with torch.no_grad(), applied(base.network, [(learned.adapter, 1.0)]):
            wanted = base.velocity(x, torch.tensor(t), heard, learned.tokens)
            if guided is not None:
                usual = base.velocity(x, torch.tensor(t), plain, learned.tokens[:0])
                wanted = guided(wanted, usual)
        following = times[i + 1] if i + 1 < len(times) else 0.0
        x = x + (following - t) * wanted
        yield Advance(i + 1, len(times))
    return x[:, len(known) :]


def _opening(base: AceStepBase, chosen: Tensor, wish: Wish, random: torch.Generator) -> Tensor:
    """(T', D) of a piece of a reference, where it is wanted."""
    frames = min(round(wish.nearness * PROMPT_S * base.frames_a_second), len(chosen))
    first = int(torch.randint(len(chosen) - frames + 1, (1,), generator=random))
    return chosen[first : first + frames]

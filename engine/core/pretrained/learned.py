"""What a style over a pretrained model learns: tokens that follow every prompt, and an adapter (Hu
et al. 2022) beside its layers; and how ratings move both.

Legend: n style tokens of width E, N works with utilities u, σ the logistic function.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.core.pretrained import low_rank
from engine.core.pretrained.low_rank import Adapter, Pair
from engine.core.progress import Advance
from engine.core.style import Tensors

Example = TypeVar("Example")
NAME = "tokens"
LEAST_GAP, HALVINGS = 0.25, 6  # of utilities, between the works of a pair; of the way back


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """tokens (n, E): none of a style that was adapted without learning."""

    tokens: Tensor
    adapter: Adapter

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor], follow: float = 0.0) -> "Learned":
        """follow: 0 … 1, how far it is as ratings have left it."""
        own = cls(tensors[NAME].float(), low_rank.of_tensors(tensors))
        if not follow or liked.ADAPTERS + NAME not in tensors:
            return own
        taught = low_rank.of_tensors(tensors, liked.ADAPTERS)
        tokens = torch.lerp(own.tokens, tensors[liked.ADAPTERS + NAME].float(), follow)
        if follow == 1:
            return cls(tokens, taught)
        return cls(tokens, low_rank.mixed([own.adapter, taught], [1 - follow, follow]))

    def tensors(self) -> Tensors:
        return {NAME: self.tokens.detach().half().cpu(), **low_rank.to_tensors(self.adapter)}

    def moved(self) -> Tensors:
        """As ratings have left it, beside the style's own."""
        kept = {liked.ADAPTERS + NAME: self.tokens.detach().half().cpu()}
        return kept | low_rank.to_tensors(self.adapter, liked.ADAPTERS)

    def on(self, device: torch.device) -> "Learned":
        pairs = {name: pair.to(device) for name, pair in self.adapter.items()}
        return Learned(self.tokens.to(device), pairs)

    def learnable(self, *, adapter: bool = True) -> "Learned":
        """A copy whose tokens, and adapter, take gradients."""
        return self._copy(tokens=True, adapter=adapter)

    def frozen(self) -> "Learned":
        """A copy that stays as it is."""
        return self._copy(tokens=False, adapter=False)

    def _copy(self, *, tokens: bool, adapter: bool) -> "Learned":
        pairs = {
            name: Pair(
                pair.down.detach().clone().requires_grad_(adapter),
                pair.up.detach().clone().requires_grad_(adapter),
            )
            for name, pair in self.adapter.items()
        }
        return Learned(self.tokens.detach().clone().requires_grad_(tokens), pairs)

    def optimiser(self, tokens: float, adapter: float) -> torch.optim.Optimizer:
        """tokens, adapter: rates of learning."""
        groups: list[dict[str, Any]] = []
        if len(self.tokens):
            groups.append({"params": [self.tokens], "lr": tokens})
        pairs = [tensor for pair in self.adapter.values() for tensor in (pair.down, pair.up)]
        if moved := [each for each in pairs if each.requires_grad]:
            groups.append({"params": moved, "lr": adapter})
        return torch.optim.AdamW(groups, weight_decay=0.0)

    def towards(self, other: "Learned", share: float) -> "Learned":
        """`share` of the way; adapters of one shape, number by number."""
        pairs = {
            name: Pair(
                torch.lerp(pair.down, other.adapter[name].down, share),
                torch.lerp(pair.up, other.adapter[name].up, share),
            )
            for name, pair in self.adapter.items()
        }
        return Learned(torch.lerp(self.tokens, other.tokens, share), pairs)


def mixed(parts: Sequence[Learned], shares: Sequence[float]) -> Learned:
    """By shares that sum to 1; tokens of those that have some."""
    some = [(each.tokens, share) for each, share in zip(parts, shares, strict=True)]
    some = [(tokens, share) for tokens, share in some if len(tokens)]
    tokens = parts[0].tokens
    if some:
        whole = sum(share for _, share in some)
        tokens = torch.stack([share / whole * each for each, share in some]).sum(0)
    return Learned(tokens, low_rank.mixed([each.adapter for each in parts], shares))


# ---- by ratings ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Rated(Generic[Example]):
    example: Example
    utility: float


@dataclass(frozen=True, slots=True, eq=False)
class Lesson(Generic[Example]):
    """How a model errs on an example, and how far its predictions may be moved by ratings.

    error(learned, example, random) -> (), differentiable in what is learned; `random` decides the
    noise, where there is any. change(before, after, examples): at most `trust` in the end. beta: of
    preferences, the larger the smaller errors are. gradients: where steps are taken."""

    error: Callable[[Learned, Example, torch.Generator], Tensor]
    change: Callable[[Learned, Learned, Sequence[Example]], float]
    trust: float
    beta: float
    gradients: Callable[[], AbstractContextManager[object]] = torch.enable_grad


@dataclass(frozen=True, slots=True)
class Pace:
    """steps at these rates of learning, over the best liked and the least liked of works."""

    steps: int
    tokens: float
    adapter: float
    most_works: int = 8


def preferred(
    before: Learned,
    lesson: Lesson[Example],
    works: Sequence[Rated[Example]],
    pace: Pace,
    seed: int,
) -> Generator[Advance, None, Learned | None]:
    """Steps of direct preference optimisation (Rafailov et al. 2023, equation 7; of diffusion,
    Wallace et al. 2024, equation 14) over pairs of rated works: the model should err less on the
    better than it did, and more on the worse. How far it goes is bounded by the lesson's trust.

    None where nothing is liked better than anything else. Yields after each step."""
    chosen = farthest(works, pace.most_works)
    pairs = [(a, b) for a in chosen for b in chosen if a.utility - b.utility >= LEAST_GAP]
    if not pairs:
        return None
    moving = before.learnable()
    optimiser = moving.optimiser(pace.tokens, pace.adapter)
    random = torch.Generator().manual_seed(seed)
    for step in range(pace.steps):
        better, worse = pairs[int(torch.randint(len(pairs), (1,), generator=random))]
        optimiser.zero_grad()
        with lesson.gradients():
            loss = _loss(lesson, before, moving, better.example, worse.example, random)
            loss.backward()  # pyright: ignore[reportUnknownMemberType]
        optimiser.step()
        yield Advance(step + 1, pace.steps + 1)
    found = within_trust(lesson, before, moving.frozen(), [work.example for work in chosen])
    yield Advance(pace.steps + 1, pace.steps + 1)
    return found


def farthest(works: Sequence[Rated[Example]], most: int) -> list[Rated[Example]]:
    """By their utilities; of many, the least liked and the best."""
    ordered = sorted(works, key=lambda work: work.utility)
    return ordered if len(ordered) <= most else ordered[: most // 2] + ordered[-most // 2 :]


def _loss(
    lesson: Lesson[Example],
    before: Learned,
    moving: Learned,
    better: Example,
    worse: Example,
    random: torch.Generator,
) -> Tensor:
    """-log σ(-β ((e_w - e_w⁰) - (e_l - e_l⁰))): e errors, w the better work, l the worse, ⁰ as it
    was, all under the same noise."""
    state = random.get_state()
    gaps: list[Tensor] = []
    for example in (better, worse):
        random.set_state(state)
        with torch.no_grad():
            usual = lesson.error(before, example, random)
        random.set_state(state)
        gaps.append(lesson.error(moving, example, random) - usual)
    return -F.logsigmoid(-lesson.beta * (gaps[0] - gaps[1]))


def within_trust(
    lesson: Lesson[Example], before: Learned, after: Learned, examples: Sequence[Example]
) -> Learned:
    """As far towards `after` as the trust region allows: halved until it does."""
    share = 1.0
    for _ in range(HALVINGS):
        found = before.towards(after, share)
        with torch.no_grad():
            if lesson.change(before, found, examples) <= lesson.trust:
                return found
        share /= 2
    return before.frozen()

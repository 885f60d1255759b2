"""A few gradient steps on low-rank adapters, with the references in context: the rest of adapting.

LoRA (Hu et al. 2022, eq. 3): every map W (m, n) becomes W + B A, B (m, r), A (r, n). The loss is
that of the references read one after another, so that what is learned is what reading them had not
told yet. Only the upper layers have adapters: what lies below is computed once for all steps. Where
the steps begin, how long each is and how many are taken is meta-learned for a base
(`engine.lab.training.causal_adapters`); another base begins where LoRA does. A step of Adam moves
no number by more than its rate, so steps times rate bound how far a style can go from the base; and
as many steps are taken as help a reference that was held back (`style.adapt`), which may be none.
Legend: N tokens of the context, r rank, m outputs and n inputs of a map.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from torch import Tensor
from torch.func import grad_and_value

from engine.core.assets import asset
from engine.core.errors import BadInput
from engine.core.progress import Advance
from engine.core.weights_file import load_carded
from engine.media.text.generators.causal_lm.base import Base, Head
from engine.media.text.generators.causal_lm.decoder import MAPS, Adapters, Decoder
from engine.meta.inner_loop import LearnedAdam, Parameters

RANK, RATE, STEPS = 8, 5e-4, 6  # where nothing was learned
TURNED_BACK = 2  # steps in a row that a query got worse by: no more are tried
UPPER = 1 / 3  # of the layers have adapters
STARTS_FOLDER = "weights/text/causal_lm"
A, B = ".a", ".b"


@dataclass(frozen=True, slots=True)
class LowRankStart:
    """Where the steps begin, the rate of each tensor, how many steps; `learned` for this base."""

    updates: Parameters
    rates: Mapping[str, float]
    steps: int = STEPS
    learned: bool = False

    def to(self, device: torch.device) -> "LowRankStart":
        updates = {name: tensor.to(device) for name, tensor in self.updates.items()}
        return replace(self, updates=updates)


def plain_start(
    decoder: Decoder,
    rank: int = RANK,
    rate: float = RATE,
    seed: int = 0,
    layers: range | None = None,
) -> LowRankStart:
    """LoRA's own start, which changes nothing: A random, B zero; all with one rate.

    layers: the upper ones by default.
    """
    generator = torch.Generator().manual_seed(seed)
    updates: Parameters = {}
    for layer in upper(decoder) if layers is None else layers:
        for part in MAPS:
            name = f"{layer}.{part}"
            outer, inner = decoder.weights[f"{name}.weight"].shape
            updates[name + A] = torch.randn(rank, inner, generator=generator) / inner**0.5
            updates[name + B] = torch.zeros(outer, rank)
    return LowRankStart(updates, dict.fromkeys(updates, rate)).to(decoder.device)


class Rates(LearnedAdam):
    """An outer step of 0.0001 changes a rate by 3 %."""

    PACE = 300.0


def upper(decoder: Decoder) -> range:
    """The layers that have adapters."""
    layers = decoder.shape.layers
    return range(layers - max(1, round(UPPER * layers)), layers)


def parted(updates: Parameters, decoder: Decoder) -> tuple[Parameters, Parameters]:
    """What steps move, the updates of the upper layers, and what stays as it was learned."""
    layers = upper(decoder)
    moved = {name: t for name, t in updates.items() if int(name.partition(".")[0]) in layers}
    return moved, {name: t for name, t in updates.items() if name not in moved}


def start_for(base: Base, folder: Path | None = None) -> LowRankStart:
    """What was meta-learned for this base, found by its digest; else LoRA's own start."""
    path = start_file(base, folder)
    return read_start(path).to(base.decoder.device) if path.exists() else plain_start(base.decoder)


def start_file(base: Base, folder: Path | None = None) -> Path:
    """Where the start of this base is, if there is one."""
    return _start_of(base.about.digest, folder)


def has_learned_start(digest: str) -> bool:
    """Whether adapters for the model of this digest come with Maquette."""
    return _start_of(digest, None).exists()


def _start_of(digest: str, folder: Path | None) -> Path:
    return (folder or asset(STARTS_FOLDER)) / f"{digest[:16]}.safetensors"


def read_start(path: Path) -> LowRankStart:
    """Raises BadInput for a file that is damaged, or is not that of its card."""
    try:
        card, data = load_carded(path)
        updates = {name: tensor.float() for name, tensor in read_tensors(data).items()}
        return LowRankStart(updates, card["rates"], int(card["steps"]), learned=True)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput("model_damaged", name=path.name, reason=str(error)[:80]) from error


def pairs(updates: Parameters) -> Adapters:
    """As `Decoder.states` takes them."""
    names = [key.removesuffix(A) for key in updates if key.endswith(A)]
    return {name: (updates[name + A], updates[name + B]) for name in names}


def below(base: Base, rows: Tensor, updates: Parameters) -> Tensor:
    """Tokens (N,) -> what enters the upper layers, (1, N, C)."""
    first = upper(base.decoder)[0]
    entered = base.decoder.embedded(rows[None])
    return base.decoder.passed(entered, range(first), pairs(updates))


def loss_above(
    base: Base, head: Head, updates: Parameters, entering: Tensor, rows: Tensor, first: int = 1
) -> Tensor:
    """Mean -log p of the tokens rows (N,) from `first` on, of which (1, N, C) is `entering`: ().

    Tokens that the head has not are left out.
    """
    decoder = base.decoder
    x = decoder.passed(entering[:, :-1], upper(decoder), pairs(updates))[0, first - 1 :]
    targets = head.places(rows[first:])
    log_p = head.log_p(decoder.finished(x[targets >= 0]))
    return F.nll_loss(log_p, targets[targets >= 0])


@dataclass(frozen=True, slots=True)
class Learned:
    """updates, and what a query lost or won by them: -log p of all its tokens without adapters, and
    after 0, 1 … steps of these."""

    updates: Parameters
    without: float = 0.0
    curve: tuple[float, ...] = ()


def fit(
    base: Base,
    head: Head,
    start: LowRankStart,
    context: Sequence[int],
    *,
    query: Sequence[int] = (),
    steps: int | None = None,
    seconds: float | None = None,
) -> Generator[Advance, None, Learned]:
    """Updates for the references in `context` (N,), after `steps`, or fewer where `seconds` end.

    query: a text behind the context that is only looked at, for the curve; where it gets worse
    TURNED_BACK times in a row the steps end.
    """
    steps = start.steps if steps is None else steps
    ends = time.monotonic() + (float("inf") if seconds is None else seconds)
    row = torch.tensor([*context, *query], device=base.decoder.device)
    updates, slow = parted(start.updates, base.decoder)
    rule = Rates(updates, RATE)
    rule.set_rates({name: start.rates[name] for name in updates})
    state, size = rule.start(updates), len(context)

    @torch.no_grad()
    def lost(entering: Tensor, adapters: Parameters) -> float:
        return len(query) * float(loss_above(base, head, adapters, entering, row, size))

    with torch.no_grad():
        without = lost(below(base, row, {}), {}) if query else 0.0
        entering = below(base, row, slow)
    curve: list[float] = []
    for step in range(steps + 1):
        if query:
            curve.append(lost(entering, updates))
        if step == steps or time.monotonic() > ends or has_turned_back(curve):
            break
        gradients, value = grad_and_value(
            lambda u: loss_above(base, head, u, entering[:, :size], row[:size])
        )(updates)
        with torch.no_grad():
            updates, state = rule(updates, gradients, value, state)
        yield Advance(step + 1, steps)
    return Learned({**slow, **updates}, without, tuple(curve))


def has_turned_back(curve: Sequence[float]) -> bool:
    """Whether the last TURNED_BACK steps each made it worse."""
    last = curve[-TURNED_BACK - 1 :]
    return len(last) > TURNED_BACK and all(b > a for a, b in pairwise(last))


def mixed(parts: Sequence[Parameters], weights: Sequence[float]) -> Parameters:
    """The weighted sum of updates, as one update of all their ranks; {} changes nothing."""
    total = sum(weights)
    some = [(part, weight / total) for part, weight in zip(parts, weights, strict=True) if part]
    updates: Parameters = {}
    for key in some[0][0] if some else ():
        if key.endswith(A):
            updates[key] = torch.cat([part[key] for part, _ in some], 0)
        else:
            updates[key] = torch.cat([part[key] * share for part, share in some], 1)
    return updates


def between(begin: Parameters, end: Parameters, share: float) -> Parameters:
    """Share 0 is the beginning, 1 the end; without a beginning B grows from 0. What the end has
    not stays."""
    if not begin:
        return {n: (t if n.endswith(A) else share * t).detach() for n, t in end.items()}
    return {n: (t + share * (end.get(n, t) - t)).detach() for n, t in begin.items()}

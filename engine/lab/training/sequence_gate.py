"""The three numbers of the memory's gate, learned on validation authors after all else is trained.

Legend: N positions of the references, T tokens of a body. Everything but the gate is fixed, so the
likenesses are taken once and the gate's likelihood is maximised by Adam.
"""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.lab.training.sequence_eval import Probe
from engine.sequence.memory import ContinuousCache, Gate
from engine.sequence.model import Transformer

STEPS, RATE = 60, 0.1


@dataclass(frozen=True, slots=True)
class Scored:
    """Of one body: likenesses (T, N), which of them would be right (T, N), the model's p (T,)."""

    likeness: Tensor
    right: Tensor
    p: Tensor


@torch.no_grad()
def scored(model: Transformer, probe: Probe) -> Scored:
    """After the last set of contexts of a probe."""
    context = probe.contexts[-1]
    row = torch.tensor([*context, *probe.head, *probe.body], device=model.bias.device)
    states = model.states(row[None, :-1])[0]
    memory = ContinuousCache.of(states[: len(context) - 1], row[1 : len(context)])
    at = states[len(context) + len(probe.head) - 1 :]
    body = row[len(context) + len(probe.head) :]
    shares = model.logits(at).float().softmax(-1)
    return Scored(
        F.normalize(at, dim=-1) @ memory.keys.T,
        (memory.values[None] == body[:, None]).float(),
        shares.gather(1, body[:, None])[:, 0],
    )


def learn_gate(model: Transformer, found: Sequence[Probe]) -> Gate:
    """The gate under which the bodies of the probes are likeliest."""
    bodies = [scored(model, probe) for probe in found]
    numbers = [torch.tensor(float(n), requires_grad=True) for n in astuple(Gate())]
    optimizer = torch.optim.Adam(numbers, lr=RATE)
    for _ in range(STEPS):
        gate = Gate(*numbers)
        nats = torch.stack([_nats(body, gate) for body in bodies]).sum()
        optimizer.zero_grad()
        nats.backward()
        optimizer.step()
    return Gate(*(round(number.item(), 4) for number in numbers))


def _nats(body: Scored, gate: Gate) -> Tensor:
    remembered = ((gate.sharpness * body.likeness).softmax(-1) * body.right).sum(-1)
    opened = ContinuousCache.opened(body.likeness, gate)[:, 0]
    return -torch.log((1 - opened) * body.p + opened * remembered + 1e-20).sum()


def save_gate(gate: Gate, path: Path) -> None:
    numbers = {"sharpness": gate.sharpness, "closed": gate.closed, "slope": gate.slope}
    path.write_text(json.dumps(numbers) + "\n", encoding="utf-8")

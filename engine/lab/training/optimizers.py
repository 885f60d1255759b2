"""What moves the meta-parameters: AdamW, plain SGD, or Muon for matrices with AdamW for the rest.

Muon (Jordan et al. 2024; with the rate of Liu et al. 2025, so that one rate suits both) takes the
hidden matrices; embeddings, gains and biases stay with AdamW (Loshchilov and Hutter 2019).
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from engine.lab.training.config import OuterConfig

PREFIX = "outer"


class OuterOptimizer:
    """One face for one or two optimisers of torch. `rate` is given anew at every step."""

    def __init__(self, learner: nn.Module, config: OuterConfig) -> None:
        self._parts: list[tuple[torch.optim.Optimizer, list[str], float]] = []
        named = dict(learner.named_parameters())
        hidden = hidden_matrices(learner) if config.optimizer == "muon" else []
        rest = [name for name in named if name not in hidden]
        if hidden:
            muon = torch.optim.Muon(
                [named[n] for n in hidden],
                lr=config.rate,
                weight_decay=config.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
            self._parts.append((muon, hidden, 1.0))
        if config.optimizer == "sgd":
            sgd = torch.optim.SGD(named.values(), config.rate, weight_decay=config.weight_decay)
            self._parts.append((sgd, rest, 1.0))
        elif rest:
            adamw = torch.optim.AdamW(
                [named[n] for n in rest],
                lr=config.rate,
                betas=(0.9, config.beta2),
                weight_decay=0.0 if hidden else config.weight_decay,
            )
            self._parts.append((adamw, rest, config.adamw_share if hidden else 1.0))

    def zero_grad(self) -> None:
        for optimizer, _, _ in self._parts:
            optimizer.zero_grad()

    def step(self, rate: float) -> None:
        """Move every parameter by its gradient."""
        for optimizer, _, share in self._parts:
            for group in optimizer.param_groups:
                group["lr"] = rate * share
            optimizer.step()

    def tensors(self) -> dict[str, Tensor]:
        """Moments and step counts: "outer/<slot>/<parameter>" -> Tensor."""
        return {
            f"{PREFIX}/{slot}/{names[index]}": tensor
            for optimizer, names, _ in self._parts
            for index, slots in optimizer.state_dict()["state"].items()
            for slot, tensor in slots.items()
            if tensor is not None
        }

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Put back what `tensors` gave."""
        found: dict[str, dict[str, Tensor]] = {}
        for key, tensor in tensors.items():
            if key.startswith(PREFIX + "/"):
                _, slot, name = key.split("/", 2)
                found.setdefault(name, {})[slot] = tensor
        for optimizer, names, _ in self._parts:
            document = optimizer.state_dict()
            document["state"] = {i: found[n] for i, n in enumerate(names) if n in found}
            optimizer.load_state_dict(document)


def hidden_matrices(learner: nn.Module) -> list[str]:
    """The names of the matrices of linear maps, embeddings left out."""
    return [
        f"{name}.weight" if name else "weight"
        for name, module in learner.named_modules()
        if isinstance(module, nn.Linear)
    ]

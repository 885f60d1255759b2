"""Any number of processes: `torchrun` starts them, each samples its tasks, gradients are averaged.

Why not DistributedDataParallel: it hangs its reduction on the forward call of one module, while a
meta-learner calls its network many times, functionally, on parameters that are not the module's
own, and Reptile has no outer backward pass at all. One explicit all-reduce of the flat
meta-gradient a step is exact for every learner, and costs one message.
"""

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType

import torch
import torch.distributed as dist
from torch import Tensor, nn

TIMEOUT = timedelta(minutes=10)
LETTING_GO_S = 0.2


class RankLostError(RuntimeError):
    """Another process of the run ended or fell silent."""


@dataclass(slots=True)
class Ranks:
    """This process among all: rank in 0..ranks-1. `stopping` once the launcher asks to end."""

    rank: int = 0
    ranks: int = 1
    stopping: bool = False

    @property
    def is_first(self) -> bool:
        return self.rank == 0


def join() -> Ranks:
    """Join the run that `torchrun` started; alone where there is none. gloo on CPUs, else NCCL."""
    if "WORLD_SIZE" not in os.environ or int(os.environ["WORLD_SIZE"]) == 1:
        return Ranks()
    if not dist.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        backend = "nccl" if torch.cuda.is_available() else "gloo"
        dist.init_process_group(backend, timeout=TIMEOUT)
    ranks = Ranks(dist.get_rank(), dist.get_world_size())

    def _on_terminate(signum: int, frame: FrameType | None) -> None:
        ranks.stopping = True  # torchrun ends the others when one dies: save first, then go

    signal.signal(signal.SIGTERM, _on_terminate)
    return ranks


def best_device() -> torch.device:
    """This rank's GPU where there is one, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    return torch.device("cpu")


def leave() -> None:
    """End the process group.

    gloo's thread may still wait for the interpreter's lock, to let go of the last tensor; were the
    interpreter to end first, the process would abort. So it gets the lock for a moment.
    """
    if dist.is_initialized():
        time.sleep(LETTING_GO_S)
        dist.destroy_process_group()


def average_gradients(parameters: Iterable[nn.Parameter], loss: Tensor, ranks: Ranks) -> Tensor:
    """Replace every `.grad` by its mean over the ranks; returns the mean loss ().

    Raises `RankLostError` where another rank is gone.
    """
    if ranks.ranks == 1:
        return loss
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([g.reshape(-1) for g in gradients] + [loss.reshape(1).to(gradients[0])])
    try:
        dist.all_reduce(flat)
    except RuntimeError as error:
        raise RankLostError(
            f"rank {ranks.rank} of {ranks.ranks} lost another process; the last whole step is "
            "saved: start the same command again with --resume"
        ) from error
    flat /= ranks.ranks
    position = 0
    for gradient in gradients:
        gradient.copy_(flat[position : position + gradient.numel()].view_as(gradient))
        position += gradient.numel()
    return flat[-1].to(loss.dtype)


def agree(number: int, ranks: Ranks) -> int:
    """The first rank's number, on every rank."""
    if ranks.ranks == 1:
        return number
    shared = torch.tensor([number], device=best_device())
    dist.broadcast(shared, src=0)
    return int(shared)


def same_start(module: nn.Module, ranks: Ranks) -> None:
    """Give every rank the first rank's parameters."""
    if ranks.ranks > 1:
        for tensor in module.state_dict().values():
            dist.broadcast(tensor, src=0)

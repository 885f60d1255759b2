"""Where the arithmetic happens, and how much of it fits."""

import os
from collections.abc import Generator
from contextlib import contextmanager

import psutil
import torch
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

_SHARE_OF_FREE = 0.25  # of the free memory, for the largest intermediate tensors of one step
_CEILING_BYTES = 384 * 2**20  # beyond this a CPU's caches make larger batches slower, not faster


def pick_device(name: str | None = None) -> torch.device:
    """The named device, or the best one here: CUDA, then MPS, then CPU."""
    if name:
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def describe(device: torch.device) -> str:
    """For people: "CPU 2 cores", "NVIDIA GeForce RTX 4060"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"CPU {cores} core{'' if cores == 1 else 's'}"


def working_bytes(device: torch.device) -> int:
    """How many bytes the intermediate tensors of one step may take on this device."""
    if device.type == "cuda":
        free, _total = torch.cuda.mem_get_info(device)
        return int(free * _SHARE_OF_FREE)
    return int(min(psutil.virtual_memory().available * _SHARE_OF_FREE, _CEILING_BYTES))


@contextmanager
def threads(count: int) -> Generator[None]:
    """So many threads in torch, which decide how sums are split and so their last bits; 0 leaves
    them as they are."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def one_thread() -> Generator[None]:
    """For work of many small steps, in torch and in numpy: threads that wait for each other cost
    more than they bring, and very much more beside other programs."""
    with threads(1), threadpool_limits(1, "blas"):
        yield

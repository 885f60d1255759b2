"""Where the arithmetic happens, and how much of it fits."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache

import psutil
import torch
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

_SHARE_OF_FREE = 0.25  # of the free memory, for the largest intermediate tensors of one step
_CEILING_BYTES = 384 * 2**20  # beyond this a CPU's caches make larger batches slower, not faster


# where bfloat16 products are a unit of the processor they took half the time of float32 (AMD EPYC
# with avx512_bf16); without one (AVX2 alone) they take longer
_BF16_UNITS = ("avx512_bf16", "amx_bf16", "sve_bf16", "bf16")

WISH = "MAQUETTE_DEVICE"  # the environment variable that names a device


def devices() -> tuple[str, ...]:
    """Those that arithmetic can happen on here, the best first."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return (*(name for name, is_there in there.items() if is_there), "cpu")


def pick_device(name: str | None = None) -> torch.device:
    """The named device, or the best one here: CUDA, then MPS, then CPU."""
    return torch.device(name or devices()[0])


def wished_device() -> torch.device:
    """The one that the environment names; the best one where it names none, or none that is here.
    What was taken is told in `Hello`."""
    wish = os.environ.get(WISH, "")
    return pick_device(wish if wish in devices() else None)


def cores() -> int:
    """That this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe(device: torch.device) -> str:
    """For people: "CPU 2 cores", "NVIDIA GeForce RTX 4060"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    count = cores()
    return f"CPU {count} core{'' if count == 1 else 's'}"


def working_bytes(device: torch.device) -> int:
    """How many bytes the intermediate tensors of one step may take on this device."""
    if device.type == "cuda":
        free, _total = torch.cuda.mem_get_info(device)
        return int(free * _SHARE_OF_FREE)
    return int(min(psutil.virtual_memory().available * _SHARE_OF_FREE, _CEILING_BYTES))


def best_dtype(device: torch.device) -> torch.dtype:
    """What this device computes fastest; the same in every process, so that a work can be made
    again."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "mps":
        return torch.float16
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(able.get(unit) for unit in _BF16_UNITS) else torch.float32


def steady_dtype(device: torch.device) -> torch.dtype:
    """As `best_dtype`, but float32 on every CPU: the same work on each of them."""
    return torch.float32 if device.type == "cpu" else best_dtype(device)


def free_bytes(device: torch.device) -> int:
    """Memory that a model may take: of the graphics card where there is one."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return psutil.virtual_memory().available


@lru_cache(maxsize=4)
def operations_a_second(device: torch.device) -> float:
    """What matrix products reach here, in `steady_dtype`: measured, some 50 ms on a CPU."""
    side = 512 if device.type == "cpu" else 4096
    dtype = steady_dtype(device)
    with torch.inference_mode():
        x = torch.ones(side, side, dtype=dtype, device=device)
        times: list[float] = []
        for _ in range(4):  # the first one is slower
            began = time.perf_counter()
            (x @ x)[0, 0].item()  # waits for a graphics card
            times.append(time.perf_counter() - began)
    return 2 * side**3 / min(times)


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

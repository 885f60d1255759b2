"""Where the arithmetic happens."""

import os
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest
import torch

from engine.core.device import best_dtype, describe, pick_device, steady_dtype, working_bytes

CPU = torch.device("cpu")


def test_a_named_device_is_taken() -> None:
    assert pick_device("cpu") == CPU
    assert pick_device().type in ("cuda", "mps", "cpu")


def test_a_description_for_people() -> None:
    words = describe(CPU).split()
    assert words[0] == "CPU"
    assert 1 <= int(words[1]) <= (os.cpu_count() or 1)
    assert words[2] == ("core" if words[1] == "1" else "cores")


@pytest.mark.parametrize(
    ("units", "dtype"),
    [({"avx2": True, "avx512_bf16": False}, torch.float32), ({"amx_bf16": True}, torch.bfloat16)],
)
def test_the_precision_follows_from_the_processor(
    units: dict[str, bool], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock decided once: the same seed gave other words on a busy machine."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: units)
    assert best_dtype(CPU) == dtype
    assert steady_dtype(CPU) == torch.float32


@pytest.mark.parametrize("free", [0, 2**20, 2**30, 2**40])
def test_working_memory_is_a_share_of_what_is_free(
    free: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free))
    assert 0 <= working_bytes(CPU) <= min(free / 2, 2**30)


def test_working_memory_of_this_machine() -> None:
    assert 2**20 < working_bytes(CPU) <= psutil.virtual_memory().total


@pytest.mark.process
def test_waiting_threads_sleep() -> None:
    """Importing the engine says so before torch is loaded, unless the user said otherwise."""
    code = "import engine, os; print(os.environ['OMP_WAIT_POLICY'])"
    for given, expected in (({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")):
        environment = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"} | given
        out = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
        assert out.stdout.strip() == expected


@pytest.mark.process
def test_the_messages_load_no_torch() -> None:
    code = "import engine.protocol, sys; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=600).returncode == 0

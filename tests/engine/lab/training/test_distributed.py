"""Two gloo processes on this machine, started as a user would: by torchrun."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from engine.lab.training.checkpoint import read_checkpoint

SCRIPT = Path(__file__).with_name("ranked_run.py")
ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.skipif(not dist.is_gloo_available(), reason="torch was built without gloo")


def torchrun(mode: str, folder: Path, processes: int) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone",
        f"--nproc-per-node={processes}", str(SCRIPT), mode, str(folder),
    ]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.mark.process
def test_two_processes_with_half_the_tasks_give_the_meta_gradient_of_one(tmp_path):
    for processes in (1, 2):
        done = torchrun("gradient", tmp_path, processes)
        assert done.returncode == 0, done.stderr
    one = read_checkpoint(tmp_path / "1.safetensors").tensors
    two = read_checkpoint(tmp_path / "2.safetensors").tensors
    assert one.keys() == two.keys()
    torch.testing.assert_close(two, one, rtol=1e-6, atol=1e-6)


@pytest.mark.process
def test_a_killed_rank_ends_the_run_with_a_clear_error_and_a_checkpoint(tmp_path):
    done = torchrun("killed", tmp_path, 2)
    assert done.returncode != 0
    assert "RankLostError" in done.stderr
    assert "start the same command again with --resume" in done.stderr
    assert read_checkpoint(tmp_path / "checkpoint.safetensors").step == 5

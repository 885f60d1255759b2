"""Children of idle priority: how they are called, and that they end with their parent."""

import os
import sys
from pathlib import Path

import pytest

from engine.core import background
from engine.media.image.generators.painter import compiling
from engine.registry import COMPILED

LIMIT_S = 60.0


def test_a_frozen_application_calls_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = background.command_of("a.module")
    assert usual == [sys.executable, "-m", "engine.core.background", "a.module"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    frozen = background.command_of("a.module")
    assert frozen == [sys.executable, background.SWITCH, "a.module"]


@pytest.mark.process
def test_a_child_ends_with_its_parents_pipe() -> None:
    child = background.start("tests.engine.core.waits_for_ever")
    assert child.stdin is not None
    assert child.poll() is None
    child.stdin.close()
    assert child.wait(LIMIT_S) == 0


def test_what_is_compiled_is_not_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that is as new as its source is enough; an older one is not."""
    assert (compiling.__name__,) == COMPILED
    folder = tmp_path / "__pycache__"
    folder.mkdir()
    monkeypatch.setattr(compiling, "__file__", str(tmp_path / "compiling.py"))
    for kernel in compiling.KERNELS:
        (tmp_path / f"{kernel.partition('.')[0]}.py").touch()
    for kernel in compiling.KERNELS:
        assert compiling.is_needed()
        (folder / f"{kernel}-1.py311.nbi").touch()
    assert not compiling.is_needed()
    old = folder / f"{compiling.KERNELS[0]}-1.py311.nbi"
    os.utime(old, (0, 0))
    assert compiling.is_needed()

"""The ways in: run.py, the studio's module, and the engine inside a frozen build."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.protocol import PROTOCOL, Hello, ShutdownRequest, decode, encode

ROOT = Path(__file__).resolve().parents[2]


def python(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        input=encode(ShutdownRequest()) + "\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=600,
        check=False,
    )


def test_the_worker_switch_of_a_frozen_build_is_the_engine() -> None:
    done = python("-m", "studio", "--worker")
    hello = decode(done.stdout.splitlines()[0])
    assert isinstance(hello, Hello)
    assert hello.protocol == PROTOCOL
    assert done.returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only X11 and Wayland lack one")
def test_no_display_is_one_sentence_with_the_way_out() -> None:
    done = python("-m", "studio", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "python run.py demo" in done.stderr


def test_run_py_refuses_an_unknown_command_and_names_the_known_ones() -> None:
    done = python("run.py", "paint")
    assert done.returncode == 2
    assert "python run.py test" in done.stderr
    assert "Traceback" not in done.stderr

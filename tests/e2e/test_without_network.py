"""The whole demo, and walks through the window, with every socket blocked.

Python's sockets are refused by an audit hook in each process. Where Linux allows it, the run also
has a network of its own without any interface, and strace looks for sockets of native libraries.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.weights]
ROOT = Path(__file__).parents[2]
HOOK = Path(__file__).parent / "no_network"
LONGEST_S = 3000  # a busy machine
ONLY = ("-f", "--seccomp-bpf")  # nothing is slowed down but the calls that are looked at


def works(*command: str) -> bool:
    """Whether a tool is there and may do this."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run_blocked(folder: Path, *words: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """What came of `python words…`, and what it would have reached, one line each."""
    said, trace = folder / "blocked.txt", folder / "trace"
    trace.mkdir()
    command = [sys.executable, *words]
    if works("strace", *ONLY, "-o", os.devnull, "true"):
        look = [
            *ONLY,
            "-ff",
            "-qq",
            "-e",
            "trace=%network",
            "-e",
            "signal=none",
            "-o",
            str(trace / "at"),
        ]
        command = ["strace", *look, *command]
    if works("unshare", "-rn", "true"):
        command = ["unshare", "-rn", *command]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(HOOK), str(ROOT)]),
        "MAQUETTE_BLOCKED": str(said),
        "QT_QPA_PLATFORM": "offscreen",
        **dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(folder)),
    }
    done = subprocess.run(
        command,
        env=environment,
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST_S,
        check=False,
    )
    calls = [line for path in trace.iterdir() for line in path.read_text("utf-8").splitlines()]
    outward = [line for line in calls if "AF_INET" in line]  # or AF_INET6
    asked = said.read_text("utf-8").splitlines() if said.exists() else []
    return done, "\n".join([*asked, *outward])


def test_the_whole_demo(tmp_path: Path) -> None:
    words = ["--small", "--out", str(tmp_path / "out")]
    done, reached = run_blocked(tmp_path, "-m", "engine.cli.demo", *words)
    assert reached == ""
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.html").is_file()


def test_the_window_with_the_real_engine(tmp_path: Path) -> None:
    """Dropped, learned, made and shown in three media."""
    words = ["--generations", "6", "--turn", "1", "--folder", str(tmp_path / "window")]
    done, reached = run_blocked(tmp_path, "-m", "tests.soak.long_run", *words)
    assert reached == ""
    assert done.stdout == "6 generations, 0 failed\n", done.stderr


def test_a_walk_through_the_window(tmp_path: Path) -> None:
    """With the scripted engine: rated, judged, exported, saved elsewhere."""
    walk = "tests/studio/test_nothing_leaves.py::test_a_walk_through_the_window"
    done, reached = run_blocked(
        tmp_path, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", walk
    )
    assert reached == ""
    assert "1 passed" in done.stdout, done.stdout


@pytest.mark.parametrize("by", ["python", "native"])
def test_the_look_would_see_a_connection(tmp_path: Path, by: str) -> None:
    opening = {
        "python": "import socket; socket.socket().connect(('192.0.2.1', 9))",
        "native": "import ctypes; ctypes.CDLL(None).socket(2, 1, 0)",
    }[by]
    if by == "native" and not works("strace", *ONLY, "-o", os.devnull, "true"):
        pytest.skip("no strace here")
    _, reached = run_blocked(tmp_path, "-c", opening)
    assert ("socket.connect" if by == "python" else "AF_INET") in reached

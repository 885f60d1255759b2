"""Which tests are quick: markers, and a watch that holds `--fast` to its word.

`process` starts another process, `weights` loads shipped weights, `slow` needs more than a second
of processor time. What a fixture or a folder tells is marked here; a module may name fixtures of
its own in FIXTURE_MARKS, {"style_file": "weights"}; the other tests say it themselves. With
`--fast` none of them runs, and a test that does one of the first two all the same fails.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import safetensors
import safetensors.torch
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from engine.core.decoding import decoder
from engine.core.decoding.decoder import InProcessDecoder

ASSETS = Path(__file__).resolve().parents[1] / "assets"
BY_FIXTURE = {"make_client": "process", "make_queue": "process"}
BY_FOLDER = {"tests/e2e": ("process", "weights")}
PATIENCE_MS = 60_000
MEMORY_DISK, MEMORY_BYTES = Path("/dev/shm"), 4 << 30  # where there is one, and how much is enough
STARTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.exec")


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "only tests that start no process, load no shipped weights and are not slow"
    parser.addoption("--fast", action="store_true", help=text)
    parser.addoption("--rest", action="store_true", help="only tests that --fast leaves out")


def pytest_configure(config: pytest.Config) -> None:
    if MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free > MEMORY_BYTES:
        # thousands of projects are flushed to the disk, which takes longer than all that is tested
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY_DISK))
    config.addinivalue_line("markers", "slow: needs more than a second of processor time")
    config.addinivalue_line("markers", "process: starts another process")
    config.addinivalue_line("markers", "weights: loads shipped weights")
    if config.getoption("fast"):
        config.pluginmanager.register(Watch(), "watch")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for name in marks_of(item):
            item.add_marker(name)
    if config.getoption("fast") or config.getoption("rest"):
        chosen, others = [], []
        for item in items:
            is_quick = not any(map(item.get_closest_marker, MARKERS))
            (chosen if is_quick == config.getoption("fast") else others).append(item)
        config.hook.pytest_deselected(items=others)
        items[:] = chosen


MARKERS = ("slow", "process", "weights")


def marks_of(item: pytest.Item) -> set[str]:
    """What its fixtures and its folder say of a test."""
    by_fixture = BY_FIXTURE | getattr(getattr(item, "module", None), "FIXTURE_MARKS", {})
    names = {by_fixture[name] for name in getattr(item, "fixturenames", ()) if name in by_fixture}
    for folder, marks in BY_FOLDER.items():
        if item.nodeid.startswith(folder + "/"):
            names.update(marks)
    return names


@pytest.fixture(autouse=True)
def _decoding_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Foreign files are decoded in a child only where a test is about processes."""
    if request.node.get_closest_marker("process") is None:
        monkeypatch.setattr(decoder, "of_this_process", InProcessDecoder)


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """pytest-qt's, which waits as long as a busy machine may need: a limit only ends what hangs."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed"):
        original = getattr(qtbot, name)

        def patient(*values: Any, wait: Any = original, timeout: int = 0, **named: Any) -> Any:
            return wait(*values, timeout=max(timeout, PATIENCE_MS), **named)

        monkeypatch.setattr(qtbot, name, patient)
    return qtbot


class Watch:
    """Notes every process that is started and every file of weights that is opened; a test in
    which that happened fails when it ends. Cached weights are noted once, at their first test."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        sys.addaudithook(self._on_event)
        self._watch_safetensors()
        self._watch_qt()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        result = yield
        seen, self._seen = self._seen, []
        if seen:
            pytest.fail(
                f"with --fast nothing may {' or '.join(sorted(set(seen)))}:"
                f" mark {item.name} as `process` or `weights`",
                pytrace=False,
            )
        return result

    def _on_event(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in STARTS and arguments[0] != "uname":  # `platform` asks it for the processor
            self._seen.append(f"start a process ({arguments[0]})")
        elif event == "open":
            self._on_open(arguments[0])

    def _on_open(self, path: object) -> None:
        if not isinstance(path, str | os.PathLike):
            return
        file = Path(os.fsdecode(path))
        if file.suffix == ".safetensors" and file.resolve().is_relative_to(ASSETS):
            self._seen.append("load weights")

    def _watch_safetensors(self) -> None:
        """safetensors opens its files in Rust, where no audit event is raised."""
        original = safetensors.safe_open

        def watched(path: str | os.PathLike[str], *arguments: Any, **named: Any) -> Any:
            self._on_open(path)
            return original(path, *arguments, **named)

        for module in (safetensors, safetensors.torch):
            setattr(module, "safe_open", watched)  # noqa: B010 - for both checkers

    def _watch_qt(self) -> None:
        """Qt starts processes without Python's help."""
        original: Any = QProcess.start

        def watched(process: QProcess, *arguments: Any) -> None:
            self._seen.append("start a process")
            original(process, *arguments)

        setattr(QProcess, "start", watched)  # noqa: B010

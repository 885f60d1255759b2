"""Modules that run in a process of their own at idle priority, and end with this one."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib import import_module

SWITCH = "--background"  # of a frozen application, which has no interpreter beside it


def command_of(module: str) -> list[str]:
    """Runs `module` beside the engine, in the source tree and in a frozen application."""
    if getattr(sys, "frozen", False):
        return [sys.executable, SWITCH, module]
    return [sys.executable, "-m", "engine.core.background", module]


def start(module: str) -> subprocess.Popen[bytes]:
    """The child reads its standard input, which closes when this process ends, however it does."""
    idle = subprocess.IDLE_PRIORITY_CLASS if sys.platform == "win32" else 0
    return subprocess.Popen(
        command_of(module),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        creationflags=idle,
    )


def main(words: Sequence[str]) -> int:
    """The child: `main()` of the module that is named, given up when standard input ends."""
    if sys.platform != "win32":
        os.nice(19)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return import_module(words[0]).main()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

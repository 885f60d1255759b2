"""Maquette with one command: `python run.py`. Standard library only; Linux, macOS, Windows.

    python run.py                   set up what is missing, open the studio
    python run.py test              all tests
    python run.py check             lint, types, arrows
    python run.py demo [--out DIR]  the main job without a window, on the shipped samples
    python run.py engine …          the engine's command line

Sets up `.venv` beside this file, anew when pyproject.toml has changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)
CHECKS = (
    ("-m", "ruff", "check", "."),
    ("-m", "ruff", "format", "--check", "."),
    ("-m", "pyright"),
    ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
)


def main(arguments: list[str]) -> int:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("studio", [])
    commands = {
        "studio": studio,
        "test": test,
        "check": check,
        "demo": lambda rest: python("-m", "engine.cli.demo", *rest),
        "engine": lambda rest: python("-m", "engine", *rest),
    }
    if command in ("-h", "--help"):
        return tell(__doc__ or "")
    if command not in commands and not command.endswith(".maquette"):
        return tell(f"There is no command {command!r}.\n\n{__doc__}", 2)
    try:
        set_up("dev" if command in ("test", "check") else "")
        if command.endswith(".maquette"):
            return studio(arguments)
        return commands[command](rest)
    except subprocess.CalledProcessError as error:
        return tell(f"Setting up failed ({error}). Is there a network, and room on the disk?", 1)
    except KeyboardInterrupt:
        return 130


def studio(rest: list[str]) -> int:
    return python("-m", "studio", *rest)


def test(rest: list[str]) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return python("-m", "pytest", *rest)


def check(_rest: list[str]) -> int:
    """Every check, even after one that failed; 1 if any did."""
    codes = [python(*words) for words in CHECKS]
    return int(any(codes))


def python(*words: str) -> int:
    """Runs the environment's Python in this folder's name, wherever it was called from."""
    paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return subprocess.run([str(PYTHON), *words], env=environment, check=False).returncode


def set_up(extra: str) -> None:
    """Makes the environment, or brings it up to date, when its stamp is not pyproject.toml's."""
    stamp = VENV / f"maquette-{extra or 'app'}.sha256"
    wanted = hashlib.sha256((HERE / "pyproject.toml").read_bytes()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    if sys.version_info < OLDEST:
        raise SystemExit(tell(f"Maquette needs Python {OLDEST[0]}.{OLDEST[1]} or newer.", 1))
    tell("Setting up Maquette. This happens once and takes some minutes.")
    if not runs(PYTHON):
        shutil.rmtree(VENV, ignore_errors=True)
        create(VENV)
    project = f"{HERE}[{extra}]" if extra else str(HERE)
    install = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*install, "--editable", project], check=True)
    stamp.write_text(wanted, encoding="utf-8")


def create(folder: Path) -> None:
    try:
        venv.EnvBuilder(with_pip=True).create(folder)
    except (subprocess.CalledProcessError, OSError):
        raise SystemExit(
            tell("Python's venv module is incomplete. On Debian: apt-get install python3-venv", 1)
        ) from None


def runs(interpreter: Path) -> bool:
    """Whether it is there and starts: an environment dies with the Python that made it."""
    if not interpreter.exists():
        return False
    return subprocess.run([str(interpreter), "-c", ""], check=False).returncode == 0


def tell(text: str, code: int = 0) -> int:
    print(text, file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

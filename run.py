"""Maquette with one command: `python run.py`. Standard library only; Linux, macOS, Windows.

    python run.py                    set up what is missing, open the studio
    python run.py setup diffusion    beside it, the libraries for models of your own
    python run.py test [--fast]      all tests, or those that need no process and no weights
    python run.py check              lint, types, contracts
    python run.py demo [--out DIR]   the main job without a window, on the shipped samples
    python run.py engine …           the engine's command line
    python run.py soak --kills N     kill it at work, again and again, and look what is lost
    python run.py libraries [--install]   what Qt needs from the system and does not find here

Sets up `.venv` beside this file, anew when pyproject.toml or requirements.lock has changed. What
was fetched is kept: a setup that was cut short goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOG = VENV / "setup.log"
LOCK = HERE / "requirements.lock"
OLDEST = (3, 11)
WORKERS = min(4, os.cpu_count() or 1)  # of the tests: each holds torch and the weights
TRIES, WAIT_S = 4, 5
LAST_FAILED = HERE / ".pytest_cache" / "v" / "cache" / "lastfailed"
TESTS_FAILED, MAX_SECOND_TRIES = 1, 8  # pytest's exit code; more failures are no accident
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
        "soak": lambda rest: python("-m", "tests.soak", *rest),
        "setup": lambda rest: 0,
    }
    if command in ("-h", "--help"):
        return tell(__doc__ or "")
    if command == "libraries":
        return libraries(rest)
    if command.endswith(".maquette"):
        command, rest = "studio", arguments
    if command not in commands:
        return tell(f"There is no command {command!r}.\n\n{__doc__}", 2)
    try:
        set_up(groups_of(command, rest))
        if command in ("studio", "test"):
            offer_libraries()
        return commands[command](rest)
    except SetupError as error:
        return tell(str(error), 1)
    except KeyboardInterrupt:
        return tell("Stopped. What was fetched is kept.", 130)


def groups_of(command: str, rest: list[str]) -> tuple[str, ...]:
    """The extras that a command needs. Raises SetupError for one that nobody knows."""
    if command in ("test", "check", "soak"):
        return ("dev", "lab", "diffusion")
    if command != "setup":
        return ()
    if unknown := [name for name in rest if name not in extras()]:
        raise SetupError(f"There is no {unknown[0]!r} to set up; there are {', '.join(extras())}.")
    return tuple(rest)


def studio(rest: list[str]) -> int:
    return python("-m", "studio", *rest)


def test(rest: list[str]) -> int:
    """All tests in several processes, and which were the slowest.

    A few that fail run a second time, one after the other: what passes then depends on how busy
    the machine is, which is a fault of the test. Such tests are named, and do not fail the run.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    split = () if "-n" in rest else ("-n", str(WORKERS), "--dist", "worksteal")
    code = python("-m", "pytest", "--cache-clear", "--durations=15", *split, *rest)
    failed = json.loads(read(LAST_FAILED) or "{}") if code == TESTS_FAILED else {}
    if not 0 < len(failed) <= MAX_SECOND_TRIES:
        return code
    tell("\nOnce more, one after the other, what has failed:")
    code = python("-m", "pytest", "--last-failed", "-n", "0", *rest)
    if code == 0:
        tell("\nUNSTABLE: failed beside other tests, passed alone. Each needs mending:")
        tell("\n".join(f"  {name}" for name in failed))
    return code


def check(_rest: list[str]) -> int:
    """Every check, even after one that failed; 1 if any did."""
    codes = [python(*words) for words in CHECKS]
    return int(any(codes))


def python(*words: str) -> int:
    """Runs the environment's Python in this folder's name, wherever it was called from."""
    paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return subprocess.run([str(PYTHON), *words], env=environment, check=False).returncode


# ---- the environment ---------------------------------------------------------------------------


class SetupError(Exception):
    """One sentence: what is missing, and what to do."""


class NotOfferedError(SetupError):
    """The indexes that pip knows here do not have it."""


def set_up(groups: tuple[str, ...]) -> None:
    """Makes the environment, or brings it up to date. Raises SetupError."""
    stamp = VENV / f"maquette-{'-'.join(groups) or 'app'}.sha256"
    enough = [stamp] if groups else [*VENV.glob("maquette-*.sha256"), stamp]
    if PYTHON.exists() and any(read(path) == wanted() for path in enough):
        return
    if sys.version_info < OLDEST:
        raise SetupError(
            f"Maquette needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is"
            f" {sys.version_info[0]}.{sys.version_info[1]}."
        )
    names = requirements(groups)
    tell("Setting up Maquette. This happens once and takes some minutes.")
    if not runs(PYTHON):
        shutil.rmtree(VENV, ignore_errors=True)
        create(VENV)
    LOG.write_text("", encoding="utf-8")
    # Only a recent pip checks the hashes of a constraints file and resumes a broken download.
    install(["--upgrade", locked("pip")])
    tell("Looking up what is needed.")
    modern = ["--constraint", str(LOCK), "--progress-bar", "raw", "--resume-retries", "20"]
    if sys.platform.startswith("linux") and not shutil.which("nvidia-smi"):
        try:
            install([*modern, "--no-deps", locked("torch") + "+cpu"])
        except NotOfferedError:
            tell("  torch for CPUs only is not offered here; with CUDA it is some 3 GB more.")
    install([*modern, *names])
    python("-m", "compileall", "-q", str(HERE / "engine"), str(HERE / "studio"))  # a quick start
    stamp.write_text(wanted(), encoding="utf-8")
    tell("Maquette is set up.")


def wanted() -> str:
    """Changes whenever something else would be installed."""
    text = (HERE / "pyproject.toml").read_bytes() + LOCK.read_bytes()
    return hashlib.sha256(text).hexdigest()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def requirements(groups: tuple[str, ...]) -> list[str]:
    """What pyproject.toml names for the application, and for these groups of extras."""
    every = extras()
    return [*_project()["dependencies"], *(name for group in groups for name in every[group])]


def extras() -> dict[str, list[str]]:
    """The groups of pyproject.toml beside the application, and what each names."""
    return _project()["optional-dependencies"]


def _project() -> dict:
    import tomllib  # not there in the Pythons that are refused

    return tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def locked(name: str) -> str:
    """`name==version` as requirements.lock has it."""
    found = re.search(rf"(?m)^{re.escape(name)}==\S+", LOCK.read_text(encoding="utf-8"))
    return found.group() if found else name


def create(folder: Path) -> None:
    try:
        venv.EnvBuilder(with_pip=True).create(folder)
    except (subprocess.CalledProcessError, OSError):
        raise SetupError(
            "Python's venv module is incomplete. On Debian: sudo apt-get install python3-venv"
        ) from None


def runs(interpreter: Path) -> bool:
    """Whether it is there and starts: an environment dies with the Python that made it."""
    if not interpreter.exists():
        return False
    return subprocess.run([str(interpreter), "-c", ""], check=False).returncode == 0


def install(words: list[str]) -> None:
    """pip, with a line for each package; again after a cut connection. Raises SetupError."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    for attempt in range(1, TRIES + 1):
        lines = Progress(VENV).follow([*command, *words])
        if lines is None:
            return
        kind, sentence = cause_of("\n".join(lines))
        if kind is not ConnectionError or attempt == TRIES:
            raise (NotOfferedError if kind is LookupError else SetupError)(sentence)
        tell("  The connection was cut; going on in a moment.")
        time.sleep(WAIT_S * attempt)


CAUSES = (
    (OSError, "No space left", "There is no room left on the disk: Maquette needs about 3 GB."),
    (
        ValueError,
        "DO NOT MATCH THE HASHES",
        "A package is not the one that Maquette was tested with, so nothing was installed.",
    ),
    (
        ConnectionError,  # before the next: without a network pip finds no distribution either
        "name resolution|Errno 11001|Connection|Max retries|timed out|incomplete-download",
        "The packages could not be fetched: is there a network? What was fetched is kept; start"
        " again to go on.",
    ),
    (
        LookupError,
        r"No matching distribution found for (\S+)",
        "There is no {0} for Python {python} on this system: try Python 3.11 to 3.13.",
    ),
    (RuntimeError, "", "Setting up failed."),
)


def cause_of(log: str) -> tuple[type[Exception], str]:
    """Why pip failed: what kind of failure, and one sentence."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for kind, pattern, sentence in CAUSES:
        if found := re.search(pattern, log):
            said = sentence.format(*found.groups(), python=version)
            return kind, f"{said} All that pip said: {LOG}"
    raise AssertionError("the last pattern fits everything")


class Progress:
    """What pip does, as one line for each package; all that it says goes to the log."""

    EVERY_S = 5.0

    def __init__(self, environment: Path) -> None:
        self._environment = environment
        self._name = ""
        self._told_s = time.monotonic()
        self._total = 0

    def follow(self, command: list[str]) -> list[str] | None:
        """Runs pip; None when all went well, else what it said."""
        lines: list[str] = []
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        with (
            LOG.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=environment,
            ) as pip,
        ):
            for line in pip.stdout or ():
                if not line.startswith("Progress "):
                    lines.append(line.rstrip())
                    log.write(line)
                if line.startswith("Installing collected packages: "):
                    self._total = line.count(",") + 1
                    threading.Thread(target=self._watch, args=(pip,), daemon=True).start()
                elif said := self._said(line.strip()):
                    tell(f"  {said}")
        return None if pip.returncode == 0 else lines

    def _said(self, line: str) -> str:
        """What an artist should see of one line of pip's; "" for most."""
        if found := re.match(r"(?:Downloading|Using cached) (\S+?)-(\d[^-]*)-\S+ \((.*)\)", line):
            name, version, size = found.groups()
            if line.split(" (")[0].endswith(".metadata"):
                return ""
            self._name, self._told_s = name, time.monotonic()
            verb = "fetching" if line.startswith("Downloading") else "have"
            return f"{verb} {name} {version} ({size})"
        if found := re.match(r"Progress (\d+) of (\d+)", line):
            done, total = int(found[1]), int(found[2])
            now = time.monotonic()
            if total and now - self._told_s > self.EVERY_S:
                self._told_s = now
                return f"  {self._name}: {100 * done // total} % of {total / 1e6:.0f} MB"
        return ""

    def _watch(self, pip: subprocess.Popen[str]) -> None:
        """pip is silent while it unpacks: what has arrived is seen on the disk."""
        seen = self._installed()
        count = 0
        while pip.poll() is None:
            time.sleep(0.3)
            for folder in sorted(self._installed() - seen):
                seen.add(folder)
                count += 1
                name, _, version = folder.removesuffix(".dist-info").partition("-")
                tell(f"  {count} of {self._total}  {name} {version}")

    def _installed(self) -> set[str]:
        inside = "Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages"
        return {path.name for path in self._environment.glob(f"{inside}/[!~]*.dist-info")}


# ---- what the system lacks ---------------------------------------------------------------------


def libraries(rest: list[str]) -> int:
    """Says what is missing; with `--install`, fetches it. 1 when something stays missing."""
    words = apt_get()
    if not words:
        return tell("Nothing that Qt needs is missing.")
    if "--install" not in rest:
        return tell(f"Qt misses libraries: {' '.join(words)}", 1)
    update = [*words[: words.index("install")], "update", "-qq"]
    return subprocess.run(update, check=False).returncode or (
        subprocess.run(words, check=False).returncode
    )


def offer_libraries() -> None:
    """The one line that brings what Qt needs; run it at once if that is wished."""
    words = apt_get()
    if not words:
        return
    tell(f"Qt misses libraries of the system. This brings them:\n  {' '.join(words)}")
    if sys.stdin.isatty() and shutil.which("apt-get"):
        answer = input("Run it now? [y/N] ")
        if answer.strip().lower() in ("y", "yes"):
            libraries(["--install"])


def apt_get() -> list[str]:
    """The command that installs what is missing; [] when nothing is."""
    from studio.app.system_libraries import missing_packages

    packages = missing_packages()
    sudo = [] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["sudo"]
    command = [*sudo, "apt-get", "install", "-y", "--no-install-recommends", *packages]
    return command if packages else []


def tell(text: str, code: int = 0) -> int:
    print(text, file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

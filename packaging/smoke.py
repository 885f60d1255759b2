"""Uses the frozen application as an artist would, by its keys: `python packaging/smoke.py FOLDER`.

    python packaging/smoke.py dist/maquette [--shots DIR] [--patience SECONDS]

Under a screen of its own (Xvfb; xdotool presses the keys) it opens the samples of all three media,
waits until each is learned, makes works, rates one, exports it, quits, and opens the project again
by its path. What happened is read from the project file, not from the window. What the
application says on the way must be on ALLOWED. Exit 0 when all of it went well.
"""

import argparse
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

SIZE = "1440x900x24"
MEDIA = {"image": ("ctrl+1", "images"), "text": ("ctrl+2", "texts"), "audio": ("ctrl+3", "music")}
SUFFIXES = {"image": ".jpg", "text": ".txt", "audio": ".mid"}
REFERENCES = 2  # of each medium
ALLOWED = (
    r"^$",
    r"propagateSizeHints",  # Qt under a screen without a window manager
    r"qt\.qpa\.(xcb|services|wayland)|QXcbConnection|xkbcommon",
    r"dbus|D-Bus|portal",  # no session bus
    r"qt\.multimedia|pa_context_connect|ALSA|PipeWire|audio device",  # no sound device
    r"^INFO:",
)


class SmokeError(Exception):
    """What did not happen in time, or was said and should not have been."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Try the frozen application.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shots", type=Path, help="keep a picture of the screen after each step")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds for any one step")
    options = parser.parse_args()
    for program in ("Xvfb", "xdotool"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing: apt-get install xvfb xdotool")
    with tempfile.TemporaryDirectory() as home, screen() as display:
        try:
            Walk(options.folder.resolve(), Path(home), display, options).walk()
        except SmokeError as error:
            sys.exit(f"smoke: {error}")
    print("smoke: all went well")
    return 0


@contextmanager
def screen() -> Iterator[str]:
    """An Xvfb of its own; yields its DISPLAY."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", SIZE, "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        try:
            yield display
        finally:
            server.terminate()


class Walk:
    """One artist, one folder for all that is kept."""

    def __init__(self, folder: Path, home: Path, display: str, options: argparse.Namespace) -> None:
        self._program = folder / "maquette"
        self._samples = folder / "_internal" / "assets" / "samples"
        self._home, self._shots, self._patience = home, options.shots, options.patience
        self._environment = {
            **{k: v for k, v in os.environ.items() if k in ("PATH", "LD_LIBRARY_PATH")},
            "DISPLAY": display,
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(home),
        }
        self._log = home / "said.txt"

    def walk(self) -> None:
        with self._running():
            for medium in MEDIA:
                self._make(medium)
            self._rate()
            self._export()
            self._quit()
        project = self._project()
        with self._running(project):
            self._shoot("reopened")
            self._quit()
        works = self._count("works")
        print(f"{project.name}: {works} works, {self._count('ratings')} rating after reopening")
        self._judge_log()

    # ---- what an artist does -------------------------------------------------------------------

    def _make(self, medium: str) -> None:
        key, folder = MEDIA[medium]
        self._press(key)
        time.sleep(1.0)
        files = sorted((self._samples / folder).glob(f"*{SUFFIXES[medium]}"))[:REFERENCES]
        self._press("ctrl+i")
        self._answer(" ".join(f'"{file}"' for file in files))
        of = f"WHERE medium = '{medium}'"
        self._until(f"{medium}: learned", lambda: self._count("styles", of) > 0)
        before = self._count("works")
        self._press("ctrl+Return")
        self._until(f"{medium}: made", lambda: self._count("works") >= before + 4)
        self._shoot(medium)

    def _rate(self) -> None:
        self._press("5")
        self._until("rated", lambda: self._count("ratings", "WHERE value = 5") > 0)

    def _export(self) -> None:
        self._press("ctrl+e")
        time.sleep(1.0)
        self._shoot("export")
        self._press("Return")  # as the dialog proposes: this work, into the folder of its medium
        self._until("exported", lambda: bool(self._exported()))

    def _exported(self) -> list[Path]:
        """Sidecars of exported works, in the home folder or its Music."""
        return [*self._home.glob("*.json"), *self._home.glob("Music/*.json")]

    def _quit(self) -> None:
        self._press("ctrl+q")
        code = self._process.wait(self._patience)
        if code != 0:
            raise SmokeError(f"the application ended with {code}")

    # ---- the application -----------------------------------------------------------------------

    @contextmanager
    def _running(self, *arguments: Path) -> Iterator[None]:
        begun = time.monotonic()
        with (
            self._log.open("ab") as log,
            subprocess.Popen(
                [str(self._program), *map(str, arguments)],
                env=self._environment,
                stdout=log,
                stderr=log,
                cwd=self._home,
            ) as self._process,
        ):
            try:
                self._until("the window is there", lambda: bool(self._windows()), pause_s=0.02)
                print(f"  after {time.monotonic() - begun:.2f} s")
                time.sleep(2.0)
                yield
            finally:
                self._process.kill()

    def _windows(self) -> list[str]:
        command = ["search", "--onlyvisible", "--pid", str(self._process.pid), "--name", ".+"]
        return self._xdotool(*command).split()

    def _press(self, key: str) -> None:
        self._focus()
        self._xdotool("key", "--clearmodifiers", key)

    def _answer(self, text: str) -> None:
        """Types into the dialog that has just opened, and confirms."""
        time.sleep(1.5)
        self._focus()
        self._xdotool("type", "--delay", "4", text)
        self._shoot("dialog")
        self._xdotool("key", "Return")
        time.sleep(0.5)

    def _focus(self) -> None:
        """There is no window manager: the newest window gets the keys."""
        if windows := self._windows():
            self._xdotool("windowfocus", "--sync", windows[-1])

    def _xdotool(self, *words: str) -> str:
        command = ["xdotool", *words]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False, timeout=20
        )
        return done.stdout

    def _shoot(self, name: str) -> None:
        if self._shots is None:
            return
        self._shots.mkdir(parents=True, exist_ok=True)
        code = (
            "import sys; from PySide6.QtGui import QGuiApplication;"
            "app = QGuiApplication([]);"
            "app.primaryScreen().grabWindow(0).save(sys.argv[1])"
        )
        path = str(self._shots / f"{name}.png")
        subprocess.run([sys.executable, "-c", code, path], env=self._environment, check=False)

    def _until(self, what: str, true: Callable[[], bool], pause_s: float = 0.5) -> None:
        begun = time.monotonic()
        while not true():
            if self._process.poll() is not None:
                raise SmokeError(f"{what}: the application ended; it said:\n{self._said()}")
            if time.monotonic() - begun > self._patience:
                self._shoot("late")
                raise SmokeError(f"{what}: not after {self._patience:.0f} s\n{self._said()}")
            time.sleep(pause_s)
        print(f"{what}: {time.monotonic() - begun:.1f} s")

    # ---- what is kept --------------------------------------------------------------------------

    def _project(self) -> Path:
        found = sorted(self._home.glob(".local/share/**/*.maquette"))
        if not found:
            raise SmokeError("there is no project file")
        return found[-1]

    def _count(self, table: str, condition: str = "") -> int:
        """Rows of a table, in a copy: the application holds its file alone."""
        project = self._project()
        copy = self._home / "copy.maquette"
        for suffix in ("", "-wal"):
            source = project.with_name(project.name + suffix)
            target = copy.with_name(copy.name + suffix)
            target.unlink(missing_ok=True)
            if source.exists():
                shutil.copyfile(source, target)
        try:
            with closing(sqlite3.connect(copy)) as base:
                return int(base.execute(f"SELECT count(*) FROM {table} {condition}").fetchone()[0])
        except sqlite3.DatabaseError:
            return 0  # copied in the middle of a write; the next look sees it

    def _said(self) -> str:
        logs = [self._log, *self._home.glob(".local/share/**/logs/*")]
        return "\n".join(log.read_text("utf-8", "replace") for log in logs if log.is_file())

    def _judge_log(self) -> None:
        lines = self._said().splitlines()
        odd = [line for line in lines if not any(re.search(rule, line) for rule in ALLOWED)]
        print(f"the log: {len(lines)} lines, {len(odd)} of them not allowed")
        if odd:
            raise SmokeError("it said:\n" + "\n".join(odd[:40]))


if __name__ == "__main__":
    sys.exit(main())

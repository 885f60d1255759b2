"""Kills a working studio, or its engine, again and again, and looks what is lost.

    python run.py soak --minutes N [--seed N] [--folder DIR] [--report docs/reliability.md]

Every round starts a studio on the same project (a new one now and then), kills it or its engine at
a random moment, and checks what `tests.soak.checks` says. With --report the table there is written
anew. The last line counts; the exit code is 1 when anything was lost.
"""

import argparse
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from studio.project.project import Project
from tests.soak.checks import Acknowledged, dead_scratch, losses, parts

ROOT = Path(__file__).parents[2]
OLD_FORMATS = sorted((ROOT / "tests" / "formats").glob("project-[12].maquette"))
FAULTS = ("kill the studio",) * 6 + ("kill the engine",) * 2 + ("migrate", "move", "delete")
ROUNDS_A_PROJECT = 12
REAL_EVERY = 10  # one round in so many has the real engine
START_S = 120.0


class Studio:
    """One process, and what it has said."""

    def __init__(self, path: Path, folder: Path, engine: str, seed: int) -> None:
        command = [sys.executable, "-m", "tests.soak.actor", str(path), str(folder), engine]
        environment = os.environ | {
            **{"QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(folder / "tmp")},
            **{"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        }
        self.process = subprocess.Popen(
            [*command, str(seed)],
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr.txt").open("ab"),
            env=environment,
            cwd=ROOT,
        )
        self.lines: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith(b"\n"):
                self.lines.append(json.loads(line))

    def wait_ready(self) -> None:
        until = time.monotonic() + START_S
        while not any("ready" in line for line in self.lines):
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the studio does not start; see stderr.txt")
            time.sleep(0.02)

    @property
    def doing(self) -> str:
        """What it was at when it said its last word."""
        begun = [line["begin"] for line in self.lines if "begin" in line]
        return begun[-1] if begun else "start"

    def kill_engine(self) -> bool:
        for child in psutil.Process(self.process.pid).children():
            child.kill()
            return True
        return False

    def kill(self) -> None:
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        psutil.wait_procs(children, timeout=10)  # they end with their parent
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Soak:
    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self.tried, self.lost = Counter[str](), Counter[str]()
        self.rounds = self.acknowledged = self.notices = 0
        self.faults: list[str] = []
        self.said = Acknowledged()
        self.path = folder / "none"
        folder.mkdir(parents=True, exist_ok=True)

    def new_project(self, migrate: bool) -> None:
        self.acknowledged += self.said.count
        self.said = Acknowledged()
        for old in self.folder.glob("P*"):
            shutil.rmtree(old)
        home = self.folder / f"P{self.rounds}"
        (home / "tmp").mkdir(parents=True)
        self.path = home / "Study.maquette"
        if migrate:
            shutil.copyfile(self.chance.choice(OLD_FORMATS), self.path)
        else:
            Project.create(self.path).close()

    def round(self) -> None:
        fault = self.chance.choice(FAULTS)
        if fault == "migrate" or self.rounds % ROUNDS_A_PROJECT == 0:
            self.new_project(fault == "migrate")
        self.rounds += 1
        real = self.rounds % REAL_EVERY == 0 and fault != "migrate"
        engine, seed = ("real" if real else "fake"), self.chance.randrange(10**6)
        studio = Studio(self.path, self.path.parent, engine, seed)
        try:
            kind = self._break(studio, fault, real)
        finally:
            studio.kill()
        for line in studio.lines:
            self.said.hear(line)
            self.notices += "notice" in line
        self._judge(kind)
        self._log(kind, studio)

    def _break(self, studio: Studio, fault: str, real: bool) -> str:
        """Wait for a random moment and do it. Returns what is counted."""
        if fault == "migrate":
            time.sleep(self.chance.uniform(0.1, 2.5))
            return "studio killed while opening or migrating"
        studio.wait_ready()
        time.sleep(self.chance.uniform(0.1, 30.0 if real else 4.0))
        if fault == "kill the engine":
            doing, killed = studio.doing, studio.kill_engine()
            time.sleep(self.chance.uniform(0.5, 4.0))
            return f"engine killed while the studio {_VERBS[doing]}" if killed else _killed(studio)
        if fault == "move":
            self.path = self.path.rename(self.path.with_name(f"Moved {self.rounds}.maquette"))
            time.sleep(self.chance.uniform(2.5, 4.0))
            return "project moved while open, studio killed"
        if fault == "delete":
            self.path.unlink()
            time.sleep(self.chance.uniform(2.5, 4.0))
            return "project deleted while open, studio killed"
        return _killed(studio)

    def _judge(self, kind: str) -> None:
        before = self.folder / "before"  # as it was found; kept when something is lost
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(self.path.parent, before)
        found = losses(self.path, self.said)
        exports = self.path.parent / "exports"  # the next export into a folder removes what is left
        left = Counter(part.parent for part in parts(self.path.parent))
        found += [f"{n} parts in {at}" for at, n in left.items() if n > at.is_relative_to(exports)]
        scratch = dead_scratch(self.path.parent / "tmp")
        if len(scratch) > 1:  # the one of this round; the next studio removes it
            found.append(f"{len(scratch)} scratch folders")
        if found:
            before.rename(self.folder / f"lost {self.rounds}")
        self.tried[kind] += 1
        self.lost[kind] += bool(found)
        for each in found:
            self.faults.append(f"round {self.rounds}, {kind}: {each}")
            sys.stderr.write(self.faults[-1] + "\n")

    def _log(self, kind: str, studio: Studio) -> None:
        """What was said in this round, for whoever looks for the cause of a loss."""
        with (self.folder / "rounds.jsonl").open("a") as file:
            file.write(json.dumps([self.rounds, kind, studio.lines]) + "\n")


_VERBS = {
    **{"open": "opened", "drop": "took references", "adapt": "learned a style"},
    **{"generate": "made works", "rate": "rated", "export": "exported", "start": "started"},
}


def _killed(studio: Studio) -> str:
    return f"studio killed while it {_VERBS[studio.doing]}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="run.py soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="soak-"))
    soak = Soak(folder, options.seed)
    begun = time.monotonic()
    while time.monotonic() - begun < 60 * options.minutes:
        soak.round()
    soak.acknowledged += soak.said.count
    total, lost = sum(soak.tried.values()), sum(soak.lost.values())
    words = f"{total} rounds, {soak.acknowledged} acknowledged actions, {lost} rounds with a loss"
    if options.report:
        write_report(options.report, soak, (time.monotonic() - begun) / 60, words)
    sys.stdout.write(f"{words}\n")
    if not lost and options.folder is None:
        shutil.rmtree(folder)
    return int(lost > 0)


def write_report(path: Path, soak: Soak, minutes: float, words: str) -> None:
    """The part of the file between its two marks."""
    memory = round(psutil.virtual_memory().total / 2**30)
    machine = f"{platform.system()}, {os.cpu_count()} processors, {memory} GiB, other work beside"
    counts = sorted(soak.tried.items())
    rows = [f"| {kind} | {n} | {soak.lost[kind] or 'nothing'} |" for kind, n in counts]
    text = "\n".join(
        [
            f"{datetime.now(UTC):%Y-%m-%d}, {minutes:.0f} minutes, {machine}: {words}.",
            "",
            "| fault | times tried | rounds with a loss |",
            "|---|---:|---:|",
            *rows,
        ]
    )
    begin, end = "<!-- soak -->", "<!-- /soak -->"
    whole = path.read_text("utf-8")
    before, after = whole.split(begin)[0], whole.split(end)[1]
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())

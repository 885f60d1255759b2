"""Kills a process at every step of what a studio does with files: at each statement of SQLite, each
flush, each rename and each removal.

python -m tests.studio.project.kills FOLDER KILLS

A child is forked for each kill; it says what it has done in a file. Prints the number of kills, and
a line for each loss. There is no clock in it: the same steps are killed every time.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from engine.protocol import Medium
from studio.project import opening
from studio.project.database import connect
from studio.project.judgements import like
from studio.project.project import Project
from studio.state.export import export_works
from studio.state.export_format import ExportFormat, ExportOptions
from tests.studio.sessions import RULES

OLD = Path(__file__).parents[2] / "formats" / "project-1.maquette"
PNG = OLD.parents[1] / "cases" / "files" / "badcrc-text.png"
Say = Callable[[str, Any], None]


class Steps:
    """Ends this process at step `last`, without a word; counts them when there is none."""

    def __init__(self, last: int) -> None:
        self._last, self.count = last, 0
        flush = os.fsync

        def counted(handle: int) -> None:
            self.step()
            flush(handle)

        begin = sqlite3.connect

        def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = begin(*arguments, **options)
            connection.set_trace_callback(lambda _statement: self.step())
            return connection

        os.fsync, sqlite3.connect = counted, traced
        sys.addaudithook(self.hear)

    def hear(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if event in ("os.rename", "os.remove", "os.mkdir"):
            self.step()

    def step(self) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def work(folder: Path, say: Say) -> None:
    """A short life: begin, drop, learn, make, rate, export, save elsewhere, open again, migrate."""
    project = opening.untitled([folder])
    for n in range(2):
        say("reference", project.references.add(f"{n}.png", bytes([n]) * 9000).digest)
    style = project.styles.add(b"style" * 900, {}, {1: 1.0})
    say("style", style.digest)
    for seed in range(2):
        row = project.works.add(PNG.read_bytes() + bytes([seed]), {}, style_id=style.id, seed=seed)
        say("work", row.digest)
    project.works.rate(1, 4)
    say("rating", 4)
    project.judgements.add(like(Medium.IMAGE, 2), True)
    say("like", True)
    for target in (folder / "out", folder / "out.zip"):
        paths = export_works(project, RULES, [1, 2], target, ExportOptions(ExportFormat.PNG))
        say("export", [str(path) for path in paths])
    saved = project.save_as(folder / "Saved.maquette")
    say("saved", True)
    project.document.fold()
    project.close()
    saved.works.rate(2, 3)
    say("rating in the copy", 3)
    saved.close()
    Project.open(folder / "Saved.maquette").close()  # makes a backup
    old = folder / "Old.maquette"
    shutil.copyfile(OLD, old)
    say("old", True)
    Project.open(old).close()


def losses(folder: Path, said: list[tuple[str, Any]]) -> list[str]:
    """What was said and is not there, and what is there and should not be."""
    done: dict[str, list[Any]] = {}
    for kind, value in said:
        done.setdefault(kind, []).append(value)
    lost = []
    paths = [folder / "Untitled.maquette"] if (folder / "Untitled.maquette").exists() else []
    paths += [folder / "Saved.maquette"] if "saved" in done else []
    paths += [folder / "Old.maquette"] if "old" in done else []
    if said and not paths:
        lost.append("no project")
    for path in paths:
        project = Project.open(path)
        if path.stem != "Old":
            lost += missing(project, done)
        elif not project.works.all():
            lost.append("the old project's works")
        if path.stem == "Saved" and "rating in the copy" in done:
            lost += [] if project.works.get(2).rating == 3 else ["the rating in the copy"]
        project.close()
        with closing(connect(path, "ro")) as raw:
            (state,) = raw.execute("PRAGMA integrity_check").fetchone()
        lost += [] if state == "ok" else [f"{path.name}: {state}"]
    lost += [f"export {p}" for each in done.get("export", ()) for p in each if not Path(p).exists()]
    for sidecar in (folder / "out").glob("*.json"):
        if not sidecar.with_name(json.loads(sidecar.read_text("utf-8"))["file"]).exists():
            lost.append(f"{sidecar.name} speaks of nothing")
    left = [path.name for path in folder.glob(".maquette-*")]
    return lost + ([f"left: {left}"] if paths and left else [])


def missing(project: Project, done: dict[str, list[Any]]) -> list[str]:
    there = {
        "reference": [row.digest for row in project.references.all()],
        "work": [row.digest for row in project.works.all()],
        "style": [row.digest for row in project.styles.all(Medium.IMAGE)],
        "rating": [row.value for row in project.works.rating_log()],
        "like": [each.value for each in project.judgements.log()],
    }
    for digest in there["reference"] + there["work"] + there["style"]:
        project.blob(digest)
    return [f"{kind} {v}" for kind in there for v in done.get(kind, ()) if v not in there[kind]]


def killed_at(step: int, folder: Path) -> tuple[int, list[tuple[str, Any]]]:
    """(0 when it was killed, else how many steps there are; what was said until then)."""
    folder.mkdir()
    log = folder.with_suffix(".log")
    child = os.fork()
    if child == 0:
        with log.open("a") as file:

            def say(kind: str, value: Any) -> None:
                file.write(json.dumps([kind, value]) + "\n")
                file.flush()

            steps = Steps(step)
            work(folder, say)
            say("steps", steps.count)
        os._exit(0)
    os.waitpid(child, 0)
    said = [tuple(json.loads(line)) for line in log.read_text().splitlines()]
    if said and said[-1][0] == "steps":
        return said[-1][1], said[:-1]
    return 0, said


def main(folder: Path, most: int) -> int:
    total, said = killed_at(0, folder / "whole")
    assert total
    lost = losses(folder / "whole", said)
    stride = max(1, total // most)
    kills = 0
    for step in range(1, total + 1, stride):
        place = folder / str(step)
        _, said = killed_at(step, place)
        kills += 1
        lost += [f"step {step}: {each}" for each in losses(place, said)]
        shutil.rmtree(place)
    sys.stdout.write(f"{kills} kills at {total} steps\n" + "".join(f"{each}\n" for each in lost))
    return int(bool(lost))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))

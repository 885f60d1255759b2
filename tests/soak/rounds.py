"""Rounds of the soak: begin a studio, kill it at a random moment, judge what it left."""

import json
import random
import shutil
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from engine.protocol import Medium
from studio.project.project import Project
from tests.soak.checks import Acknowledged, dead_scratch, losses, parts
from tests.soak.studio import BEFORE, Studio

ROOT = Path(__file__).parents[2]
OLD_FORMATS = sorted((ROOT / "tests" / "formats").glob("project-[123].maquette"))
FAULTS = ("studio",) * 20 + ("engine",) * 10 + ("migrate", "rescue") * 3 + ("move", "delete")
MOMENTS = ("drop", "adapt", "generate") * 3 + ("rate", "judge", "export", "any")
ROUNDS_A_PROJECT = 7
MOST_ENGINE_KILLS = 4  # in one round
REAL_EVERY = 15  # one round in so many has the real engine
MOMENT_S = 1.5  # so long is waited until a studio does what it shall be killed at
VERBS = {
    **{BEFORE: "started", "open": "opened", "start": "started", "wait": "waited"},
    **{"drop": "took references", "adapt": "learned a style", "generate": "made works"},
    **{"rate": "rated", "judge": "took likes and tags", "export": "exported"},
}


@dataclass(slots=True)
class Tally:
    """What all lanes have tried together, and what was lost."""

    folder: Path
    most_kills: int
    until: float  # of time.monotonic
    tried: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    rounds: int = 0
    real_rounds: int = 0
    acknowledged: int = 0
    broken: int = 0  # lanes that could not go on
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def next_round(self) -> int:
        """Its number; 0 when there is none any more."""
        with self._turn:
            if self.kills >= self.most_kills or time.monotonic() > self.until:
                return 0
            self.rounds += 1
            self.real_rounds += is_real(self.rounds)
            return self.rounds

    @property
    def kills(self) -> int:
        return sum(self.tried.values())

    def add(self, number: int, kinds: list[str], found: list[str], log: list[object]) -> None:
        """A loss counts against every fault of its round."""
        with self._turn:
            self.tried.update(kinds)
            self.lost.update(set(kinds) if found else ())
            for each in found:
                self.faults.append(f"round {number}, {', '.join(kinds)}: {each}")
                sys.stderr.write(self.faults[-1] + "\n")
            with (self.folder / "rounds.jsonl").open("a") as file:
                file.write(json.dumps([number, kinds, log]) + "\n")

    @property
    def words(self) -> str:
        lost = len({fault.split(",")[0] for fault in self.faults})
        return (
            f"{self.kills} kills in {self.rounds} rounds, {self.real_rounds} of them with the real"
            f" engine; {self.acknowledged} acknowledged actions, {lost} rounds with a loss"
        )


def is_real(number: int) -> bool:
    return number % REAL_EVERY == 0


class Lane:
    """One project after the other, each for some rounds, in a folder of its own."""

    def __init__(self, tally: Tally, folder: Path, seed: int) -> None:
        self._tally, self._folder = tally, folder
        self._chance = random.Random(seed)
        self._said, self._medium = Acknowledged(), Medium.IMAGE
        self._path, self._rounds = folder / "none", 0
        folder.mkdir(parents=True, exist_ok=True)

    def work(self) -> None:
        try:
            while number := self._tally.next_round():
                self._round(number)
        except BaseException:
            self._tally.broken += 1
            raise
        finally:
            self._tally.acknowledged += self._said.count

    def _new_project(self, number: int, fault: str) -> None:
        self._tally.acknowledged += self._said.count
        self._said = Acknowledged()
        self._medium = self._chance.choice(list(Medium))
        for old in self._folder.glob("P*"):
            shutil.rmtree(old)
        home = self._folder / f"P{number}"
        (home / "tmp").mkdir(parents=True)
        self._path = home / "Study.maquette"
        if fault in ("migrate", "rescue"):
            shutil.copyfile(self._chance.choice(OLD_FORMATS), self._path)
            Project.open(self._path).close() if fault == "rescue" else None
        else:
            Project.create(self._path).close()

    def _round(self, number: int) -> None:
        real = is_real(number)
        fault = self._chance.choice(("studio", "engine") if real else FAULTS)
        if fault in ("migrate", "rescue") or self._rounds % ROUNDS_A_PROJECT == 0:
            self._new_project(number, fault)
        self._rounds += 1
        if fault == "rescue":
            damage(self._path, self._chance)
        options = {"engine": "real" if real else "fake", "medium": self._medium}
        options |= {"seed": self._chance.randrange(10**6)}
        studio = Studio(self._path, self._path.parent, options)
        try:
            kinds = self._break(studio, fault, real)
        finally:
            studio.kill()
        for line in studio.lines:
            self._said.hear(line)
        self._tally.add(number, kinds, self._losses(number, fault), list(studio.lines))
        if fault == "rescue":  # its next studio would rescue it again
            self._rounds = 0

    # ---- what is done to it --------------------------------------------------------------------

    def _break(self, studio: Studio, fault: str, real: bool) -> list[str]:
        """Wait for a random moment and do it. Returns what is counted, one for each kill."""
        if fault in ("migrate", "rescue"):
            studio.wait("begin", "open")
            time.sleep(self._soon())
            verb = "migrated" if fault == "migrate" else "rescued what is whole of"
            return [f"studio killed while it {verb} a project"]
        if not (studio.wait("ready") and studio.wait("engine")):
            raise SystemExit(f"the studio does not start; see {self._path.parent}/stderr.txt")
        kinds = []
        if fault == "engine":
            for _ in range(self._chance.randint(1, MOST_ENGINE_KILLS)):
                kinds += self._kill_engine(studio, real)
        if fault in ("move", "delete"):
            self._wait_moment(studio, real)
            return [self._displace(fault)]
        self._wait_moment(studio, real)
        return [*kinds, f"studio killed while it {VERBS[studio.doing]}"]

    def _kill_engine(self, studio: Studio, real: bool) -> list[str]:
        self._wait_moment(studio, real)
        doing, before = studio.doing, len(studio.lines)
        if not studio.kill_engine():
            return []
        studio.wait_after(before, "engine")
        return [f"engine killed while the studio {VERBS[doing]}"]

    def _displace(self, fault: str) -> str:
        if fault == "move":
            self._path = self._path.rename(self._path.with_name(f"Moved {self._rounds}.maquette"))
        else:
            self._path.unlink()
        time.sleep(self._chance.uniform(2.5, 4.0))  # the window looks every second
        return f"project {fault}d while open, studio killed"

    def _wait_moment(self, studio: Studio, real: bool) -> None:
        """Until it does one thing or another, and a little longer: some are over soon."""
        moment = self._chance.choice(MOMENTS)
        if moment != "any":
            seconds = MOMENT_S * (5 if real else 1)
            studio.wait_after(len(studio.lines), "begin", moment, seconds)
        time.sleep(self._chance.uniform(0, 8) if real else self._soon())

    def _soon(self) -> float:
        """Seconds: a thousandth as likely as a tenth or a second."""
        return min(3.0, self._chance.expovariate(1) * self._chance.choice((0.003, 0.03, 0.3)))

    # ---- what came of it -----------------------------------------------------------------------

    def _losses(self, number: int, fault: str) -> list[str]:
        home, before = self._path.parent, self._folder / "before"
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(home, before)  # as it was found; kept when something is lost
        found = losses(self._path, self._said) if fault != "rescue" else rescued(self._path)
        exports = home / "exports"  # the next export into a folder removes what is left
        temporary = home / "tmp"  # is removed whole: counted below
        left = Counter(part.parent for part in parts(home) if temporary not in part.parents)
        found += [f"{n} parts in {at}" for at, n in left.items() if n > at.is_relative_to(exports)]
        scratch = dead_scratch(temporary)
        if len(scratch) > 1:  # the one of this round; the next studio removes it
            found.append(f"{len(scratch)} scratch folders")
        if found:
            before.rename(self._tally.folder / f"lost {number}")
        return found


def damage(path: Path, chance: random.Random) -> None:
    """A page in the middle of the file becomes noise."""
    data = bytearray(path.read_bytes())
    at = chance.randrange(1, len(data) // 4096) * 4096
    data[at : at + 4096] = chance.randbytes(4096)
    path.write_bytes(data)


def rescued(path: Path) -> list[str]:
    """What a rescue that was killed leaves: another one that finds as much."""
    from studio.project import opening

    try:
        project = opening.open_project(path, path.parent)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from opening is a loss
        return [f"it cannot be rescued: {type(error).__name__}: {error}"]
    works = len(project.works.all(include_hidden=True))
    project.close()
    return [] if works else ["the rescued project has no works"]

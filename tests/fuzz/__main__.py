"""Fuzzing with a count: `python -m tests.fuzz STATE.json [--minutes N] [--inputs N] [--target NAME]
[--report docs/reliability.md]`.

A forked child reads one input after the other; this process watches it. An input that ends the
child, takes more than 5 s of processor time, a gigabyte of memory, opens a connection, starts a
program, writes outside the temporary folder or raises anything but a refusal is kept beside
STATE.json as `<target>-<number>.bin` and told there. Goes on where it stopped, until each target
has read `--inputs`; every input is made from its number alone.
"""

import argparse
import json
import multiprocessing
import sys
import time
from ctypes import c_longlong
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import psutil

from tests.fuzz.child import read_inputs
from tests.fuzz.mutations import mutant
from tests.fuzz.report import write_report
from tests.fuzz.targets import TARGETS, corpus_of

SLICE_S = 20.0  # one target after the other
MAX_CPU_S = 5.0
WARMING = -1  # the number of the input before the first
_FORK = multiprocessing.get_context("fork")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--inputs", type=int, default=25_000, help="of each target")
    parser.add_argument("--target", choices=TARGETS)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    begun = time.monotonic()
    until = begun + 60 * options.minutes
    state = json.loads(options.state.read_text()) if options.state.exists() else {}
    open_ones = [options.target] if options.target else list(TARGETS)
    while open_ones and time.monotonic() < until:
        for name in list(open_ones):
            own = state.setdefault(name, {"inputs": 0, "refused": 0, "findings": []})
            end = min(until, time.monotonic() + SLICE_S)
            run_slice(name, own, options.inputs, end, options.state.parent)
            if own["inputs"] >= options.inputs:
                open_ones.remove(name)
            minutes = state.pop("minutes", 0.0) + (time.monotonic() - begun) / 60
            begun = time.monotonic()
            options.state.write_text(json.dumps({**state, "minutes": minutes}, indent=1))
            state["minutes"] = minutes
    minutes = state.pop("minutes", 0.0)
    if options.report:
        write_report(options.report, state, minutes)
    total = sum(own["inputs"] for own in state.values())
    found = sum(len(own["findings"]) for own in state.values())
    sys.stdout.write(f"{total} inputs, {found} findings: {options.state}\n")
    return int(found > 0)


def run_slice(name: str, own: dict[str, Any], most: int, until: float, folder: Path) -> None:
    """Inputs of one target until then; a child that ends before is a finding, and replaced."""
    corpus_of(name)  # made here, so that each child has it
    while time.monotonic() < until and own["inputs"] < most:
        number: Synchronized = _FORK.Value(c_longlong, WARMING)  # pyright: ignore
        refused: Synchronized = _FORK.Value(c_longlong, 0)  # pyright: ignore
        words = _FORK.SimpleQueue()
        seconds = max(1.0, until - time.monotonic())
        arguments = (name, range(own["inputs"], most), number, refused, words, seconds)
        child = _FORK.Process(target=read_inputs, args=arguments)
        child.start()
        fault = watched(child, number)
        while not words.empty():
            keep(own, name, folder, *words.get())
        own["refused"] += refused.value
        own["inputs"] = max(own["inputs"], number.value)
        if fault:
            keep(own, name, folder, own["inputs"], fault)
            own["inputs"] += 1


def watched(child: Any, number: Any) -> str:
    """What went wrong with the input that the child read last; "" when it ended by itself."""
    process, at, since = psutil.Process(child.pid), WARMING, 0.0
    while child.is_alive():
        child.join(0.3)
        try:
            used = sum(process.cpu_times()[:2])
        except psutil.Error:
            break
        if at != number.value or at == WARMING:  # the corpus itself has files that take their time
            at, since = number.value, used
        elif used - since > MAX_CPU_S:
            child.kill()
            child.join()
            return f"took more than {MAX_CPU_S:g} s"
    child.join()
    return "" if child.exitcode == 0 else f"ended the process ({child.exitcode})"


def keep(own: dict[str, Any], name: str, folder: Path, number: int, fault: str) -> None:
    """The same fault is kept once."""
    if any(each["fault"] == fault for each in own["findings"]):
        return
    own["findings"].append({"number": number, "fault": fault})
    file, data = mutant(name, number, corpus_of(name))
    (folder / f"{name}-{number}{Path(file).suffix}").write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())

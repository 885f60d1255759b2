"""Fuzzing with a count: `python -m tests.fuzz STATE.json [--minutes N] [--target NAME]`.

A child reads one input after the other; this process watches it. An input that ends the child,
takes more than 5 s of processor time, a gigabyte of memory, opens a connection, starts a program,
writes outside the temporary folder or raises anything but a refusal is kept beside STATE.json as
`<target>-<number>.bin` and told there. Goes on where it stopped; every input is made from its
number alone.
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
from tests.fuzz.targets import TARGETS

SLICE_S = 20.0  # one target after the other
MAX_CPU_S = 5.0
WARMING = -1  # the number of the input before the first
_SPAWN = multiprocessing.get_context("spawn")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--target", choices=TARGETS)
    options = parser.parse_args()
    until = time.monotonic() + 60 * options.minutes
    state = json.loads(options.state.read_text()) if options.state.exists() else {}
    while time.monotonic() < until:
        for name in [options.target] if options.target else TARGETS:
            own = state.setdefault(name, {"inputs": 0, "refused": 0, "findings": []})
            run_slice(name, own, min(until, time.monotonic() + SLICE_S), options.state.parent)
            options.state.write_text(json.dumps(state, indent=1))
    total = sum(own["inputs"] for own in state.values())
    found = sum(len(own["findings"]) for own in state.values())
    sys.stdout.write(f"{total} inputs, {found} findings: {options.state}\n")
    return int(found > 0)


def run_slice(name: str, own: dict[str, Any], until: float, folder: Path) -> None:
    """Inputs of one target until then; a child that ends before is a finding, and replaced."""
    while time.monotonic() < until:
        number: Synchronized = _SPAWN.Value(c_longlong, WARMING)  # pyright: ignore
        refused: Synchronized = _SPAWN.Value(c_longlong, 0)  # pyright: ignore
        words = _SPAWN.SimpleQueue()
        seconds = max(1.0, until - time.monotonic())
        arguments = (name, own["inputs"], number, refused, words, seconds)
        child = _SPAWN.Process(target=read_inputs, args=arguments)
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
    (folder / f"{name}-{number}.bin").write_bytes(
        mutant(name, number, TARGETS[name].corpus(name))[1]
    )


if __name__ == "__main__":
    sys.exit(main())

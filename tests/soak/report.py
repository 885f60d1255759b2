"""The table of a soak in docs/reliability.md: the part between its two marks."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.soak.rounds import Tally


def machine() -> str:
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{platform.system()}, {os.cpu_count()} processors, {memory} GiB, other work beside"


def write_report(path: Path, tally: Tally, minutes: float) -> None:
    rows = [
        f"| {kind} | {n} | {tally.lost[kind] or 'nothing'} |"
        for kind, n in sorted(tally.tried.items())
    ]
    head = f"{datetime.now(UTC):%Y-%m-%d}, {minutes:.0f} minutes, {machine()}: {tally.words}."
    table = ["| fault | times tried | rounds with a loss |", "|---|---:|---:|", *rows]
    write_between(path, "soak", "\n".join([head, "", *table]))


def write_between(path: Path, mark: str, text: str) -> None:
    """Replace what stands between <!-- mark --> and <!-- /mark -->."""
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    whole = path.read_text("utf-8")
    before, after = whole.split(begin)[0], whole.split(end)[1]
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")

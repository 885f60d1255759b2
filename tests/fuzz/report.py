"""The counts of a long run in docs/reliability.md."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fuzz.targets import TARGETS
from tests.soak.report import machine, write_between


def write_report(path: Path, state: dict[str, Any], minutes: float) -> None:
    """Each format a row, the groups in the order of `TARGETS`."""
    rows, sums = [], Counter[str]()
    for name, target in TARGETS.items():
        own = state.get(name, {"inputs": 0, "refused": 0, "findings": []})
        found = "; ".join(each["fault"] for each in own["findings"]) or "none"
        rows.append(
            f"| {target.group} | {name} | {own['inputs']:,} | {own['refused']:,} | {found} |"
        )
        sums += Counter(inputs=own["inputs"], refused=own["refused"])
    head = f"{datetime.now(UTC):%Y-%m-%d}, {minutes:.0f} minutes, {machine()}:"
    table = ["| what reads it | format | inputs | refused | findings |", "|---|---|---:|---:|---|"]
    last = f"| together | {len(TARGETS)} | {sums['inputs']:,} | {sums['refused']:,} | |"
    write_between(path, "fuzz", "\n".join([head, "", *table, *rows, last]))

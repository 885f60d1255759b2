"""Tables of a README that are written by a bench, and cannot go stale unseen.

What stands between `<!-- measured: NAME -->` and `<!-- end -->` is replaced; the rest is prose.
"""

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.lab.bench.report import Report

BLOCK = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

Blocks = Mapping[str, Callable[[Report], str]]


class StaleReadmeError(ValueError):
    """A README whose tables are not those of the report."""


def rendered(text: str, report: Report, blocks: Blocks) -> str:
    """The README's text with every block made anew. Raises `KeyError` for an unknown block."""
    return BLOCK.sub(lambda m: f"{m[1]}{blocks[m[2]](report)}\n{m[3]}", text)


def main(name: str, folder: Path, blocks: Blocks, about: str | None) -> None:
    """The command line of one bench's README. Raises `StaleReadmeError`."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("measured", nargs="?", type=Path, default=folder / "measured.json")
    parser.add_argument("--readme", type=Path, default=folder / "README.md")
    parser.add_argument("--check", action="store_true", help="change nothing, fail if stale")
    options = parser.parse_args()
    before = options.readme.read_text(encoding="utf-8")
    after = rendered(before, Report.read(options.measured), blocks)
    if options.check and after != before:
        raise StaleReadmeError(f"{options.readme} is stale: run python -m engine.lab.bench.{name}")
    if not options.check:
        options.readme.write_text(after, encoding="utf-8")
        sys.stdout.write(f"{options.readme} holds the figures of {options.measured}\n")

"""`python -m engine.bench.meta_readme`: the tables of engine/meta/README.md, from measured.json.

python -m engine.bench meta --out engine/meta/measured.json   # measures, about ten minutes
python -m engine.bench.meta_readme                            # writes the tables
python -m engine.bench.meta_readme --check                    # fails where they are stale

What stands between `<!-- measured: NAME -->` and `<!-- end -->` is replaced; the rest is prose.
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

from engine.bench import meta_tables
from engine.bench.report import Report

FOLDER = Path(__file__).resolve().parents[1] / "meta"
MEASURED, README = FOLDER / "measured.json", FOLDER / "README.md"
BLOCK = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


BLOCKS: dict[str, Callable[[Report], str]] = {
    "machine": meta_tables.machine,
    "sinusoid": meta_tables.sinusoid,
    "glyphs": meta_tables.glyphs,
    "training": meta_tables.training,
    "speed": meta_tables.speed,
}


class StaleReadmeError(ValueError):
    """A README whose tables are not those of the report."""


def rendered(text: str, report: Report) -> str:
    """The README's text with every block made anew. Raises `KeyError` for an unknown block."""
    return BLOCK.sub(lambda m: f"{m[1]}{BLOCKS[m[2]](report)}\n{m[3]}", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measured", nargs="?", type=Path, default=MEASURED)
    parser.add_argument("--readme", type=Path, default=README)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if stale")
    options = parser.parse_args()
    before = options.readme.read_text(encoding="utf-8")
    after = rendered(before, Report.read(options.measured))
    if options.check and after != before:
        raise StaleReadmeError(f"{options.readme} is stale: run python -m engine.bench.meta_readme")
    if not options.check:
        options.readme.write_text(after, encoding="utf-8")
        sys.stdout.write(f"{options.readme} holds the figures of {options.measured}\n")


if __name__ == "__main__":
    main()

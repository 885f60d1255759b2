"""`python -m engine.lab.bench.meta_readme`: the tables of the READMEs.

python -m engine bench meta --out engine/meta/measured.json   # measures, about ten minutes
python -m engine.lab.bench.meta_readme                            # writes the tables
python -m engine.lab.bench.meta_readme --check                    # fails where they are stale
"""

from pathlib import Path

from engine.lab.bench import meta_tables, readme
from engine.lab.bench.report import Report

FOLDER = Path(__file__).resolve().parents[2] / "meta"
MEASURED, README = FOLDER / "measured.json", FOLDER / "README.md"
BLOCKS: readme.Blocks = {
    "machine": meta_tables.machine,
    "sinusoid": meta_tables.sinusoid,
    "glyphs": meta_tables.glyphs,
    "training": meta_tables.training,
    "speed": meta_tables.speed,
}


def rendered(text: str, report: Report) -> str:
    """See `engine.lab.bench.readme.rendered`."""
    return readme.rendered(text, report, BLOCKS)


def main() -> None:
    readme.main("meta_readme", FOLDER, BLOCKS, __doc__)


if __name__ == "__main__":
    main()

"""`python -m engine.bench.text_readme`: the tables of engine/text/README.md, from measured.json.

python -m engine bench text --out engine/text/measured.json   # measures
python -m engine.bench.text_readme                            # writes the tables
python -m engine.bench.text_readme --check                    # fails where they are stale
"""

from pathlib import Path

from engine.bench import readme, text_tables

FOLDER = Path(__file__).resolve().parents[1] / "text"
BLOCKS: readme.Blocks = {
    "machine": text_tables.machine,
    "training": text_tables.training,
    "references": text_tables.references,
    "arms": text_tables.arms,
    "curves": text_tables.curves,
    "identity": text_tables.identity,
    "costs": text_tables.costs,
}

if __name__ == "__main__":
    readme.main("text_readme", FOLDER, BLOCKS, __doc__)

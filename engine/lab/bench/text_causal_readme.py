"""`python -m engine.lab.bench.text_causal_readme`: the tables of the generator over a base.

python -m engine bench text_causal --out engine/media/text/generators/causal_lm/measured.json
python -m engine.lab.bench.text_causal_readme                     # writes the tables
python -m engine.lab.bench.text_causal_readme --check             # fails where they are stale
"""

from pathlib import Path

from engine.lab.bench import readme, text_causal_tables

FOLDER = Path(__file__).resolve().parents[2] / "media" / "text" / "generators" / "causal_lm"
BLOCKS: readme.Blocks = {
    "machine": text_causal_tables.machine,
    "sets": text_causal_tables.sets,
    "gains": text_causal_tables.gains,
    "identity": text_causal_tables.identity,
}

if __name__ == "__main__":
    readme.main("text_causal_readme", FOLDER, BLOCKS, __doc__)

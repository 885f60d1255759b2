"""`python -m engine.lab.bench.text_readme`: the tables of the READMEs.

python -m engine bench text --out engine/media/text/measured.json   # measures
python -m engine bench text_soundness --out engine/media/text/measured_critic.json
python -m engine.lab.bench.text_recurrent CORPUS --out engine/media/text/measured_recurrent.json
python -m engine.lab.bench.text_readme                            # writes the tables
python -m engine.lab.bench.text_readme --check                    # fails where they are stale
"""

from pathlib import Path

from engine.lab.bench import readme, text_tables

FOLDER = Path(__file__).resolve().parents[2] / "media" / "text"
BLOCKS: readme.Blocks = {
    "machine": text_tables.machine,
    "training": text_tables.training,
    "references": text_tables.references,
    "arms": text_tables.arms,
    "curves": text_tables.curves,
    "identity": text_tables.identity,
    "soundness": text_tables.soundness,
    "recurrent": text_tables.recurrent,
    "costs": text_tables.costs,
}

if __name__ == "__main__":
    readme.main("text_readme", FOLDER, BLOCKS, __doc__)

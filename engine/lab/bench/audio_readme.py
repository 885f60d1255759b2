"""`python -m engine.lab.bench.audio_readme`: the tables of the READMEs.

python -m engine bench audio --out engine/media/audio/measured.json  # measures
python -m engine.lab.bench.audio_readme                            # writes the tables
python -m engine.lab.bench.audio_readme --check                    # fails where they are stale
"""

from pathlib import Path

from engine.lab.bench import audio_tables, readme

FOLDER = Path(__file__).resolve().parents[2] / "media" / "audio"
BLOCKS: readme.Blocks = {
    "machine": audio_tables.machine,
    "training": audio_tables.training,
    "headline": audio_tables.headline,
    "arms": audio_tables.arms,
    "kinds": audio_tables.kinds,
    "references": audio_tables.references,
    "curves": audio_tables.curves,
    "identity": audio_tables.identity,
    "copies": audio_tables.copies,
    "distributions": audio_tables.distributions,
    "costs": audio_tables.costs,
    "timbre": audio_tables.timbre,
    "whose_sound": audio_tables.whose_sound,
}

if __name__ == "__main__":
    readme.main("audio_readme", FOLDER, BLOCKS, __doc__)

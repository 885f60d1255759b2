"""`python -m engine.lab.bench.image_readme`: the tables of the READMEs.

python -m engine bench image --quick --out engine/media/image/generators/painter/measured.json
python -m engine.lab.bench.image_readme                             # writes the tables
python -m engine.lab.bench.image_readme --check                     # fails where they are stale
"""

import sys
from pathlib import Path

from engine.lab.bench import image_tables, readme

ROOT = Path(__file__).resolve().parents[3]
GENERATORS = ROOT / "engine" / "media" / "image" / "generators"
MEASURED = {  # of each file, what was measured
    ROOT / "README.md": GENERATORS / "painter" / "measured.json",
    GENERATORS / "transport" / "README.md": GENERATORS / "transport" / "measured.json",
}
BLOCKS: readme.Blocks = {
    "machine": image_tables.machine,
    "image_machine": image_tables.machine_alone,
    "image_costs": image_tables.costs,
    "image_works": image_tables.drawn_briefly,
    "image_restyled": image_tables.restyled,
    "styles": image_tables.styles,
    "denoising": image_tables.denoising,
    "longer": image_tables.longer,
    "works": image_tables.drawn,
    "paired": image_tables.paired,
    "diversity": image_tables.diversity,
}


def main() -> None:
    """Both files, each as if it were named on the command line; `--readme` names another."""
    words = sys.argv
    if "--readme" in words:
        readme.main("image_readme", GENERATORS / "painter", BLOCKS, __doc__)
        return
    for path, measured in MEASURED.items():
        sys.argv = [*words, "--readme", str(path)]
        readme.main("image_readme", measured.parent, BLOCKS, __doc__)


if __name__ == "__main__":
    main()

"""`python -m engine.lab.bench.image_readme`: the tables of the READMEs.

python -m engine bench image --quick --out engine/media/image/generators/painter/measured.json
python -m engine bench image_matching --out engine/media/image/generators/painter/descriptors.json
python -m engine.lab.bench.image_readme                             # writes the tables
python -m engine.lab.bench.image_readme --check                     # fails where they are stale
"""

import sys
from pathlib import Path

from engine.lab.bench import image_tables, readme

ROOT = Path(__file__).resolve().parents[3]
GENERATORS = ROOT / "engine" / "media" / "image" / "generators"
OF_PAINTER = GENERATORS / "painter" / "measured.json"
OF_TRANSPORT = GENERATORS / "transport" / "measured.json"
MEASURED = {  # of each file, what was measured last
    ROOT / "README.md": OF_PAINTER if OF_PAINTER.exists() else OF_TRANSPORT,
    GENERATORS / "transport" / "README.md": OF_TRANSPORT,
    GENERATORS / "painter" / "README.md": GENERATORS / "painter" / "descriptors.json",
}
BLOCKS: readme.Blocks = {
    "machine": image_tables.machine,
    "image_machine": image_tables.machine_alone,
    "image_costs": image_tables.costs,
    "image_works": image_tables.drawn_briefly,
    "styles": image_tables.styles,
    "denoising": image_tables.denoising,
    "longer": image_tables.longer,
    "works": image_tables.drawn,
    "paired": image_tables.paired,
    "diversity": image_tables.diversity,
    "descriptors": image_tables.descriptors,
}


def main() -> None:
    """All files, each as if it were named on the command line; `--readme` names another."""
    words = sys.argv
    if "--readme" in words:
        readme.main("image_readme", MEASURED[ROOT / "README.md"].parent, BLOCKS, __doc__)
        return
    for path, measured in MEASURED.items():
        sys.argv = [*words, str(measured), "--readme", str(path)]
        readme.main("image_readme", measured.parent, BLOCKS, __doc__)


if __name__ == "__main__":
    main()

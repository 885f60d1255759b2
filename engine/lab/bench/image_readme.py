"""`python -m engine.lab.bench.image_readme`: the tables of the READMEs.

python -m engine bench image --out F.json   # measures, about an hour
python -m engine.lab.bench.image_readme                             # writes the tables
python -m engine.lab.bench.image_readme --check                     # fails where they are stale
"""

import sys
from pathlib import Path

from engine.lab.bench import image_tables, readme

ROOT = Path(__file__).resolve().parents[3]
MEASURED = ROOT / "engine" / "media" / "image" / "generators" / "transport" / "measured.json"
READMES = (
    ROOT / "README.md",
    ROOT / "engine" / "media" / "image" / "generators" / "transport" / "README.md",
)
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
}


def main() -> None:
    """Both files, each as if it were named on the command line; `--readme` names another."""
    words = sys.argv
    named = "--readme" in words
    for path in READMES[:1] if named else READMES:
        sys.argv = words if named else [*words, "--readme", str(path)]
        readme.main("image_readme", MEASURED.parent, BLOCKS, __doc__)


if __name__ == "__main__":
    main()

"""Writes assets/licences/: whose work the application stands on, and under which terms.

    python packaging/licences.py [--check]

`list.json` names every distribution that the application needs, from what is installed here as
pyproject.toml and the lock have it; the typefaces, icons and weights that ship; and what is inside
them. `texts.txt` has the licence files that the distributions bring. Run it after the lock or the
weights have changed; `--check` only says whether that is needed.
"""

import json
import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "assets" / "licences"
ALSO = ("pip",)  # in the frozen application: it fetches models
MAX_TEXT_BYTES = 60_000  # torch and scipy list all that they are built with: where it is, is said
INSIDE = (  # what metadata does not say
    ("Python", "PSF-2.0"),
    ("Qt", "LGPL-3.0-only"),
    ("FFmpeg, in Qt Multimedia", "LGPL-2.1-or-later"),
    ("libsndfile, in soundfile", "LGPL-2.1-or-later"),
    ("libheif and libde265, in pi-heif", "LGPL-3.0-or-later"),
    ("libjxl, in pylibjxl", "BSD-3-Clause"),
)
FACES = (
    ("Maquette Sans, cut from Source Sans 3", "OFL-1.1", "MaquetteSans-OFL.txt"),
    ("Maquette Serif, cut from Source Serif 4", "OFL-1.1", "MaquetteSerif-OFL.txt"),
    ("Maquette Sans CJK, cut from Noto Sans CJK", "OFL-1.1", "MaquetteSansCJK-OFL.txt"),
    ("Maquette Serif CJK, cut from Noto Serif CJK", "OFL-1.1", "MaquetteSerifCJK-OFL.txt"),
    ("Maquette Music, cut from Leland", "OFL-1.1", "MaquetteMusic-OFL.txt"),
)
DERIVED = (  # weights made from those of others, and the terms that these ask for
    (
        "Adapters for Gemma 3 270M (weights/text/causal_lm), modified from Gemma. Gemma is "
        "provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms",
        "gemma.txt",
    ),
)
LICENCE_FILE = re.compile(r"/(licen[cs]e|copying|notice)[^/]*$")
CLASSIFIER = re.compile(r"License :: (?:OSI Approved :: )?(.+)")
NAMES = {  # as metadata puts it → SPDX
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}


def needed() -> list[Distribution]:
    """Every distribution that the application needs on this system, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [Requirement(line) for line in project["dependencies"]]
    waiting += [Requirement(name) for name in ALSO]
    found: dict[str, Distribution] = {}
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # for another system
        waiting += [Requirement(line) for line in found[name].requires or ()]
    return [found[name] for name in sorted(found)]


def licence_of(found: Distribution) -> str:
    about = found.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    said = [CLASSIFIER.match(each) for each in about.get_all("Classifier") or []]
    words = " AND ".join(dict.fromkeys(each[1] for each in said if each))
    if not words and "License" in about:
        words = about["License"].strip().splitlines()[0]
    return NAMES.get(words, words)


def texts_of(found: Distribution) -> list[str]:
    """Of the licence files that it brings."""
    texts = []
    for file in found.files or ():
        place = file.as_posix().lower()
        if ".dist-info/" not in place or not LICENCE_FILE.search(place):
            continue
        text = Path(str(file.locate())).read_text("utf-8", "replace").strip()
        if len(text.encode()) > MAX_TEXT_BYTES:
            text = f"{text[:2000]}\n… the rest is in {file.as_posix()} of its wheel."
        texts.append(text)
    return texts


def weights() -> list[tuple[str, str]]:
    """(what, licence) of each file of weights, from the card beside it."""
    rows = set()
    for folder in ("weights", "critic"):
        for card in (ROOT / "assets" / folder).rglob("*.json"):
            about = json.loads(card.read_text(encoding="utf-8"))
            if isinstance(about, dict) and "licence" in about and "weights/meta" not in str(card):
                place = card.with_suffix("").relative_to(ROOT / "assets").as_posix()
                rows.add((f"Weights {place}", str(about["licence"])))
    return sorted(rows)


def made() -> dict[str, str]:
    """What the two files hold, by name."""
    found = needed()
    rows = [(each.metadata["Name"], licence_of(each)) for each in found]
    others = [*INSIDE, *((name, licence) for name, licence, _ in FACES), ("Lucide icons", "ISC")]
    content = {
        "distributions": [list(row) for row in sorted(rows, key=lambda row: row[0].casefold())],
        "others": [list(row) for row in (*others, *weights())],
    }
    parts = [(each.metadata["Name"], text) for each in found for text in texts_of(each)]
    fonts = ROOT / "assets" / "fonts"
    parts += [(name, (fonts / file).read_text("utf-8").strip()) for name, _, file in FACES]
    icons = (ROOT / "assets" / "icons" / "LICENSE").read_text("utf-8").strip()
    parts.append(("Lucide icons", icons))
    parts += [(name, (FOLDER / file).read_text("utf-8").strip()) for name, file in DERIVED]
    seen: dict[str, list[str]] = {}
    for name, text in parts:
        seen.setdefault(text, []).append(name)
    written = "\n\n\n".join(f"—— {', '.join(names)} ——\n\n{text}" for text, names in seen.items())
    return {
        "list.json": json.dumps(content, indent=1, ensure_ascii=False) + "\n",
        "texts.txt": written + "\n",
    }


def main() -> int:
    stale = []
    for name, text in made().items():
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                FOLDER.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{', '.join(stale) or 'nothing'} {'is not as' if '--check' in sys.argv else 'written'}")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())

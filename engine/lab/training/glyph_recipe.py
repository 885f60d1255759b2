"""Builds the glyph corpus: characters of many alphabets in many fonts, from Debian packages.

    python -m engine.lab.training.glyph_recipe fetch --debs DIR     apt-get download, then unpack
    python -m engine.lab.training.glyph_recipe build --debs DIR     draw, write the two files below

class = character, instance = font face, alphabet = Unicode script. Scripts whose name is reserved
(`engine.meta.episodes.is_reserved`) are drawn from OFL fonts only and go to `RESERVED_FILE`,
which is small enough to ship; all others go to `TRAINING_FILE`, which is built, not shipped.
`RECIPE_FILE` pins package, version, sha256 and licence of everything drawn from.
Needs Debian's `apt-get` and `dpkg-deb` for `fetch`, and fontTools (the `dev` extra).
"""

import argparse
import hashlib
import json
import re
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from engine.lab.training.glyph_drawing import SKIPPED_SCRIPTS, Face, draw, jitter, open_faces
from engine.lab.training.glyphs import RECIPE_FILE, RESERVED_FILE, TRAINING_FILE, GlyphSet
from engine.meta.episodes import is_reserved

FACES_PER_FAMILY = 4  # Noto alone has 36 weights and widths of one skeleton
INSTANCES_PER_CLASS = 20  # as Omniglot
MIN_INSTANCES = 7  # five shots, one query, one to spare
CLASSES_PER_SCRIPT = 120
MAX_REPEATS = 2  # a face that draws one picture for many characters has none of them
SAME_DRAWING = 0.90  # cosine between two characters in the same font: a look-alike, left out


@dataclass(frozen=True, slots=True)
class Package:
    """One unpacked Debian package."""

    name: str
    version: str
    sha256: str
    licences: tuple[str, ...]
    root: Path

    @property
    def is_ofl(self) -> bool:
        """True where every font licence named by the package is the SIL Open Font Licence."""
        fonts = [name for name in self.licences if not name.upper().startswith(_PACKAGING)]
        return bool(fonts) and all("OFL" in name.upper() for name in fonts)


_PACKAGING = ("GPL", "APACHE", "EXPAT", "MIT", "PUBLIC", "BSD", "GFL", "FSFAP")


def fetch(names: list[str], folder: Path) -> None:
    """Download and unpack packages into `folder`/<name>. Needs the network and a Debian system."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in tqdm(names, desc="packages"):
        if not list(folder.glob(f"{name}_*.deb")):
            subprocess.run(["apt-get", "download", "-qq", name], cwd=folder, check=False)
    for deb in tqdm(sorted(folder.glob("*.deb")), desc="unpack"):
        root = folder / deb.name.partition("_")[0]
        if not root.exists():
            subprocess.run(["dpkg-deb", "-x", str(deb), str(root)], check=True)


def packages(folder: Path) -> list[Package]:
    """Every unpacked package of `folder`, by name."""
    found = []
    for deb in sorted(folder.glob("*.deb")):
        name, version, _ = deb.name.split("_")
        root = folder / name
        digest = hashlib.sha256(deb.read_bytes()).hexdigest()
        found.append(Package(name, version.replace("%3a", ":"), digest, _licences(root), root))
    return found


def _licences(root: Path) -> tuple[str, ...]:
    """Short licence names of debian/copyright; packaging stanzas included, free text searched."""
    text = "\n".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(root.glob("usr/share/doc/*/copyright"))
    )
    stanzas = [s for s in re.split(r"\n\s*\n", text) if not re.search(r"(?m)^Files:\s*debian/", s)]
    named = re.findall(r"(?m)^License:[ \t]*(\S[^\n]*)", "\n\n".join(stanzas))
    if named:
        return tuple(sorted({name.strip() for name in named}))
    return ("OFL (free text)",) if "SIL Open Font License" in text else ("see copyright",)


def collect(found: list[Package]) -> dict[str, dict[int, list[tuple[Face, Package]]]]:
    """script -> codepoint -> faces that have it, other families first, at most four of a family."""
    characters: dict[str, dict[int, list[tuple[Face, Package]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for package in tqdm(found, desc="fonts"):
        for face in open_faces(package.root):
            for script, codepoints in face.scripts.items():
                if script not in SKIPPED_SCRIPTS and (package.is_ofl or not is_reserved(script)):
                    for codepoint in codepoints:
                        characters[script][codepoint].append((face, package))
    return characters


def _choose(faces: list[tuple[Face, Package]]) -> list[tuple[Face, Package]]:
    """Twenty faces: every family once before any family twice; the order is the names' hash."""
    seen: Counter[str] = Counter()
    ranked = []
    for face, package in sorted(faces, key=lambda item: item[0].order):
        if seen[face.family] < FACES_PER_FAMILY:
            ranked.append((seen[face.family], face.order, face, package))
            seen[face.family] += 1
    ranked.sort(key=lambda item: item[:2])
    return [(face, package) for _, _, face, package in ranked[:INSTANCES_PER_CLASS]]


def build_script(
    script: str, characters: dict[int, list[tuple[Face, Package]]], used: set[str]
) -> list[tuple[str, str, np.ndarray]]:
    """Draw one script. Rows (class name, face name, (28, 28) uint8); `used` gains package names."""
    codepoints = sorted(characters, key=lambda c: hashlib.sha256(chr(c).encode()).digest())
    faces = {c: _choose(characters[c]) for c in codepoints}
    drawn = {c: _draw_all(faces[c], c) for c in codepoints if len(faces[c]) >= MIN_INSTANCES}
    repeats = Counter(_key(f, i) for images in drawn.values() for f, i in images.items())
    rows: list[tuple[str, str, np.ndarray]] = []
    kept: list[dict[str, np.ndarray]] = []
    for codepoint, images in drawn.items():
        clean = {f: i for f, i in images.items() if repeats[_key(f, i)] <= MAX_REPEATS}
        if len(clean) < MIN_INSTANCES or any(_alike(clean, other) for other in kept):
            continue
        kept.append(clean)
        used.update(package.name for face, package in faces[codepoint] if face.name in clean)
        name = f"{script}/U+{codepoint:04X}"
        rows += [(name, face, jitter(image, f"{name} {face}")) for face, image in clean.items()]
        if len(kept) == CLASSES_PER_SCRIPT:
            break
    return rows


def _draw_all(faces: list[tuple[Face, Package]], codepoint: int) -> dict[str, np.ndarray]:
    """Face name -> drawing, empty ones left out."""
    images = {face.name: draw(face, codepoint) for face, _ in faces}
    return {name: image for name, image in images.items() if image is not None}


def _key(face: str, image: np.ndarray) -> tuple[str, bytes]:
    return face, image.tobytes()


def _alike(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    """True where two characters look the same in most of the fonts that have both."""
    shared = a.keys() & b.keys()
    if not shared:
        return False
    x = np.stack([a[face].ravel() for face in sorted(shared)]).astype(np.float32)
    y = np.stack([b[face].ravel() for face in sorted(shared)]).astype(np.float32)
    cosine = (x * y).sum(1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1) + 1e-9)
    return float(np.median(cosine)) > SAME_DRAWING


def build(folder: Path) -> None:
    """Draw every script and write both files and the recipe."""
    found = packages(folder)
    used: set[str] = set()
    training: list[tuple[str, str, np.ndarray]] = []
    reserved: list[tuple[str, str, np.ndarray]] = []
    for script, characters in tqdm(sorted(collect(found).items()), desc="scripts"):
        rows = build_script(script, characters, used)
        (reserved if is_reserved(script) else training).extend(rows)
    GlyphSet.from_rows(training).save(TRAINING_FILE)
    GlyphSet.from_rows(reserved).save(RESERVED_FILE)
    recipe = {
        p.name: {"version": p.version, "sha256": p.sha256, "licences": list(p.licences)}
        for p in found
        if p.name in used
    }
    RECIPE_FILE.write_text(json.dumps(recipe, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["fetch", "build"])
    parser.add_argument("--debs", type=Path, required=True, help="folder for the packages")
    parser.add_argument("--names", type=Path, help="package names, one a line; else the recipe's")
    arguments = parser.parse_args()
    if arguments.action == "fetch":
        text = RECIPE_FILE if arguments.names is None else arguments.names
        names = (
            list(json.loads(text.read_text())) if text == RECIPE_FILE else text.read_text().split()
        )
        fetch(names, arguments.debs)
    else:
        build(arguments.debs)


if __name__ == "__main__":
    main()

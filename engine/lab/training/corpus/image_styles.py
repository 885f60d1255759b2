"""Who made which picture: every source read as (file, style, licence).

A style is one artist; where a source names none, one series of pictures made for one thing.
"""

import fnmatch
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.lab.training.corpus.image_sources import CAMPAIGNS, WESNOTH_LICENCE

RASTER = frozenset({".png", ".jpg", ".jpeg", ".webp"})
UNNAMED = frozenset({"", "various", "unknown", "none", "anonymous", "open clip art library"})


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a source. `spelling`: the artist as the source writes the name."""

    path: Path
    style: str
    spelling: str
    kind: str
    licence: str


Reader = Callable[[Path], Iterator[Found]]


def files(root: Path, suffixes: frozenset[str] = RASTER) -> list[Path]:
    found = (p for p in root.rglob("*") if p.suffix.lower() in suffixes)
    return sorted(p for p in found if p.is_file() and not p.is_symlink())


def series(stem: str) -> str:
    """A file's name without what tells the pictures of one series apart."""
    return re.sub(r"[-_ ]*(\d+[a-z]?|[ld])?$", "", stem, flags=re.IGNORECASE) or stem


@dataclass(frozen=True, slots=True)
class Stanza:
    patterns: tuple[str, ...]
    holder: str
    licence: str


def stanzas(text: str) -> list[Stanza]:
    """The Files paragraphs of a Debian copyright file, in its order: the last match counts."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^(\w+):[ \t]*((?:.*)(?:\n[ \t].*)*)", paragraph, re.MULTILINE))
        if "Files" in fields and "Copyright" in fields and "License" in fields:
            holder = _holder(fields["Copyright"].strip().splitlines()[0])
            licence = fields["License"].strip().splitlines()[0].strip()
            found.append(Stanza(tuple(fields["Files"].split()), holder, licence))
    return found


def _holder(line: str) -> str:
    """The name in a copyright line, without years and addresses."""
    line = re.sub(r"<[^>]*>|\([^)]*\)|©|\(c\)|copyright", "", line, flags=re.IGNORECASE)
    line = re.sub(r"\b(19|20)\d\d([-, ]+(19|20)?\d\d)*\b", "", line)
    return line.strip(" ,.:;\"'´\t")


def owner(rules: list[Stanza], name: str) -> Stanza | None:
    matching = [s for s in rules if any(fnmatch.fnmatchcase(name, p) for p in s.patterns)]
    return matching[-1] if matching else None


def _rules(root: Path) -> list[Stanza]:
    path = next(root.glob("usr/share/doc/*/copyright"))
    return stanzas(path.read_text(encoding="utf-8"))


def read_wesnoth(package: str) -> Reader:
    """Portraits by people (or by campaign), scenes by campaign."""
    campaign = CAMPAIGNS.get(package.rpartition("-")[2], "")

    def read(root: Path) -> Iterator[Found]:
        for path in files(root):
            folders = path.parts
            kind = next((k for k in ("portraits", "story") if k in folders), "")
            if not kind or "l10n" in folders or "doc" in folders:
                continue
            people = "" if campaign or kind == "story" else f", {path.parent.name}"
            style = f"Wesnoth {campaign}, {kind}{people}".replace("  ", " ").replace(" ,", ",")
            yield Found(path, style, style, "painting", WESNOTH_LICENCE)

    return read


def read_crawl(root: Path) -> Iterator[Found]:
    """Title paintings, whose names tell the artist: title_ARTIST_what_it_shows."""
    for path in files(root):
        words = path.stem.split("_")
        if words[0] != "title" or len(words) < 2:
            continue
        artist = "white noise" if words[1:3] == ["white", "noise"] else words[1]
        style = f"{artist} (Crawl titles)"
        yield Found(path, style, artist, "painting", "GPL-2+")


def read_propaganda(root: Path) -> Iterator[Found]:
    for path in files(root):
        yield Found(path, "Bowie J. Poag", "Bowie J. Poag", "painting", "GPL-2+")


def read_mypaint(root: Path) -> Iterator[Found]:
    for path in files(root):
        style = {"mrmamurk": "MrMamurk", "ramon": "Ramón Miranda"}.get(path.parent.name)
        if style:
            yield Found(path, style, style, "photograph", "CC0-1.0")


def read_endless_sky(root: Path) -> Iterator[Found]:
    """Landscapes by photographer; those of a public domain collection by subject."""
    rules, base = _rules(root), root / "usr/share/games/endless-sky"
    for path in files(base / "images/land") + files(base / "images/scene"):
        known = owner(rules, path.relative_to(base).as_posix())
        if known is None:
            continue
        by_name = known.holder.casefold() not in UNNAMED
        style = known.holder if by_name else f"Endless Sky, {series(path.stem)}"
        yield Found(path, style, style, "photograph", known.licence)


def read_gnome(root: Path) -> Iterator[Found]:
    for path in files(root, RASTER | {".svg"}):
        style = f"GNOME backgrounds, {series(path.stem)}"
        yield Found(path, style, style, "photograph", "CC-BY-SA-3.0")


def read_mate(root: Path) -> Iterator[Found]:
    rules = _rules(root)
    for path in files(root / "usr/share/backgrounds/mate"):
        known = owner(rules, "/".join(path.parts[-2:]))
        if known and known.patterns != ("*",):
            yield Found(path, known.holder, known.holder, "photograph", known.licence)


def read_plasma(root: Path) -> Iterator[Found]:
    """The largest rendering of each wallpaper, light and dark."""
    for folder in sorted((root / "usr/share/wallpapers").iterdir()):
        about = folder / "metadata.json"
        if not about.exists():
            continue
        card = json.loads(about.read_text(encoding="utf-8"))["KPlugin"]
        artist = (card.get("Authors") or [{}])[0].get("Name", "").strip()
        style = artist or f"Plasma wallpapers, {folder.name}"
        for images in sorted(folder.glob("contents/images*")):
            path = max(files(images), key=lambda p: p.stat().st_size, default=None)
            if path:
                yield Found(path, style, style, "photograph", card.get("License", "GPL-2+"))


def read_lomiri(root: Path) -> Iterator[Found]:
    rules = _rules(root)
    named = {Path(pattern).name: rule for rule in rules for pattern in rule.patterns}
    for path in files(root):
        if path.name in named:
            known = named[path.name]
            yield Found(path, known.holder, known.holder, "photograph", known.licence)


def read_set(style: str, place: str, kind: str, licence: str, *, by_series: bool = False) -> Reader:
    """The pictures below `place` in a package without artists' names: one set, or several."""

    def read(root: Path) -> Iterator[Found]:
        for path in files(root / place):
            name = f"{style}, {series(path.stem)}" if by_series else style
            yield Found(path, name, name, kind, licence)

    return read


def plain_name(name: str) -> str:
    """One spelling of a name: no accents, addresses, order or case, only its words."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]|<[^>]*>|\S+@\S+", " ", name)
    folded = unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode().casefold()
    return " ".join(sorted(re.findall(r"[a-z0-9]+", folded)))

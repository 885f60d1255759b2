"""Sources to one compact file of pictures, with what it was made of beside it."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.lab.training.corpus import image_drawing as drawing
from engine.lab.training.corpus.image_clip_art import read_fluent, read_open_clip_art
from engine.lab.training.corpus.image_paintings import read_paintings
from engine.lab.training.corpus.image_sources import CAMPAIGNS, SOURCES, roots
from engine.lab.training.corpus.image_styles import (
    Found,
    Reader,
    read_crawl,
    read_endless_sky,
    read_gnome,
    read_lomiri,
    read_mate,
    read_mypaint,
    read_plasma,
    read_propaganda,
    read_set,
    read_wesnoth,
)
from engine.lab.training.corpus.image_works import WORKS_FILE, ImageWork, WorksWriter, by_style
from engine.lab.training.corpus.sources import provenance

PROVENANCE_FILE = "provenance.json"
MOST_WORKS = 40  # of one style
MOST_CLIP_ART = 12  # of one clip artist: flat drawings must not drown the paintings
LEAST_CLIP_ART = 3  # of one clip artist: fewer tell no manner
OWN_SOURCE = "paintings"  # the folder that is given

READERS: dict[str, Reader] = {
    "wesnoth-1.16-data": read_wesnoth("wesnoth-1.16-data"),
    **{name: read_wesnoth(name) for short in CAMPAIGNS if (name := f"wesnoth-1.16-{short}")},
    "lordsawar-data": read_set(
        "LordsAWar scenes", "usr/share/games/lordsawar/various", "painting", "GPL-3+"
    ),
    "renpy-thequestion": read_set(
        "The Question", "usr/share/games/renpy/the_question/game/images", "painting", "MIT"
    ),
    "crawl-tiles-data": read_crawl,
    "propaganda-debian": read_propaganda,
    "mypaint-data-extras": read_mypaint,
    "endless-sky-data": read_endless_sky,
    "gnome-backgrounds": read_gnome,
    "mate-backgrounds": read_mate,
    "plasma-workspace-wallpapers": read_plasma,
    "lomiri-wallpapers-16.04": read_lomiri,
    "lomiri-wallpapers-20.04": read_lomiri,
    "ukui-wallpapers": read_set(
        "Ubuntu Kylin wallpapers", "usr/share/backgrounds", "photograph", "CC-BY-SA-3.0"
    ),
    "palapeli-data": read_set(
        "Palapeli", "usr/share/palapeli/collection", "photograph", "GPL-2+", by_series=True
    ),
    "openclipart-svg": read_open_clip_art,
    "fluentui-emoji": read_fluent,
}


def build(folder: Path, paintings: Path | None = None) -> None:
    """Write folder/works.zip and its provenance. paintings: a folder of more, in the public domain.

    Raises `SourceMissingError`, `RendererMissingError`.
    """
    at = roots(folder)
    recorded = {source.name: provenance(source, folder) for source in SOURCES}
    seen = drawing.Seen()
    with WorksWriter(folder / WORKS_FILE) as writer:
        if paintings is not None:
            recorded[OWN_SOURCE] = {"licence": "public domain"}
            add_source(writer, seen, OWN_SOURCE, read_paintings(paintings))
        for source in SOURCES:
            add_source(writer, seen, source.name, READERS[source.name](at[source.name]))
    document = {"sources": recorded, **summary(writer.works)}
    for name in recorded:
        kept = [work for work in writer.works if work.source == name]
        recorded[name]["works"] = len(kept)
        recorded[name]["styles"] = len({work.style for work in kept})
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / PROVENANCE_FILE).write_text(text + "\n", encoding="utf-8")


def add_source(
    writer: WorksWriter, seen: drawing.Seen, source: str, found: Iterable[Found]
) -> None:
    """Add what is worth keeping of one source, at most so many works of each style."""
    styles: dict[str, list[tuple[str, Found]]] = defaultdict(list)
    for one in found:
        try:
            styles[one.style].append((drawing.digest(read_bytes(one.path)), one))
        except BadInput:
            continue  # empty or far too large
    for rows in tqdm(styles.values(), desc=source, unit=" styles"):
        flat = rows[0][1].kind == "clip art"
        kept = _best(rows, MOST_CLIP_ART if flat else MOST_WORKS, seen)
        if flat and len(kept) < LEAST_CLIP_ART:
            continue
        for sha256, one, whole in kept:
            _add(writer, source, sha256, one, whole)


def _best(
    rows: list[tuple[str, Found]], most: int, seen: drawing.Seen
) -> list[tuple[str, Found, Image.Image]]:
    """The first `most` of a style, in the order of their digests, that are worth keeping."""
    kept = []
    for sha256, one in sorted(rows, key=lambda row: row[0]):
        if len(kept) == most:
            break
        whole = _worth_keeping(one, seen)
        if whole is not None:
            kept.append((sha256, one, whole))
    return kept


def _worth_keeping(one: Found, seen: drawing.Seen) -> Image.Image | None:
    """The picture without its margins, unless it is too poor or was there before."""
    picture = drawing.open_picture(one.path.read_bytes(), one.path.name)
    if picture is None:
        return None
    picture = drawing.trim(picture)
    small = drawing.shrink(picture)
    plain = one.kind == "clip art" and drawing.too_plain(small)
    return None if plain or drawing.too_poor(small) or seen.has(small) else picture


def _add(writer: WorksWriter, source: str, sha256: str, one: Found, whole: Image.Image) -> None:
    for number, picture in enumerate(_with_details(one, whole)):
        data, suffix = drawing.encode(picture)
        work = ImageWork(
            source=source,
            style=one.style,
            spellings=(one.spelling,),
            kind=one.kind,
            licence=one.licence,
            title=one.path.stem,
            detail=number,
            sha256=sha256,
            width=picture.width,
            height=picture.height,
            offset=0,
            size_bytes=0,
        )
        writer.add(work, data, suffix)


def _with_details(one: Found, whole: Image.Image) -> Iterator[Image.Image]:
    yield drawing.shrink(whole)
    if one.kind != "clip art":
        yield from (d for d in drawing.details(whole) if not drawing.too_poor(d))


def summary(works: list[ImageWork]) -> dict[str, dict[str, object]]:
    """Styles and works by part and by kind."""
    parts: dict[str, object] = {}
    for part in ("training", "validation", "reserved"):
        groups = by_style(works, part)
        parts[part] = {
            "styles": len(groups),
            "styles_of_4_pictures": sum(pictures(g) >= 4 for g in groups.values()),
            "works": sum(map(len, groups.values())),
            "kinds": dict(Counter(w.kind for g in groups.values() for w in g).most_common()),
        }
    return {"parts": parts}


def pictures(works: Iterable[ImageWork]) -> int:
    """How many whole pictures there are among works."""
    return sum(work.detail == 0 for work in works)


def table(place: Path) -> str:
    """The sources as aligned columns, with styles and works where the corpus is built."""
    built = place / PROVENANCE_FILE
    found = json.loads(built.read_text(encoding="utf-8"))["sources"] if built.exists() else {}
    rows = [("source", "version", "styles", "works", "licence", "holds")]
    for source in SOURCES:
        kept = found.get(source.name, {})
        counts = (str(kept.get("styles", "-")), str(kept.get("works", "-")))
        version = kept.get("version", source.version) or "-"
        rows.append((source.package, version, *counts, source.licence, source.holds))
    if OWN_SOURCE in found:
        kept = found[OWN_SOURCE]
        counts = (str(kept["styles"]), str(kept["works"]))
        rows.append((OWN_SOURCE, "-", *counts, kept["licence"], "the folder given to build"))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines) + "\n"

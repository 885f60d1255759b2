"""Clip art and emoji, by artist; signs, flags, buttons and icon themes are left out."""

import re
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from engine.lab.training.corpus.image_styles import UNNAMED, Found, files, plain_name

SVG = frozenset({".svg"})
CLIP_ART = Path("usr/share/openclipart/svg")
LEFT_OUT = (
    "computer",
    "office",
    "shapes",
    "signs_and_symbols",
    "special/gradients",
    "special/patterns",
    "recreation/games/cards",
    "geography",
)
_CREATOR = re.compile(rb"<dc:creator[^>]*>.*?<dc:title[^>]*>(.*?)</dc:title>", re.DOTALL)
_FREE = re.compile(rb"cc:license[^>]*resource=\"[^\"]*(publicdomain|zero)", re.IGNORECASE)
MANNERS = {"modern": "Fluent emoji, shaded", "flat": "Fluent emoji, flat"}


def read_open_clip_art(root: Path) -> Iterator[Found]:
    """Public domain drawings by artist, by folder where none is named; one spelling per artist."""
    spellings: dict[str, list[str]] = defaultdict(list)
    rows: list[tuple[Path, str, str]] = []
    for path in files(root / CLIP_ART, SVG):
        place = path.parent.relative_to(root / CLIP_ART).as_posix()
        data = path.read_bytes()
        if place.startswith(LEFT_OUT) or not _FREE.search(data):
            continue
        name = creator(data)
        key = plain_name(name) if name.casefold() not in UNNAMED else ""
        if not key:
            name = key = f"Open Clip Art, {place}"
        spellings[key].append(name)
        rows.append((path, key, name))
    for path, key, name in rows:
        style = max(sorted(set(spellings[key])), key=spellings[key].count)
        yield Found(path, style, name, "clip art", "public domain")


def creator(data: bytes) -> str:
    """The artist that an SVG's metadata name, or nothing."""
    match = _CREATOR.search(data)
    name = match.group(1).decode("utf-8", "replace") if match else ""
    return " ".join(unescape(name).split())


def read_fluent(root: Path) -> Iterator[Found]:
    for folder, style in MANNERS.items():
        for path in files(root / "package/icons" / folder, SVG):
            yield Found(path, style, style, "clip art", "MIT")

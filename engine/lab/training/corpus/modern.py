"""Modern prose and dialogue, English and Chinese, out of free games, and small sets of our own.

What a pretrained model learns to read voices on (`engine.lab.training.causal_adapters`); the
shipped model learns nothing of it. A voice is a file of a game, in one language: the entries of a
kind, the lines of a person or of a campaign. Chinese texts are the games' own translations.
"""

import gettext
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from engine.core.assets import asset
from engine.lab.training.corpus.sources import Source, provenance, root
from engine.lab.training.corpus.works import Work, write_works

MODERN_FILE, MODERN_PROVENANCE_FILE = "modern.jsonl.gz", "modern.json"
VOICES_FILE = asset("bench/voices.json")
FORM = "modern"
LENGTHS = {"en": (60, 1200), "zh": (18, 500)}  # characters
LEAST_SHARE = {"en": 0.9, "zh": 0.7}  # of letters, spaces and usual marks; of Han
LIKE = {"en": 14, "zh": 5}  # first characters: of texts that begin alike one is kept
FEWEST = 8  # texts of a voice
SPOKEN = 160  # characters of lines that follow each other and make one text
_MARKUP = re.compile(r"[<>{}%$|\\@#~^`=_\[\]]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{3,}")
_DULL = re.compile(r"recipes|mre|tutorial")  # lists of things that differ by a word
_CAMPAIGNS = [
    "did",
    "dm",
    "dw",
    "ei",
    "httt",
    "l",
    "low",
    "nr",
    "sof",
    "sota",
    "sotbe",
    "thot",
    "trow",
    "tsg",
    "ttb",
    "utbs",
]
WESNOTH_LICENCE = "GPL-2.0-or-later"


def _game(name: str, package: str, licence: str, holds: str) -> Source:
    return Source(name, "apt", package, "", f"{package}_*.deb", licence, holds)


MODERN_SOURCES = (
    _game("cdda", "cataclysm-dda-data", "CC-BY-SA-3.0", "Cataclysm: Dark Days Ahead"),
    _game("endless-sky", "endless-sky-data", "GPL-3.0-or-later", "Endless Sky"),
    _game("wesnoth", "wesnoth-1.16-data", WESNOTH_LICENCE, "The Battle for Wesnoth"),
    *(
        _game(f"wesnoth-{name}", f"wesnoth-1.16-{name}", WESNOTH_LICENCE, "a campaign of Wesnoth")
        for name in _CAMPAIGNS
    ),
)


def build_modern(folder: Path) -> None:
    """Write folder/modern.jsonl.gz and where it comes from. Raises `SourceMissingError`."""
    recorded = {source.name: provenance(source, folder) for source in MODERN_SOURCES}
    at = {source.name: root(source, folder) for source in MODERN_SOURCES}
    found = [*read_cdda(at["cdda"]), *read_endless_sky(at["endless-sky"])]
    for name, place in at.items():
        if name.startswith("wesnoth"):
            found += read_wesnoth(place)
    works = [*voices_of(found), *read_voices()]
    write_works(folder / MODERN_FILE, works)
    text = json.dumps({"sources": recorded, "works": len(works)}, ensure_ascii=False, indent=1)
    (folder / MODERN_PROVENANCE_FILE).write_text(text + "\n", encoding="utf-8")


def read_voices(path: Path = VOICES_FILE) -> Iterator[Work]:
    """Small sets in one voice each, written for this project (CC0)."""
    for name, row in json.loads(path.read_text(encoding="utf-8"))["sets"].items():
        for text in row["texts"]:
            yield Work("voices", name, (name,), row["language"], FORM, "", "", text)


def _work(source: str, voice: str, language: str, text: str) -> Work:
    author = f"{source}:{voice}"
    return Work(source, author, (author,), language, FORM, "", "", tidied(text))


def voices_of(works: list[Work]) -> Iterator[Work]:
    """Those that are prose, of voices that have at least FEWEST; of texts alike the first."""
    voices: dict[tuple[str, str], dict[str, Work]] = defaultdict(dict)
    for work in works:
        if is_prose(work.text, work.language) and not _DULL.search(work.author):
            mine = voices[work.author, work.language]
            mine.setdefault(work.text[: LIKE[work.language]], work)
    for mine in voices.values():
        if len(mine) >= FEWEST:
            yield from mine.values()


def tidied(text: str) -> str:
    """Without empty lines and doubled spaces."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def is_prose(text: str, language: str) -> bool:
    """Long enough, no markup, no names of variables, in the language that it should be in."""
    low, high = LENGTHS[language]
    if not low <= len(text) <= high or _MARKUP.search(text):
        return False
    if language == "zh":
        usual = len(_HAN.findall(text))
        return usual / len(text) > LEAST_SHARE["zh"] and not _LATIN.search(text)
    usual = sum(c.isalpha() or c in " ,.'" for c in text)
    return usual / len(text) > LEAST_SHARE["en"]


# ---- the games ----------------------------------------------------------------------------------


def read_cdda(place: Path) -> Iterator[Work]:
    """Every text of the data files, and its translation where there is one."""
    share = place / "usr" / "share"
    translated = _catalogue(share / "locale/zh_CN/LC_MESSAGES/cataclysm-dda.mo")
    data = share / "games" / "cataclysm-dda"
    for path in sorted(data.rglob("*.json")):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue  # some files of the game's tools are not JSON
        name = str(path.relative_to(data))
        for entry in document if isinstance(document, list) else [document]:
            voice = f"{name}:{entry.get('category', '')}" if _is_snippet(entry) else name
            for text in strings_of(entry):
                yield _work("cdda", voice, "en", text)
                if text in translated:
                    yield _work("cdda", voice, "zh", translated[text])


def _is_snippet(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("type") == "snippet"


def strings_of(part: Any) -> Iterator[str]:
    """Every string of a JSON document that has a space or a Chinese character: no identifiers."""
    if isinstance(part, str):
        if " " in part or _HAN.search(part):
            yield part
    elif isinstance(part, dict | list):
        for each in part.values() if isinstance(part, dict) else part:
            yield from strings_of(each)


def read_wesnoth(place: Path) -> Iterator[Work]:
    """The lines of each campaign, in English and as they were translated."""
    for path in sorted(place.rglob("zh_CN/LC_MESSAGES/*.mo")):
        for english, chinese in _catalogue(path).items():
            yield _work("wesnoth", path.stem, "en", re.sub(r"^\w+\^", "", english))
            yield _work("wesnoth", path.stem, "zh", chinese)


def _catalogue(path: Path) -> dict[str, str]:
    """Message -> translation, without plurals; a context before a message is taken off."""
    with path.open("rb") as file:
        found: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {k.split("\x04")[-1]: v for k, v in found.items() if isinstance(k, str) and k}


def read_endless_sky(place: Path) -> Iterator[Work]:
    """What is told and spoken in a file, lines that follow each other together."""
    line_of = re.compile(r"\s*(?:description|spaceport|dialog|)\s*`(.*)`\s*$")
    for path in sorted(place.rglob("*.txt")):
        lines = path.read_text(encoding="utf-8", errors="ignore").splitlines()
        spoken = [(found[1].strip() if (found := line_of.match(line)) else "") for line in lines]
        for said, rows in groupby(spoken, bool):
            for text in gathered(rows) if said else ():
                yield _work("endless-sky", path.stem, "en", text)


def gathered(rows: Iterator[str]) -> Iterator[str]:
    """Rows that follow each other as texts of at least SPOKEN characters, but the last."""
    held: list[str] = []
    for row in rows:
        held.append(row)
        if sum(map(len, held)) > SPOKEN:
            yield "\n".join(held)
            held = []
    if held:
        yield "\n".join(held)

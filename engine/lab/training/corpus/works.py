"""A work of the corpus, and the one compact file that holds them all: gzip, one JSON a line."""

import gzip
import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from engine.meta.episodes import is_reserved

FORMAT_VERSION = 1
WORKS_FILE = "works.jsonl.gz"
VALIDATION_BELOW = 8  # of 256, second byte of the author's digest: about one author in thirty

Part = Literal["training", "validation", "reserved"]


@dataclass(frozen=True, slots=True)
class Work:
    """One poem, sonnet, scene or passage. `spellings`: the author's name as the sources write it.

    language: zh or en. form: see `maquette_lm.tokens.FORMS`. heading: the tune of a ci or qu, else
    empty. text: simplified script for zh; verse in zh has no line breaks, its marks say them.
    """

    source: str
    author: str
    spellings: tuple[str, ...]
    language: str
    form: str
    heading: str
    title: str
    text: str

    @property
    def sha256(self) -> str:
        """What decides whether a work is support or query."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def part_of(author: str, spellings: Iterable[str] = ()) -> Part:
    """Where an author belongs: reserved where any spelling of the name is."""
    if any(is_reserved(name) for name in (author, *spellings)):
        return "reserved"
    digest = hashlib.sha256(unicodedata.normalize("NFC", author).encode()).digest()
    return "validation" if digest[1] < VALIDATION_BELOW else "training"


class Spelled(Protocol):
    """A work of any medium. `spellings`: its maker's name as the sources write it."""

    @property
    def spellings(self) -> tuple[str, ...]: ...


AnyWork = TypeVar("AnyWork", bound=Spelled)


def by_author(works: Iterable[Work], part: Part | None = None) -> dict[str, list[Work]]:
    """Author -> works, of one part where asked. A reserved spelling reserves the whole author."""
    return by_maker(works, lambda work: work.author, part)


def by_maker(
    works: Iterable[AnyWork],
    maker: Callable[[AnyWork], str],
    part: Part | None,
    rule: Callable[[str, Iterable[str]], Part] = part_of,
) -> dict[str, list[AnyWork]]:
    """Maker -> works, of one part where asked. A reserved spelling reserves the whole maker."""
    groups: dict[str, list[AnyWork]] = defaultdict(list)
    spellings: dict[str, set[str]] = defaultdict(set)
    for work in works:
        groups[maker(work)].append(work)
        spellings[maker(work)].update(work.spellings)
    if part is None:
        return dict(groups)
    return {name: g for name, g in groups.items() if rule(name, spellings[name]) == part}


def normal_form(text: str) -> str:
    """Letters and digits only, case folded: equal for two printings of one work."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def without_duplicates(works: Iterable[Work]) -> Iterator[Work]:
    """The first of every text; the order of the sources decides which."""
    seen: set[bytes] = set()
    for work in works:
        digest = hashlib.sha256(normal_form(work.text).encode()).digest()[:12]
        if digest not in seen:
            seen.add(digest)
            yield work


def write_works(path: Path, works: Iterable[Work]) -> int:
    """Write whole or not at all; returns how many."""
    partial = path.with_name(path.name + ".partial")
    count = 0
    with gzip.open(partial, "wt", encoding="utf-8", compresslevel=6) as file:
        file.write(json.dumps({"format": FORMAT_VERSION}) + "\n")
        for work in works:
            file.write(json.dumps(asdict(work), ensure_ascii=False) + "\n")
            count += 1
    partial.replace(path)
    return count


def read_works(path: Path) -> list[Work]:
    """Raises `FileNotFoundError`, and `ValueError` for another format."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        version = json.loads(file.readline()).get("format")
        if version != FORMAT_VERSION:
            raise ValueError(f"{path} has format {version}, not {FORMAT_VERSION}: build it anew")
        rows = (json.loads(line) for line in file)
        return [Work(**{**row, "spellings": tuple(row["spellings"])}) for row in rows]

"""Which style a piece of the package belongs to.

A composer's name alone would give few styles, and hardly any that is reserved. So a style is finer:
each book of Monteverdi's madrigals, Bach's chorales by where they stand
and by mode, the dances of one kind in one tune book, in Aird also by volume. Composers with a
handful of works are one style each. In tune books the style's own name decides what is reserved.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.media.audio.codec.score import Score
from engine.media.audio.theory.keys import estimated_key

COMPOSERS = {
    "bach": "Johann Sebastian Bach",
    "beach": "Amy Beach",
    "beethoven": "Ludwig van Beethoven",
    "chopin": "Frédéric Chopin",
    "corelli": "Arcangelo Corelli",
    "cpebach": "Carl Philipp Emanuel Bach",
    "handel": "George Frideric Handel",
    "haydn": "Joseph Haydn",
    "johnson_j_r": "J. Rosamond Johnson",
    "joplin": "Scott Joplin",
    "josquin": "Josquin des Prez",
    "liliuokalani": "Liliʻuokalani",
    "lusitano": "Vicente Lusitano",
    "monteverdi": "Claudio Monteverdi",
    "mozart": "Wolfgang Amadeus Mozart",
    "schoenberg": "Arnold Schoenberg",
    "schubert": "Franz Schubert",
    "schumann_clara": "Clara Schumann",
    "schumann_robert": "Robert Schumann",
    "verdi": "Giuseppe Verdi",
    "weber": "Carl Maria von Weber",
    "webern": "Anton Webern",
}
BOOKS = {
    "ryansMammoth": "Ryan's Mammoth Collection",
    "oneills1850": "O'Neill's Music of Ireland",
    "airdsAirs": "Aird's Airs",
    "americanfifeopus": "Colonial and Civil War American Fife Music",
    "northumbrianminstrelsyopus": "Northumbrian Minstrelsy",
    "nottingham-dataset": "Nottingham Music Database",
}
DANCES = (
    *("slip jig", "double jig", "hop jig", "highland fling", "jig", "reel", "hornpipe"),
    *("strathspey", "clog", "fling", "march", "waltz", "quickstep", "polka", "air", "slide"),
)
_BWV = re.compile(r"bwv(\d+)")
_CHORALES = range(250, 439)  # the collection of single chorales
_PASSIONS = range(243, 250)


@dataclass(frozen=True, slots=True)
class Style:
    """`composer` is "" in a tune book; kind: composer or tunes."""

    name: str
    composer: str
    kind: str


def style_of(path: PurePosixPath, score: Score, about: dict[str, str]) -> Style:
    """path: inside the package's corpus. about: the fields or records of the file, by letter."""
    folder = path.parts[0]
    book = BOOKS.get(folder) or BOOKS.get(path.stem)
    if book:
        return Style(_section(book, path, score, about), "", "tunes")
    composer = COMPOSERS[folder]
    if folder == "monteverdi":
        number = path.stem.split(".")[1]
        return Style(f"{composer}, madrigals, book {number}", composer, "composer")
    if folder == "bach":
        return Style(f"{composer}, {_bach(path.stem, score)}", composer, "composer")
    return Style(composer, composer, "composer")


def _section(book: str, path: PurePosixPath, score: Score, about: dict[str, str]) -> str:
    """The book's dances of one kind, by name or else by metre; in Aird of one volume."""
    if path.parts[0] in ("miscFolk", "nottingham-dataset"):
        return book
    first = score.metres[0]
    metre = f"in {first.beats}/{first.unit}"
    if path.parts[0] == "airdsAirs":
        return f"{book}, volume {path.stem.removeprefix('book')}, {metre}"
    dance = dance_of(about)
    mode = "minor" if estimated_key(score).minor else "major"
    several = f"{dance}es" if dance.endswith(("ch", "z")) else f"{dance}s"
    return f"{book}, {several} in {mode}" if dance else f"{book}, tunes {metre} in {mode}"


def dance_of(about: dict[str, str]) -> str:
    """ "slip jig" of R: or of the title; "" where neither says."""
    for text in (about.get("R", ""), about.get("T", "")):
        words = text.lower().replace("slipjig", "slip jig").replace("-", " ")
        found = next((d for d in DANCES if re.search(rf"\b{d}s?\b", words)), "")
        if found and (text == about.get("R") or words.rstrip(" .").endswith(found)):
            return found
    return ""


def _bach(stem: str, score: Score) -> str:
    found = _BWV.match(stem)
    number = int(found[1]) if found else 0
    mode = "minor" if estimated_key(score).minor else "major"
    if number in _CHORALES:
        return f"chorales BWV 250 to 438 in {mode}"
    if number in _PASSIONS:
        return f"chorales of Passions and oratorios in {mode}"
    if 1 <= number < _PASSIONS.start:
        return f"chorales of cantatas in {mode}"
    return "keyboard and other works"

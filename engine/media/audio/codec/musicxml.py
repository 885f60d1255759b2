"""MusicXML → scores: partwise and timewise, plain or packed (.mxl).

A part of several staves becomes one part a staff; percussion and chord symbols stand apart. Left
out: grace and cue notes, ornaments. Repeats and endings are played; da capo and dal segno are not.
"""

from collections.abc import Iterator

from lxml import etree

from engine.core.errors import BadInput
from engine.media.audio.codec.bars import Bar, score_of_bars
from engine.media.audio.codec.musicxml_file import Parsed, is_musicxml, parse, unpack
from engine.media.audio.codec.musicxml_part import PartReader
from engine.media.audio.codec.score import MAX_PARTS, Part, ReadScores

__all__ = ["is_musicxml", "read_packed", "read_xml"]


def read_packed(data: bytes, name: str) -> ReadScores:
    """An .mxl. Raises BadInput as `read_xml` does, and "swollen_notes"."""
    return _read(unpack(data, name), name)


def read_xml(data: bytes, name: str) -> ReadScores:
    """Raises BadInput: "not_notes", "damaged_notes"."""
    return _read(parse(data, name), name)


def _read(parsed: Parsed, name: str) -> ReadScores:
    try:
        bars, parts, drums = _bars(parsed.root)
        score = score_of_bars(bars, parts, _title(parsed.root))
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise BadInput("damaged_notes", name=name) from error
    return ReadScores((score,), (*parsed.remarks, *(("drums",) if drums else ())))


def _title(root: etree._Element) -> str:
    found = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    for credit in root.iterfind("credit"):
        if not found.strip() and credit.findtext("credit-type") == "title":
            found = credit.findtext("credit-words") or ""
    return " ".join(found.split())[:200]


def _bars(root: etree._Element) -> tuple[list[Bar], list[Part], bool]:
    """(the written bars of all parts together, the parts, whether drums were left out). The first
    part says where repeats are."""
    bars: list[Bar] = []
    parts: list[Part] = []
    drums = False
    names = {part.get("id"): part for part in root.iterfind("part-list/score-part")}
    for number, (identity, measures) in enumerate(_measures(root)):
        reader = PartReader(names.get(identity), len(parts), bars, leads=number == 0)
        reader.read(measures)
        drums |= reader.left_out
        if len(parts) + len(reader.staves) > MAX_PARTS:
            break
        parts += [reader.about] * len(reader.staves)
    return bars, parts, drums


def _measures(root: etree._Element) -> Iterator[tuple[str, list[etree._Element]]]:
    """(the id of a part, its measures), part by part."""
    if root.tag == "score-partwise":
        for part in root.iterfind("part"):
            yield part.get("id", ""), part.findall("measure")
        return
    found: dict[str, list[etree._Element]] = {}
    for part in root.iterfind("measure/part"):
        found.setdefault(part.get("id", ""), []).append(part)
    yield from found.items()

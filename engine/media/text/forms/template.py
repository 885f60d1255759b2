"""A Chinese form laid out before the first word: one slot a character, one mark a line end.

Regulated verse: 五绝, 七绝, 五律, 七律 (Wang Li, 诗词格律, 1962): even lines rhyme in one level
class, no rhyme word twice. 古体: even lines rhyme, level or oblique, by the wider parts.
"""

from dataclasses import dataclass, field, replace

from engine.media.text.forms.rhymes import LEVEL, OBLIQUE

ENDS = "。？！"
FREE = ""
# Lines of five by tone, 中 either; of seven, two characters of the other tone stand before.
LINES = {"A": "中仄中平仄", "B": "平平中仄平", "C": "中平平仄仄", "D": "中仄仄平平"}
BEFORE = {"A": "中平", "B": "中仄", "C": "中仄", "D": "中平"}
STARTS = ("ABCD", "CDAB", "DBCD", "BDAB")  # the last two rhyme in the first line too
SHAPES = {"五绝": (4, 5), "七绝": (4, 7), "五律": (8, 5), "七律": (8, 7)}


@dataclass(frozen=True, slots=True)
class Slot:
    """One character to come.

    line: which one it stands in. tone: 平, 仄 or free. rhyme: the group it rhymes with, -1 none.
    may_rhyme: it may rhyme with that group, or end obliquely. copy_of: the slot that it repeats.
    fixed: the character that must stand here, if one must. soft_tone: better, but not a must.
    """

    line: int
    tone: str = FREE
    rhyme: int = -1
    may_rhyme: bool = False
    copy_of: int = -1
    fixed: str = ""
    soft_tone: str = FREE


@dataclass(frozen=True, slots=True)
class VerseTemplate:
    """A whole work: its slots, the marks that follow some of them, and how it rhymes.

    marks: slot -> the marks of which one must follow it. stanza_ends: the last lines of stanzas.
    book: `classes` or `parts`.
    """

    name: str
    slots: tuple[Slot, ...]
    marks: dict[int, str]
    book: str = "classes"
    stanza_ends: tuple[int, ...] = ()
    breaks: frozenset[int] = field(default_factory=frozenset)  # slots after which a line ends

    @property
    def lines(self) -> int:
        return self.slots[-1].line + 1

    def first_slots(self) -> list[int]:
        """Where each line begins."""
        return [i for i, s in enumerate(self.slots) if i == 0 or s.line != self.slots[i - 1].line]

    def with_slots(self, changes: dict[int, Slot]) -> "VerseTemplate":
        return replace(self, slots=tuple(changes.get(i, slot) for i, slot in enumerate(self.slots)))


def regulated(form: str, tones: str = "") -> VerseTemplate:
    """A template of four or eight lines; `tones` is one of STARTS, or nothing for any pattern."""
    count, length = SHAPES[form]
    slots: list[Slot] = []
    for line in range(count):
        pattern = tone_line(tones, line, length) if tones else FREE
        for place in range(length):
            tone = pattern[place].replace("中", FREE) if pattern else FREE
            slots.append(Slot(line, tone))
        slots[-1] = _line_end(slots[-1], line, tones)
    return _verse(form, slots, length)


def tone_line(start: str, line: int, length: int) -> str:
    """The tonal pattern of a line: the first four as named, then the pairs go on alternating."""
    kinds = start + {"C": "ABCD", "A": "CDAB"}[start[2]]
    kind = kinds[line]
    return LINES[kind] if length == 5 else BEFORE[kind] + LINES[kind]


def _line_end(slot: Slot, line: int, tones: str) -> Slot:
    if line % 2 == 1:
        return replace(slot, tone=LEVEL, rhyme=0)
    if line == 0 and not tones:
        return replace(slot, rhyme=0, may_rhyme=True)
    if line == 0 and slot.tone == LEVEL:
        return replace(slot, rhyme=0)
    return replace(slot, soft_tone=OBLIQUE)


def old_style(lines: int, width: int, tone: str) -> VerseTemplate:
    """Even lines of five or seven that rhyme in one tone."""
    slots = [Slot(line) for line in range(lines) for _ in range(width)]
    for line in range(1, lines, 2):
        slots[(line + 1) * width - 1] = Slot(line, tone=tone, rhyme=0)
    return replace(_verse("古体", slots, width), book="parts")


def old_lines(length: int, width: int) -> int:
    """How many lines come nearest to `length` characters."""
    return 2 * max(1, round(length / width / 2))


def _verse(name: str, slots: list[Slot], width: int) -> VerseTemplate:
    ends = {(line + 1) * width - 1: line for line in range(slots[-1].line + 1)}
    marks = {slot: ENDS if line % 2 else "，" for slot, line in ends.items()}
    return VerseTemplate(name, tuple(slots), marks, breaks=frozenset(ends))

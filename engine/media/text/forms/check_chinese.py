"""Does a Chinese text keep its form? Judged from the text alone, as a reader would."""

import re

from engine.media.text.forms.han import han, is_han
from engine.media.text.forms.open_chinese import LENGTH, SENTENCE_ENDS, plain
from engine.media.text.forms.rhymes import LEVEL, OBLIQUE, rhyme_book
from engine.media.text.forms.template import (
    ENDS,
    FREE,
    SHAPES,
    STARTS,
    VerseTemplate,
    old_style,
    regulated,
)
from engine.media.text.forms.tunes import tune_template
from engine.protocol import CI_TUNES, TextBrief

VERSE_LINE = re.compile(r"[^\s，。、？！；：]+(、[^\s，。、？！；：]+)*[，。；？！]")


def chinese_violations(text: str, brief: TextBrief) -> list[str]:
    """What is wrong, a sentence each; empty where nothing is."""
    found = _requirements(text, brief)
    if not brief.form:
        return found + _open(text, brief)
    lines = [line for line in text.split("\n") if line]
    found += [f"{line!r} is no line of verse" for line in lines if not VERSE_LINE.fullmatch(line)]
    if found:
        return found
    if brief.form == "古体":
        return _old(lines, brief)
    if brief.form in SHAPES:
        starts = STARTS if brief.tones else ("",)
        return _best(text, [regulated(brief.form, start) for start in starts])
    if brief.form in CI_TUNES:
        return _best(text, [tune_template(brief.form, brief.tones)])
    return [f"{brief.form!r} is no Chinese form"]


def _requirements(text: str, brief: TextBrief) -> list[str]:
    found = []
    if not han(text).startswith(han(brief.prompt)):
        found.append("it does not begin with the prompt")
    found += [f"the keyword {w!r} is missing" for w in brief.keywords if w not in text]
    firsts = "".join(line[0] for line in text.split("\n") if line)
    if brief.acrostic and firsts != brief.acrostic:
        found.append(f"its lines begin with {firsts!r}")
    return found


def _open(text: str, brief: TextBrief) -> list[str]:
    found = []
    if not text or text[-1] not in SENTENCE_ENDS:
        found.append("it does not end with a sentence")
    if not brief.acrostic and len(han(text)) < (brief.length or LENGTH):
        found.append("it is too short")
    if plain(text) != text.replace("\n", ""):
        found.append("its marks are not those of the notation")
    return found


def _best(text: str, templates: list[VerseTemplate]) -> list[str]:
    """What is wrong by the template that fits best."""
    return min((_against(text, template) for template in templates), key=len)


def _against(text: str, template: VerseTemplate) -> list[str]:
    stanzas = [s.split("\n") for s in text.split("\n\n")]
    lines = [line for stanza in stanzas for line in stanza]
    if (found := _layout(lines, template)) or (found := _stanzas(stanzas, template)):
        return found
    written = han(text)
    book = rhyme_book()
    for slot, character in zip(template.slots, written, strict=True):
        if slot.tone != FREE and not book.can_be(character, slot.tone):
            found.append(f"{character} in line {slot.line + 1} is not {slot.tone}")
        if slot.copy_of >= 0 and written[slot.copy_of] != character:
            found.append(f"line {slot.line + 1} does not repeat the one before")
    for group in sorted({s.rhyme for s in template.slots if s.rhyme >= 0}):
        ends = [
            (written[i], slot.tone)
            for i, slot in enumerate(template.slots)
            if slot.rhyme == group and not slot.may_rhyme
        ]
        found += _rhyme(ends, template.book)
    return found


def _layout(lines: list[str], template: VerseTemplate) -> list[str]:
    """The lengths of the lines, and the marks within and after them."""
    wanted: list[str] = [""]
    for i, _ in enumerate(template.slots):
        wanted[-1] += "x" + {ENDS: "。"}.get(template.marks.get(i, ""), template.marks.get(i, ""))
        if i in template.breaks:
            wanted.append("")
    shapes = ["".join("x" if is_han(c) else "。" if c in ENDS else c for c in s) for s in lines]
    if len(shapes) != len(wanted) - 1:
        return [f"{len(shapes)} lines where {template.name} has {len(wanted) - 1}"]
    pairs = zip(shapes, wanted, strict=False)
    return [
        f"line {i + 1} has not the shape of {template.name}"
        for i, (a, b) in enumerate(pairs)
        if a != b
    ]


def _stanzas(stanzas: list[list[str]], template: VerseTemplate) -> list[str]:
    ends = {end + 1 for end in template.stanza_ends} | {template.lines}
    count, found = 0, set()
    for stanza in stanzas:
        count += len(stanza)
        found.add(count)
    return [] if found == ends else ["the stanzas are not where they should be"]


def _rhyme(ends: list[tuple[str, str]], book_name: str) -> list[str]:
    """Do they share a rhyme, each with its tone, and no word twice?"""
    book = rhyme_book()
    names = [
        {name for name, tone in book.keys(book_name, character) if tone == wanted}
        for character, wanted in ends
    ]
    words = "".join(character for character, _ in ends)
    found = []
    if not set.intersection(*names):
        found.append(f"{words} do not rhyme")
    if len(set(words)) < len(words):
        found.append(f"a word stands twice among the rhymes {words}")
    return found


def _old(lines: list[str], brief: TextBrief) -> list[str]:
    width = len(han(lines[0])) if lines else 0
    if width not in (5, 7) or len(lines) % 2:
        return ["it is not in pairs of lines of five or seven"]
    found = _layout(lines, old_style(len(lines), width, LEVEL))
    ends = [line[-2] for line in lines[1::2]]
    by_tone = [_rhyme([(c, tone) for c in ends], "parts") for tone in (LEVEL, OBLIQUE)]
    found += min(by_tone, key=len)
    if brief.length and not brief.acrostic and abs(len(lines) * width - brief.length) > 2 * width:
        found.append("it has not the length asked for")
    return found

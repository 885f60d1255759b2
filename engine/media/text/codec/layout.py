"""How lines stand: a title above, verse line by line, prose that an old editor wrapped."""

import re
import statistics
from itertools import pairwise

TITLE_CHARACTERS, TITLE_WORDS = 20, 10
WRAPPED = {"zh": 18, "en": 48}  # characters: shorter lines are verse
FULL = 0.72  # of the longest line: a shorter one ends a paragraph
CAPITALS = 0.6  # the share of lines that begin with one: verse has more
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_SIGN = re.compile(r"[，。！？；：、,.!?;:…—]")
_ENDS = re.compile(r"[，。！？；：、,.!?;:…—\-]['\"’”」』）)]*$")
_NUMERAL = re.compile(
    r"(?:(?:sonnet|poem|canto|chapter|no\.?)\s+)?(?:[IVXLCDM]+|\d{1,4})\.?", re.IGNORECASE
)
_NAMED = re.compile(r"(?:title|标题|標題|题目|題目)\s*[:：]\s*(.+)", re.IGNORECASE)
_AUTHOR = re.compile(
    r"by\s+[A-Z][\w.'’-]*(?:\s+[\w.'’-]+){0,3}|作者\s*[:：].{1,20}"
    r"|[\[〔［(（【][先秦汉漢魏晋晉南北朝隋唐五代宋金元明清近现現当當代民国國]{1,4}[\]〕］)）】]\s*\w{2,4}"
)


def split_title(text: str) -> tuple[str, str]:
    """(title, the rest): the first line where it clearly is a title, otherwise ("", text).

    A line below it that only names the author goes too.
    """
    first, _, rest = text.partition("\n")
    second, _, after = rest.lstrip("\n").partition("\n")
    if _AUTHOR.fullmatch(second.strip()) and after.strip():
        rest = after
    apart = rest.startswith("\n")
    title, rest = first.strip(), rest.strip("\n")
    if named := _NAMED.fullmatch(title):
        title = named[1].strip()
    elif not rest or not _is_title(title, rest, apart):
        return "", text
    return re.sub(r"^《(.+)》$", r"\1", title), rest or text


def _is_title(line: str, rest: str, apart: bool) -> bool:
    if _NUMERAL.fullmatch(line) or re.fullmatch(r"《.{1,30}》", line):
        return True
    if _HAN.search(line):
        return len(line) <= TITLE_CHARACTERS and _is_chinese_title(line, rest, apart)
    short = len(line.split()) <= TITLE_WORDS and not _ENDS.search(line)
    if not short:
        return False
    if line.isupper() and not rest.partition("\n")[0].isupper():
        return True
    return apart and any("\n" in block for block in rest.split("\n\n"))


def _is_chinese_title(line: str, rest: str, apart: bool) -> bool:
    """It has no mark inside, and the lines below end with one (or it stands apart)."""
    if _SIGN.search(line):
        return False
    lines = [each for each in rest.split("\n") if each.strip()]
    marked = sum(bool(_ENDS.search(each.rstrip())) for each in lines)
    if marked >= 0.8 * len(lines):
        return True
    return apart and any("\n" in block for block in rest.split("\n\n"))


def joined(text: str) -> str:
    """The paragraphs of wrapped prose in one line each; verse and short lines as they are."""
    return "\n\n".join(_joined_block(block) for block in text.split("\n\n")) if text else text


def _joined_block(block: str) -> str:
    lines = block.split("\n")
    if len(lines) < 3 or not _is_wrapped(lines[:-1]):
        return block
    longest = max(map(len, lines))
    result = [lines[0].lstrip()]
    for before, line in pairwise(lines):
        if len(before) < FULL * longest or _begins(before, line):
            result.append(line.lstrip())
        elif before.endswith("-") and line[:1].islower():
            result[-1] = result[-1][:-1] + line
        else:
            gap = "" if _HAN.search(before[-1:] + line[:1]) or not before else " "
            result[-1] += gap + line.lstrip()
    return "\n".join(result)


def _begins(before: str, line: str) -> bool:
    """Whether a line is indented, as the first of a paragraph, and the one above it is not so."""
    inset = len(line) - len(line.lstrip(" \u3000"))
    above = len(before) - len(before.lstrip(" \u3000"))
    deep = inset >= 2 or line.startswith("\u3000")
    return deep and inset > above and not line.lstrip()[:1].islower()


def _is_wrapped(lines: list[str]) -> bool:
    """All but the last line are long, and break where no verse would."""
    lines = [line.strip() for line in lines]
    chinese = sum(bool(_HAN.search(line)) for line in lines) * 2 > len(lines)
    lengths = [len(line) for line in lines]
    if statistics.median(lengths) < WRAPPED["zh" if chinese else "en"] or max(lengths) > 120:
        return False
    if chinese:
        return sum(bool(_ENDS.search(line)) for line in lines) < 0.5 * len(lines)
    capitals = sum(line[:1].isupper() for line in lines)
    return capitals < CAPITALS * len(lines)

"""The patterns of ci tunes, learned from the corpus: what most poets did is the form.

    python -m engine.lab.training.corpus.tunes

For each tune: the commonest pattern of lines and marks; where most works rhyme together; which
places most poets kept level or oblique; which lines most repeat. The texts do not say where a
stanza ends, so that is told here, in characters. Reserved authors are left out.
"""

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

from engine.lab.training.corpus.works import WORKS_FILE, Work, by_author, read_works
from engine.media.text.forms.rhymes import LEVEL, OBLIQUE, RhymeBook, rhyme_book
from engine.protocol import CI_TUNES

WORKS = Path(__file__).resolve().parents[4] / "corpus" / "text" / WORKS_FILE
OUT = Path(__file__).resolve().parents[3] / "media" / "text" / "forms" / "tunes.json"
FIRST_STANZA = {
    **{"浣溪沙": 21, "菩萨蛮": 24, "水调歌头": 48, "鹧鸪天": 28, "临江仙": 30, "满江红": 47},
    **{"西江月": 25, "减字木兰花": 22, "蝶恋花": 30, "点绛唇": 20, "沁园春": 56, "清平乐": 22},
    **{"念奴娇": 49, "贺新郎": 57, "虞美人": 28, "好事近": 22, "满庭芳": 48, "水龙吟": 52},
    **{"渔家傲": 31, "卜算子": 22, "南乡子": 28, "玉楼春": 28, "踏莎行": 29, "如梦令": 33},
}
TOGETHER = 0.5  # share of works in which two line ends rhyme, for them to be one group
KEPT = 0.92  # share of works with one tone at a place, for it to be the pattern
REPEATED = 0.6  # share of works in which a line says another again


def pattern(text: str) -> str:
    """七，七。: characters as `x`, marks as three."""
    text = re.sub(r"[“”‘’《》]", "", text).replace("；", "，").replace("：", "，")
    return re.sub(r"[^，。、]", "x", re.sub(r"[？！]", "。", text))


def characters(text: str) -> str:
    return re.sub(r"[“”‘’《》；：？！，。、]", "", text)


def learn(works: list[Work], first: int, book: RhymeBook) -> dict[str, object]:
    """One tune's row of tunes.json."""
    common, count = stanza_pattern(works, first)
    texts = [characters(w.text) for w in works if pattern(w.text) == common]
    ends = line_ends(common)
    groups = rhyme_groups(texts, ends, book)
    tones = "".join(tone_at([t[i] for t in texts], book, KEPT) for i in range(len(texts[0])))
    rhyme_tones = "".join(
        tone_at([t[e] for t in texts], book, 0.5) if g != "." else "."
        for e, g in zip(ends, groups, strict=True)
    )
    return {
        "works": len(works),
        "alike": count,
        "pattern": re.sub(r"x+", lambda m: str(len(m.group())), common),
        "first_stanza": first,
        "rhymes": groups,
        "rhyme_tones": rhyme_tones,
        "tones": tones,
        "copies": copies(texts, ends),
    }


def stanza_pattern(works: list[Work], first: int) -> tuple[str, int]:
    """The commonest pattern in which a stanza ends where it should."""
    for common, count in Counter(pattern(w.text) for w in works).most_common():
        place = [m.end() for m in re.finditer("x", common)][first - 1 : first]
        if place and common[place[0]] == "。" and common.endswith("。"):
            return common, count
    raise ValueError("no work has that stanza")


def line_ends(common: str) -> list[int]:
    """The last character of each line."""
    found, place = [], -1
    for mark in common:
        if mark == "x":
            place += 1
        elif mark in "，。":
            found.append(place)
    return found


def rhyme_groups(texts: list[str], ends: list[int], book: RhymeBook) -> str:
    """A letter a line: the same for ends that rhyme together, a dot for those that do not."""

    def rhyming(i: int, j: int) -> float:
        return sum(bool(parts(t[i], book) & parts(t[j], book)) for t in texts) / len(texts)

    group = {e: {e} for e in ends}
    for i, j in combinations(ends, 2):
        if rhyming(i, j) >= TOGETHER:
            joined = group[i] | group[j]
            group.update(dict.fromkeys(joined, joined))
    names: dict[int, str] = {}
    for e in ends:
        if len(group[e]) > 1:
            names.setdefault(min(group[e]), "abcdefgh"[len(names)])
    return "".join(names[min(group[e])] if len(group[e]) > 1 else "." for e in ends)


def parts(character: str, book: RhymeBook) -> set[str]:
    return {part for part, _ in book.keys("parts", character)}


def tone_at(found: list[str], book: RhymeBook, kept: float) -> str:
    """What most of the characters are; 中 where they differ. Ambiguous ones say nothing."""
    sure = [next(iter(t)) for c in found if len(t := book.tones.get(c, set())) == 1]
    level = sum(t == LEVEL for t in sure) / max(1, len(sure))
    if level >= kept:
        return LEVEL
    return OBLIQUE if level <= 1 - kept else "中"


def copies(texts: list[str], ends: list[int]) -> list[list[int]]:
    """[line, earlier line] where most works repeat one."""
    starts = [0, *(e + 1 for e in ends)]
    return [
        [j, i]
        for i, j in combinations(range(len(ends)), 2)
        if sum(
            t[starts[i] : ends[i] + 1] == t[starts[j] : ends[j] + 1] for t in texts
        ) >= REPEATED * len(texts)
    ]  # fmt: skip


def main() -> None:
    corpus = read_works(WORKS)
    reserved = by_author(corpus, "reserved")
    works = [w for w in corpus if w.form == "词" and w.author not in reserved]
    book = rhyme_book()
    tunes = {
        tune: learn([w for w in works if w.heading == tune], FIRST_STANZA[tune], book)
        for tune in CI_TUNES
    }
    data = {
        "format": 1,
        "provenance": "learned from the ci of chinese-poetry (MIT; public-domain works) "
        "by engine/lab/training/corpus/tunes.py",
        "tunes": tunes,
    }
    OUT.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

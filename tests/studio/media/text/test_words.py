"""Words of works and of what the engine read: their opening, length, language and script."""

from hypothesis import given, strategies as st

from engine.protocol import Script
from studio.media.text.controller import script_of
from studio.media.text.words import made, shown, text_of


def test_chinese_is_counted_in_characters() -> None:
    text = made("息夫人\n莫以今時寵，難忘舊日恩。\n".encode())
    assert text.words == "息夫人\n莫以今時寵，難忘舊日恩。"
    assert (text.is_chinese, text.length, text.opening) == (True, 13, "息夫人")


def test_english_is_counted_in_words() -> None:
    text = made(b"\nShall I compare thee to a summer's day?\n")
    assert (text.is_chinese, text.length) == (False, 8)
    assert text.opening.startswith("Shall I")


@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    assert all(sign.isprintable() or sign in "\n\t" for sign in made(data).words)


def test_an_empty_text_has_no_language_to_speak_of() -> None:
    assert text_of("") == text_of("")
    assert not text_of("…").is_chinese


def test_the_script_of_most_decides() -> None:
    old, new = shown("舉頭望明月", "traditional"), shown("举头望明月", "simplified")
    assert script_of([old]) is Script.TRADITIONAL
    assert script_of([old, new]) is Script.SIMPLIFIED
    assert script_of([old, old, new, text_of("plain English words")]) is Script.TRADITIONAL
    assert script_of([text_of("plain English words")]) is None

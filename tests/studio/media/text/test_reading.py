"""Any file that is a text shows its words; any other shows none, and nothing is raised."""

import pytest
from hypothesis import given, strategies as st

from studio.media.text.reading import decode, is_document, read, text_of


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_in_every_usual_encoding(encoding: str) -> None:
    text = read("息夫人\n莫以今時寵，難忘舊日恩。\n".encode(encoding))
    assert text.words == "息夫人\n莫以今時寵，難忘舊日恩。"
    assert (text.is_chinese, text.length, text.opening) == (True, 13, "息夫人")


def test_english_is_counted_in_words() -> None:
    text = read(b"\r\nShall I compare thee to a summer's day?\r\n")
    assert (text.is_chinese, text.length) == (False, 8)
    assert text.opening.startswith("Shall I")


def test_subtitles_lose_their_times() -> None:
    data = (
        b"1\n00:00:01,000 --> 00:00:02,500\nWho is there?\n\n2\n00:00:03,000 --> 00:00:04,000\nI.\n"
    )
    assert read(data).words == "Who is there?\n\nI."


def test_a_document_is_left_to_who_can_read_it() -> None:
    packed = b"PK\x03\x04 a zip"
    assert read(packed).words == ""
    assert read(b"\n %PDF-1.7", lambda data: f"{len(data)} bytes\n").words == "10 bytes"
    assert is_document(packed)
    assert not is_document("PK和其他".encode())


@pytest.mark.parametrize("data", [b"%PDF-1.7 and so on", b"PK\x03\x04 cut off", b"", b"PK"])
def test_what_cannot_be_shown_has_no_words(data: bytes) -> None:
    assert read(data).words in ("", "PK")


@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    assert all(sign.isprintable() or sign in "\n\t" for sign in read(data).words)


def test_a_cut_in_the_middle_of_a_character_is_no_other_encoding() -> None:
    assert decode("明月".encode()[:-1]).startswith("明")


def test_an_empty_text_has_no_language_to_speak_of() -> None:
    assert text_of("") == text_of("")
    assert not text_of("…").is_chinese

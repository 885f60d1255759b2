"""The tokeniser loses nothing, and no text is read as a special token."""

import pytest
from hypothesis import given, strategies as st

from engine.media.text.tokens import (
    FORMS,
    LANGUAGES,
    SPECIALS,
    START,
    TEXT,
    WORK,
    Piece,
    Tokens,
    special,
    train_tokens,
)

CHINESE = ["白玉谁家郎，回车渡天津。看花东上陌，惊动洛阳人。", "床前明月光，疑是地上霜。𠮷"]
ENGLISH = ["Shall I compare thee to a summer's day? Thou art more lovely and more temperate."] * 3


@pytest.fixture(scope="module")
def small() -> Tokens:
    return train_tokens(CHINESE, ENGLISH, size=420)


@pytest.fixture(scope="module")
def shipped() -> Tokens:
    return Tokens.load()


@given(text=st.text(max_size=80))
def test_any_text_comes_back_from_the_shipped_tokens(shipped: Tokens, text: str) -> None:
    assert shipped.decode(shipped.encode(text)) == text


@given(text=st.text(max_size=80))
def test_any_text_comes_back_from_a_small_vocabulary(small: Tokens, text: str) -> None:
    assert small.decode(small.encode(text)) == text


@given(parts=st.lists(st.sampled_from([*SPECIALS, "明", " a"]), max_size=8))
def test_no_text_is_read_as_a_special_token(shipped: Tokens, parts: list[str]) -> None:
    text = "".join(parts)
    ids = shipped.encode(text)
    assert all(i >= len(SPECIALS) for i in ids)
    assert shipped.decode(ids) == text


def test_the_vocabulary_is_of_the_size_that_the_model_has(shipped: Tokens) -> None:
    assert shipped.size == 8192
    assert [shipped.tokenizer.token_to_id(name) for name in SPECIALS] == list(range(len(SPECIALS)))


def test_a_frequent_character_is_one_token(shipped: Tokens, small: Tokens) -> None:
    line = "床前明月光，疑是地上霜。"
    assert len(shipped.encode(line)) == len(line)
    assert len(small.encode("明")) == 1


def test_a_work_begins_with_its_language_form_and_heading(shipped: Tokens) -> None:
    ids = shipped.works([Piece("zh", "词", "昨夜雨疏风骤。", heading="如梦令")])[0]
    assert ids[:3] == [WORK, special("zh"), special("词")]
    assert shipped.decode(ids[3 : ids.index(TEXT)]) == "如梦令"
    assert shipped.decode(ids[ids.index(TEXT) :]) == "昨夜雨疏风骤。"


def test_specials_say_nothing_when_decoded(shipped: Tokens) -> None:
    ids = [START, *(special(name) for name in (*LANGUAGES, *FORMS))]
    assert shipped.decode(ids) == ""


def test_an_unknown_form_is_named() -> None:
    with pytest.raises(KeyError, match="limerick"):
        special("limerick")


def test_no_letter_stands_alone(shipped: Tokens) -> None:
    """A splitter that the tokenizers library misreads would keep some letters out of all merges."""
    words = [" of", " for", " father", " from", " The", " And", " God", " I", "The", "And"]
    assert all(len(shipped.encode(word)) == 1 for word in words)
    english = ["The fox of Fulham Fields, for fun, fed a flock of Figs and Quinces."] * 9
    made = train_tokens(CHINESE, english, size=700)
    assert len(made.encode(" Fields")) == 1 and len(made.encode(" of")) == 1

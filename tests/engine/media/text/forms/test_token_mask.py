"""Masks over any vocabulary: whatever is drawn under them keeps its form and comes to an end."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.core.errors import BadInput
from engine.media.text.forms import Constraint, constraint_for, violations
from engine.media.text.forms.constraint import NEVER, Choice, FixedText, Fragment, Lexicon, Option
from engine.media.text.forms.token_mask import TokenMask
from engine.media.text.forms.trie import Trie
from engine.media.text.forms.vocabulary import Vocabulary
from engine.protocol import CHINESE_FORMS, CI_TUNES, ENGLISH_FORMS, TextBrief
from tests.engine.media.text.forms.random_walk import SHIPPED, brief, written
from tests.engine.media.text.forms.vocabularies import byte_fallback, byte_level

MADE: dict[str, Callable[[], Vocabulary]] = {
    "byte level": byte_level,
    "byte fallback": byte_fallback,
}
EVERY: dict[str, Callable[[], Vocabulary]] = {"shipped": lambda: SHIPPED, **MADE}
METRICAL = ("sonnet", "quatrains", "haiku")


def walked(mask: TokenMask, rng: np.random.Generator) -> list[int]:
    """The tokens, drawn uniformly, of a work until it is done."""
    tokens = []
    while not mask.done:
        tokens.append(int(rng.choice(np.flatnonzero(mask.bias() > NEVER))))
        mask.push(tokens[-1])
    return tokens


def begun(wanted: TextBrief, language: str, vocabulary: Vocabulary, seed: int = 0) -> TokenMask:
    rng = np.random.default_rng(seed)
    return TokenMask(constraint_for(wanted, language, vocabulary.characters, rng), vocabulary)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("form", [*CHINESE_FORMS, *CI_TUNES, ""])
def test_chinese_works_keep_their_form(name: str, form: str) -> None:
    wanted = brief(form, length=0 if form else 30)
    for seed in range(3):
        keeping_tones = replace(wanted, tones=seed == 1)
        text = written(keeping_tones, seed, "zh", vocabulary=MADE[name]())
        assert violations(text, keeping_tones, "zh") == []


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("form", [*ENGLISH_FORMS, ""])
def test_english_works_keep_their_form(name: str, form: str) -> None:
    wanted = brief(form, length=0 if form in METRICAL else 30)
    for seed in range(6):
        text = written(wanted, seed, "en", vocabulary=MADE[name]())
        assert violations(text, wanted, "en") == []


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(list(MADE)),
    form=st.sampled_from([*ENGLISH_FORMS, ""]),
    prompt=st.sampled_from(["", "The moon", "O gentle night,", "Farewell!"]),
    keywords=st.lists(st.sampled_from(["rose", "winter night", "memory"]), max_size=2),
    line=st.sampled_from([0.6, 1.0, 1.8]),
    seed=st.integers(0, 2**20),
)
def test_english_requirements_are_met(name, form, prompt, keywords, line, seed) -> None:
    wanted = brief(form, prompt=prompt, keywords=tuple(keywords), line=line, length=30)
    try:
        text = written(wanted, seed, "en", vocabulary=MADE[name]())
    except BadInput as error:
        assert (error.code, form) == ("keyword_place", "haiku")
        return
    assert violations(text, wanted, "en") == []


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(list(MADE)),
    form=st.sampled_from([*CHINESE_FORMS, "如梦令", "菩萨蛮", ""]),
    prompt=st.sampled_from(["", "春风", "云来"]),
    keywords=st.lists(st.sampled_from(["明月", "江南", "酒", "魃"]), max_size=2),
    seed=st.integers(0, 2**20),
)
def test_chinese_requirements_are_met(name, form, prompt, keywords, seed) -> None:
    wanted = brief(form, prompt=prompt, keywords=tuple(keywords), length=30)
    try:
        text = written(wanted, seed, "zh", vocabulary=MADE[name]())
    except BadInput as error:
        assert error.code in ("opening_sound", "keyword_place")
        return
    assert violations(text, wanted, "zh") == []


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(MADE)), st.integers(0, 2**20))
def test_acrostics_are_kept(name: str, seed: int) -> None:
    vocabulary = MADE[name]()
    for form, language, acrostic in (
        *(("五绝", "zh", "春江花月"), ("", "zh", "春江花月")),
        *(("haiku", "en", "abc"), ("free verse", "en", "roses")),
    ):
        wanted = brief(form, acrostic=acrostic)
        text = written(wanted, seed, language, vocabulary=vocabulary)
        assert violations(text, wanted, language) == []


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("form", "language"), [("", "zh"), ("free verse", "en"), ("sonnet", "en")])
def test_the_tokens_spell_the_text(name: str, form: str, language: str) -> None:
    vocabulary = EVERY[name]()
    mask = begun(brief(form, length=40), language, vocabulary)
    tokens = walked(mask, np.random.default_rng(1))
    assert b"".join(vocabulary.token_bytes[i] or b"" for i in tokens).decode() == mask.text()


@pytest.mark.parametrize("name", EVERY)
def test_after_the_last_unit_only_the_end_may_come(name: str) -> None:
    vocabulary = EVERY[name]()
    mask = begun(brief("五绝"), "zh", vocabulary)
    walked(mask, np.random.default_rng(2))
    ends = [] if vocabulary.end is None else [vocabulary.end]
    assert np.flatnonzero(mask.bias() > NEVER).tolist() == ends


@pytest.mark.parametrize("name", MADE)
def test_tokens_of_several_units_are_used(name: str) -> None:
    vocabulary = MADE[name]()
    used = set()
    for form, language in (("", "zh"), ("free verse", "en"), ("sonnet", "en"), ("七律", "zh")):
        for seed in range(4):
            mask = begun(brief(form, length=40), language, vocabulary, seed)
            used |= set(walked(mask, np.random.default_rng(seed)))
    several = used & set(vocabulary.splits)
    assert any(vocabulary.texts[i].endswith("\n") for i in several)
    assert any(len(vocabulary.texts[i]) > 1 and vocabulary.texts[i] > "\u3000" for i in several)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("form", "language"),
    [("五律", "zh"), ("", "zh"), ("sonnet", "en"), ("prose", "en"), ("dialogue", "en")],
)
def test_a_copy_goes_on_independently(name: str, form: str, language: str) -> None:
    vocabulary = EVERY[name]()
    wanted = brief(form, length=25, keywords=("明月",) if language == "zh" else ("winter", "rose"))
    mask, rng = begun(wanted, language, vocabulary), np.random.default_rng(3)
    alone = walked(begun(wanted, language, vocabulary), np.random.default_rng(3))
    step = 0
    while not mask.done:
        if step % 40 == 0:
            twin = mask.copy()
            np.testing.assert_array_equal(twin.bias(), mask.bias())
            walked(twin, np.random.default_rng(step))
            assert violations(twin.text(), wanted, language) == []
        token = int(rng.choice(np.flatnonzero(mask.bias() > NEVER)))
        assert token == alone[step]
        mask.push(token)
        step += 1


@pytest.mark.parametrize("name", EVERY)
def test_a_token_that_was_not_allowed_is_refused(name: str) -> None:
    vocabulary = EVERY[name]()
    for form, language in (("五绝", "zh"), ("sonnet", "en"), ("prose", "en")):
        mask = begun(brief(form), language, vocabulary)
        forbidden = np.flatnonzero(mask.bias() == NEVER)
        for token in forbidden[:: max(1, len(forbidden) // 50)]:
            with pytest.raises(ValueError, match="not allowed"):
                begun(brief(form), language, vocabulary).push(int(token))


# ---- the parts ---------------------------------------------------------------------------------

BYTES = tuple(bytes([i]) for i in range(256))


class OneUnit:
    """A constraint of a single choice."""

    def __init__(self, *options: Option) -> None:
        self._options, self.came, self.done = options, "", False

    def options(self) -> tuple[Option, ...]:
        return self._options

    def push(self, unit: str) -> None:
        self.came, self.done = unit, True

    def text(self) -> str:
        return self.came

    def copy(self) -> "OneUnit":
        return OneUnit(*self._options)


def test_the_bias_of_a_unit_is_spent_once_however_many_tokens_it_takes() -> None:
    lexicon = Lexicon(["春", "昔", "星", "rose", "ro"])
    bias = np.array([-1, -4, -np.inf, -2, -3], np.float32)
    for vocabulary in (Vocabulary(BYTES), Vocabulary((*BYTES, "春".encode(), b"ro"))):
        for unit, wanted in zip(lexicon.texts, bias, strict=True):
            mask = TokenMask(OneUnit(Choice(lexicon, bias)), vocabulary)
            total = np.float32(0)
            for token in vocabulary.spell([unit])[0]:
                total += mask.bias()[token]
                if total == NEVER:
                    break
                mask.push(token)
            if unit == "ro":  # "rose" may still come: its own bias is settled by what follows
                assert (total, mask.done) == (-2, False)
            else:
                assert (total, mask.done) == (wanted, wanted > NEVER)


def test_a_token_completes_characters_when_their_last_byte_comes() -> None:
    vocabulary = Vocabulary((*BYTES, "春".encode()[1:] + b"!"))
    constraint: Constraint = OneUnit(FixedText("春!"))
    mask = TokenMask(constraint, vocabulary)
    assert mask.text_of(0xE6) == ""
    mask.push(vocabulary.spell(["春!"])[0][0])
    assert mask.text_of(256) == "春!"


def test_units_are_spelled_as_the_tokeniser_would_or_in_as_few_tokens_as_possible() -> None:
    tokens = (*BYTES, b" ro", b"ose", b" r", b"os")
    assert Vocabulary(tokens).spell([" rose", " ros"]) == [(258, 257), (256, ord("s"))]
    told = {" rose": [256, ord("s"), ord("e")], "x": [0]}
    own = Vocabulary(tokens, lambda texts: [told[text] for text in texts])
    assert own.spell([" rose", "x"]) == [(256, ord("s"), ord("e")), (ord("x"),)]


def test_a_pruned_vocabulary_spells_by_the_tokens_that_are_left() -> None:
    tokens = (*BYTES, b" rose", b" ro", b"se", None)
    told = {" rose": [256], " ro": [257]}
    whole = Vocabulary(tokens, lambda texts: [told[text] for text in texts], end=259)
    pruned = whole.pruned([259, *range(256), 258, 257])
    assert (pruned.size, pruned.end, pruned.token_bytes[0]) == (259, 0, None)
    assert pruned.spell([" rose", " ro"]) == [(258, 257), (258,)]
    with pytest.raises(ValueError, match="no token"):
        whole.pruned(range(200))


@pytest.mark.parametrize("name", MADE)
def test_a_byte_that_has_a_token_of_its_own_is_written_by_that_one(name: str) -> None:
    vocabulary = MADE[name]()
    for letter in "aZ',.\n":
        assert sum(text == letter for text in vocabulary.texts) == 1
    assert vocabulary.texts[vocabulary.spell(["𠮷"])[0][0]] == ""  # in parts


def test_special_tokens_are_never_written() -> None:
    vocabulary = Vocabulary((*BYTES, None, b"a"))
    assert np.flatnonzero(
        TokenMask(OneUnit(Fragment("[a-z]")), vocabulary).bias() > NEVER
    ).tolist() == [*range(ord("a"), ord("z") + 1), 257]


def test_a_vocabulary_that_cannot_write_every_text_is_refused() -> None:
    with pytest.raises(ValueError, match="b'a'"):
        Vocabulary(tuple(each for each in BYTES if each != b"a"))


def test_a_lexicon_and_a_trie_have_no_unit_twice() -> None:
    with pytest.raises(ValueError, match="distinct"):
        Lexicon(["a", "a"])
    with pytest.raises(ValueError, match="same tokens"):
        Trie([(1, 2), (1, 2)])


def test_masks_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.media.text.forms.vocabulary.KEPT_BYTES", 5000)
    vocabulary = Vocabulary(BYTES)
    for i in range(20):
        vocabulary.keep(i, np.zeros(256, np.float32))
    assert list(vocabulary.masks) == [16, 17, 18, 19]

"""English forms: whatever is drawn, the work keeps its form; real poems pass the checker."""

import pytest
from hypothesis import given, settings, strategies as st

from engine.core.errors import BadInput
from engine.media.text.forms import violations
from engine.media.text.forms.sounds import sound_of
from engine.protocol import ENGLISH_FORMS, TextBrief
from tests.engine.media.text.forms.random_walk import (
    brief,
    refused as refused_in,
    written as written_in,
)

METRICAL = ("sonnet", "quatrains", "haiku")
WORKS_EACH = 50


def written(wanted: TextBrief, seed: int) -> str:
    return written_in(wanted, seed, "en")


def refused(wanted: TextBrief) -> str:
    return refused_in(wanted, "en")


@pytest.mark.slow
@pytest.mark.parametrize("form", [*ENGLISH_FORMS, ""])
def test_every_work_keeps_its_form(form: str) -> None:
    wanted = brief(form, length=0 if form in METRICAL else 40)
    broken = [violations(written(wanted, seed), wanted, "en") for seed in range(WORKS_EACH)]
    assert broken == [[]] * WORKS_EACH


@settings(max_examples=80, deadline=None)
@given(
    form=st.sampled_from([*ENGLISH_FORMS, ""]),
    prompt=st.sampled_from(["", "The moon", "O gentle night,", "Farewell!", "My love is"]),
    keywords=st.lists(
        st.sampled_from(["rose", "summer", "time", "winter night", "memory"]), max_size=3
    ),
    length=st.sampled_from([0, 30, 60]),
    seed=st.integers(0, 2**20),
)
def test_requirements_are_kept_or_refused(form, prompt, keywords, length, seed) -> None:
    wanted = brief(form, prompt=prompt, keywords=tuple(keywords), length=length)
    try:
        text = written(wanted, seed)
    except BadInput as error:
        assert (error.code, form) == ("keyword_place", "haiku")
        return
    assert violations(text, wanted, "en") == []


@settings(max_examples=40, deadline=None)
@given(
    st.text("abcdefghijklmnopqrstuvwyz", min_size=14, max_size=14),
    st.sampled_from([*METRICAL, "free verse", ""]),
    st.lists(st.sampled_from(["rose", "winter"]), max_size=2),
    st.integers(0, 2**20),
)
def test_acrostics_are_kept(letters: str, form: str, keywords: list[str], seed: int) -> None:
    count = {"sonnet": 14, "quatrains": 8, "haiku": 3}.get(form, 5)
    wanted = brief(form, acrostic=letters[:count].upper(), keywords=tuple(keywords))
    assert violations(written(wanted, seed), wanted, "en") == []


def test_a_prompt_may_fill_lines_and_bring_its_rhymes() -> None:
    prompt = (
        "When I do count the clock that tells the time,\n"
        "And see the brave day sunk in hideous night;\n"
        "When I behold the violet past prime,"
    )
    wanted = brief("sonnet", prompt=prompt)
    text = written(wanted, 5)
    assert text.startswith(prompt)
    assert violations(text, wanted, "en") == []


def test_quatrains_have_a_length_and_stanzas() -> None:
    assert written(brief("quatrains"), 0).count("\n\n") == 2
    assert written(brief("quatrains", length=130), 0).count("\n\n") == 4


def test_a_dialogue_can_begin_with_a_named_speaker() -> None:
    wanted = brief("dialogue", prompt="Hamlet. Whose grave is this?", length=30)
    text = written(wanted, 1)
    assert text.startswith("HAMLET. Whose grave is this?")
    assert violations(text, wanted, "en") == []


@pytest.mark.parametrize(
    ("form", "requirements", "code"),
    [
        ("limerick", {}, "form_unknown"),
        ("五绝", {}, "form_language"),
        ("prose", {"length": 10**6}, "bad_length"),
        ("sonnet", {"prompt": "春风"}, "prompt_script"),
        ("sonnet", {"prompt": "Moon (1969) rising"}, "prompt_lines"),
        ("haiku", {"prompt": "The summer night is long and warm"}, "prompt_lines"),
        ("haiku", {"prompt": "One\nTwo"}, "prompt_lines"),
        ("sonnet", {"prompt": "The xylqua moon"}, "word_unknown"),
        ("sonnet", {"keywords": ("xylqua",)}, "word_unknown"),
        ("prose", {"prompt": "word " * 30, "length": 20}, "prompt_long"),
        ("sonnet", {"acrostic": "ROSE"}, "acrostic_length"),
        ("quatrains", {"acrostic": "ROSES"}, "acrostic_fours"),
        ("prose", {"acrostic": "ROSE"}, "acrostic_without_lines"),
        ("dialogue", {"acrostic": "ROSE"}, "acrostic_without_lines"),
        ("haiku", {"acrostic": "春江花"}, "acrostic_script"),
        ("haiku", {"acrostic": "abc", "prompt": "moon"}, "acrostic_prompt"),
        ("free verse", {"acrostic": "abc", "prompt": "moon"}, "acrostic_prompt"),
        ("sonnet", {"keywords": ("明月",)}, "keyword_script"),
        ("prose", {"keywords": ("",)}, "keyword_script"),
        ("haiku", {"keywords": ("extraordinary", "immediately")}, "keyword_place"),
    ],
)
def test_what_cannot_be_met_says_so(form: str, requirements: dict, code: str) -> None:
    assert refused(brief(form, **requirements)) == code


SONNET_12 = """When I do count the clock that tells the time,
And see the brave day sunk in hideous night;
When I behold the violet past prime,
And sable curls, all silvered o'er with white;
When lofty trees I see barren of leaves,
Which erst from heat did canopy the herd,
And summer's green all girded up in sheaves,
Borne on the bier with white and bristly beard,
Then of thy beauty do I question make,
That thou among the wastes of time must go,
Since sweets and beauties do themselves forsake
And die as fast as they see others grow;
And nothing 'gainst Time's scythe can make defence
Save breed, to brave him when he takes thee hence."""
BLAKE = """I was angry with my friend:
I told my wrath, my wrath did end.
I was angry with my foe:
I told it not, my wrath did grow."""


def test_real_verse_fails_only_where_sounds_have_changed() -> None:
    found = violations(SONNET_12, brief("sonnet"), "en")
    assert [f for f in found if "rhyme" in f] == ["herd and beard do not rhyme"]
    assert violations(BLAKE, brief("quatrains"), "en") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("foe", "sea"), ("grow.", "grow"), ("not, my wrath", "wrath"), ("end.\n", "end.\n\n")],
)
def test_broken_verse_does_not_pass(old: str, new: str) -> None:
    assert violations(BLAKE.replace(old, new), brief("quatrains"), "en")


def test_broken_haiku_prose_and_dialogue_do_not_pass() -> None:
    assert violations("An old silent pond;\nA frog jumps into the pond.", brief("haiku"), "en")
    assert violations("One word.", brief("prose"), "en")
    long = "To be or not to be. " * 40
    for text in (long.strip(), f"HAM. {long.strip()}", f"HAM. {long}\n\nHAM. Ay, my lord."):
        assert violations(text, brief("dialogue"), "en")
    assert violations(BLAKE, brief("quatrains", keywords=("rose",), prompt="You"), "en")


def test_sounds() -> None:
    time, rhyme = sound_of("time"), sound_of("prime")
    assert time
    assert rhyme
    assert (time.syllables, time.rhyme) == (1, rhyme.rhyme)
    summers = sound_of("summer's")
    assert summers
    assert summers.syllables == 2
    assert sound_of("xylqua") is None

"""Moods: measured on one medium, asked of another."""

import pytest

from engine.protocol import Medium, Mode, MusicBrief, PictureBrief, TextBrief
from studio.media.text.mood import mood_of
from studio.state.mood import Mood, measured
from tests.studio.sessions import RULES

PICTURES, TEXTS, MUSIC = (RULES[one] for one in (Medium.IMAGE, Medium.TEXT, Medium.AUDIO))
STORM = Mood(agitation=1.0, brightness=-1.0, warmth=-1.0)


def test_a_mood_is_the_distance_from_what_is_usual() -> None:
    gaps = {"lightness": -2.0, "warmth": 4.0, "redness": 4.0, "edges": 1.0, "mirrored": 9.0}
    assert PICTURES.mood_of(gaps, b"") == Mood(0.5, -1.0, 1.0)
    assert PICTURES.mood_of({}, b"") == Mood()
    slow = {"tempo": -2.0, "density": -2.0, "interval": -2.0, "minor": 2.0, "register": -2.0}
    assert MUSIC.mood_of(slow, b"") == Mood(-1.0, -1.0, 1.0)


def test_signs_and_shares_of_an_axis() -> None:
    by = {"agitation": {"a": 3.0, "b": -1.0}}
    assert measured({"a": 1.0, "b": 1.0}, by).agitation == 0.25
    assert measured({"b": -2.0}, by) == Mood(1.0, 0.0, 0.0)


def test_dials_turn_with_the_mood_from_where_they_stand() -> None:
    picture = PICTURES.in_mood(PictureBrief(light=0.2, width_px=640), STORM)
    assert isinstance(picture, PictureBrief)
    assert picture.light == -0.4
    assert picture.warmth == -0.6
    assert picture.contrast == 0.4
    assert picture.brush < 1
    assert picture.width_px == 640
    music = MUSIC.in_mood(MusicBrief(), STORM)
    assert isinstance(music, MusicBrief)
    assert music.pace > 1.3
    assert music.density > 1.3
    assert music.mode is Mode.MINOR
    assert music.lift == -3
    text = TEXTS.in_mood(TextBrief(), STORM)
    assert isinstance(text, TextBrief)
    assert text.line < 0.8


@pytest.mark.parametrize("medium", list(Medium))
def test_no_mood_changes_nothing_and_no_dial_leaves_its_range(medium: Medium) -> None:
    rules = RULES[medium]
    brief = rules.new_brief(7)
    assert rules.in_mood(brief, Mood()) == brief
    for sign in (-1.0, 1.0):
        full = Mood(sign, sign, sign)
        once = rules.in_mood(brief, full)
        for _ in range(5):
            once = rules.in_mood(once, full)
        for name in ("light", "warmth", "redness", "contrast", "vividness"):
            assert abs(getattr(once, name, 0.0)) <= 1
        for name in ("pace", "density", "brush", "line"):
            assert 0.5 <= getattr(once, name, 1.0) <= 2
        assert abs(getattr(once, "lift", 0)) <= 12


def test_a_key_that_was_asked_for_stays() -> None:
    music = MUSIC.in_mood(MusicBrief(key="D", mode=Mode.MAJOR), STORM)
    assert isinstance(music, MusicBrief)
    assert (music.key, music.mode, music.lift) == ("D", Mode.MAJOR, 0)


@pytest.mark.parametrize(
    ("text", "axis", "sign"),
    [
        ("Shall I compare thee to a summer's day? The golden sun is shining.", "brightness", 1),
        ("In the dark night the shadows weep upon the grave.", "brightness", -1),
        ("The fire on the hearth, the red rose burning.", "warmth", 1),
        ("Snow and ice, and the frozen winter wind.", "warmth", -1),
        ("Away! away! Who calls? Who calls — no more!", "agitation", 1),
        ("春日桃花紅，晴光照金閣。", "brightness", 1),
        ("寒雪夜深，孤月照冰江。", "warmth", -1),
        ("愁人夜不眠，暮雨黑云深。", "brightness", -1),
    ],
)
def test_words_tell_of_a_mood(text: str, axis: str, sign: int) -> None:
    value = getattr(mood_of(text), axis)
    assert value * sign > 0.2
    assert -1 <= value <= 1


def test_words_that_tell_of_none() -> None:
    assert mood_of("").brightness == 0
    assert mood_of("The table has four legs").warmth == 0

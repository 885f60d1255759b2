"""What a taste does to a brief."""

from dataclasses import replace

import numpy as np
import pytest

from engine.feedback.steering import DIALS, REACH, response, turned, wanted
from engine.feedback.taste import codes_of
from engine.media.briefs import check
from engine.messages import BRIEFS, Medium, Mode, MusicBrief

MEDIUM = {"image": Medium.IMAGE, "zh": Medium.TEXT, "en": Medium.TEXT, "audio": Medium.AUDIO}
KINDS = tuple(MEDIUM)


def liking(kind: str, code: str, strength: float) -> np.ndarray:
    weights = np.zeros(len(codes_of(kind)))
    weights[codes_of(kind).index(code)] = strength
    return weights


@pytest.mark.parametrize("kind", KINDS)
def test_every_dial_does_something_and_no_turn_breaks_a_limit(kind: str) -> None:
    assert response(kind).shape == (len(DIALS[kind]), len(codes_of(kind)))
    brief = BRIEFS[MEDIUM[kind]]()
    for place, dial in enumerate(DIALS[kind]):
        for away in (-9.0, 9.0):
            deviations = np.zeros(len(DIALS[kind]))
            deviations[place] = away
            found = turned(brief, kind, deviations)
            check(found)
            value = getattr(found, dial.name)
            assert value != getattr(brief, dial.name)
            assert replace(found, **{dial.name: getattr(brief, dial.name)}) == brief


@pytest.mark.parametrize(
    ("kind", "code", "dial"),
    [
        ("image", "warmth", "warmth"),
        ("image", "lightness", "light"),
        ("image", "contrast", "contrast"),
        ("audio", "register", "lift"),
        ("audio", "tempo", "pace"),
        ("audio", "density", "density"),
    ],
)
def test_a_liking_turns_the_dial_of_its_name(kind: str, code: str, dial: str) -> None:
    place = [each.name for each in DIALS[kind]].index(dial)
    more = wanted(liking(kind, code, 2.0), kind)
    assert more[place] > 0.5
    assert 0.5 < np.linalg.norm(response(kind).T @ more) <= REACH[kind] + 1e-9
    assert wanted(liking(kind, code, -2.0), kind) == pytest.approx(-more)


def test_minor_keys_are_liked_or_not() -> None:
    brief = MusicBrief()
    for strength, mode in ((2.0, Mode.MINOR), (-2.0, Mode.MAJOR)):
        deviations = wanted(liking("audio", "minor", strength), "audio")
        assert turned(brief, "audio", deviations).mode == mode


def test_what_no_dial_moves_turns_none() -> None:
    turns = wanted(liking("image", "weight_right", 3.0), "image")
    assert np.linalg.norm(response("image").T @ turns) < 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_no_liking_turns_nothing_and_a_weak_one_little(kind: str) -> None:
    nothing = np.zeros(len(codes_of(kind)))
    assert not wanted(nothing, kind).any()
    weak = liking(kind, codes_of(kind)[0], 0.02)
    assert np.linalg.norm(wanted(weak, kind)) < 0.2
    brief = BRIEFS[MEDIUM[kind]]()
    assert turned(brief, kind, np.zeros(len(DIALS[kind]))) == brief

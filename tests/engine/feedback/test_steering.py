"""What a taste does to a brief."""

from dataclasses import replace

import numpy as np
import pytest

from engine.feedback.steering import REACH, response, turned, wanted
from engine.feedback.taste import codes_of
from engine.media.briefs import check
from engine.protocol import BRIEFS, Medium, Mode, MusicBrief
from engine.registry import installed

MEDIUM = {"image": Medium.IMAGE, "zh": Medium.TEXT, "en": Medium.TEXT, "audio": Medium.AUDIO}
DOMAINS = tuple(MEDIUM)
DIALS = {domain: tuple(installed().medium(m).dials(domain)) for domain, m in MEDIUM.items()}


def moves(domain: str) -> np.ndarray:
    return response(domain, tuple(dial.name for dial in DIALS[domain]))


def liking(domain: str, code: str, strength: float) -> np.ndarray:
    weights = np.zeros(len(codes_of(domain)))
    weights[codes_of(domain).index(code)] = strength
    return weights


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_dial_does_something_and_no_turn_breaks_a_limit(domain: str) -> None:
    assert moves(domain).shape == (len(DIALS[domain]), len(codes_of(domain)))
    brief = BRIEFS[MEDIUM[domain]]()
    for place, dial in enumerate(DIALS[domain]):
        for away in (-9.0, 9.0):
            deviations = np.zeros(len(DIALS[domain]))
            deviations[place] = away
            found = turned(brief, DIALS[domain], deviations)
            check(found)
            value = getattr(found, dial.name)
            assert value != getattr(brief, dial.name)
            assert replace(found, **{dial.name: getattr(brief, dial.name)}) == brief


@pytest.mark.parametrize(
    ("domain", "code", "dial"),
    [
        ("image", "warmth", "warmth"),
        ("image", "lightness", "light"),
        ("image", "contrast", "contrast"),
        ("audio", "register", "lift"),
        ("audio", "tempo", "pace"),
        ("audio", "density", "density"),
    ],
)
def test_a_liking_turns_the_dial_of_its_name(domain: str, code: str, dial: str) -> None:
    place = [each.name for each in DIALS[domain]].index(dial)
    more = wanted(liking(domain, code, 2.0), domain, DIALS[domain])
    assert more[place] > 0.5
    assert 0.5 < np.linalg.norm(moves(domain).T @ more) <= REACH[domain] + 1e-9
    assert wanted(liking(domain, code, -2.0), domain, DIALS[domain]) == pytest.approx(-more)


def test_minor_keys_are_liked_or_not() -> None:
    brief = MusicBrief()
    for strength, mode in ((2.0, Mode.MINOR), (-2.0, Mode.MAJOR)):
        deviations = wanted(liking("audio", "minor", strength), "audio", DIALS["audio"])
        assert turned(brief, DIALS["audio"], deviations).mode == mode


def test_what_no_dial_moves_turns_none() -> None:
    turns = wanted(liking("image", "weight_right", 3.0), "image", DIALS["image"])
    assert np.linalg.norm(moves("image").T @ turns) < 0.2


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_liking_turns_nothing_and_a_weak_one_little(domain: str) -> None:
    nothing = np.zeros(len(codes_of(domain)))
    assert not wanted(nothing, domain, DIALS[domain]).any()
    weak = liking(domain, codes_of(domain)[0], 0.02)
    assert np.linalg.norm(wanted(weak, domain, DIALS[domain])) < 0.2
    brief = BRIEFS[MEDIUM[domain]]()
    assert turned(brief, DIALS[domain], np.zeros(len(DIALS[domain]))) == brief

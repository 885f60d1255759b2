"""Works that go on from a score: no beat is left empty between the two."""

import numpy as np
import pytest

from engine.media.audio.codec.abc import read_book
from engine.media.audio.codec.score import Score
from engine.media.audio.generators.score.opening import Gap, Opening
from engine.media.audio.generators.score.plans import PieceProfile, profile_of, wish_of
from engine.media.audio.generators.score.rule import PartRange, PieceConstraints, Rule
from engine.media.audio.score_tokens import IDS, encode
from engine.media.audio.theory.grid import quantise
from engine.protocol import MusicBrief

UPBEAT = (
    "X:1\nM:4/4\nL:1/4\nK:C\nG|c d e c|d e f d|e f g e|f d B c|e c d B|c e g e|d f B d|{end}|\n"
)


def tune(end: str) -> Score:
    return read_book(UPBEAT.format(end=end).encode(), "a.abc").scores[0]


@pytest.mark.parametrize(
    ("end", "leads"), [("c3", True), ("c z3", True), ("c4", False), ("c2 z c", False)]
)
def test_an_upbeat_leads_on_where_the_last_bar_has_room(end: str, leads: bool) -> None:
    opening = Opening.of(tune(end))
    plan = opening.continued(wish_of([_profile(end)], [1.0], MusicBrief(length=8), 1)).plan
    assert plan.lead == ((opening.given_bars - 1, 72) if leads else None)
    filling = Opening.of(tune(end), Gap(3, 4))
    spec = filling.continued(wish_of([_profile(end)], [1.0], MusicBrief(), 1))
    assert spec.plan.lead is None


def test_what_goes_on_has_no_bar_that_holds_an_upbeat_alone() -> None:
    brief, profiles = MusicBrief(length=8), [_profile("c3")]
    alone, begun = (wish_of(profiles, [1.0], brief, 1, begun=flag) for flag in (False, True))
    assert alone.form[0].filled < 0.5 < begun.form[0].filled
    assert len(alone.form) == len(begun.form) == 8


def test_the_bar_line_waits_for_the_upbeat() -> None:
    rule = Rule(PieceConstraints(3, (4, 4), (PartRange(),), lead=(0, 72)))
    rule.push(IDS["left", 2])
    rule.push(IDS["metre", (4, 4)])
    allowed = rule.allowed()
    assert not allowed[IDS["position", 48]] and allowed[IDS["position", 72]]
    for token in (IDS["position", 72], IDS["pitch", 60], IDS["duration", 24]):
        assert not rule.allowed()[IDS["left", 1]]
        rule.push(token)
    assert rule.allowed()[IDS["left", 1]]


def test_the_upbeat_is_joined_to_the_score() -> None:
    given = tune("c3")
    opening = Opening.of(given)
    assert opening.heard is not None
    bars = opening.heard.bars()
    notes = opening.heard.notes
    more = notes[-1:].copy()
    more["onset"], more["duration"] = bars[-1].tick + 3 * 480, 480
    end = bars[-1].tick + bars[-1].bar_ticks
    behind = more.copy()
    behind["onset"] = end
    written = Score(np.concatenate([notes, more, behind]), opening.heard.metres, opening.heard.keys)
    joined = opening.joined(written)
    ends = given.bars()[-1].tick + given.bars()[-1].bar_ticks
    assert joined.notes["onset"].tolist()[-2:] == [ends - 480, ends]
    assert len(joined) == len(given) + 2


def _profile(end: str) -> PieceProfile:
    return profile_of(encode(quantise(tune(end))).tolist())

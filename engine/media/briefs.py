"""The media's declarations of their briefs, in one list. Imports nothing heavy."""

from typing import Any

from engine.core.brief_rules import BriefRules
from engine.media.audio.brief import RULES as MUSIC
from engine.media.image.brief import RULES as PICTURES
from engine.media.text.brief import RULES as TEXTS
from engine.protocol import Brief, Medium

RULES: dict[Medium, BriefRules[Any]] = {
    Medium.IMAGE: PICTURES,
    Medium.TEXT: TEXTS,
    Medium.AUDIO: MUSIC,
}

SOURCES = tuple(  # the fields of all briefs that may name files
    dict.fromkeys(each.name for rules in RULES.values() for each in rules.options if each.source)
)


def check(brief: Brief) -> None:
    """Raises BadInput for a brief that cannot be met."""
    RULES[brief.medium].check(brief)


def sources(brief: Brief) -> dict[str, str]:
    """The files that a brief's works are made from: paths by the name of the field."""
    return RULES[brief.medium].sources(brief)

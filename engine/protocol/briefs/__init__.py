"""What is asked for: one brief for each medium, told apart in JSON by `medium`.

Imports nothing heavy, so that the window can import it (through `engine.protocol`).
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from engine.protocol.briefs.music import MusicBrief
from engine.protocol.briefs.picture import PictureBrief
from engine.protocol.briefs.shared import Medium
from engine.protocol.briefs.text import TextBrief

Brief = PictureBrief | TextBrief | MusicBrief
BriefT = TypeVar("BriefT", bound=Brief)
BRIEFS: dict[Medium, type[Brief]] = {
    Medium.TEXT: TextBrief,
    Medium.IMAGE: PictureBrief,
    Medium.AUDIO: MusicBrief,
}


def brief_class(fields: Mapping[str, Any]) -> type[Brief]:
    """The class that a brief's JSON object names; pictures where it names none, as the oldest
    briefs did. Raises ValueError for a medium that there is none of."""
    return BRIEFS[Medium(fields.get("medium", Medium.IMAGE))]


def brief_from_json(value: object) -> Brief:
    """The brief in a JSON object. Fields that are none of its medium's are passed over: until
    protocol 7 one brief had those of all media. Raises ValueError for anything else."""
    if not isinstance(value, Mapping):
        raise ValueError("a brief is a JSON object")
    fields = msgspec.convert(value, dict[str, object])
    return msgspec.convert(fields, brief_class(fields))

"""What the briefs of all media have in common."""

from dataclasses import dataclass
from enum import StrEnum

MAX_REFERENCES = 10
MAX_COUNT, MAX_CANDIDATES = 16, 8
MAX_SEED = 2**31 - 1


class Medium(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedBrief:
    """The fields that every medium has.

    Work i of a batch has seed `seed + i`, and is the same when it is made alone. strength: 0 … 2;
    what it means is the medium's own. follow: 0 … 1, how far what ratings have taught is followed;
    candidates: so many works are then made for each that is shown, 0 is the usual number, 1 is no
    choice and the brief as it stands.
    """

    count: int = 4
    seed: int = 0
    strength: float = 1.0
    follow: float = 1.0
    candidates: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBrief(SharedBrief):
    """The fields of what is written token by token, words or notes.

    temperature: 0.1 … 2, how daring the choice is. top_p: only the likeliest tokens of that share.
    strength: 0 is the voice of nobody, 1 as the references, up to 2 their manner exaggerated.
    """

    temperature: float = 0.9
    top_p: float = 0.95

"""What the engine and its decoding child say to each other. See `wire`."""

from dataclasses import dataclass, field

import msgspec

Option = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Call:
    """Decode `data`, the bytes of the file `name`, by `function`: "module:name".

    seconds: how much processor time it may take."""

    function: str
    data: bytes
    name: str
    seconds: float
    options: dict[str, Option] = field(default_factory=dict[str, Option])


class Ready(msgspec.Struct, tag=True, frozen=True):
    """The child's first words."""


class Returned(msgspec.Struct, tag=True, frozen=True):
    """The decoder is done: its value follows in a frame of its own."""


class Refused(msgspec.Struct, tag=True, frozen=True):
    """It raised BadInput."""

    code: str
    details: dict[str, str | int | float]


class TooLarge(msgspec.Struct, tag=True, frozen=True):
    """Its memory was not enough."""


class Failed(msgspec.Struct, tag=True, frozen=True):
    """It raised something else. trace: for the log."""

    reason: str
    trace: str


Reply = Ready | Returned | Refused | TooLarge | Failed

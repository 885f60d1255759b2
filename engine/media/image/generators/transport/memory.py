"""How much is computed at once, and what happens when an allocation fails.

First fewer pictures together, down to one; then the work on one picture is cut into parts: some
filters at a time in transport, some rows at a time in a stroke. Works stay the same, only slower.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch

from engine.protocol import MAX_COUNT

Result = TypeVar("Result")

MOST_PARTS = 64
_SAID = "allocate memory"  # by torch's CPU allocator, in a plain RuntimeError
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Memory:
    """pictures: at most so many together. parts: of one picture's work, each by itself."""

    pictures: int = MAX_COUNT
    parts: int = 1
    scarce: bool = False

    def attempt(self, act: Callable[[], Result], together: int = 1) -> Result | None:
        """What `act` returns; None where it ran out of memory, after asking for less. `together`:
        the pictures that it took. Raises what `act` raises once there is nothing left to cut."""
        try:
            return act()
        except (MemoryError, RuntimeError) as error:
            if not is_shortage(error) or (together == 1 and self.parts >= MOST_PARTS):
                raise
        if together > 1:
            self.pictures = together // 2
        else:
            self.parts *= 2
        log.warning("memory is short: %d together, in %d parts", self.pictures, self.parts)
        self.scarce = True
        return None


def is_shortage(error: Exception) -> bool:
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or _SAID in str(error)

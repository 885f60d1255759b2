"""A limit for work that must not grow without bounds with its input."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

LIMIT_CPU_S = 20.0  # a reader in linear time needs a hundredth; a backtracking one, minutes


@contextmanager
def no_blowup() -> Iterator[None]:
    """The block takes a moment of this process's own processor time, however busy the machine is.

    Not a measure of speed: that is the benches' matter."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < LIMIT_CPU_S

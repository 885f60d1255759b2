"""What a long bench says meanwhile, on standard error."""

import sys
import time


class Told:
    """Progress: a line with the minutes so far."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def __call__(self, what: str) -> None:
        minutes = (time.monotonic() - self._begun) / 60
        sys.stderr.write(f"{minutes:5.1f} min  {what}\n")
        sys.stderr.flush()

"""How long making takes on this machine, learned from the jobs that were done."""

import json
from contextlib import suppress
from pathlib import Path

from studio.state import json_file

_VERSION = 1
_NEW_SHARE = 0.4  # of the newest job in the running mean


class Timings:
    """Seconds for a unit of effort, by key (a device and a kind of works); in a small file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rates: dict[str, float] = {}
        try:
            stored = json.loads(path.read_text("utf-8"))
            if stored["version"] == _VERSION:
                self._rates = {str(name): float(rate) for name, rate in stored["rates"].items()}
        except (OSError, *json_file.NOT_UNDERSTOOD):
            pass  # an estimate that is lost is learned again with the next job

    def estimate_s(self, key: str, effort: float, alike: str = "") -> float | None:
        """Seconds; None until something was made of this key, or of one with `alike` in it."""
        rate = self._rates.get(key)
        if rate is None:
            near = [each for name, each in self._rates.items() if alike and alike in name]
            rate = sum(near) / len(near) if near else None
        return None if rate is None else rate * effort

    def learn(self, key: str, effort: float, seconds: float) -> None:
        new = seconds / effort
        old = self._rates.get(key, new)
        self._rates[key] = old + _NEW_SHARE * (new - old)
        with suppress(OSError):  # the estimate still holds until the window closes
            json_file.save(self._path, {"version": _VERSION, "rates": self._rates})

"""How long making takes on this machine, learned from the jobs that were done."""

import json
from pathlib import Path

from engine.messages import Brief, MusicBrief, TextBrief, Use
from studio import music

_VERSION = 1
_NEW_SHARE = 0.4  # of the newest job in the running mean


class Timings:
    """Seconds per million pixels, text, or second of music, by device; in a small file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rates: dict[str, float] = {}
        try:
            stored = json.loads(path.read_text("utf-8"))
            if stored["version"] == _VERSION:
                self._rates = {str(name): float(rate) for name, rate in stored["rates"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass  # an estimate that is lost is learned again with the next job

    def estimate_s(self, device: str, brief: Brief, taught: bool = False) -> float | None:
        """None until something was made on this device, and so.

        taught: ratings are followed, which takes longer, as more works are made than shown.
        """
        rate = self._rates.get(_kind(device, brief, taught))
        return None if rate is None else rate * _effort(brief)

    def learn(self, device: str, brief: Brief, seconds: float, taught: bool = False) -> None:
        kind, new = _kind(device, brief, taught), seconds / _effort(brief)
        old = self._rates.get(kind, new)
        self._rates[kind] = old + _NEW_SHARE * (new - old)
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps({"version": _VERSION, "rates": self._rates}), "utf-8")
            part.replace(self._path)
        except OSError:
            pass  # the estimate still holds until the window closes


def _kind(device: str, brief: Brief, taught: bool) -> str:
    """Composing has the device's bare name, as it had when there was nothing else."""
    device = f"{device}, taught:" if taught else device
    if isinstance(brief, TextBrief):
        return f"{device} texts of {brief.form}"
    if isinstance(brief, MusicBrief):
        return f"{device} {brief.form or 'music'}"
    return device if brief.use is Use.COMPOSE else f"{device} to {brief.use}"


def _effort(brief: Brief) -> float:
    if isinstance(brief, TextBrief):
        return brief.count
    if isinstance(brief, MusicBrief):
        return brief.count * music.expected_s(brief)
    return brief.count * brief.width_px * brief.height_px / 1e6

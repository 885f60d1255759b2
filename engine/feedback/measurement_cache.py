"""Works as a taste needs them, measured once in the life of a process.

After one more rating all works are asked about again: a file that has not changed since (path,
size, time of change) is not even read, one with the same bytes not measured anew.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from engine.core.files import sha256
from engine.core.input_files import read_bytes
from engine.interfaces import LoadedWork, Measured, Medium
from engine.protocol import Mark

MOST = 20_000  # works and parts that are remembered, some 2 kB each


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredFile:
    """measured: without a likeness, which no taste needs. events: see `EventModel`."""

    domain: str
    measured: Measured
    events: np.ndarray


class MeasurementCache:
    """The MOST works and parts that were last asked for."""

    def __init__(self) -> None:
        self._digests: dict[tuple[str, int, int], str] = {}
        self._known: OrderedDict[tuple[str, ...], MeasuredFile] = OrderedDict()

    def work(self, path: str, medium: Medium, device: torch.device) -> MeasuredFile:
        """Raises BadInput for a file that is gone or cannot be measured."""
        key = (medium.id, self._digest(path, medium))
        return self._kept(key, lambda: _measured(medium.load(path, device), medium, device))

    def part(self, mark: Mark, medium: Medium, device: torch.device) -> MeasuredFile:
        """Raises BadInput for a mark outside its work, too."""
        place = repr((mark.start, mark.end, mark.box))
        key = (medium.id, self._digest(mark.path, medium), place)
        return self._kept(
            key, lambda: _measured(medium.cut(medium.load(mark.path, device), mark), medium, device)
        )

    def holds(self, path: str, medium: Medium) -> bool:
        """Whether a work would not have to be measured. Raises BadInput where it is gone."""
        return (medium.id, self._digest(path, medium)) in self._known

    def _kept(self, key: tuple[str, ...], measure: Callable[[], MeasuredFile]) -> MeasuredFile:
        if key not in self._known:
            self._known[key] = measure()
        self._known.move_to_end(key)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return self._known[key]

    def _digest(self, path: str, medium: Medium) -> str:
        """Of the file, and of the sidecar beside it, which may hold its notes."""
        most = medium.max_bytes
        files = [file for file in (Path(path), Path(path).with_suffix(".json")) if file.is_file()]
        if not files or files[0] != Path(path):
            read_bytes(Path(path), most)  # says that it is missing
        return " ".join(self._of_file(file, most) for file in files)

    def _of_file(self, file: Path, most: int) -> str:
        about = file.stat()
        key = (str(file), about.st_size, about.st_mtime_ns)
        if key not in self._digests:
            if len(self._digests) > 2 * MOST:
                self._digests.clear()
            self._digests[key] = sha256(read_bytes(file, most))
        return self._digests[key]


@cache
def measurements() -> MeasurementCache:
    """That of this process."""
    return MeasurementCache()


def _measured(work: LoadedWork, medium: Medium, device: torch.device) -> MeasuredFile:
    measured = medium.judge(work.domain, device).measure(work).measured
    events = medium.event_model(work.domain, device).events(work.content)
    return MeasuredFile(work.domain, replace(measured, likeness=np.zeros(0)), events)

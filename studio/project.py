"""The .maquette document. (signatures; body follows)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.messages import Brief
from studio.errors import MaquetteError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    id: int
    name: str
    digest: str
    weight: float
    position: int
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleRow:
    id: int
    digest: str
    lineage: dict[str, Any]
    created: datetime
    reference_weights: dict[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    id: int
    digest: str
    style_id: int
    seed: int
    width_px: int
    height_px: int
    created: datetime
    kept: bool
    hidden: bool
    rating: int  # 0 unrated, else 1..5


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRow:
    id: int
    work_id: int
    value: int
    created: datetime


class Project:
    """Thread-safe; every method is one transaction. Raises ProjectError subclasses (MaquetteError)."""

    notice: MaquetteError | None  # e.g. an older untitled file that could not be read

    @classmethod
    def create(cls, path: Path) -> "Project": ...
    @classmethod
    def open(cls, path: Path) -> "Project": ...
    @classmethod
    def untitled(cls, folder: Path) -> "Project": ...
    @classmethod
    def fresh(cls, folder: Path) -> "Project":
        """A new empty "Untitled 2.maquette" and so on: for the command "New"."""
        ...

    @property
    def path(self) -> Path: ...
    @property
    def name(self) -> str: ...
    @property
    def is_untitled(self) -> bool: ...
    def close(self) -> None: ...
    def save_as(self, path: Path) -> "Project": ...

    def add_reference(self, name: str, data: bytes, weight: float = 1.0) -> ReferenceRow: ...
    def find_reference(self, data: bytes) -> ReferenceRow | None: ...
    def references(self) -> tuple[ReferenceRow, ...]: ...
    def reference(self, reference_id: int) -> ReferenceRow: ...
    def set_weight(self, reference_id: int, weight: float) -> None: ...
    def remove_reference(self, reference_id: int) -> None: ...
    def restore_reference(self, reference_id: int) -> None: ...

    def add_style(
        self, data: bytes, lineage: Mapping[str, Any], reference_weights: Mapping[int, float]
    ) -> StyleRow: ...
    def style(self, style_id: int) -> StyleRow: ...
    def latest_style(self) -> StyleRow | None: ...

    def add_work(
        self,
        data: bytes,
        sidecar: Mapping[str, Any],
        *,
        style_id: int,
        seed: int,
        width_px: int,
        height_px: int,
    ) -> WorkRow: ...
    def works(
        self, min_rating: int = 0, kept_only: bool = False, include_hidden: bool = False
    ) -> tuple[WorkRow, ...]: ...
    def work(self, work_id: int) -> WorkRow: ...
    def sidecar(self, work_id: int) -> dict[str, Any]: ...
    def rate(self, work_id: int, value: int) -> None: ...
    def rating_log(self) -> tuple[RatingRow, ...]: ...
    def set_kept(self, work_id: int, kept: bool) -> None: ...
    def set_hidden(self, work_id: int, hidden: bool) -> None: ...

    def blob(self, digest: str) -> bytes: ...
    def save_brief(self, brief: Brief) -> None: ...
    def brief(self) -> Brief | None: ...

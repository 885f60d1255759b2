"""What the rest of the studio must know of a medium, without a widget.

A medium has `MediumRules`, which hold for every project, and in every session one
`MediumController`, which serves the open project. `studio.media.registry` lists them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QImage, QPainter

from engine.protocol import BRIEFS, Brief, BriefT, FileKind, GeneratorInfo, Medium, suffixes_of
from studio.i18n import t
from studio.project.project import Project
from studio.project.rows import NewReference, WorkRow
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.feedback import Feedback
from studio.state.history import History
from studio.state.mood import Mood, measured


class PastedPicture(NamedTuple):
    """A picture of the clipboard, or dragged out of a browser, as its file: nothing is decoded."""

    data: bytes
    suffix: str


class MediumController(QObject):
    """What one medium needs in a session: caches, players, what a brief starts from."""

    content_ready = Signal(str)  # digest: the whole of it can be shown now
    preview_ready = Signal(str)  # digest: its small form can be shown now
    begun = Signal()  # the brief starts from something else: show it

    def attach(self, project: Project) -> None:
        """Serve this project from now on."""

    def restore(self, project: Project, history: History) -> int | None:
        """Take up what an ended studio left unfinished. Returns the work to look at, if any."""

    def enter(self) -> None:
        """The artist works on this medium now."""

    def leave(self) -> None:
        """The artist works on another medium now, or in another project."""

    def first_came(self) -> None:
        """The first references of this medium are in the project: they may say how its works are
        asked for."""

    def can_export(self, wanted: ExportFormat, works: Sequence[WorkRow]) -> bool:
        """Whether any of these works can be written so; `wanted` is a format of the medium."""
        return True

    def close(self) -> None:
        """The session ends; no thread or process may be left."""


Pasted = QImage | PastedPicture | str


class MediumRules:
    """The files and briefs of one medium. Subclasses say what differs from these defaults."""

    medium: Medium
    files: tuple[FileKind, ...]  # those that can be references
    blob_fields: tuple[str, ...] = ()  # of a brief: digests in the studio, paths for the engine
    shown_as: str  # on pages: "picture", "words" or "sound"
    export_formats: tuple[ExportFormat, ...]
    mood_features: Mapping[str, Mapping[str, float]] = {}  # see `mood.measured`
    tries_moods = 1  # works that are made so that the one nearest to a mood can be taken
    sends_references_with_ratings = False  # when a taste is applied before anything is rated

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of files that can be references, in lower case."""
        return suffixes_of(self.files)

    # ---- files ---------------------------------------------------------------------------------

    def claims(self, source: Pasted) -> bool:
        """Whether something pasted is of this medium. Of several that claim it, the last counts."""
        return False

    def pasted(self, source: Pasted, number: int) -> NewReference:
        """A reference out of what was pasted; `number` counts those without a name."""
        raise NotImplementedError

    def file_suffix(self, data: bytes) -> str:
        """As the engine's readers expect the name of a file with these bytes to end."""
        raise NotImplementedError

    def encode(self, data: bytes, options: ExportOptions) -> bytes:
        """A work as it is written into a file. Raises ExportError."""
        raise NotImplementedError

    def carried(
        self, data: bytes, about: Mapping[str, Any], as_sound: bool
    ) -> tuple[ExportFormat, bytes]:
        """The file that a work is where it is dragged or copied to. about: its sidecar; as_sound:
        music, as it sounds rather than as notes."""
        raise NotImplementedError

    def title(self, data: bytes) -> str:
        """What a work calls itself; "" in media whose works have no words."""
        return ""

    def draw(self, painter: QPainter, box: QRectF, data: bytes, about: Mapping[str, Any]) -> None:
        """A work dark on white paper, as large as `box` allows. Slow, and on any thread.

        about: its sidecar."""
        raise NotImplementedError

    def samples(self) -> list[Path]:
        """Shipped references of one artist; empty where none are shipped."""
        raise NotImplementedError

    # ---- briefs --------------------------------------------------------------------------------

    def new_brief(self, seed: int) -> Brief:
        """What is asked for before the artist has wished for anything."""
        return BRIEFS[self.medium](seed=seed)

    def glimpse(self, seed: int) -> Brief:
        """What shows a style at a glance: one small work, quickly made."""
        return replace(BRIEFS[self.medium](seed=seed), count=1, candidates=1)

    def trimmed(self, brief: Any) -> Brief:
        """Without wishes that have no place in it: the panel does not show them."""
        return brief

    def without_missing(self, brief: Any) -> Brief:
        """Without what needs a file that the brief does not have."""
        return brief

    def words_of(self, brief: Any) -> str:
        """What a brief asks for, as short as it can be told from others."""
        raise NotImplementedError

    def served(self, brief: Any, generator: GeneratorInfo) -> Any:
        """Without wishes that the generator does not serve: the panel does not show them."""
        return without_unserved(brief, generator)

    def serves_action(self, generator: GeneratorInfo, name: str) -> bool:
        """Whether the generator makes what this action of the window asks for."""
        return True

    def lacking(self, brief: Any) -> str:
        """What must be there before anything can be made: the name of it, or nothing."""
        return ""

    def timing_key(self, brief: Any) -> str:
        """What of a brief decides how fast works are made."""
        return ""

    def effort(self, brief: Any) -> float:
        """How much is asked for, in units that take equally long."""
        return float(brief.count)

    # ---- moods ---------------------------------------------------------------------------------

    def mood_of(self, gaps: Mapping[str, float], data: bytes) -> Mood:
        """Of a work. gaps: of the critic's features, in deviations from the references."""
        return measured(gaps, self.mood_features)

    def in_mood(self, brief: Any, mood: Mood) -> Brief:
        """The brief with its dials turned by a mood, from where they stand."""
        return brief

    # ---- feedback ------------------------------------------------------------------------------

    def feature_space(self, project: Project, feedback: Feedback) -> str:
        """Of what works the engine's features are: tastes are compared within it alone."""
        return self.medium.value

    def language(self, feature_space: str) -> str:
        """The language that a request to learn names."""
        return ""


def without_unserved(brief: BriefT, generator: GeneratorInfo) -> BriefT:
    """Fields that the generator does not serve, at their defaults."""
    usual = type(brief)()
    names = {each.name for each in fields(brief) if each.init} - set(generator.fields)
    return replace(brief, **{name: getattr(usual, name) for name in names})


def told(brief: Brief, parts: Sequence[str], named: Collection[str]) -> str:
    """A line of what is asked for. parts: in words, "" of what is not; named: the fields that these
    speak of. Of all else that was wished for only how much it is."""
    usual, silent = type(brief)(), {"seed", "count", "candidates", *named}
    rest = [each.name for each in fields(brief) if each.init and each.name not in silent]
    more = sum(getattr(brief, name) != getattr(usual, name) for name in rest)
    said = (*parts, t("asked.more", n=more) if more else "")
    return " · ".join(part for part in said if part)


Media = Mapping[Medium, MediumRules]  # in the order of the window


def by_medium(rules: Sequence[MediumRules]) -> Media:
    return {each.medium: each for each in rules}

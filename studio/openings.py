"""What music goes on from, and whose sound it has: out of a file or a reference, into the brief.

The bytes are in the project before the brief speaks of them. A SoundFont stays where it is: it may
be larger than everything else together.
"""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.messages import MIB, MUSIC_FILES, Medium, MusicBrief, max_bytes
from studio import music, problems
from studio.document import digest
from studio.names import title
from studio.problems import Problem
from studio.project import Project
from studio.worktable import Worktable


class Openings(QObject):
    """The verbs around the brief's opening and sound. What is refused stands in `problem`."""

    problem_changed = Signal()

    def __init__(self, table: Worktable) -> None:
        super().__init__(table)
        self._table = table
        self._rounds = {"content": 0, "sound": 0}  # of two files the one asked for last counts
        self.problem: Problem | None = None

    @property
    def brief(self) -> MusicBrief:
        brief = self._table.briefs.of(Medium.AUDIO)
        assert isinstance(brief, MusicBrief)
        return brief

    def name_of(self, what: str) -> str:
        """What the artist knows it by: a file's name, or a reference's."""
        if not music.is_digest(what):
            return title(Path(what).name)
        references = self._table.project.references(Medium.AUDIO)
        named = next((one.name for one in references if one.digest == what), "")
        return title(named or self._table.project.name_of(what))

    # ---- verbs ---------------------------------------------------------------------------------

    def take_opening(self, file: Path) -> None:
        if music.is_score(file.name):
            self._take(file, "content")
        else:
            self.tell(Problem("opening.not_a_score", {"name": file.name}))

    def take_sound(self, file: Path) -> None:
        """A recording is kept in the project, a SoundFont named by its place."""
        if music.is_soundfont(file.name):
            self._set("sound", str(file.resolve()))
        elif music.is_recording(file.name):
            self._take(file, "sound")
        else:
            self.tell(Problem("sound.not_a_sound", {"name": file.name}))

    def use_reference(self, reference_id: int, field: str) -> None:
        """A reference as the `field` "content" or "sound"."""
        self._set(field, self._table.project.reference(reference_id).digest)

    def play_as(self, instrument: str) -> None:
        """A built-in instrument; "" is the references' own sound."""
        self._set("sound", instrument)

    def clear(self) -> None:
        self._set("content", "")

    def tell(self, problem: Problem | None) -> None:
        self.problem = problem
        self.problem_changed.emit()

    def _set(self, field: str, value: str) -> None:
        self._rounds[field] += 1
        self.tell(None)
        self._table.set_brief(replace(self.brief, **{field: value}))

    def _take(self, file: Path, field: str) -> None:
        self._rounds[field] += 1
        this_round, project = self._rounds[field], self._table.project

        def taken(answer: str | Problem) -> None:
            if project is not self._table.project or this_round != self._rounds[field]:
                return
            if isinstance(answer, Problem):
                self.tell(answer)
            else:
                self._set(field, answer)

        self._table.background.run(
            lambda: taken_in(project, file), taken, lambda error: taken(problems.of_error(error))
        )


def taken_in(project: Project, file: Path) -> str | Problem:
    """Keep a file's bytes and its name. Slow: call it off the window's thread."""
    name = {"name": file.name}
    try:
        size, limit = file.stat().st_size, max_bytes(MUSIC_FILES, file.name)
        if size > limit:
            sizes = {"mb": -(-size // MIB), "limit": limit // MIB}
            return Problem("tray.too_large", name | sizes)
        data = file.read_bytes()
    except OSError:
        return Problem("tray.unreadable", name)
    if not music.suffix_of(data):
        return Problem("opening.damaged", name)
    project.put(data)
    project.save_name(digest(data), file.name)
    return digest(data)

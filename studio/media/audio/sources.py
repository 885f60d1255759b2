"""What music goes on from, and whose sound it has: out of a file or a reference, into the brief.

The bytes are in the project before the brief speaks of them. A SoundFont stays where it is: it may
be larger than everything else together.
"""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.protocol import Medium, MusicBrief, MusicUse
from studio.media.audio import files, music
from studio.project.document import digest
from studio.project.project import Project
from studio.state import problems
from studio.state.digests import is_digest
from studio.state.intake import read_file
from studio.state.medium import MediumRules
from studio.state.problems import Problem
from studio.state.titles import title
from studio.state.workspace import Workspace


class MusicSources(QObject):
    """The verbs around the brief's opening and sound. What is refused stands in `problem`."""

    problem_changed = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._rounds = {"content": 0, "sound": 0}  # of two files the one asked for last counts
        self.problem: Problem | None = None

    @property
    def brief(self) -> MusicBrief:
        return self._workspace.briefs.of(Medium.AUDIO)

    def name_of(self, what: str) -> str:
        """What the artist knows it by: a file's name, or a reference's."""
        if not is_digest(what):
            return title(Path(what).name)
        references = self._workspace.project.references.all(Medium.AUDIO)
        named = next((one.name for one in references if one.digest == what), "")
        return title(named or self._workspace.project.working_state.name_of(what))

    # ---- verbs ---------------------------------------------------------------------------------

    def take_opening(self, file: Path) -> None:
        if files.is_score(file.name):
            self._take(file, "content")
        else:
            self.set_problem(Problem("opening.not_a_score", {"name": file.name}))

    def take_sound(self, file: Path) -> None:
        """A recording is kept in the project, a SoundFont named by its place."""
        if files.is_soundfont(file.name):
            self._set("sound", str(file.resolve()))
        elif files.is_recording(file.name):
            self._take(file, "sound")
        else:
            self.set_problem(Problem("sound.not_a_sound", {"name": file.name}))

    def use_reference(self, reference_id: int, field: str) -> None:
        """A reference as the `field` "content" or "sound"."""
        self._set(field, self._workspace.project.references.get(reference_id).digest)

    def use_notes(self, midi: bytes, name: str, use: MusicUse) -> None:
        """The notes of a work, kept in the project and called as it is, for a use."""
        project, content = self._workspace.project, digest(midi)
        project.put(midi)
        project.working_state.save_name(content, name)
        self._set("content", content)
        self._workspace.set_brief(replace(self.brief, **music.started(self.brief, use)))

    def play_as(self, instrument: str) -> None:
        """A built-in instrument; "" is the references' own sound."""
        self._set("sound", instrument)

    def clear(self) -> None:
        """Compose freely again."""
        self._rounds["content"] += 1
        self.set_problem(None)
        free = {"content": "", "score_use": MusicUse.EXTEND, "first_bar": 0, "last_bar": 0}
        self._workspace.set_brief(replace(self.brief, **free))

    def set_problem(self, problem: Problem | None) -> None:
        self.problem = problem
        self.problem_changed.emit()

    def _set(self, field: str, value: str) -> None:
        self._rounds[field] += 1
        self.set_problem(None)
        self._workspace.set_brief(replace(self.brief, **{field: value}))

    def _take(self, file: Path, field: str) -> None:
        self._rounds[field] += 1
        this_round, project = self._rounds[field], self._workspace.project

        def taken(answer: str | Problem) -> None:
            if project is not self._workspace.project or this_round != self._rounds[field]:
                return
            if isinstance(answer, Problem):
                self.set_problem(answer)
            else:
                self._set(field, answer)

        rules = self._workspace.media[Medium.AUDIO]
        self._workspace.background.run(
            lambda: taken_in(project, rules, file),
            taken,
            lambda error: taken(problems.of_error(error)),
        )


def taken_in(project: Project, rules: MediumRules, file: Path) -> str | Problem:
    """Keep a file's bytes and its name. Slow: call it off the window's thread."""
    data = read_file(file, rules)
    if isinstance(data, Problem):
        return data
    if not files.suffix_of(data):
        return Problem("opening.damaged", {"name": file.name})
    project.put(data)
    project.working_state.save_name(digest(data), file.name)
    return digest(data)

"""Works that leave by the hand: dragged into another program, or copied.

Their files stay where other programs may refer to them: a sequencer keeps the path of a sound.
"""

from collections.abc import Sequence
from pathlib import Path

from studio.project.rows import WorkRow
from studio.state.export import write
from studio.state.export_format import ExportFormat
from studio.state.export_names import file_stem
from studio.state.settings import ExportChoice, SettingsStore, data_folder
from studio.state.workspace import Workspace


def carried_folder() -> Path:
    """Where files of works that were dragged or copied stand."""
    return data_folder() / "Carried"


class Carrying:
    """Files and words of works. Its methods read the project, and may run on any thread."""

    def __init__(self, workspace: Workspace, settings: SettingsStore) -> None:
        self._workspace, self._settings = workspace, settings

    def file(self, work_id: int) -> Path:
        """The work as a file, written now if it is not there yet. Raises MaquetteError, OSError."""
        work = self._workspace.project.works.get(work_id)
        form, data = self._leaves_as(work)
        folder = carried_folder()
        folder.mkdir(parents=True, exist_ok=True)
        stem, number = self._stem(work), 1
        path = folder / f"{stem}.{form}"
        while path.exists() and path.read_bytes() != data:
            number += 1
            path = folder / f"{stem} ({number}).{form}"
        if not path.exists():
            write(path, data)
        return path

    def data(self, work_id: int) -> bytes:
        """The work's own bytes, as it stands now."""
        project = self._workspace.project
        return project.blob(project.works.get(work_id).shown_digest)

    def words(self, work_ids: Sequence[int]) -> str:
        """Texts one after the other, an empty line between."""
        parts = (self.data(work_id).decode("utf-8", "replace") for work_id in work_ids)
        return "\n\n".join(part.strip("\n") for part in parts)

    def _leaves_as(self, work: WorkRow) -> tuple[ExportFormat, bytes]:
        rules, project = self._workspace.media[work.medium], self._workspace.project
        about = project.works.sidecar(work.id)
        return rules.carried(self.data(work.id), about, self._settings.settings.carry_sound)

    def _stem(self, work: WorkRow) -> str:
        choice = self._settings.settings.exports.get(work.medium, ExportChoice())
        rules = self._workspace.media[work.medium]
        return file_stem(choice.pattern, self._workspace.project, rules, work)

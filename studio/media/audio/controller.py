"""What music needs in a session: what it looks like, its playing, and what works go on from."""

from base64 import b64decode
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.protocol import Medium, MusicUse
from studio.media.audio.music import MORE_BARS
from studio.media.audio.player import Player
from studio.media.audio.rules import OF_NOTES
from studio.media.audio.sketches import Sketches
from studio.media.audio.sources import MusicSources
from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.export_format import ExportFormat
from studio.state.export_names import title_of
from studio.state.medium import MediumController
from studio.state.services import MediumServices
from studio.state.session import Session

if TYPE_CHECKING:
    from studio.media.audio.notation.scores import WrittenScores


class AudioController(MediumController):
    def __init__(self, services: MediumServices) -> None:
        super().__init__(services.workspace)
        background = services.workspace.background
        self.sketches = Sketches(services.jobs, background, services.inspector, self)
        self.sketches.ready.connect(self.content_ready)
        self.sketches.ready.connect(self.preview_ready)
        self.player = Player(background, parent=self)
        self.player.silent.connect(services.workspace.problem_raised)
        self.sources = MusicSources(services.workspace)
        self._workspace, self._maker = services.workspace, services.maker
        self._services = services
        self._written: WrittenScores | None = None

    @property
    def written(self) -> "WrittenScores":
        """Works in notation; begun when one is first asked for."""
        if self._written is None:
            from studio.media.audio.notation.scores import WrittenScores

            background = self._workspace.background
            self._written = WrittenScores(self._services.jobs, background, self)
        return self._written

    def attach(self, project: Project) -> None:
        self.sketches.attach(project)
        if self._written is not None:
            self._written.attach()

    def enter(self) -> None:
        self.player.warm_up()

    def leave(self) -> None:
        self.player.stop()

    def use(self, work_id: int, use: MusicUse) -> None:
        """Starts from the notes of a work, in the style it was made in and at once. Which bars are
        to be filled has to be said first: then the work stands in the brief. A texture has no
        notes: others are made from the same brief."""
        project = self._workspace.project
        score = b64decode(str(project.works.sidecar(work_id).get("score", "")))
        if not score:
            self._maker.again(work_id)
        elif use is MusicUse.FILL:
            work, rules = project.works.get(work_id), self._workspace.media[Medium.AUDIO]
            self.sources.use_notes(score, title_of(project, rules, work), use)
        else:
            length = MORE_BARS if use is MusicUse.EXTEND else 0
            changes = {"score_use": use, "first_bar": 0, "last_bar": 0, "length": length}
            self._maker.again(work_id, content=project.put(score), **changes)

    def can_export(self, wanted: ExportFormat, works: Sequence[WorkRow]) -> bool:
        """Where none has notes, nothing that needs them."""
        if wanted not in OF_NOTES:
            return True
        known = [self.sketches.of_work(work) for work in works]
        return any(one is None or one.has_score for one in known)


def audio_controller_of(session: Session) -> AudioController:
    """The session's controller of music."""
    controller = session.controllers[Medium.AUDIO]
    assert isinstance(controller, AudioController)
    return controller

"""What music needs in a session: what it looks like, its playing, and what works go on from."""

from base64 import b64decode
from collections.abc import Sequence

from engine.protocol import Medium, MusicUse
from studio.media.audio.player import Player
from studio.media.audio.rules import OF_NOTES
from studio.media.audio.sketches import Sketches
from studio.media.audio.sources import MusicSources
from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.export_format import ExportFormat
from studio.state.medium import MediumController
from studio.state.services import MediumServices
from studio.state.session import Session


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

    def attach(self, project: Project) -> None:
        self.sketches.attach(project)

    def enter(self) -> None:
        self.player.warm_up()

    def leave(self) -> None:
        self.player.stop()

    def vary(self, work_id: int) -> None:
        """More pieces like this one, at once, in the style it was made in; of a texture, which has
        no notes to vary, others from the same brief."""
        project = self._workspace.project
        score = b64decode(str(project.works.sidecar(work_id).get("score", "")))
        if not score:
            self._maker.again(work_id)
            return
        changes = {"score_use": MusicUse.VARY, "first_bar": 0, "last_bar": 0, "length": 0}
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

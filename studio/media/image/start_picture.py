"""A picture to start from: out of a file, the clipboard, a reference or a work, into the brief.

Its bytes are in the project before the brief speaks of them, as is a mask that is painted on it:
moving the file, or killing the studio, loses neither.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from engine.protocol import Medium, PictureBrief, Use
from studio.client.inspector import Inspector
from studio.i18n.errors import MaquetteError
from studio.media.image import reading, uses
from studio.media.image.pictures import png
from studio.project.document import digest
from studio.project.project import Project
from studio.state import intake, problems
from studio.state.foreign_files import Foreign
from studio.state.medium import Media
from studio.state.problems import Problem
from studio.state.workspace import Workspace

FoundPicture = tuple[str, uses.Size]  # digest and size of a picture in the project


class StartPicture(QObject):
    """The verbs around the brief's start. What is refused stands in `problem`."""

    problem_changed = Signal()
    changing = Signal()  # the last moment to keep what is being painted
    begun = Signal()  # the brief starts from another picture, or does something else with it
    mask_asked = Signal()  # show the picture, to be painted on

    def __init__(self, workspace: Workspace, inspector: Inspector) -> None:
        super().__init__(workspace)
        self._workspace, self._inspector = workspace, inspector
        self._round = 0  # of two pictures the one that was asked for last counts
        self._mask_round = self._mask_kept = 0  # the newest mask, and that in the project
        self.problem: Problem | None = None

    @property
    def brief(self) -> PictureBrief:
        return self._workspace.briefs.of(Medium.IMAGE)

    # ---- which picture -------------------------------------------------------------------------

    def take(self, source: intake.Source, use: Use = Use.RESTYLE) -> None:
        """A file or a pasted picture. It need not be a reference."""
        project, media = self._workspace.project, self._workspace.media
        inspector = self._inspector
        self._find(lambda: taken_in(inspector, project, media, source), self._begins(use))

    def use_reference(self, reference_id: int, use: Use = Use.RESTYLE) -> None:
        self.measure(self._workspace.project.references.get(reference_id).digest, self._begins(use))

    def use_work(self, work_id: int, use: Use = Use.RESTYLE) -> None:
        self.measure(self._workspace.project.works.get(work_id).digest, self._begins(use))

    def set_use(self, use: Use) -> None:
        """Use the picture that is there for something else."""
        self.measure(self.brief.content, self._begins(use))

    def measure(self, digest: str, then: Callable[[FoundPicture], None]) -> None:
        """How large a picture of the project is: `then` follows, unless it is none."""
        project, inspector = self._workspace.project, self._inspector
        self._find(lambda: (digest, reading.any_size(inspector, project, digest)), then)

    def _find(
        self, look: Callable[[], FoundPicture | Problem], then: Callable[[FoundPicture], None]
    ) -> None:
        project = self._workspace.project

        def found(answer: FoundPicture | Problem) -> None:
            if project is not self._workspace.project:
                return
            self.set_problem(answer if isinstance(answer, Problem) else None)
            if not isinstance(answer, Problem):
                then(answer)

        self._inspector.threads.run(look, found, lambda error: found(problems.of_error(error)))

    def _begins(self, use: Use) -> Callable[[FoundPicture], None]:
        """What to do with a picture that is found, unless another one was asked for since."""
        self._round += 1
        this_round = self._round

        def begin(found: FoundPicture) -> None:
            if this_round == self._round:
                self.changing.emit()
                self._workspace.set_brief(uses.begun(self.brief, use, *found))
                (self.mask_asked if use is Use.FILL else self.begun).emit()

        return begin

    def clear(self) -> None:
        self._round += 1
        self.changing.emit()
        self.set_problem(None)
        self._workspace.set_brief(uses.ended(self.brief))

    def set_problem(self, problem: Problem | None) -> None:
        self.problem = problem
        self.problem_changed.emit()

    # ---- the mask ------------------------------------------------------------------------------

    def keep_mask(self, mask: QImage | None) -> None:
        """While it is painted: into the project and the brief, but no step of the history."""
        self._mask_round += 1
        project, this_round = self._workspace.project, self._mask_round

        def kept(name: str) -> None:
            if project is self._workspace.project and this_round == self._mask_round:
                self._mask_kept = this_round
                self._workspace.show_brief(replace(self.brief, mask=name))

        tell = self._workspace.problem_raised.emit
        self._workspace.background.run(
            lambda: _kept(project, mask), kept, lambda error: tell(problems.of_error(error))
        )

    def finish_mask(self, mask: Callable[[], QImage | None], before: str, fresh: bool) -> None:
        """Painting is over: one step of the history, from the mask that was there `before`.

        `fresh`: there are strokes that `keep_mask` was not told of.
        """
        brief, name = self.brief, self.brief.mask
        if fresh or self._mask_kept != self._mask_round:
            try:
                name = _kept(self._workspace.project, mask())
            except MaquetteError as error:
                self._workspace.problem_raised.emit(problems.of_error(error))
        self._mask_round = self._mask_kept = self._mask_round + 1
        if name != before:
            self._workspace.show_brief(replace(brief, mask=before))
            self._workspace.set_brief(replace(brief, mask=name))


def _kept(project: Project, mask: QImage | None) -> str:
    """The digest of a mask that is in the project now; "" of none."""
    if mask is None:
        return ""
    sharp = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    return project.put(png(mask.convertToFormat(QImage.Format.Format_Mono, sharp)))


def taken_in(
    inspector: Inspector, project: Project, media: Media, source: intake.Source
) -> FoundPicture | Problem:
    """Read a picture and keep its bytes. Slow: call it off the window's thread."""
    name = source.name if isinstance(source, Path) else ""
    rules = intake.rules_of(media, source)
    if rules is None or rules.medium is not Medium.IMAGE:
        return Problem("start.not_a_picture", {"name": name})
    taken = intake.collect(media, [source], dict.fromkeys(media, 1))
    if not taken.items:
        return taken.problems[0]
    item = taken.items[0]
    size = reading.size(inspector, Foreign(item.name, item.data))
    project.put(item.data)
    return digest(item.data), size

"""When and what is made: in the style of the references, as ratings have taught it."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.protocol import Brief, Preview
from studio.client.job_queue import Job
from studio.project.rows import StyleRow
from studio.state.adaptation import Adaptation
from studio.state.capabilities import Capabilities
from studio.state.generation import Generation, new_seed
from studio.state.learned_style import StyleSource
from studio.state.learning import Learning
from studio.state.orders import GenerateOrder
from studio.state.workspace import Workspace


class MakeController(QObject):
    """The primary button, and what else makes works. It waits for style and taste."""

    changed = Signal()
    growing = Signal(str, object)  # job id, tuple[Preview, ...]: its works as they stand
    works_added = Signal(object)  # tuple[WorkRow, ...] of the medium that is worked on

    def __init__(
        self,
        workspace: Workspace,
        adaptation: Adaptation,
        learning: Learning,
        generation: Generation,
        capabilities: Capabilities,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._adaptation = workspace, adaptation
        self._learning, self._generation = learning, generation
        self._capabilities = capabilities
        self._make_when_ready = False
        workspace.medium_changed.connect(self.changed)
        adaptation.changed.connect(self._on_style_changed)
        adaptation.preview_arrived.connect(
            lambda job, preview: self.growing.emit(job.id, (preview,))
        )
        learning.changed.connect(self._make_if_ready)
        generation.changed.connect(self.changed)
        generation.preview_arrived.connect(self._on_preview)
        generation.works_added.connect(self._on_works_added)

    # ---- facts ---------------------------------------------------------------------------------

    def lacking(self) -> str:
        """What must come before anything can be made: "references", "mask", "colours" or ""."""
        if self._adaptation.style is None and not self._adaptation.is_busy:
            return "references"
        return self._lacking_in_brief()

    def can_make(self) -> bool:
        return not self.lacking()

    def estimate_s(self) -> float | None:
        """How long the brief will take; None until that is known."""
        brief = self._workspace.brief
        follows = brief.follow > 0 and self._learning.learned is not None
        return self._generation.estimate_s(brief, follows)

    def estimate_many_s(self, total: int, like: int | None = None) -> float | None:
        """How long `make_many` will take, and what is queued before it; None until it is known."""
        brief = self._workspace.brief
        follows = brief.follow > 0 and self._learning.learned is not None
        if like is not None:
            work = self._workspace.project.works.get(like)
            style, brief = self._generation.brief_again(work, brief)
            follows = style.parent_id is not None
        seconds = self._generation.estimate_s(replace(brief, count=total), follows)
        orders = self._generation.queue.orders()
        before = [self._generation.estimate_order_s(one) for one in orders if one.problem is None]
        return None if seconds is None else seconds + sum(each or 0 for each in before)

    @property
    def seed_locked(self) -> bool:
        return self._workspace.briefs.is_locked(self._workspace.medium)

    @seed_locked.setter
    def seed_locked(self, locked: bool) -> None:
        self._workspace.set_brief(self._workspace.brief, locked)

    @property
    def waits_for_style(self) -> bool:
        return self._make_when_ready

    def _lacking_in_brief(self) -> str:
        workspace = self._workspace
        served = self._capabilities.served(workspace.brief)
        return workspace.media[workspace.medium].lacking(served)

    @property
    def _is_learning(self) -> bool:
        """Whether the next works have to wait for their style, or for what ratings teach it."""
        follows = self._workspace.brief.follow > 0 and self._adaptation.style is not None
        return self._adaptation.is_busy or (follows and self._learning.is_busy)

    # ---- verbs ---------------------------------------------------------------------------------

    def make(self) -> None:
        """Make what the brief asks for; while style or taste are being learned, as soon as they
        stand."""
        self._workspace.brief_closing.emit()
        if self._lacking_in_brief():
            return
        if self._is_learning:
            self._make_when_ready = True
            self.changed.emit()
        elif self._adaptation.style is not None:
            self._make_when_ready = False
            if not self.seed_locked:
                self._workspace.show_brief(replace(self._workspace.brief, seed=new_seed()))
            self.make_from(self._workspace.brief)

    def make_from(self, brief: Brief) -> None:
        """Make what this brief asks for, in the style that stands."""
        if (style := self._adaptation.style) is not None:
            served = self._capabilities.served(brief)
            trimmed = self._workspace.media[brief.medium].trimmed(served)
            self._generation.start(self.followed(style), trimmed)

    def make_many(self, total: int, like: int | None = None) -> None:
        """So many works, when nothing else is asked for: from the brief, or from the one that this
        work was made from. The wall stays as it is; they are seen in the gallery."""
        workspace = self._workspace
        workspace.brief_closing.emit()
        if like is not None:
            work = workspace.project.works.get(like)
            style, brief = self._generation.brief_again(work, workspace.brief)
            self._generation.start(style, replace(brief, count=total), total, later=True)
        elif (style := self._adaptation.style) is not None and not self._lacking_in_brief():
            served = self._capabilities.served(workspace.brief)
            brief = workspace.media[workspace.medium].trimmed(served)
            brief = replace(brief, seed=new_seed(), count=total)
            self._generation.start(self.followed(style), brief, total, later=True)

    def followed(self, style: StyleRow) -> StyleRow | StyleSource:
        """The style as ratings have taught it, unless there is nothing to follow."""
        learned = self._learning.learned if self._workspace.brief.follow > 0 else None
        return learned.kept_beside(style) if learned is not None else style

    def again(self, work_id: int, **changes: object) -> None:
        """More works from the brief that this one was made from but for `changes`, with new seeds;
        the brief of the panel stays as it is."""
        work = self._workspace.project.works.get(work_id)
        self._generation.again(work, self._workspace.brief, **changes)

    def cancel(self) -> None:
        if self._make_when_ready:
            self._make_when_ready = False
            self.changed.emit()
        elif self._generation.is_busy:
            self._generation.cancel()
        else:
            self._adaptation.cancel()

    def forget_wish(self) -> None:
        """Another project or medium is worked on: what waits for a style is not wanted there."""
        self._make_when_ready = False

    # ---- what happens --------------------------------------------------------------------------

    def _make_if_ready(self) -> None:
        if self._make_when_ready and not self._is_learning:
            self._make_when_ready = False
            if self._adaptation.problem is None:
                self.make()
            self.changed.emit()

    def _on_style_changed(self) -> None:
        self._make_if_ready()
        self.changed.emit()

    def _on_preview(self, job: Job, _preview: Preview) -> None:
        asked, order = self._generation.asked(job.id), self._generation.queue.running
        watched = order is not None and not self._is_quiet(order)
        if watched and asked is not None and asked.medium is self._workspace.medium:
            self.growing.emit(job.id, job.previews)

    def _is_quiet(self, order: GenerateOrder) -> bool:
        """Whether its works come into the gallery without taking the wall."""
        return order.later and self._workspace.current is not None

    def _on_works_added(self, rows, order: GenerateOrder) -> None:
        quiet = self._is_quiet(order)
        if rows and rows[-1].medium is not self._workspace.medium:
            if not order.later:
                self._workspace.select_later(rows[-1].medium, rows[-1].id)
            return
        self.works_added.emit(rows)
        if rows and not quiet:
            self._workspace.select(rows[-1].id)

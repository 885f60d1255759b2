"""Where works are made: in the style of the references, as the ratings have taught it."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.messages import Use
from studio import forms, music, uses
from studio.adapting import Adaptation
from studio.learning import Learning
from studio.making import Making, new_seed
from studio.project import StyleRow
from studio.settings import SettingsStore
from studio.starting import Found, Starting
from studio.taught import StyleSource
from studio.worktable import Worktable


class Workshop(Worktable):
    """What is asked of the engine on the worktable. The parts are set by whoever has an engine."""

    making_changed = Signal()

    adaptation: Adaptation
    learning: Learning
    making: Making
    starting: Starting

    def __init__(self, settings: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(settings, parent)
        self.seed_locked = False
        self._make_when_ready = False

    def lacking(self) -> str:
        """What must come before anything can be made: "references", "mask", "colours" or ""."""
        if self.adaptation.style is None and not self.adaptation.is_busy:
            return "references"
        return uses.lacks(self.brief)

    def can_make(self) -> bool:
        return not self.lacking()

    def make(self) -> None:
        """Make what the brief asks for; while style or taste are being learned, as soon as they
        stand."""
        if uses.lacks(self.brief):
            return
        if self._is_learning:
            self._make_when_ready = True
            self.making_changed.emit()
        elif self.adaptation.style is not None:
            self._make_when_ready = False
            if not self.seed_locked:
                self.show_brief(replace(self.brief, seed=new_seed()))
            brief = music.trimmed(uses.trimmed(forms.trimmed(self.brief)))
            self.making.start(self._followed(self.adaptation.style), brief)

    def estimate_s(self) -> float | None:
        """How long the brief will take; None until that is known."""
        taught = self.brief.follow > 0 and self.learning.taught is not None
        return self.making.estimate_s(self.brief, taught)

    @property
    def waits_for_style(self) -> bool:
        return self._make_when_ready

    @property
    def _is_learning(self) -> bool:
        """Whether the next works have to wait for their style, or for what ratings teach it."""
        follows = self.brief.follow > 0 and self.adaptation.style is not None
        return self.adaptation.is_busy or (follows and self.learning.is_busy)

    def _followed(self, style: StyleRow) -> StyleRow | StyleSource:
        """The style as ratings have taught it, unless there is nothing to follow."""
        taught = self.learning.taught if self.brief.follow > 0 else None
        return taught.kept_beside(style) if taught is not None else style

    def vary(self, work_id: int) -> None:
        """More pictures like this one, at once; the brief stays as it is."""
        self.making.vary(self.project.work(work_id), self.brief)

    def vary_reference(self, reference_id: int) -> None:
        """Pictures like this reference, in the style of all of them."""
        digest = self.project.reference(reference_id).digest
        self.starting.measure(digest, self._vary_found)

    def _vary_found(self, found: Found) -> None:
        if (style := self.adaptation.style) is not None:
            brief = uses.begun(replace(self.starting.brief, seed=new_seed()), Use.VARY, *found)
            self.making.start(self._followed(style), uses.trimmed(brief))

    def again(self, work_id: int) -> None:
        """More works from the brief that this one was made from, with new seeds."""
        self.making.again(self.project.work(work_id), self.brief)

    def cancel(self) -> None:
        if self._make_when_ready:
            self._make_when_ready = False
            self.making_changed.emit()
        elif self.making.is_busy:
            self.making.cancel()
        else:
            self.adaptation.cancel()

    def _make_if_ready(self) -> None:
        if self._make_when_ready and not self._is_learning:
            self._make_when_ready = False
            if self.adaptation.problem is None:
                self.make()
            self.making_changed.emit()

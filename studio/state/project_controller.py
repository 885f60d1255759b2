"""What the artist does to the open project by hand; every verb is a step that can be undone."""

from collections.abc import Sequence

from engine.protocol import Medium
from studio.project.judgements import Kind, Place, like, mark, pair
from studio.project.work_groups import Collection
from studio.state import feedback
from studio.state.feedback import TasteOverride
from studio.state.workspace import Workspace


class ProjectController:
    """Verbs of references, works and of what was learned. What fails is told by the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    # ---- references ----------------------------------------------------------------------------

    def remove_reference(self, reference_id: int) -> None:
        self._workspace.attempt(lambda: self._workspace.history.remove_reference(reference_id))

    def set_weight(self, reference_id: int, weight: float) -> None:
        self._workspace.attempt(lambda: self._workspace.history.set_weight(reference_id, weight))

    # ---- works ---------------------------------------------------------------------------------

    def rate(self, work_id: int, value: int) -> None:
        self._workspace.attempt(lambda: self._workspace.history.rate(work_id, value))

    def toggle_like(self, work_id: int, liked: bool) -> None:
        """Say it of a work; said again, it is taken back."""
        about = like(self._workspace.medium, work_id)
        now = None if self._said(about) is liked else liked
        self._judge((about, now))

    def toggle_preferred(self, better: int, worse: int) -> None:
        """This one rather than that one; said again, it is taken back."""
        about = pair(self._workspace.medium, better, worse)
        now = None if self._said(about) == better else better
        self._judge((about, now))

    def preferred(self, one: int, other: int) -> int | None:
        """The better of two works, where that was said."""
        return self._said(pair(self._workspace.medium, one, other))

    def toggle_mark(self, work_id: int, place: Place, liked: bool) -> None:
        """Say it of a part of a work; said again, it is taken back."""
        about = mark(self._workspace.medium, work_id, place)
        now = None if self._said(about) is liked else liked
        self._judge((about, now))

    def toggle_kept(self, work_id: int) -> None:
        kept = self._workspace.project.works.get(work_id).kept
        self._workspace.attempt(lambda: self._workspace.history.set_kept(work_id, not kept))

    def set_hidden(self, works: Sequence[int], hidden: bool) -> None:
        """All of them in one step."""
        self._workspace.attempt(lambda: self._workspace.history.set_hidden(works, hidden))

    def set_tags(self, work_id: int, tags: tuple[str, ...]) -> bool:
        return self._workspace.attempt(lambda: self._workspace.history.set_tags(work_id, tags))

    def set_collections(self, medium: Medium, new: Sequence[Collection]) -> None:
        """Those of one medium; the others stay."""
        others = [one for one in self._workspace.project.collections.all() if one.medium != medium]
        self._workspace.attempt(lambda: self._workspace.history.set_collections([*others, *new]))

    def delete(self, work_ids: Sequence[int]) -> bool:
        """For good; this alone cannot be taken back."""
        return self._workspace.attempt(lambda: self._workspace.history.delete(work_ids))

    def edit(self, work_id: int, text: str) -> bool:
        """A new version of a text; nothing happens when it is the one that stands."""
        return self._workspace.attempt(lambda: self._workspace.history.edit(work_id, text))

    # ---- what is learned -----------------------------------------------------------------------

    def override(self, kind: Kind, *tastes: TasteOverride, on: bool = True) -> None:
        """Forget or pin tastes, in one step; what is pinned is not forgotten, nor the reverse."""
        medium, other = self._workspace.medium, Kind.PIN if kind is Kind.FORGET else Kind.FORGET
        entries = []
        for taste in tastes:
            subject = feedback.subject_of(medium, kind, taste)
            entries.append((subject, feedback.pack(taste) if on else None))
            opposite = feedback.subject_of(medium, other, taste)
            if on and self._said(opposite) is not None:
                entries.append((opposite, None))
        self._judge(*entries)

    def start_over(self) -> None:
        """Learn from nothing that was said so far."""
        self._workspace.attempt(lambda: self._workspace.history.reset(self._workspace.medium))

    def _said(self, about):
        return self._workspace.project.judgements.value_of(about)

    def _judge(self, *entries) -> None:
        self._workspace.attempt(lambda: self._workspace.history.judge(*entries))

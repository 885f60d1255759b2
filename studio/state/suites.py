"""Suites: a picture, a poem and a piece of music of one mood, made with one click."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from engine.protocol import Medium
from studio.i18n.errors import MaquetteError
from studio.project.project import Project
from studio.project.rows import StyleRow, WorkRow
from studio.state.adaptation import fits
from studio.state.generation import Generation, new_seed
from studio.state.glimpses import Served
from studio.state.judging import Judging
from studio.state.mood import Mood
from studio.state.orders import GenerateOrder
from studio.state.presets import portable
from studio.state.problems import Problem
from studio.state.workspace import Workspace

LEAST = 2  # media, or it is no suite
_KEY = "suites"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Suite:
    """works: ids by medium; one of a medium whose works could not be made is not there."""

    id: str
    mood: Mood
    works: Mapping[Medium, int] = field(default_factory=dict)


def kept(project: Project) -> tuple[Suite, ...]:
    """Those of a project, the newest first, as far as their works are there.

    Raises ProjectError."""
    try:
        entries = json.loads(project.document.meta(_KEY) or "[]")
        found = [
            Suite(
                str(entry["id"]),
                Mood(**{name: float(value) for name, value in entry["mood"].items()}),
                {Medium(medium): int(one) for medium, one in entry["works"].items()},
            )
            for entry in entries
        ]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("the suites of %s are not understood: %s", project.path, error)
        return ()
    ids = {work.id for work in project.works.all(include_hidden=True)}
    whole = (
        replace(one, works={key: work for key, work in one.works.items() if work in ids})
        for one in found
    )
    return tuple(one for one in reversed(list(whole)) if len(one.works) >= LEAST)


def keep(project: Project, suite: Suite) -> None:
    """Beside those before. Raises ProjectError."""
    all_ = [*reversed(kept(project)), suite]
    content = [
        {
            "id": one.id,
            "mood": asdict(one.mood),
            "works": {medium.value: work for medium, work in one.works.items()},
        }
        for one in all_
    ]
    project.document.put_meta(_KEY, json.dumps(content))


def style_of(project: Project, medium: Medium) -> StyleRow | None:
    """The style that the references of a medium have now, as ratings have taught it last."""
    tray = {row.id: row.weight for row in project.references.all(medium)}
    latest = project.styles.latest(medium)
    if latest is None or not fits(latest, tray):
        return None
    return next(iter(project.styles.children(latest.id)), latest)


class Suites(QObject):
    """Makes one suite at a time, by the queue. `mood` is what the next one will have."""

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        generation: Generation,
        judging: Judging,
        served: Served,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._generation = workspace, generation
        self._judging, self._served = judging, served
        self.mood = Mood()
        self.problem: Problem | None = None
        self.suite: Suite | None = None  # that is shown
        self._orders: dict[str, Medium] = {}  # of the one that is made, by id
        self._made: dict[Medium, int] = {}
        self._measured: WorkRow | None = None  # the mood of which is wanted
        generation.works_added.connect(self._on_works_added)
        generation.changed.connect(self._on_queue_changed)
        judging.changed.connect(self._on_judged)
        workspace.project_changed.connect(self._on_project_changed)
        for fact in (workspace.references_changed, workspace.medium_changed):
            fact.connect(self.changed)

    # ---- facts ---------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        return bool(self._orders)

    @property
    def is_measuring(self) -> bool:
        return self._measured is not None

    def media(self) -> tuple[Medium, ...]:
        """Those in which works can be made now. Raises ProjectError."""
        project = self._workspace.project
        return tuple(one for one in self._workspace.media if style_of(project, one) is not None)

    def all(self) -> tuple[Suite, ...]:
        return kept(self._workspace.project)

    # ---- the mood ------------------------------------------------------------------------------

    def set_mood(self, mood: Mood) -> None:
        self.mood = mood
        self.changed.emit()

    def measure(self) -> None:
        """Take the mood of the work that is looked at: of a picture and of music as far as the
        critic sees it apart from the references, of a text by its words."""
        workspace, current = self._workspace, self._workspace.current
        if current is None:
            return
        self.problem = None
        work = workspace.project.works.get(current)
        if not workspace.media[work.medium].mood_features:
            self._take(work, {})
        elif not self._judging.can_judge:
            self.problem = Problem("suite.nothing_beside")
        else:
            self._measured = work
            self._judging.ask([work])
            self._on_judged()
        self.changed.emit()

    def _on_judged(self) -> None:
        work = self._measured
        if work is None:
            return
        if (report := self._judging.report(work)) is not None:
            self._measured = None
            self._take(work, {feature.code: feature.gap for feature in report.features})
        elif not self._judging.is_asked([work]):
            self._measured, self.problem = None, self._judging.problem([work])
            self.changed.emit()

    def _take(self, work: WorkRow, gaps: Mapping[str, float]) -> None:
        data = self._workspace.project.blob(work.shown_digest)
        self.set_mood(self._workspace.media[work.medium].mood_of(gaps, data))

    # ---- making --------------------------------------------------------------------------------

    def make(self) -> None:
        """One work in each medium that has a style, all of the mood."""
        workspace = self._workspace
        workspace.brief_closing.emit()
        self.problem = None
        media = self.media()
        if self.is_busy or len(media) < LEAST:
            return
        self._made, self.suite = {}, None
        for medium in media:
            style = style_of(workspace.project, medium)
            assert style is not None
            order = self._generation.start(style, self._brief(medium, style))
            if order is None:
                self.problem = self._generation.problem
                break
            self._orders[order.id] = medium
        self.changed.emit()

    def _brief(self, medium: Medium, style: StyleRow):
        """What the artist asks of the medium, but for files and count, turned by the mood."""
        rules, project = self._workspace.media[medium], self._workspace.project
        asked = rules.without_missing(portable(self._workspace.briefs.of(medium), rules))
        turned = rules.in_mood(rules.trimmed(asked), self.mood)
        generator = str(style.lineage.get("generator", ""))
        if style.parent_id is not None:
            generator = str(project.styles.get(style.parent_id).lineage.get("generator", ""))
        return self._served(replace(turned, seed=new_seed(), count=rules.tries_moods), generator)

    def cancel(self) -> None:
        """What is made already stays in the gallery."""
        queue, orders = self._generation.queue, dict(self._orders)
        self._orders = {}
        for order_id in orders:
            if queue.find(order_id) is not None:
                queue.remove(order_id)
        self.changed.emit()

    def _on_works_added(self, rows: Iterable[WorkRow], order: GenerateOrder) -> None:
        medium = self._orders.pop(order.id, None)
        if medium is None:
            return
        if works := list(rows):
            self._made[medium] = nearest(self._workspace, works, self.mood).id
        self._perhaps_done()

    def _on_queue_changed(self) -> None:
        """An order that is in the queue no longer, or that waits with a problem, gives no work."""
        queue, before = self._generation.queue, len(self._orders)
        for order_id in list(self._orders):
            order = queue.find(order_id)
            if order is None or order.problem is not None:
                del self._orders[order_id]
                self.problem = order.problem if order is not None else self.problem
        if len(self._orders) != before:
            self._perhaps_done()
            self.changed.emit()

    def _perhaps_done(self) -> None:
        if self._orders or not self._made:
            return
        works, self._made = self._made, {}
        if len(works) >= LEAST:
            suite = Suite(uuid4().hex[:12], self.mood, works)
            if self._workspace.attempt(lambda: keep(self._workspace.project, suite)):
                self.suite = suite
        self.changed.emit()

    def _on_project_changed(self) -> None:
        self._orders, self._made, self._measured = {}, {}, None
        self.problem = None
        try:
            self.suite = next(iter(self.all()), None)
        except MaquetteError as error:
            self._workspace.report(error)
            self.suite = None
        self.changed.emit()


def nearest(workspace: Workspace, works: list[WorkRow], mood: Mood) -> WorkRow:
    """The one of several whose own mood comes nearest; the first where nothing tells them apart."""
    rules, project = workspace.media[works[0].medium], workspace.project
    if len(works) == 1:
        return works[0]
    return min(
        works,
        key=lambda one: mood.distance(rules.mood_of({}, project.blob(one.shown_digest))),
    )

"""Style and brief → works: one snapshot a click; works are in the project before they are shown."""

import random
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.protocol import Brief, FailureKind, GenerateRequest, Preview, WorksResult
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.project.project import Project
from studio.project.rows import StyleRow, WorkRow
from studio.state import problems
from studio.state.course import Course
from studio.state.job_controller import JobController, Task
from studio.state.learned_style import StyleSource
from studio.state.make_queue import MakeQueue
from studio.state.medium import Media
from studio.state.orders import GenerateOrder, brief_of, request_of, store, timing_key
from studio.state.problems import Problem, read_only
from studio.state.timings import Timings

MAX_SEED = 2**31 - 1
AT_ONCE = 4  # works of one job, where many are made without being watched
MOST_CRASHES = 2  # of the engine, after which an order waits for the artist


def new_seed() -> int:
    return random.randint(0, 9999)


class Generation(JobController[GenerateOrder]):
    """Makes what stands in the queue, one job after the other, and keeps what comes of it."""

    preview_arrived = Signal(object, object)  # Job, Preview
    works_added = Signal(object, object)  # tuple[WorkRow, ...], newest last; their GenerateOrder
    rested = Signal(int, bool)  # works made since it began; whether some could not be made

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        media: Media,
        timings: Timings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(jobs, background, parent)
        self._media, self._timings = media, timings
        self._project: Project | None = None
        self.queue = MakeQueue(background, self)
        self.queue.changed.connect(self._advance)
        self.queue.remove_asked.connect(self._on_remove_asked)
        self.device = ""
        self.job: Job | None = None
        self._courses: dict[str, Course] = {}  # by job id
        self._kept: Task[GenerateOrder] | None = None  # the last whose works are in the project
        self._unwanted: set[str] = set()  # ids of orders that end with their job
        self._made = 0  # works, since the queue was empty
        self.problem: Problem | None = None

    def attach(self, project: Project) -> None:
        """Serve this project; what runs for another one is cancelled, and stays in its queue."""
        self.cancel_all()
        self._project = project
        self.problem = None
        self.queue.attach(project)

    # ---- facts ---------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks) or self.queue.has_more

    @property
    def waiting(self) -> int:
        """Orders behind the one that is shown."""
        ready = [one for one in self.queue.orders() if one.problem is None]
        return max(0, len(ready) - 1) if self.is_busy else len(ready)

    def estimate_s(self, brief: Brief, follows_ratings: bool = False) -> float | None:
        """How long that will take; None until something of its medium was made.

        It takes longer when ratings are followed, as more works are made than shown."""
        rules = self._media[brief.medium]
        key = timing_key(rules, self.device, brief, follows_ratings)
        return self._timings.estimate_s(key, rules.effort(brief), f" {brief.medium.value}: ")

    def estimate_order_s(self, order: GenerateOrder) -> float | None:
        """How long the rest of an order will take; None until that is known."""
        rest = replace(order.brief, count=order.total - order.made)
        return self.estimate_s(rest, order.follows_ratings)

    @property
    def course(self) -> Course | None:
        """Of the job that is shown."""
        return self._courses.get(self.job.id) if self.job is not None else None

    def asked(self, job_id: str) -> Brief | None:
        """The brief of the job that is shown; None for any other job."""
        job = self.job
        if job is None or job.id != job_id or not isinstance(job.request, GenerateRequest):
            return None
        return job.request.brief

    # ---- verbs ---------------------------------------------------------------------------------

    def start(
        self, style: StyleRow | StyleSource, brief: Brief, total: int = 0, *, later: bool = False
    ) -> GenerateOrder | None:
        """Make the works of one brief, or `total` of them, a few at a time. The style goes to the
        engine as a file. Returns what stands in the queue now; None in a project that is read
        only."""
        assert self._project is not None
        self.problem = read_only(self._project) if self._project.is_read_only else None
        order = None
        if self.problem is None:
            self.queue.drop(*(one for one in self._failed() if not one.later))  # once more, by hand
            at_once = replace(brief, count=min(brief.count, AT_ONCE)) if total else brief
            order = GenerateOrder(self._project, at_once, style, total or brief.count, later)
            self._add(order)
        self.changed.emit()
        return order

    def _add(self, order: GenerateOrder) -> None:
        """Into the queue; it is made once its style is in the project, and the queue with it."""
        self.queue.add(order)
        self._keep(order)

    def _keep(self, order: GenerateOrder) -> None:
        def failed(error: Exception) -> None:
            if self.queue.find(order.id) is order:
                self._fail_order(order, problems.of_error(error, retry=True))

        def kept(_row: StyleRow) -> None:
            if self.queue.find(order.id) is order:
                self.queue.settle(order)

        self._background.run(order.keep_style, kept, failed, in_order=True)

    def again(self, row: WorkRow, brief: Brief, **changes: Any) -> None:
        """As many works as `brief` says, made as this one was but for `changes`, with new seeds."""
        style, again = self.brief_again(row, brief, **changes)
        self.start(style, again)

    def brief_again(self, row: WorkRow, brief: Brief, **changes: Any) -> tuple[StyleRow, Brief]:
        """The style and the brief of `again`."""
        assert self._project is not None
        size = {"width_px": row.width_px, "height_px": row.height_px} if row.width_px else {}
        made = brief_of(self._project.works.sidecar(row.id), replace(brief, **size))
        again = replace(made, seed=new_seed(), count=brief.count, **changes)
        return self._project.styles.get(row.style_id), again

    def cancel(self) -> None:
        """Cancel what is shown; what is behind it goes on. Of many works, the rest waits until the
        queue goes on: a slip of the hand loses no night."""
        order = self.queue.running or self.queue.next()
        if order is not None and order.later:
            self.queue.pause()
            for task in tuple(self._tasks.values()):
                self._cancel(task)
        elif self.queue.running is not None:
            self._on_remove_asked(self.queue.running)
        elif waiting := [one for one in self.queue.orders() if one.problem is None]:
            self.queue.drop(waiting[0])

    def _on_remove_asked(self, order: GenerateOrder) -> None:
        self._unwanted.add(order.id)
        for task in tuple(self._tasks.values()):
            if task.asked is order:
                self._cancel(task)

    def cancel_all(self) -> None:
        """Nothing is made until a project is attached; the queue stays in the project."""
        self._project = None
        self.job = self.queue.running = None
        self._made = 0
        self._unwanted.clear()
        self._drop()

    def retry(self) -> None:
        """Make once more what failed, exactly as it was asked for."""
        self.problem = None
        for order in self._failed():
            order.problem, order.crashes = None, 0
            self._keep(order)
        self.changed.emit()

    def dismiss(self) -> None:
        """The artist has read what failed, and will not try again."""
        self.problem = None
        self.queue.drop(*self._failed())

    def _failed(self) -> list[GenerateOrder]:
        return [one for one in self.queue.orders() if one.problem is not None]

    # ---- the jobs ------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Begin with what comes next, if nothing is being made."""
        order = self.queue.next()
        if self._project is not None and not self._tasks and order is not None:
            self.queue.running = order
            rules, brief = self._media[order.brief.medium], order.next_brief()
            self._start(order, partial(request_of, order, rules, brief))
        self.changed.emit()

    def _show(self, job: Job | None) -> None:
        self.job = job
        self.changed.emit()

    def _go_on(self, over: GenerateOrder | None = None) -> None:
        """A job is over, and with it the order, if it is named: go on with what waits."""
        self._courses.clear()
        self.job = self.queue.running = None
        if over is not None:
            self._unwanted.discard(over.id)
            self.queue.drop(over)  # which advances
        else:
            self._advance()
        if not self.is_busy and self._made:
            made, self._made = self._made, 0
            self.rested.emit(made, bool(self._failed()))

    def _on_progress(self, task: Task[GenerateOrder], job: Job) -> None:
        if job.progress is not None:
            self._courses.setdefault(task.id, Course({})).take(job.progress)
        self._show(job)

    def _on_preview(self, task: Task[GenerateOrder], job: Job, preview: Preview) -> None:
        self.preview_arrived.emit(job, preview)

    def _on_done(self, task: Task[GenerateOrder], job: Job) -> None:
        """Bytes and sidecars into the project first; only then is anybody told."""
        order, result = task.asked, job.result
        assert isinstance(result, WorksResult)
        rules, brief = self._media[order.brief.medium], order.next_brief()
        key = timing_key(rules, self.device, brief, order.follows_ratings)
        self._timings.learn(key, rules.effort(brief), result.seconds)
        self._in_background(
            task, lambda: store(order, rules, result), lambda rows: self._stored(task, rows)
        )

    def _stored(self, task: Task[GenerateOrder], rows: tuple[WorkRow, ...]) -> None:
        order = task.asked
        order.made += len(rows)
        self._made += len(rows)
        if order.in_parts:
            self.problem = Problem("make.in_parts")
        elif order.repeats:
            self.problem = Problem("make.repeats", {"n": order.repeats})
        self.works_added.emit(rows, order)
        self._end(task)
        earlier, self._kept = self._kept, task
        if earlier is not None:
            self._forget(earlier)  # nobody looks at its previews any more
        over = order.made >= order.total or order.id in self._unwanted or not rows
        self._go_on(order if over else None)

    def _fail_order(self, order: GenerateOrder, problem: Problem) -> None:
        order.problem = self.problem = problem
        self.queue.settle(order)

    def _on_failed(self, task: Task[GenerateOrder], problem: Problem) -> None:
        """An engine that stopped by itself is asked once more for what nobody watches."""
        order, job = task.asked, self._jobs.find(task.id)
        failure = job.failure if job is not None else None
        crashed = failure is not None and failure.kind is FailureKind.ENGINE
        order.crashes += crashed
        self._failed_task = None
        if not (order.later and crashed and order.crashes < MOST_CRASHES):
            order.problem = self.problem = problem
        self._go_on()

    def _on_cancelled(self, task: Task[GenerateOrder]) -> None:
        """By the artist, or with an engine that had to be restarted."""
        order = task.asked
        kept = order.later and order.id not in self._unwanted
        self._go_on(None if kept else order)

"""Slices of work as the events that the studio sees: Progress, and Previews where there are any."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import TypeVar

from engine.core.progress import Advance, Pace
from engine.protocol import Event, Preview, Progress

Result = TypeVar("Result")
Show = Callable[[Advance], Iterable[Preview]]


def with_progress(
    slices: Generator[Advance, None, Result],
    job_id: str,
    stage: str,
    pace: Pace,
    show: Show = lambda _: (),
) -> Generator[Event, None, Result]:
    """What the slices return; meanwhile where they are, and what `show` makes of each."""
    while True:
        try:
            slice_done = next(slices)
        except StopIteration as end:
            return end.value
        yield Progress(
            job_id=job_id,
            done=slice_done.done,
            total=slice_done.total,
            seconds_left=pace.seconds_left(slice_done),
            stage=stage,
        )
        yield from show(slice_done)


def each_as(slices: Generator[None, None, Result], event: Event) -> Generator[Event, None, Result]:
    """What the slices return; meanwhile the same event."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value
        yield event


def mapped(
    events: Generator[Event, None, Result], change: Callable[[Event], Event | None]
) -> Generator[Event, None, Result]:
    """The same events, each changed, or left out where `change` gives None."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return end.value
        event = change(event)
        if event is not None:
            yield event


def within(
    events: Generator[Event, None, Result], before: float, share: float, pace: Pace
) -> Generator[Event, None, Result]:
    """A part of a longer job: its progress counts as `share` of 1, after `before` of it."""

    def change(event: Event) -> Event:
        if not isinstance(event, Progress):
            return event
        whole = Advance(before + share * event.done / event.total, 1.0)
        left = pace.seconds_left(whole)
        return replace(event, done=whole.done, total=1.0, seconds_left=left)

    return mapped(events, change)


def without_previews(events: Generator[Event, None, Result]) -> Generator[Event, None, Result]:
    """A part of a job that no window has room for: without its previews."""
    return mapped(events, lambda event: None if isinstance(event, Preview) else event)


def renumbered(
    events: Generator[Event, None, Result], index: int
) -> Generator[Event, None, Result]:
    """The job of one work, as work `index` of a longer one."""
    return mapped(events, lambda e: replace(e, index=index) if isinstance(e, Preview) else e)

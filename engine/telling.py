"""Slices of work as the events that the studio sees: Progress, and Previews where there are any."""

from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

from engine.messages import Event, Preview, Progress
from engine.progress import Advance, Pace

Result = TypeVar("Result")
Show = Callable[[Advance], Iterable[Preview]]


def told(
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

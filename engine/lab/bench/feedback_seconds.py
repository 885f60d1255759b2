"""How long it is from a rating until works show it: `python -m engine.lab.bench.feedback_seconds`.

Through the service, as the studio asks: a style of the shipped samples, RATED works that are
learned from already, one more rating, and a batch of SHOWN works as a fresh project would make
them. Some two minutes.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import torch

from engine.cli import console
from engine.lab.bench.feedback_sheets import SAMPLES, result_of
from engine.lab.bench.report import Row
from engine.protocol import (
    BRIEFS,
    AdaptRequest,
    GenerateRequest,
    LearnRequest,
    Medium,
    MusicBrief,
    PictureBrief,
    Preview,
    Reference,
    TextBrief,
    WorksResult,
)
from engine.service import Service

CPU = torch.device("cpu")
RATED, SHOWN = 12, 4
SMALL = {  # the works that are rated
    Medium.IMAGE: PictureBrief(width_px=192, height_px=128),
    Medium.TEXT: TextBrief(),
    Medium.AUDIO: MusicBrief(length=4),
}
REFERENCES = {
    Medium.IMAGE: "images/*.jpg",
    Medium.TEXT: "texts/wang-wei-*",
    Medium.AUDIO: "music/*.mid",
}
ARM = "time"
LEARNED, SEEN, DONE = "it is learned", "first shown in a work", f"shown in {SHOWN} finished works"


def rows() -> Iterator[Row]:
    """A row for each medium and moment."""
    for medium in Medium:
        with tempfile.TemporaryDirectory() as folder:
            for moment, seconds in _moments(medium, Path(folder)):
                metric = f"seconds from a rating until {moment}"
                yield Row(bench=f"feedback {medium}", arm=ARM, metric=metric, value=seconds)


def _moments(medium: Medium, folder: Path) -> Iterator[tuple[str, float]]:
    service, style, taught = Service(CPU), folder / "s.style", folder / "t.style"
    paths = sorted(SAMPLES.glob(REFERENCES[medium]))
    references = tuple(Reference(path=str(path)) for path in paths)
    adapting = AdaptRequest(job_id="a", references=references, out=str(style), medium=medium)
    result_of(service, adapting)
    brief = replace(SMALL[medium], count=RATED)
    making = GenerateRequest(job_id="g", style=str(style), out_dir=str(folder / "r"), brief=brief)
    works = result_of(service, making)
    assert isinstance(works, WorksResult)
    stars = {work.path: 1 + i % 5 for i, work in enumerate(works.works)}
    learning = LearnRequest(job_id="l", style=str(style), out=str(taught), ratings=stars)
    first, *others = stars
    result_of(service, replace(learning, ratings={path: stars[path] for path in others}))
    rating = monotonic()
    result_of(service, replace(learning, ratings={first: stars[first], **stars}))
    yield LEARNED, monotonic() - rating
    shown = BRIEFS[medium](count=SHOWN, seed=RATED)
    out, previews = str(folder / "s"), str(folder / "p")
    job = GenerateRequest(
        job_id="s", style=str(taught), out_dir=out, brief=shown, preview_dir=previews
    )
    is_seen = False
    for event in service.run(job):
        if isinstance(event, Preview) and not is_seen:
            is_seen = True
            yield SEEN, monotonic() - rating
        if isinstance(event, WorksResult):
            yield DONE, monotonic() - rating


if __name__ == "__main__":
    for row in rows():
        console.say(f"{row.bench}, {row.metric}: {row.value:.1f}")

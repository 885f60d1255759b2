"""Works by taught styles: dials are turned, more are begun than are shown."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.core.progress import Pace
from engine.core.style import Style
from engine.feedback import guided
from engine.feedback.posterior import Normal
from engine.feedback.taste import Taste, codes_of
from engine.interfaces import Draft, brief_of_one
from engine.media.image.generators.transport.grade import Grade
from engine.protocol import (
    Event,
    GenerateRequest,
    Medium,
    MusicBrief,
    MusicForm,
    PictureBrief,
    Preview,
    Progress,
    WorkFile,
)
from engine.registry import installed
from tests.engine.handmade import as_picture, encoded

CPU = torch.device("cpu")
IMAGES = installed().medium(Medium.IMAGE)


class Painter:
    """Paints warm and cold pictures in turn, in the colours of the brief."""

    def __init__(self) -> None:
        self.begun: list[PictureBrief] = []
        self.tensors: set[str] = set()

    draft_share = 0.35

    def generate(self, job, style, pace):
        drafts = yield from self.draft(job, style, pace)
        return (yield from self.complete(drafts, job, style))

    def draft(self, job, style, pace):
        self.tensors |= set(style.tensors)
        found = []
        for i in range(job.brief.count):
            brief = brief_of_one(job.brief, i)
            self.begun.append(brief)
            yield Preview(job_id=job.job_id, index=i, text="")
            yield Progress(job_id=job.job_id, done=i + 1, total=job.brief.count)
            found.append(Draft(brief, painted(brief)))
        return found

    def complete(self, drafts, job, style):
        works = []
        for i, each in enumerate(drafts):
            path = Path(job.out_dir) / f"{each.brief.seed}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(as_picture(each.content)))
            sidecar = path.with_suffix(".json")
            sidecar.write_text(json.dumps({"file": path.name}))
            works.append(WorkFile(path=str(path), sidecar=str(sidecar), seed=each.brief.seed))
            yield Progress(job_id=job.job_id, done=i + 1, total=len(drafts), stage="saving")
        return works


def as_generator(painter: Painter) -> Any:
    """It drafts and completes; nothing else is asked of it here."""
    return painter


def painted(brief: PictureBrief) -> torch.Tensor:
    generator = torch.Generator().manual_seed(brief.seed)
    warmth = 0.1 if brief.seed % 3 == 0 else -0.1
    pixels = 0.3 * torch.randn(3, 48, 64, generator=generator)
    pixels += torch.tensor([warmth, 0, -warmth])[:, None, None]
    grade = Grade.of(brief) if isinstance(brief, PictureBrief) else None
    return grade(pixels.clamp(-1, 1)) if grade else pixels.clamp(-1, 1)


def warm_style(strength: float = 3.0, more: dict[str, torch.Tensor] | None = None) -> Style:
    """Of someone who likes warm pictures, and has said so 20 times."""
    codes = codes_of("image")
    size = len(codes)
    mean = np.zeros(size + 4)
    mean[codes.index("warmth")] = strength
    taste = Taste(
        "image", Normal(mean, 1e-3 * np.eye(size + 4)), np.zeros(size), np.ones(size), 20, codes
    )
    return Style("image", {"own": torch.ones(1)} | taste.to_tensors() | (more or {}), ())


def shown(
    out: Path, brief: PictureBrief, style: Style
) -> tuple[list[Event], list[WorkFile], Painter]:
    job = GenerateRequest(job_id="g", style="", out_dir=str(out), brief=brief)
    painter = Painter()
    medium = installed().medium(brief.medium)
    slices, events = guided.generate(job, style, medium, as_generator(painter), CPU, Pace()), []
    while True:
        try:
            events.append(next(slices))
        except StopIteration as end:
            return events, end.value, painter


@pytest.mark.weights
def test_the_best_of_more_are_shown_and_the_dials_are_turned(tmp_path: Path) -> None:
    events, works, painter = shown(tmp_path, PictureBrief(count=4), warm_style())
    assert len(works) == 4
    assert len(painter.begun) == 12
    assert painter.tensors == {"own"}
    turned = [brief for brief in painter.begun if brief.warmth > 0.1]
    assert len(turned) == 8, "the last batch is as the artist wrote it"
    assert all(brief.candidates == 1 for brief in painter.begun)
    of = {brief.seed: brief for brief in painter.begun}
    assert sum(of[work.seed].warmth > 0.1 for work in works) >= 3
    assert {path.name for path in tmp_path.iterdir()} == {
        Path(name).name for work in works for name in (work.path, work.sidecar)
    }
    told = json.loads(Path(works[0].sidecar).read_bytes())
    assert told["chosen_from"] == 12
    assert told["ratings"] == 20
    assert {event.index for event in events if isinstance(event, Preview)} == {0, 1, 2, 3}
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1)
    again = shown(tmp_path / "again", PictureBrief(count=4), warm_style())[1]
    assert [work.seed for work in again] == [work.seed for work in works]


@pytest.mark.weights
def test_more_following_turns_further(tmp_path: Path) -> None:
    half = shown(tmp_path, PictureBrief(count=2, follow=0.5), warm_style())[2].begun[0]
    whole = shown(tmp_path, PictureBrief(count=2), warm_style())[2].begun[0]
    assert 0 < half.warmth < whole.warmth


@pytest.mark.parametrize(
    "brief",
    [
        PictureBrief(count=2, follow=0.0),
        PictureBrief(count=2, candidates=1),
        MusicBrief(form=MusicForm.TEXTURE, count=2),
    ],
)
def test_where_nothing_is_chosen_the_brief_is_met_as_it_stands(tmp_path: Path, brief: Any) -> None:
    style = warm_style(more={"liked/x": torch.ones(1)})
    _, works, painter = shown(tmp_path, brief, style)
    assert painter.begun == [brief_of_one(brief, i) for i in range(2)]
    assert [work.seed for work in works] == [0, 1]
    assert painter.tensors == ({"own"} if brief.follow == 0 else {"own", "liked/x"})


@pytest.mark.weights
def test_what_the_artist_set_stays(tmp_path: Path) -> None:
    _, _, painter = shown(tmp_path, PictureBrief(count=2, warmth=-0.5), warm_style())
    assert {brief.warmth for brief in painter.begun} == {-0.5}


def test_an_untaught_style_makes_what_is_asked(tmp_path: Path) -> None:
    _, works, painter = shown(tmp_path, PictureBrief(count=2), Style("image", {}, ()))
    assert [work.seed for work in works] == [0, 1]
    assert len(painter.begun) == 2


def test_a_stopped_job_leaves_nothing_behind(tmp_path: Path) -> None:
    job = GenerateRequest(job_id="g", style="", out_dir=str(tmp_path), brief=PictureBrief(count=2))
    slices = guided.generate(job, warm_style(), IMAGES, as_generator(Painter()), CPU, Pace())
    next(slices)
    slices.close()
    assert list(tmp_path.iterdir()) == []

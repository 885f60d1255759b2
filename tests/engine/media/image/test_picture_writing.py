"""Works are written while their job can be stopped."""

import threading
from pathlib import Path

import pytest
import torch

from engine.core.style import Style
from engine.core.works import Origin
from engine.interfaces import Job
from engine.media.image import writing
from engine.media.image.codec.raster import encode_png
from engine.protocol import GenerateRequest, PictureBrief, Progress, WorkFile
from tests.engine.handmade import painting

BRIEF = PictureBrief(count=1, seed=3, width_px=64, height_px=48)


def written(folder: Path) -> Job[WorkFile]:
    origin = Origin(style=Style("image", {}, ()), device=torch.device("cpu"))
    job = GenerateRequest(job_id="1", style="", out_dir=str(folder), brief=BRIEF)
    return writing.write_picture(painting(48, 64), BRIEF, origin, job, {}, in_parts=False)


def test_a_job_may_be_stopped_while_a_picture_is_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(*args: torch.Tensor, **options: dict[str, str]) -> bytes:
        go_on.wait(10)
        return encode_png(*args, texts=options["texts"])

    monkeypatch.setattr(writing, "encode_png", slow)
    events = written(tmp_path)
    assert isinstance(next(events), Progress)  # though it is not encoded yet
    events.close()
    go_on.set()
    assert not list(tmp_path.iterdir())


def test_a_work_is_written_with_its_sidecar(tmp_path: Path) -> None:
    events = written(tmp_path)
    while True:
        try:
            assert isinstance(next(events), Progress)
        except StopIteration as end:
            work = end.value
            break
    assert Path(work.path).read_bytes().startswith(b"\x89PNG")
    assert Path(work.sidecar).exists()
    assert (work.width_px, work.height_px) == (64, 48)

"""From a folder to taught works and back, as the window and the command line ask for it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

pytest.importorskip("diffusers", reason="the group `diffusion` is not installed")

from engine.__main__ import main
from engine.core.assets import asset
from engine.core.style import load_style
from engine.media.image.generators.diffusion import adapt as adapting, preferences
from engine.protocol import (
    AdaptRequest,
    Failure,
    GenerateRequest,
    Job,
    LearnRequest,
    ModelAction,
    ModelsRequest,
    ModelsResult,
    PictureBrief,
    Preview,
    Progress,
    Reference,
    StyleResult,
    WorksResult,
)
from engine.registry import Registry
from engine.service import Service
from tests.engine.media.image.generators.diffusion import tiny_pipelines

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where models are kept; adapting takes few steps."""
    place = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAQUETTE_MODELS", str(place))
        patch.setattr(adapting, "STEPS", 8)
        patch.setattr(adapting, "TOKENS_ALONE", 4)
        patch.setattr(preferences, "STEPS", 4)
        yield place


def ended(service: Service, job: Job) -> tuple[list, object]:
    *events, result = service.run(job)
    return events, result


def adapting_job(out: Path) -> AdaptRequest:
    paths = sorted(asset("samples/images").glob("*.jpg"))[:2]
    return AdaptRequest(
        job_id="a",
        references=tuple(Reference(path=str(path)) for path in paths),
        out=str(out),
        medium=PictureBrief().medium,
        generator="diffusion",
        preview_dir=str(out.parent / "previews"),
    )


def test_a_model_is_added_adapted_drawn_with_taught_and_drawn_with_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Service(torch.device("cpu"), Registry())
    style, taught, out = tmp_path / "s.style", tmp_path / "t.style", tmp_path / "works"
    _, none = ended(service, adapting_job(style))
    assert isinstance(none, Failure)
    assert none.code == "no_picture_model"

    path = tiny_pipelines.folder("sd15", tmp_path)
    asked = ModelsRequest(job_id="m", action=ModelAction.INSPECT, path=str(path))
    _, seen = ended(service, asked)
    assert isinstance(seen, ModelsResult)
    assert seen.found is not None
    assert (seen.found.family, seen.found.medium) == ("Stable Diffusion 1.5", "image")
    assert seen.found.memory_bytes > 0
    assert "cpu" in seen.found.remarks
    _, listed = ended(service, ModelsRequest(job_id="m", action=ModelAction.ADD, path=str(path)))
    assert isinstance(listed, ModelsResult)
    assert [model.id for model in listed.models] == ["tiny-sd15"]

    events, adapted = ended(service, adapting_job(style))
    assert isinstance(adapted, StyleResult), adapted
    assert any(isinstance(event, Progress) for event in events)
    shown = [event.path for event in events if isinstance(event, Preview)]
    assert len(shown) == 2  # the best so far, and the first work
    assert all(Path(each).exists() for each in shown)
    assert style.stat().st_size < 2**20

    brief = PictureBrief(count=3, seed=3, width_px=64, height_px=48, prompt="the sea")
    request = GenerateRequest(job_id="g", style=str(style), out_dir=str(out), brief=brief)
    _, drawn = ended(service, request)
    assert isinstance(drawn, WorksResult), drawn
    about = json.loads(Path(drawn.works[0].sidecar).read_bytes())
    assert about["brief"]["prompt"] == "the sea"
    assert about["model"]["sha256"] == load_style(style).generator.base

    stars = {work.path: star for work, star in zip(drawn.works, (5, 3, 1), strict=True)}
    learning = LearnRequest(job_id="l", style=str(style), out=str(taught), ratings=stars)
    events, learned = ended(service, learning)
    assert isinstance(learned, StyleResult), learned
    assert any(isinstance(event, Progress) and event.stage == "learning" for event in events)
    moved = load_style(taught).tensors
    assert any(name.startswith("liked/low_rank/") for name in moved)

    few = PictureBrief(count=1, seed=9, width_px=64, height_px=48, candidates=2)
    request = GenerateRequest(
        job_id="h", style=str(taught), out_dir=str(tmp_path / "more"), brief=few
    )
    _, chosen = ended(service, request)
    assert isinstance(chosen, WorksResult), chosen
    assert json.loads(Path(chosen.works[0].sidecar).read_bytes())["chosen_from"] == 2

    sidecar = drawn.works[0].sidecar
    again = ["again", sidecar, "--style", str(style), "--out", str(tmp_path / "again")]
    assert main(again) == 0
    assert "byte for byte" in capsys.readouterr().out

    _, left = ended(
        service, ModelsRequest(job_id="m", action=ModelAction.REMOVE, model="tiny-sd15")
    )
    assert isinstance(left, ModelsResult)
    assert left.models == ()
    assert path.exists()
    _, gone = ended(service, request)
    assert isinstance(gone, Failure)
    assert gone.code == "model_gone"


def test_the_command_line_inspects_adds_lists_and_removes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tiny_pipelines.folder("zimage", tmp_path)
    assert main(["models", "inspect", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["family"], facts["kind"]) == ("Z-Image", "model")
    assert main(["models", "inspect", str(path)]) == 0
    assert "the painter is the better way" in capsys.readouterr().out
    assert main(["models", "add", str(path)]) == 0
    assert "tiny-zimage was added" in capsys.readouterr().out
    assert main(["models", "list"]) == 0
    assert "tiny-zimage  image, zimage" in capsys.readouterr().out
    assert main(["models", "remove", "tiny-zimage"]) == 0
    capsys.readouterr()
    pickled = tmp_path / "old.ckpt"
    pickled.write_bytes(b"\x80\x04")
    assert main(["models", "inspect", str(pickled)]) == 2
    assert "pickled" in capsys.readouterr().err

"""One request in, a stream of events out: order, refusals, failures, and nothing half-written."""

import ast
import errno
import json
import os
import string
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import engine
from engine.core import style, works
from engine.core.errors import SENTENCES, BadInput, say
from engine.core.style import load_style
from engine.media.image.generators.painter import generator as jobs
from engine.protocol import (
    AdaptRequest,
    BlendRequest,
    Event,
    Failure,
    FailureKind,
    GenerateRequest,
    InspectStyleRequest,
    InspectStyleResult,
    Job,
    PictureBrief,
    Preview,
    Progress,
    Reference,
    StyleResult,
    WeightedStyle,
    WorksResult,
    brief_from_json,
)
from engine.service import Service
from tests.engine.handmade import CPU, FEW_STEPS, adapt_request, last, reference_file

FIXTURE_MARKS = {"style_file": "weights"}

BRIEF = PictureBrief(count=2, seed=5, width_px=48, height_px=40)
ENGINE = Path(engine.__file__).parent


@pytest.fixture
def service() -> Service:
    return Service(CPU)


@pytest.fixture(scope="module")
def style_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("style")
    path = folder / "s.style"
    list(Service(CPU).run(adapt_request(path, reference_file(folder))))
    return path


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing at full length is for the tests that look at pictures."""
    whole = jobs.draw

    def few(tensors, brief, prior, device, _=None):
        return whole(tensors, brief, prior, device, FEW_STEPS)

    monkeypatch.setattr(jobs, "draw", few)


def generate_request(
    style_file: Path, folder: Path, brief: PictureBrief = BRIEF
) -> GenerateRequest:
    return GenerateRequest(job_id="g", style=str(style_file), out_dir=str(folder), brief=brief)


def failure(service: Service, job: Job) -> Failure:
    event = last(service.run(job))
    assert isinstance(event, Failure)
    assert event.job_id == job.job_id
    assert (event.message, event.remedy) == say(event.code, event.details)
    return event


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*"))


# ---- order -------------------------------------------------------------------------------------


@pytest.mark.weights
def test_adapting_reads_then_adapts_then_ends(service: Service, tmp_path: Path) -> None:
    events = list(service.run(adapt_request(tmp_path / "s.style", reference_file(tmp_path))))
    *progress, result = events
    assert all(isinstance(each, Progress) for each in progress)
    stages = [each.stage for each in progress if isinstance(each, Progress)]
    assert stages == sorted(stages, key=["reading", "adapting"].index)
    assert set(stages) == {"reading", "adapting"}
    assert isinstance(result, StyleResult)
    assert result.references_used == 1
    assert result.refused == ()
    made = load_style(tmp_path / "s.style")
    assert made.digest == result.digest
    assert [each.name for each in made.references] == ["reference.png"]


@pytest.mark.weights
def test_generating_shows_previews_and_ends_with_works(
    service: Service, style_file: Path, tmp_path: Path
) -> None:
    job = generate_request(style_file, tmp_path / "works")
    with_previews = GenerateRequest(
        job_id="g",
        style=job.style,
        out_dir=job.out_dir,
        brief=BRIEF,
        preview_dir=str(tmp_path / "previews"),
    )
    events = list(service.run(with_previews))
    kinds = [type(each) for each in events]
    assert kinds[0] is Progress
    assert kinds[-1] is WorksResult
    assert kinds.count(WorksResult) == 1
    assert kinds.index(Progress) < kinds.index(Preview) < kinds.index(WorksResult)
    previews = [each for each in events if isinstance(each, Preview)]
    assert len({each.path for each in previews}) == len(previews), "none is overwritten"
    assert {each.index for each in previews} == {0, 1}
    assert (previews[-1].width_px, previews[-1].height_px) == (48, 40)
    for each in previews:
        with Image.open(each.path) as picture:
            assert picture.size == (each.width_px, each.height_px)
    drawing = [e.done for e in events if isinstance(e, Progress) and e.stage == "drawing"]
    assert drawing == sorted(drawing)
    assert sum(isinstance(e, Progress) and e.stage == "saving" for e in events) == BRIEF.count


@pytest.mark.weights
def test_no_previews_unless_asked_for(service: Service, style_file: Path, tmp_path: Path) -> None:
    events = list(service.run(generate_request(style_file, tmp_path / "works")))
    assert not any(isinstance(each, Preview) for each in events)
    assert len(names(tmp_path)) == 5  # the folder, two works, two sidecars


@pytest.mark.weights
def test_a_first_work_after_adapting(service: Service, tmp_path: Path) -> None:
    references = (Reference(path=str(reference_file(tmp_path))),)
    job = AdaptRequest(
        job_id="a",
        references=references,
        out=str(tmp_path / "s.style"),
        preview_dir=str(tmp_path / "previews"),
    )
    *_, preview, result = service.run(job)
    assert isinstance(preview, Preview)
    assert isinstance(result, StyleResult)
    with Image.open(preview.path) as picture:
        assert picture.size == (preview.width_px, preview.height_px)
    assert min(preview.width_px, preview.height_px) >= 32


@pytest.mark.weights
def test_blending(service: Service, style_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.style"
    list(service.run(adapt_request(other, reference_file(tmp_path, phase=2))))
    styles = (
        WeightedStyle(path=str(style_file), weight=3.0),
        WeightedStyle(path=str(other), weight=1.0),
    )
    out = tmp_path / "blend.style"
    result = last(service.run(BlendRequest(job_id="b", styles=styles, out=str(out))))
    assert isinstance(result, StyleResult)
    made = load_style(out)
    assert made.digest == result.digest
    assert [parent.weight for parent in made.parents] == [0.75, 0.25]
    assert made.parents[0].sha256 == load_style(style_file).digest
    assert len(made.references) == 2
    works = last(service.run(generate_request(out, tmp_path / "works")))
    assert isinstance(works, WorksResult)


def test_a_style_says_what_it_is(service: Service, style_file: Path) -> None:
    told = last(service.run(InspectStyleRequest(job_id="i", path=str(style_file))))
    assert isinstance(told, InspectStyleResult)
    style = load_style(style_file)
    assert (told.medium, told.generator) == ("image", style.generator.id)
    assert told.digest == style.digest
    assert told.references == tuple(each.name for each in style.references)


def test_what_is_no_style_is_refused(service: Service, tmp_path: Path) -> None:
    bad = tmp_path / "bad.style"
    bad.write_bytes(b"no style")
    for path, code in ((bad, "not_a_style"), (tmp_path / "gone.style", "missing_file")):
        assert failure(service, InspectStyleRequest(job_id="i", path=str(path))).code == code


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.weights
def test_a_refused_reference_leaves_the_others(service: Service, tmp_path: Path) -> None:
    good = reference_file(tmp_path)
    bad, gone = tmp_path / "bad.png", tmp_path / "gone.png"
    bad.write_bytes(b"no picture")
    result = last(service.run(adapt_request(tmp_path / "s.style", bad, good, gone)))
    assert isinstance(result, StyleResult)
    assert result.references_used == 1
    assert [(r.path, r.code) for r in result.refused] == [
        (str(bad), "not_a_picture"),
        (str(gone), "missing_file"),
    ]
    for each in result.refused:
        assert (each.message, each.remedy) == say(each.code, each.details)


def test_all_refused(service: Service, tmp_path: Path) -> None:
    bad = [tmp_path / "a.png", tmp_path / "b.png"]
    for path in bad:
        path.write_bytes(b"no picture")
    out = tmp_path / "s.style"
    told = failure(service, adapt_request(out, *bad))
    assert (told.kind, told.code) == (FailureKind.BAD_INPUT, "none_usable")
    assert "a.png" in told.message
    assert failure(service, adapt_request(out, bad[0])).code == "not_a_picture"
    assert not out.exists()


@pytest.mark.weights
def test_impossible_requests(service: Service, style_file: Path, tmp_path: Path) -> None:
    good = reference_file(tmp_path)
    heavy = Reference(path=str(good), weight=float("inf"))
    out = str(tmp_path / "out.style")
    once = (WeightedStyle(path=str(style_file)),)
    cases: list[tuple[Job, str]] = [
        (adapt_request(tmp_path / "s.style"), "no_references"),
        (adapt_request(tmp_path / "s.style", *[good] * 11), "many_references"),
        (AdaptRequest(job_id="a", references=(heavy,), out=out), "bad_weight"),
        (AdaptRequest(job_id="a", references=(), out=out, seed=-1), "bad_seed"),
        (AdaptRequest(job_id="a", references=(), out=out, seed=2**70), "bad_seed"),
        (BlendRequest(job_id="b", styles=once, out=out), "blend_count"),
        (generate_request(tmp_path / "absent.style", tmp_path), "missing_file"),
        (generate_request(good, tmp_path), "not_a_style"),
    ]
    for job, code in cases:
        told = failure(service, job)
        assert (told.kind, told.code) == (FailureKind.BAD_INPUT, code)
    assert names(tmp_path) == ["reference.png"]


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf"), 1e-46, 1e39])
def test_weights_that_make_no_sense(service: Service, tmp_path: Path, weight: float) -> None:
    reference = Reference(path=str(reference_file(tmp_path)), weight=weight)
    job = AdaptRequest(job_id="a", references=(reference,), out=str(tmp_path / "s.style"))
    assert failure(service, job).code == "bad_weight"


@pytest.mark.parametrize(
    ("brief", "code"),
    [
        (PictureBrief(width_px=31), "bad_size"),
        (PictureBrief(height_px=2049), "bad_size"),
        (PictureBrief(count=0), "bad_count"),
        (PictureBrief(count=17), "bad_count"),
        (PictureBrief(seed=-1), "bad_seed"),
        (PictureBrief(seed=2**31), "bad_seed"),
        (PictureBrief(invention=1.01), "bad_number"),
        (PictureBrief(invention=float("nan")), "bad_number"),
    ],
)
def test_impossible_briefs(
    service: Service, style_file: Path, tmp_path: Path, brief: PictureBrief, code: str
) -> None:
    told = failure(service, generate_request(style_file, tmp_path, brief))
    assert (told.kind, told.code) == (FailureKind.BAD_INPUT, code)
    assert names(tmp_path) == []


# ---- faults ------------------------------------------------------------------------------------


def raising(error: Exception) -> object:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.weights
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk(
    service: Service,
    style_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    full = OSError(number, "No space left on device")
    monkeypatch.setattr(works, "write_atomic", raising(full))
    monkeypatch.setattr(style, "write_atomic", raising(full))
    for job in (
        generate_request(style_file, tmp_path / "works"),
        adapt_request(tmp_path / "s.style", reference_file(tmp_path)),
    ):
        told = failure(service, job)
        assert (told.kind, told.code) == (FailureKind.DISK, "disk_full")


@pytest.mark.weights
@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    ],
)
def test_too_little_memory(
    service: Service,
    style_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    monkeypatch.setattr(jobs, "draw", raising(error))
    told = failure(service, generate_request(style_file, tmp_path))
    assert (told.kind, told.code) == (FailureKind.OUT_OF_MEMORY, "out_of_memory")


@pytest.mark.weights
def test_our_own_fault(
    service: Service, style_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "draw", raising(ZeroDivisionError("by {nothing}")))
    told = failure(service, generate_request(style_file, tmp_path))
    assert (told.kind, told.code) == (FailureKind.ENGINE, "engine_fault")
    assert "ZeroDivisionError: by {nothing}" in told.message
    assert isinstance(last(service.run(generate_request(style_file, tmp_path))), Failure)


@pytest.mark.weights
@pytest.mark.parametrize("kind", ["a file", "beneath a file"])
def test_a_folder_that_is_none(
    service: Service, style_file: Path, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "file"
    file.touch()
    folder = file if kind == "a file" else file / "beneath"
    told = failure(service, generate_request(style_file, folder))
    assert (told.kind, told.code) == (FailureKind.BAD_INPUT, "bad_folder")
    job = adapt_request(folder / "s.style", reference_file(tmp_path))
    assert failure(service, job).code == "bad_folder"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_may_not_be_written(
    service: Service, style_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert failure(service, generate_request(style_file, folder)).code == "bad_folder"


# ---- stopping ----------------------------------------------------------------------------------


def closed_after(events: Generator[Event, None, None], count: int) -> None:
    for _ in range(count):
        next(events)
    events.close()


@pytest.mark.weights
@pytest.mark.parametrize("count", [1, 2, 5])
def test_closing_while_adapting_leaves_nothing(
    service: Service, tmp_path: Path, count: int
) -> None:
    path = reference_file(tmp_path)
    closed_after(service.run(adapt_request(tmp_path / "s.style", path)), count)
    assert names(tmp_path) == ["reference.png"]


@pytest.mark.weights
@pytest.mark.parametrize("count", [1, 10])
def test_closing_while_drawing_leaves_nothing(
    service: Service, style_file: Path, tmp_path: Path, count: int
) -> None:
    closed_after(service.run(generate_request(style_file, tmp_path / "works")), count)
    assert names(tmp_path) == []


@pytest.mark.weights
def test_closing_while_saving_keeps_whole_works(
    service: Service, style_file: Path, tmp_path: Path
) -> None:
    events = service.run(generate_request(style_file, tmp_path))
    for event in events:
        if isinstance(event, Progress) and event.stage == "saving":
            events.close()
    written = names(tmp_path)
    assert [Path(name).suffix for name in written] == [".json", ".png"]
    assert len({Path(name).stem for name in written}) == 1


# ---- sidecars ----------------------------------------------------------------------------------


@pytest.mark.weights
def test_a_sidecar_tells_everything_and_makes_the_work_again(
    service: Service, style_file: Path, tmp_path: Path
) -> None:
    result = last(service.run(generate_request(style_file, tmp_path / "works")))
    assert isinstance(result, WorksResult)
    for k, work in enumerate(result.works):
        about = json.loads(Path(work.sidecar).read_text(encoding="utf-8"))
        assert about["format"] == 2
        assert about["made_with_ai"] is True
        assert about["seed"] == work.seed == BRIEF.seed + k
        assert about["file"] == Path(work.path).name
        assert about["style"]["sha256"] == load_style(style_file).digest
        assert about["style"]["references"][0]["name"] == "reference.png"
        brief = brief_from_json(about["brief"])
        assert isinstance(brief, PictureBrief)
        assert brief.count == 1
        again = tmp_path / f"again-{k}"
        repeated = last(service.run(generate_request(style_file, again, brief)))
        assert isinstance(repeated, WorksResult)
        (one,) = repeated.works
        assert Path(one.path).name == Path(work.path).name
        assert Path(one.path).read_bytes() == Path(work.path).read_bytes()


@pytest.mark.weights
def test_works_say_that_they_were_made_with_ai(
    service: Service, style_file: Path, tmp_path: Path
) -> None:
    result = last(service.run(generate_request(style_file, tmp_path)))
    assert isinstance(result, WorksResult)
    first, second = (np.asarray(Image.open(work.path)) for work in result.works)
    assert first.shape == second.shape == (40, 48, 3)
    assert not np.array_equal(first, second)
    with Image.open(result.works[0].path) as picture:
        assert picture.info["Comment"] == "made with AI"


@pytest.mark.weights
def test_unlike_briefs_never_meet_in_one_file(
    service: Service, style_file: Path, tmp_path: Path
) -> None:
    for brief in (
        BRIEF,
        PictureBrief(count=2, seed=5, width_px=48, height_px=40, tile=True),
        BRIEF,
    ):
        list(service.run(generate_request(style_file, tmp_path, brief)))
    assert len(names(tmp_path)) == 8


@pytest.mark.weights
def test_names_of_every_kind(service: Service, tmp_path: Path) -> None:
    folder = tmp_path / "mein Ordner 🎨"
    folder.mkdir()
    reference = reference_file(folder, "große Welle 🌊.png")
    made = folder / "Stil 神.style"
    assert isinstance(last(service.run(adapt_request(made, reference))), StyleResult)
    result = last(service.run(generate_request(made, folder / "Werke {1}")))
    assert isinstance(result, WorksResult)
    about = json.loads(Path(result.works[0].sidecar).read_text(encoding="utf-8"))
    assert about["style"]["references"][0]["name"] == "große Welle 🌊.png"


# ---- sentences ---------------------------------------------------------------------------------


def gaps(code: str) -> set[str]:
    parts = string.Formatter().parse("".join(SENTENCES[code]))
    return {name for _, name, _, _ in parts if name}


def raised() -> list[tuple[str, str, set[str]]]:
    """(file, code, details) of every BadInput in the engine's source."""
    found = []
    for path in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id != "BadInput" or not isinstance(node.args[0], ast.Constant):
                continue
            keywords = {k.arg for k in node.keywords if k.arg}
            if any(k.arg is None for k in node.keywords):
                keywords |= {"least", "most"}  # the limits of a brief, named once
            found.append((path.name, str(node.args[0].value), keywords))
    return found


def test_every_use_of_a_sentence_fills_its_gaps() -> None:
    uses = raised()
    assert len(uses) > 20
    for file, code, details in uses:
        assert code in SENTENCES, f"{file}: {code}"
        assert gaps(code) <= details, f"{file}: {code}"


def test_every_sentence_is_used() -> None:
    used = {code for _, code, _ in raised()} | {"out_of_memory", "disk_full", "engine_fault"}
    assert set(SENTENCES) == used


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_sentences_are_one_line_each(code: str) -> None:
    message, remedy = say(code, dict.fromkeys(gaps(code), "🎨 {odd} name"))
    assert message
    assert remedy
    for text in (message, remedy):
        assert "\n" not in text
        assert not text.endswith(".")


def test_a_bad_input_carries_what_it_says() -> None:
    error = BadInput("empty_file", name="a.png")
    assert (str(error), error.remedy) == say("empty_file", {"name": "a.png"})
    assert error.details == {"name": "a.png"}

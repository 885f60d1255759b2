"""What every generator keeps to: the registered ones, and a toy one made by ARCHITECTURE.md."""

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.assets import asset
from engine.core.pretrained.added import add as add_where_it_lies
from engine.core.progress import finished
from engine.core.style import load_style
from engine.media.audio.codec.sound import Sound
from engine.media.audio.codec.sound_writing import write_sound
from engine.media.audio.generators.sound_model import learned as sound_learned
from engine.media.audio.generators.sound_model.model_jobs import identify as identify_sound
from engine.media.image.generators.diffusion import adapt as diffusion_adapt
from engine.media.image.generators.diffusion.identify import identify
from engine.media.text.generators.causal_lm.models import add
from engine.protocol import (
    AdaptRequest,
    BlendRequest,
    Brief,
    Failure,
    GenerateRequest,
    GeneratorInfo,
    Job,
    Medium,
    MusicBrief,
    PictureBrief,
    Progress,
    Reference,
    StyleResult,
    TextBrief,
    WeightedStyle,
    WorksResult,
)
from engine.registry import GENERATORS, Registry
from engine.service import Service
from tests.engine.media.text.generators.causal_lm import tiny_models
from tests.golden.likeness import kept, likeness

pytestmark = pytest.mark.weights
CPU = torch.device("cpu")
TOY = "tests.engine.toy_generator"
REGISTRY = Registry(generators=(*GENERATORS, TOY))
INFOS = REGISTRY.generators()
JAPANESE = "古池や\n蛙飛びこむ\n水の音\n\n閑さや\n岩にしみ入る\n蝉の声\n"


def _samples(folder: str, pattern: str) -> Callable[[Path], list[Path]]:
    return lambda _: sorted(asset(f"samples/{folder}").glob(pattern))[:2]


def _japanese(folder: Path) -> list[Path]:
    path = folder / "haiku.txt"
    path.write_text(JAPANESE, encoding="utf-8")
    return [path]


def _seaside(folder: Path) -> list[Path]:
    """In words that the tiny language model knows."""
    texts = (
        "the sea keeps its light.\nthe stone keeps rain.",
        "rain and the door.\nopen, the sea.",
    )
    paths = [folder / "one.txt", folder / "two.txt"]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def _recordings(folder: Path) -> list[Path]:
    """Two tunes of plucked notes, so clear that they are heard."""
    paths = [folder / "one.wav", folder / "two.wav"]
    for path, pitches in zip(paths, ("CDEGEDCDEGAG", "AGECEGAGEDCC"), strict=True):
        t = np.arange(round(0.4 * 44_100)) / 44_100
        notes = []
        for pitch in pitches:
            hertz = 261.63 * 2 ** ({"C": 0, "D": 2, "E": 4, "G": 7, "A": 9}[pitch] / 12)
            tones = [np.sin(2 * np.pi * hertz * n * t) / n**2 for n in range(1, 6)]
            notes.append(0.4 * np.sum(tones, 0) * np.exp(-5 * t))
        tune = np.concatenate(notes)[None].astype(np.float32)
        write_sound(path, Sound(tune, 44_100), "wav")
    return paths


REFERENCES: dict[str, Callable[[Path], list[Path]]] = {
    "transport": _samples("images", "*.jpg"),
    "painter": _samples("images", "*.jpg"),
    "toy": _samples("images", "*.jpg"),
    "maquette_lm": _samples("texts", "wang-wei-*"),
    "recombining": _japanese,
    "causal_lm": _seaside,
    "score": _samples("music", "*.mid"),
    "diffusion": _samples("images", "*.jpg"),
    "sound_model": _recordings,
}
OPTIONAL = ("diffusion", "sound_model")  # need the libraries of the group `diffusion`
HAS_LIBRARIES = all(find_spec(name) is not None for name in ("diffusers", "transformers"))
BRIEFS: dict[Medium, Brief] = {
    Medium.IMAGE: PictureBrief(count=2, seed=3, width_px=64, height_px=48),
    Medium.TEXT: TextBrief(count=2, seed=3),
    Medium.AUDIO: MusicBrief(count=2, seed=3, length=2),
}

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
STEADY: dict[Medium, Brief] = {  # nearly the likeliest token each time: no digit's accident
    Medium.IMAGE: PictureBrief(count=1, seed=5, width_px=96, height_px=64),
    Medium.TEXT: TextBrief(count=1, seed=5, temperature=0.1),
    Medium.AUDIO: MusicBrief(count=1, seed=5, length=4, temperature=0.1),
}


def tiny_models_where_they_lie(place: Path) -> None:
    from tests.engine.media.audio.generators.sound_model import tiny_musicgen
    from tests.engine.media.image.generators.diffusion import tiny_pipelines

    found = identify(tiny_pipelines.folder("sd15", place))
    for row in (found.row, identify_sound(tiny_musicgen.folder(place))):
        finished(add_where_it_lies(row, place))


def each_generator(test: Callable) -> Callable:
    def parameter(info: GeneratorInfo) -> object:
        misses = info.id in OPTIONAL and not HAS_LIBRARIES
        reason = "the group `diffusion` is not installed"
        return pytest.param(info, id=info.id, marks=pytest.mark.skipif(misses, reason=reason))

    return pytest.mark.parametrize("info", [parameter(each) for each in INFOS])(test)


@pytest.fixture(autouse=True, scope="module")
def tiny_language_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Models of random numbers are installed, and learned from in a few steps."""
    place = tmp_path_factory.mktemp("models")
    finished(add(tiny_models.gguf(place / "tiny.gguf"), place))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAQUETTE_MODELS", str(place))
        if HAS_LIBRARIES:
            tiny_models_where_they_lie(place)
            patch.setattr(diffusion_adapt, "STEPS", 8)
            patch.setattr(diffusion_adapt, "TOKENS_ALONE", 4)
            patch.setattr(sound_learned, "STEPS", 8)
        yield


@pytest.fixture(scope="module")
def service(tiny_language_model: None) -> Service:
    return Service(CPU, REGISTRY)


@pytest.fixture(scope="module")
def style_of(
    service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[GeneratorInfo], Path]:
    """A style of a generator, adapted once."""
    made: dict[str, Path] = {}

    def adapted(info: GeneratorInfo) -> Path:
        if info.id not in made:
            folder = tmp_path_factory.mktemp(info.id)
            job = AdaptRequest(
                job_id="a",
                references=tuple(Reference(path=str(p)) for p in REFERENCES[info.id](folder)),
                out=str(folder / "s.style"),
                medium=Medium(info.medium),
                generator=info.id,
                preview_dir=str(folder / "previews"),
            )
            assert isinstance(last(service, job), StyleResult)
            made[info.id] = folder / "s.style"
        return made[info.id]

    return adapted


@pytest.fixture(scope="module")
def works_of(
    service: Service, style_of: Callable, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[GeneratorInfo], WorksResult]:
    """The works of a generator's style, made once."""
    found: dict[str, WorksResult] = {}

    def works(info: GeneratorInfo) -> WorksResult:
        if info.id not in found:
            out = tmp_path_factory.mktemp(f"{info.id}-works")
            found[info.id] = made(service, style_of(info), out, info)
        return found[info.id]

    return works


def last(service: Service, job: Job) -> object:
    *_, result = service.run(job)
    return result


def made(service: Service, style: Path, out: Path, info: GeneratorInfo) -> WorksResult:
    brief = BRIEFS[Medium(info.medium)]
    job = GenerateRequest(job_id="g", style=str(style), out_dir=str(out), brief=brief)
    result = last(service, job)
    assert isinstance(result, WorksResult), result
    return result


@each_generator
def test_it_says_which_fields_of_the_brief_it_serves(info: GeneratorInfo) -> None:
    fields = {each.name for each in dataclasses.fields(BRIEFS[Medium(info.medium)])}
    assert set(info.fields) <= fields
    assert {"count", "seed"} <= set(info.fields)
    assert info.version >= 1
    assert info.name.english
    assert info.name.chinese


@each_generator
def test_its_styles_say_who_made_them(info: GeneratorInfo, style_of: Callable) -> None:
    style = load_style(style_of(info))
    generator = REGISTRY.generator(info.id, CPU)
    assert (style.generator.id, style.generator.version) == (info.id, info.version)
    assert style.generator.base == generator.base_digest
    assert len(style.neutral) == len(style.references)


@each_generator
def test_the_same_brief_makes_the_same_works(
    info: GeneratorInfo, service: Service, style_of: Callable, works_of: Callable, tmp_path: Path
) -> None:
    one, again = works_of(info), made(service, style_of(info), tmp_path, info)
    assert len(one.works) == 2
    for a, b in zip(one.works, again.works, strict=True):
        assert Path(a.path).read_bytes() == Path(b.path).read_bytes()
        assert Path(a.path).read_bytes()


@each_generator
def test_it_makes_its_golden_work(
    info: GeneratorInfo, service: Service, style_of: Callable, tmp_path: Path
) -> None:
    medium, golden = Medium(info.medium), GOLDEN / f"{info.id}.json"
    style, out = str(style_of(info)), str(tmp_path)
    result = last(
        service, GenerateRequest(job_id="g", style=style, out_dir=out, brief=STEADY[medium])
    )
    assert isinstance(result, WorksResult), result
    work = kept(result.works[0], medium)
    if os.environ.get("MAQUETTE_GOLDEN") == "write":
        golden.write_text(json.dumps(work, ensure_ascii=False) + "\n", encoding="utf-8")
    assert likeness(work, json.loads(golden.read_text(encoding="utf-8")), medium) > 0.8


@each_generator
def test_every_work_has_a_sidecar_with_its_own_brief(
    info: GeneratorInfo, style_of: Callable, works_of: Callable
) -> None:
    for i, work in enumerate(works_of(info).works):
        about = json.loads(Path(work.sidecar).read_bytes())
        assert about["file"] == Path(work.path).name
        assert about["made_with_ai"] is True
        assert about["brief"]["count"] == 1
        assert about["brief"]["seed"] == about["seed"] == 3 + i
        assert about["style"]["sha256"] == load_style(style_of(info)).digest


@each_generator
def test_styles_blend(
    info: GeneratorInfo, service: Service, style_of: Callable, tmp_path: Path
) -> None:
    path = str(style_of(info))
    styles = (WeightedStyle(path=path, weight=3.0), WeightedStyle(path=path))
    out = tmp_path / "b.style"
    assert isinstance(
        last(service, BlendRequest(job_id="b", styles=styles, out=str(out))), StyleResult
    )
    style = load_style(out)
    assert style.generator.id == info.id
    assert len(style.neutral) == len(style.references)
    assert made(service, out, tmp_path / "works", info).works


@each_generator
def test_progress_is_told_and_a_stopped_job_leaves_no_half_work(
    info: GeneratorInfo, service: Service, style_of: Callable, tmp_path: Path
) -> None:
    brief = BRIEFS[Medium(info.medium)]
    job = GenerateRequest(
        job_id="g", style=str(style_of(info)), out_dir=str(tmp_path / "out"), brief=brief
    )
    events = service.run(job)
    first = next(event for event in events if isinstance(event, Progress))
    assert 0 <= first.done <= first.total
    events.close()
    left = sorted((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else []
    assert all(path.with_suffix(".json").exists() for path in left)


def test_styles_of_two_generators_do_not_blend(
    service: Service, style_of: Callable, tmp_path: Path
) -> None:
    paths = [style_of(info) for info in INFOS if info.id in ("transport", "toy")]
    styles = tuple(WeightedStyle(path=str(path)) for path in paths)
    result = last(service, BlendRequest(job_id="b", styles=styles, out=str(tmp_path / "b.style")))
    assert isinstance(result, Failure)
    assert result.code == "other_generator"


def test_a_style_of_a_missing_generator_says_which(style_of: Callable, tmp_path: Path) -> None:
    toy = next(info for info in INFOS if info.id == "toy")
    job = GenerateRequest(
        job_id="g", style=str(style_of(toy)), out_dir=str(tmp_path), brief=BRIEFS[Medium.IMAGE]
    )
    result = last(Service(CPU, Registry()), job)
    assert isinstance(result, Failure)
    assert result.code == "no_generator"
    assert result.details["generator"] == "toy"


def test_two_generators_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same id"):
        Registry(generators=(TOY, TOY))

"""Text files through the service: adapt, generate, blend, with the shipped model."""

import json
from pathlib import Path

import pytest

from engine.core.style import load_style
from engine.protocol import (
    AdaptRequest,
    BlendRequest,
    Event,
    Failure,
    GenerateRequest,
    Job,
    Medium,
    PictureBrief,
    Preview,
    Progress,
    Reference,
    Script,
    StyleResult,
    TextBrief,
    WeightedStyle,
    WorksResult,
)
from engine.service import Service
from tests.engine.handmade import CPU

POEMS = {
    "lu.txt": "鹿柴\n空山不見人，但聞人語響。\n返景入深林，復照青苔上。\n",
    "zhu.md": "# 竹里馆\n\n独坐幽篁里，弹琴复长啸。\n深林人不知，明月来相照。\n",
}
SONG = "The sea is calm tonight,\nThe tide is full, the moon lies fair\nUpon the straits.\n" * 3


def run(job: Job) -> list[Event]:
    return list(Service(CPU).run(job))


def references(folder: Path, works: dict[str, str]) -> tuple[Reference, ...]:
    for name, text in works.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(Reference(path=str(folder / name)) for name in works)


def adapted(folder: Path, works: dict[str, str], name: str = "s.style") -> Path:
    out = folder / name
    job = AdaptRequest(
        job_id="a", medium=Medium.TEXT, references=references(folder, works), out=str(out)
    )
    assert isinstance(run(job)[-1], StyleResult)
    return out


@pytest.fixture(scope="module")
def style(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adapted(tmp_path_factory.mktemp("texts"), POEMS)


@pytest.mark.weights
def test_adapting_shows_a_first_work_in_the_references_script(tmp_path: Path) -> None:
    job = AdaptRequest(
        job_id="a",
        medium=Medium.TEXT,
        references=references(tmp_path, {"lu.txt": POEMS["lu.txt"]}),
        out=str(tmp_path / "s.style"),
        preview_dir=str(tmp_path),
    )
    events = run(job)
    previews = [e for e in events if isinstance(e, Preview)]
    assert len(previews) > 2
    assert len(previews[0].text) < len(previews[-1].text)
    assert isinstance(events[-1], StyleResult)
    assert events[-1].references_used == 1


@pytest.mark.weights
def test_works_are_written_with_their_sidecars(style: Path, tmp_path: Path) -> None:
    brief = TextBrief(count=2, seed=7, form="五绝")
    events = run(GenerateRequest(job_id="g", style=str(style), out_dir=str(tmp_path), brief=brief))
    result = events[-1]
    assert isinstance(result, WorksResult)
    for work in result.works:
        assert Path(work.path).read_text(encoding="utf-8").strip() == work.text
        sidecar = json.loads(Path(work.sidecar).read_text(encoding="utf-8"))
        assert sidecar["made_with_ai"] is True
        assert sidecar["copied"]["run"] <= 12
        assert sidecar["brief"]["form"] == "五绝"
        assert [r["name"] for r in sidecar["style"]["references"]] == list(POEMS)
    shares = [e.done / e.total for e in events if isinstance(e, Progress) and e.stage == "writing"]
    assert shares == sorted(shares)
    assert any(isinstance(e, Preview) and e.text for e in events)


@pytest.mark.weights
def test_the_same_request_gives_the_same_bytes(style: Path, tmp_path: Path) -> None:
    brief = TextBrief(count=1, seed=2)
    texts = []
    for name in "ab":
        job = GenerateRequest(
            job_id="g", style=str(style), out_dir=str(tmp_path / name), brief=brief
        )
        result = run(job)[-1]
        assert isinstance(result, WorksResult)
        texts.append(Path(result.works[0].path).read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.weights
def test_traditional_script_and_the_artists_words(style: Path, tmp_path: Path) -> None:
    brief = TextBrief(
        count=1,
        form="五绝",
        acrostic="風雲山水",
        script=Script.TRADITIONAL,
    )
    job = GenerateRequest(job_id="g", style=str(style), out_dir=str(tmp_path), brief=brief)
    result = run(job)[-1]
    assert isinstance(result, WorksResult)
    assert "".join(line[0] for line in result.works[0].text.splitlines()) == "風雲山水"


@pytest.mark.weights
def test_what_no_form_allows_is_told(style: Path, tmp_path: Path) -> None:
    brief = TextBrief(form="五绝", acrostic="只有三")
    job = GenerateRequest(job_id="g", style=str(style), out_dir=str(tmp_path), brief=brief)
    assert isinstance(run(job)[-1], Failure)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.weights
@pytest.mark.parametrize(
    ("brief", "code"),
    [
        (TextBrief(temperature=0), "bad_number"),
        (TextBrief(top_p=1.5), "bad_number"),
        (TextBrief(strength=-1), "bad_number"),
        (PictureBrief(), "other_medium"),
    ],
)
def test_a_bad_brief_is_refused(style: Path, tmp_path: Path, brief: TextBrief, code: str) -> None:
    job = GenerateRequest(job_id="g", style=str(style), out_dir=str(tmp_path), brief=brief)
    told = run(job)[-1]
    assert isinstance(told, Failure)
    assert told.code == code


@pytest.mark.weights
def test_one_unreadable_text_does_not_stop_the_others(tmp_path: Path) -> None:
    works = references(tmp_path, POEMS)
    (tmp_path / "noise.txt").write_bytes(bytes(range(256)) * 40)
    job = AdaptRequest(
        job_id="a",
        medium=Medium.TEXT,
        references=(*works, Reference(path=str(tmp_path / "noise.txt"))),
        out=str(tmp_path / "s.style"),
    )
    result = run(job)[-1]
    assert isinstance(result, StyleResult)
    assert result.references_used == 2
    assert [Path(r.path).name for r in result.refused] == ["noise.txt"]


@pytest.mark.weights
def test_styles_of_texts_blend(style: Path, tmp_path: Path) -> None:
    song = adapted(tmp_path, {"song.txt": SONG}, "song.style")
    job = BlendRequest(
        job_id="b",
        styles=(WeightedStyle(path=str(style), weight=3), WeightedStyle(path=str(song))),
        out=str(tmp_path / "mix.style"),
    )
    assert isinstance(run(job)[-1], StyleResult)
    mixed = load_style(tmp_path / "mix.style")
    assert mixed.medium == Medium.TEXT
    assert [round(r.weight, 2) for r in mixed.references] == [0.75, 0.75, 0.25]

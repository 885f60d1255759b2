"""Sidecars: what format 2 holds, and that format 1 is still read."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.core.errors import BadInput
from engine.core.files import sha256
from engine.core.sidecars import SourceFile, read_sidecar, source_files
from engine.core.style import UNKNOWN, Ancestor, Stamp, Style
from engine.core.works import Origin, write_work
from engine.protocol import BRIEFS, Brief, MusicBrief, PictureBrief, TextBrief, Use
from tests.engine.protocol.test_briefs import FLAT

FORMATS = Path(__file__).parents[2] / "formats"
SOME = Stamp("some", 3, "b" * 64)
STYLE = Style("text", {}, (Ancestor("0" * 64, "a.txt", 1.0),), generator=SOME, digest="d" * 64)

SINCE_FORMAT_1 = {
    "collage",
    "looks",
    "nearness",
    "score_use",
    "first_bar",
    "last_bar",
    "room",
}  # fields of the brief that came later: they have their defaults


def origin(**more: Any) -> Origin:
    return Origin(style=STYLE, device=torch.device("cpu"), **more)


@pytest.mark.parametrize("kind", BRIEFS.values(), ids=lambda kind: kind.__name__)
def test_a_sidecar_holds_its_own_mediums_fields_and_is_read_back(
    kind: type[Brief], tmp_path: Path
) -> None:
    brief = kind(count=1, seed=9)
    work = write_work(b"data", ".x", brief, origin(), tmp_path, {"more": 1})
    about = json.loads(Path(work.sidecar).read_text("utf-8"))
    assert about["format"] == 2
    assert set(about["brief"]) == {field.name for field in fields(kind)}
    assert about["threads"] == torch.get_num_threads()
    assert about["generator"] == {"id": "some", "version": 3, "base": "b" * 64}
    assert (about["more"], about["made_with_ai"], about["seed"]) == (1, True, 9)
    read = read_sidecar(Path(work.sidecar))
    assert (read.format, read.brief, read.style, read.sources) == (2, brief, "d" * 64, {})
    assert (read.sha256, read.file) == (sha256(b"data"), Path(work.path).name)
    assert (read.generator, read.threads) == (SOME, torch.get_num_threads())


def test_files_are_named_and_measured(tmp_path: Path) -> None:
    content = tmp_path / "großes Bild.png"
    content.write_bytes(b"picture")
    named = source_files({"content": str(content)})
    assert named == {"content": SourceFile(name=content.name, sha256=sha256(b"picture"))}
    brief = PictureBrief(count=1, use=Use.VARY, content=str(content))
    work = write_work(b"data", ".png", brief, origin(sources=named), tmp_path)
    assert read_sidecar(Path(work.sidecar)).sources == named


def test_a_changed_file_is_another_recipe_and_a_moved_one_is_not(tmp_path: Path) -> None:
    def stem(path: str, digest: str) -> str:
        sources = {"content": SourceFile(name="a.png", sha256=digest)}
        brief = PictureBrief(count=1, use=Use.VARY, content=path)
        return Path(write_work(b"", ".png", brief, origin(sources=sources), tmp_path).path).stem

    assert stem("a/a.png", "1") == stem("b/a.png", "1") != stem("a/a.png", "2")


# ---- format 1 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "seed", "sources"),
    [
        ("text", TextBrief, 7, {}),
        ("image", PictureBrief, 5, {"content": "hokusai-ejiri.jpg"}),
        ("audio", MusicBrief, 3, {}),
    ],
)
def test_format_1_is_read(name: str, kind: type[Brief], seed: int, sources: dict[str, str]) -> None:
    path = FORMATS / f"sidecar-1-{name}.json"
    about = json.loads(path.read_text("utf-8"))
    assert set(about["brief"]) == set(FLAT["text"])
    read = read_sidecar(path)
    assert type(read.brief) is kind
    own = asdict(read.brief)
    told = {field: own[field] for field in own if field not in SINCE_FORMAT_1}
    assert {field: about["brief"][field] for field in told} == json.loads(json.dumps(told))
    assert (read.format, read.brief.seed, read.threads) == (1, seed, 0)
    assert {field: source.name for field, source in read.sources.items()} == sources
    assert all(len(source.sha256) == 64 for source in read.sources.values())
    assert read.generator == UNKNOWN


def edited(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda about: about | changes


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (edited(format=3), "newer_sidecar"),
        (edited(format="1"), "not_a_sidecar"),
        (edited(brief=[]), "not_a_sidecar"),
        (edited(brief={"medium": "smell"}), "not_a_sidecar"),
        (edited(style="d" * 64), "not_a_sidecar"),
        (edited(sha256=7), "not_a_sidecar"),
        (lambda about: {"a.png": 4}, "not_a_sidecar"),
        (lambda about: [about], "not_a_sidecar"),
    ],
)
def test_what_is_no_sidecar_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], code: str
) -> None:
    about = json.loads((FORMATS / "sidecar-1-text.json").read_text("utf-8"))
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(change(about)), "utf-8")
    with pytest.raises(BadInput) as caught:
        read_sidecar(path)
    assert caught.value.code == code
    assert "odd.json" in str(caught.value)


def test_noise_is_no_sidecar(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for data in (b"\xff\xfe{", b"{", b"[" * 100_000):
        path.write_bytes(data)
        with pytest.raises(BadInput, match="no sidecar"):
            read_sidecar(path)

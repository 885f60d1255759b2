"""`again`: from a work's sidecar the same work, in three media; only with its style and files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from engine import __main__ as cli
from engine.core.files import sha256
from engine.protocol import AdaptRequest, Medium, Reference, StyleResult, Use
from engine.service import Service
from tests.engine.cli.test_command_line import (
    BAD_INPUT,
    DONE,
    Said,
    few_steps as few_steps,
    style_file as style_file,
)
from tests.engine.handmade import reference_file
from tests.engine.media.audio.test_music_jobs import TUNE, files, service as service, styled
from tests.engine.media.text.test_text_jobs import POEMS, adapted
from tests.engine.protocol.test_briefs import FLAT

pytestmark = pytest.mark.weights

Capture = pytest.CaptureFixture[str]


def generated(capsys: Capture, style: Path, out: Path, *words: str) -> list[dict[str, Any]]:
    place = ["generate", "--style", str(style), "--out", str(out), "--json"]
    said = Said(capsys, [*place, *words])
    assert said.code == DONE, said.err
    return json.loads(said.out)["works"]


def again(style: Path, sidecar: str | Path, out: Path, *words: str) -> list[str]:
    return ["again", str(sidecar), "--style", str(style), "--out", str(out), *words]


def assert_the_same(
    capsys: Capture, style: Path, work: dict[str, Any], out: Path, *words: str
) -> dict[str, Any]:
    """Made again from its sidecar, it has the same bytes and name; returns the new sidecar."""
    said = Said(capsys, again(style, work["sidecar"], out, "--json", *words))
    assert said.code == DONE, said.err
    told = json.loads(said.out)
    (made,) = told["works"]
    assert told["identical"] is True
    assert Path(made["path"]).read_bytes() == Path(work["path"]).read_bytes()
    assert Path(made["path"]).name == Path(work["path"]).name
    return json.loads(Path(made["sidecar"]).read_bytes())


def as_format_1(sidecar: str, **more: object) -> None:
    """Rewrite a sidecar as it was before: the brief flat, neither files nor threads."""
    about = json.loads(Path(sidecar).read_bytes())
    for name in ("sources", "generator", "threads"):
        del about[name]
    usual = FLAT["image"] | {"tile": False, "palette": "theirs", "symmetry": "none", "colours": []}
    about |= {"format": 1, "brief": usual | about["brief"], **more}
    Path(sidecar).write_text(json.dumps(about), "utf-8")


# ---- the same work -----------------------------------------------------------------------------


def test_pictures(capsys: Capture, style_file: Path, tmp_path: Path) -> None:
    words = ("--count", "2", "--size", "40x32", "--tile", "--light", "0.3")
    for work in generated(capsys, style_file, tmp_path / "w", *words):
        assert_the_same(capsys, style_file, work, tmp_path / "again")
        as_format_1(work["sidecar"])
        assert_the_same(capsys, style_file, work, tmp_path / "again")


def test_texts(capsys: Capture, tmp_path: Path) -> None:
    style = adapted(tmp_path, POEMS)
    words = ("--count", "2", "--seed", "7", "--form", "五绝", "--temperature", "0.8")
    for work in generated(capsys, style, tmp_path / "w", *words):
        assert_the_same(capsys, style, work, tmp_path / "again")
        as_format_1(work["sidecar"])
        assert_the_same(capsys, style, work, tmp_path / "again")


def test_music(capsys: Capture, service: Service, tmp_path: Path) -> None:
    styled(service, tmp_path, files(tmp_path, TUNE))
    style = tmp_path / "a.style"
    opening = tmp_path / "opening.abc"
    opening.write_text(TUNE, "utf-8")
    words = ("--count", "2", "--length", "2", "--content", str(opening), "--sound", "harp")
    for work in generated(capsys, style, tmp_path / "w", *words):
        opening.write_text(TUNE, "utf-8")
        about = assert_the_same(capsys, style, work, tmp_path / "again")
        assert about["sources"]["content"]["sha256"] == sha256(TUNE.encode())
        opening.unlink()
        moved = tmp_path / "w" / "opening.abc"
        moved.write_text(TUNE, "utf-8")
        assert_the_same(capsys, style, work, tmp_path / "again")
        moved.unlink()
        Said(capsys, again(style, work["sidecar"], tmp_path)).assert_refused("opening.abc")
        other = tmp_path / "other.abc"
        other.write_text(TUNE, "utf-8")
        assert_the_same(capsys, style, work, tmp_path / "again", "--content", str(other))


def test_threads_are_those_of_the_sidecar(
    capsys: Capture, style_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work,) = generated(capsys, style_file, tmp_path / "w", "--count", "1", "--size", "40x32")
    about = json.loads(Path(work["sidecar"]).read_bytes())
    assert about["threads"] == torch.get_num_threads() == 1
    Path(work["sidecar"]).write_text(json.dumps(about | {"threads": 2}), "utf-8")
    seen: list[int] = []
    whole = Service.run

    def watched(self: Service, job: Any) -> Any:
        seen.append(torch.get_num_threads())
        return whole(self, job)

    monkeypatch.setattr(Service, "run", watched)
    assert Said(capsys, again(style_file, work["sidecar"], tmp_path / "again")).code == DONE
    assert seen == [2]
    assert torch.get_num_threads() == 1


def test_what_came_out_is_compared(capsys: Capture, style_file: Path, tmp_path: Path) -> None:
    (work,) = generated(capsys, style_file, tmp_path / "w", "--count", "1", "--size", "40x32")
    said = Said(capsys, again(style_file, work["sidecar"], tmp_path / "again"))
    assert said.out.splitlines()[1] == f"the same as {Path(work['path']).name}, byte for byte"
    about = json.loads(Path(work["sidecar"]).read_bytes()) | {"sha256": "0", "device": "a GPU"}
    Path(work["sidecar"]).write_text(json.dumps(about), "utf-8")
    said = Said(capsys, again(style_file, work["sidecar"], tmp_path / "again"))
    assert said.code == DONE
    assert "not the same" in said.out and "a GPU" in said.out


# ---- the right style and files -----------------------------------------------------------------


def test_another_style_is_refused(capsys: Capture, style_file: Path, tmp_path: Path) -> None:
    (work,) = generated(capsys, style_file, tmp_path / "w", "--count", "1", "--size", "40x32")
    other = tmp_path / "other.style"
    job = AdaptRequest(
        job_id="a",
        medium=Medium.IMAGE,
        references=(Reference(path=str(reference_file(tmp_path, phase=2))),),
        out=str(other),
    )
    assert isinstance(list(Service().run(job))[-1], StyleResult)
    digest = sha256(style_file.read_bytes())[:12]
    said = Said(capsys, again(other, work["sidecar"], tmp_path / "again"))
    said.assert_refused("other.style", Path(work["path"]).name, digest)
    assert not (tmp_path / "again").exists()
    Said(capsys, again(style_file, other, tmp_path)).assert_refused("no sidecar")
    Said(capsys, again(style_file, tmp_path / "no.json", tmp_path)).assert_refused("no.json")


@pytest.mark.parametrize("use", [Use.RESTYLE, Use.FILL])
def test_pictures_of_a_content_and_a_mask(
    capsys: Capture, style_file: Path, tmp_path: Path, use: Use
) -> None:
    content, mask = (reference_file(tmp_path, name, k) for k, name in enumerate(("c.png", "m.png")))
    words: Sequence[str] = ("--content", str(content), "--use", use.value)
    named = {"content": content}
    if use is Use.FILL:
        words, named = (*words, "--mask", str(mask)), {"content": content, "mask": mask}
    size = ("--count", "1", "--size", "48x40")
    (work,) = generated(capsys, style_file, tmp_path / "w", *size, *words)
    about = json.loads(Path(work["sidecar"]).read_bytes())
    assert set(about["sources"]) == set(named)
    assert_the_same(capsys, style_file, work, tmp_path / "again")
    for field, path in named.items():
        data = path.read_bytes()
        path.write_bytes(reference_file(tmp_path, "x.png", 5).read_bytes())
        said = Said(capsys, again(style_file, work["sidecar"], tmp_path / "again"))
        said.assert_refused(path.name, sha256(data)[:12])
        path.unlink()
        said = Said(capsys, again(style_file, work["sidecar"], tmp_path / "again"))
        said.assert_refused(path.name, f"--{field}")
        moved = tmp_path / f"moved-{field}.png"
        moved.write_bytes(data)
        option = (f"--{field}", str(moved))
        assert_the_same(capsys, style_file, work, tmp_path / "again", *option)
        path.write_bytes(data)
    sources = {field: about["sources"][field] for field in named}
    as_format_1(work["sidecar"], **sources)
    assert_the_same(capsys, style_file, work, tmp_path / "again")


def test_a_file_that_is_not_needed_is_refused(
    capsys: Capture, style_file: Path, tmp_path: Path
) -> None:
    (work,) = generated(capsys, style_file, tmp_path / "w", "--count", "1", "--size", "40x32")
    mask = str(reference_file(tmp_path))
    said = Said(capsys, again(style_file, work["sidecar"], tmp_path / "again", "--mask", mask))
    said.assert_refused("--mask", Path(work["path"]).name)
    assert said.code == BAD_INPUT


def test_the_verb_is_told_its_parts(capsys: Capture) -> None:
    for words in (["again"], ["again", "a.json", "--style", "s"], ["again", "--out", "d"]):
        with pytest.raises(SystemExit):
            cli.main(words)
        assert "--help" in capsys.readouterr().err

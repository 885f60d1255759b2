"""Checkpoints in one file, which borrow what they lack from a folder with other weights."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

pytest.importorskip("diffusers", reason="the group `diffusion` is not installed")

from safetensors.torch import load_file, save_file

from engine.core.errors import BadInput
from engine.core.pretrained import added
from engine.core.pretrained.added import AddedModel
from engine.core.progress import finished
from engine.core.style import load_style
from engine.media.image.generators.diffusion import adapt as adapting
from engine.media.image.generators.diffusion.base import Base, load
from engine.media.image.generators.diffusion.denoisers import Conditioning
from engine.media.image.generators.diffusion.identify import identify
from engine.media.image.generators.diffusion.pipelines import lender_of
from engine.media.image.generators.diffusion.style import LENDER, DiffusionStyle, blend
from engine.protocol import Failure, GenerateRequest, PictureBrief, StyleResult, WorksResult
from engine.registry import Registry
from engine.service import Service
from tests.engine.media.image.generators.diffusion import tiny_pipelines
from tests.engine.media.image.generators.diffusion.test_whole_path import adapting_job, ended
from tests.engine.media.image.generators.diffusion.tiny_checkpoints import checkpoint

pytestmark = pytest.mark.weights
CPU = torch.device("cpu")
HELD = {
    "sd15": ("unet", "vae", "text_encoder"),
    "sdxl": ("unet", "vae", "text_encoder", "text_encoder_2"),
    "sd3": ("transformer", "vae"),
    "flux2": ("transformer",),
    "zimage": ("transformer",),
}
each_family = pytest.mark.parametrize("family", HELD)


def listed(path: Path, models: Path) -> AddedModel:
    return finished(added.add(identify(path).row, models))


def opened(path: Path, models: Path) -> Base:
    row = listed(path, models)
    return load(row, CPU, torch.float32, lender_of(row, models))


def refused(path: Path, models: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        opened(path, models)
    return caught.value


def predicted(base: Base, told: Conditioning) -> torch.Tensor:
    noise = torch.randn((1, base.channels, 8, 8), generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        return base.predict(noise, torch.tensor([500.0]), told)


def same_weights(one: Base, other: Base, part: str) -> bool:
    rows = [getattr(each.pipe, part).state_dict() for each in (one, other)]
    return rows[0].keys() == rows[1].keys() and all(map(torch.equal, *(r.values() for r in rows)))


@each_family
def test_a_checkpoint_is_what_its_folder_is(family: str, tmp_path: Path) -> None:
    own = tiny_pipelines.folder(family, tmp_path, "own")
    lender = tiny_pipelines.folder(family, tmp_path, "lender", seed=1)
    listed(lender, tmp_path)
    base = opened(checkpoint(family, own, tmp_path / "ink.safetensors"), tmp_path)
    wanted, lent = opened(own, tmp_path), opened(lender, tmp_path)
    assert base.lender is not None
    assert base.lender.name == "lender"
    assert (base.steps, base.guidance) == (wanted.steps, wanted.guidance)
    held = HELD[family]
    assert base.row.remarks == ("borrows" if "vae" in held else "denoiser_only",)
    for name, part in base.pipe.components.items():
        if isinstance(part, torch.nn.Module):
            assert same_weights(base, wanted if name in held else lent, name)
            assert not same_weights(base, lent if name in held else wanted, name)
    read = "text_encoder" in held
    told = (wanted if read else lent).told("a sea")
    assert torch.allclose(base.told("a sea").tokens, told.tokens, atol=1e-6)
    assert torch.allclose(predicted(base, told), predicted(wanted, told), atol=1e-6)
    assert not torch.allclose(predicted(base, told), predicted(lent, told), atol=1e-3)


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3"])
def test_a_checkpoint_of_the_denoiser_borrows_the_other_parts(family: str, tmp_path: Path) -> None:
    own = tiny_pipelines.folder(family, tmp_path, "own")
    lender = tiny_pipelines.folder(family, tmp_path, "lender", seed=1)
    path = checkpoint(family, own, tmp_path / "ink.safetensors", alone=True)
    listed(lender, tmp_path)
    base, lent = opened(path, tmp_path), opened(lender, tmp_path)
    assert base.row.remarks == ("denoiser_only",)
    assert torch.equal(base.told("a sea").tokens, lent.told("a sea").tokens)
    assert same_weights(base, opened(own, tmp_path), base.family.denoiser)
    assert same_weights(base, lent, "vae")


def test_without_a_folder_of_its_family_one_is_asked_for(tmp_path: Path) -> None:
    path = checkpoint("sd15", tiny_pipelines.folder("sd15", tmp_path), tmp_path / "ink.safetensors")
    listed(tiny_pipelines.folder("sdxl", tmp_path), tmp_path)
    told = refused(path, tmp_path)
    assert (told.code, told.details["family"]) == ("model_file_alone", "Stable Diffusion 1.5")


def test_parts_that_are_not_read_from_one_file_ask_for_the_whole_folder(tmp_path: Path) -> None:
    own = tiny_pipelines.folder("zimage", tmp_path)
    listed(own, tmp_path)
    path = checkpoint("zimage", own, tmp_path / "all.safetensors")
    save_file(load_file(path) | {"vae.encoder.conv_in.weight": torch.zeros(4, 3, 3, 3)}, path)
    assert identify(path).row.remarks == ("folder_only",)
    assert refused(path, tmp_path).code == "model_folder_only"


def test_a_file_that_does_not_fit_or_lacks_tensors_is_told(tmp_path: Path) -> None:
    own = tiny_pipelines.folder("sd15", tmp_path, "own")
    path = checkpoint("sd15", own, tmp_path / "ink.safetensors")
    rows = load_file(path)
    listed(own, tmp_path)

    def code(changed: dict[str, torch.Tensor]) -> str:
        save_file(changed, tmp_path / "changed.safetensors")
        return refused(tmp_path / "changed.safetensors", tmp_path).code

    unet = "model.diffusion_model."
    for lost in (f"{unet}out.2.weight", f"{unet}middle_block.0.in_layers.2.weight"):
        assert code({name: each for name, each in rows.items() if name != lost}) == "model_misfit"
    vae = "first_stage_model.decoder.conv_out.weight"
    assert code({name: each for name, each in rows.items() if name != vae}) == "model_misfit"
    assert code(rows | {f"{unet}time_embed.0.bias": torch.zeros(7)}) == "model_misfit"
    assert code(rows | {"v_pred": torch.zeros(1)}) == "model_misfit"
    old = {name.replace(".text_model.", "."): each for name, each in rows.items()}
    assert code(old) == "model_damaged"  # the library would take the folder's text encoder


def test_styles_over_two_lenders_do_not_blend(tmp_path: Path) -> None:
    own = tiny_pipelines.folder("sd15", tmp_path, "own")
    listed(own, tmp_path)
    base = opened(checkpoint("sd15", own, tmp_path / "ink.safetensors"), tmp_path)
    assert base.lender is not None
    style = DiffusionStyle(base.row.digest, torch.zeros(2, 768), {}, lender=base.lender.digest)
    again = DiffusionStyle.of_tensors(style.tensors())
    assert (again.digest, again.lender) == (base.row.digest, added.added(tmp_path)[0].digest)
    assert blend([style, again], [1.0, 1.0]).lender == style.lender
    with pytest.raises(BadInput) as caught:
        blend([style, replace(style, lender=style.digest)], [1.0, 1.0])
    assert caught.value.code == "model_blend"


def test_a_style_names_the_file_and_the_folder_and_takes_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    monkeypatch.setenv("MAQUETTE_MODELS", str(models))
    monkeypatch.setattr(adapting, "STEPS", 4)
    monkeypatch.setattr(adapting, "TOKENS_ALONE", 2)
    own = tiny_pipelines.folder("sd15", tmp_path, "own")
    file = listed(checkpoint("sd15", own, tmp_path / "ink.safetensors", alone=True), models)
    service = Service(CPU, Registry())
    style = tmp_path / "s.style"
    _, none = ended(service, adapting_job(style))
    assert isinstance(none, Failure)
    assert none.code == "model_file_alone"

    lender = listed(tiny_pipelines.folder("sd15", tmp_path, "lender", seed=1), models)
    _, adapted = ended(service, adapting_job(style))
    assert isinstance(adapted, StyleResult), adapted
    kept = load_style(style)
    assert kept.generator.base == file.digest
    assert bytes(kept.tensors[LENDER].numpy()).hex() == lender.digest

    brief = PictureBrief(count=1, seed=3, width_px=32, height_px=32)
    request = GenerateRequest(
        job_id="g", style=str(style), out_dir=str(tmp_path / "works"), brief=brief
    )
    _, drawn = ended(service, request)
    assert isinstance(drawn, WorksResult), drawn
    about = json.loads(Path(drawn.works[0].sidecar).read_bytes())["model"]
    assert about["sha256"] == file.digest
    assert about["borrowed_from"]["sha256"] == lender.digest

    added.remove(lender.id, models)
    listed(tiny_pipelines.folder("sd15", tmp_path, "another", seed=2), models)
    _, gone = ended(service, request)
    assert isinstance(gone, Failure)
    assert gone.code == "model_lender_gone"

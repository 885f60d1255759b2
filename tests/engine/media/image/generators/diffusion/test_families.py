"""Every family, over random weights: drawn as its pipeline draws, adapted, taught, made again."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

pytest.importorskip("diffusers", reason="the group `diffusion` is not installed")

from engine.core import preference_tensors as liked
from engine.core.errors import BadInput
from engine.core.pretrained import added, low_rank
from engine.core.pretrained.learned import Learned
from engine.core.pretrained.libraries import library
from engine.core.progress import finished
from engine.media.image.codec.raster import encode_png
from engine.media.image.generators.diffusion import (
    adapt as adapting,
    base as bases,
    learning,
    preferences,
)
from engine.media.image.generators.diffusion.base import Base, load
from engine.media.image.generators.diffusion.draw import Begin, cleaned, draw, noise_of
from engine.media.image.generators.diffusion.families import FAMILIES
from engine.media.image.generators.diffusion.generator import DiffusionGenerator
from engine.media.image.generators.diffusion.identify import identify
from engine.media.image.generators.diffusion.looks import read_looks
from engine.media.image.generators.diffusion.preferences import Rated, preferred
from engine.media.image.generators.diffusion.style import DiffusionStyle, blend
from engine.media.image.generators.transport.adapt import WeightedPicture
from engine.protocol import PictureBrief, Use
from engine.service import failure_of
from tests.engine.media.image.generators.diffusion import tiny_pipelines

pytestmark = pytest.mark.weights
CPU = torch.device("cpu")
SIDE = 32
each_family = pytest.mark.parametrize("family", FAMILIES)


@pytest.fixture(autouse=True, scope="module")
def small_steps() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bases, "LEARNED_SIDE_PX", SIDE)
        patch.setattr(adapting, "STEPS", 30)
        patch.setattr(adapting, "TOKENS_ALONE", 10)
        patch.setattr(adapting, "SECONDS", 600.0)
        patch.setattr(adapting, "SHOWN_STEPS", 2)
        patch.setattr(preferences, "STEPS", 6)
        yield


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def base_of(models: Path) -> Callable[[str], Base]:
    """A model of a family, added and loaded once."""
    loaded: dict[str, Base] = {}

    def opened(family: str) -> Base:
        if family not in loaded:
            found = identify(tiny_pipelines.folder(family, models))
            assert found.row.family == family
            row = finished(added.add(found.row, models))
            loaded[family] = load(row, CPU, torch.float32)
        return loaded[family]

    return opened


@pytest.fixture(scope="module")
def style_of(base_of: Callable[[str], Base]) -> Callable[[str], DiffusionStyle]:
    made: dict[str, DiffusionStyle] = {}

    def adapted(family: str) -> DiffusionStyle:
        if family not in made:
            pictures = [WeightedPicture(picture()), WeightedPicture(picture(3.0), 2.0)]
            made[family] = finished(adapting.adapt(pictures, base_of(family), seed=1))
        return made[family]

    return adapted


def picture(waves: float = 6.0, height: int = 40, width: int = 48) -> torch.Tensor:
    """(3, H, W), stripes and slopes."""
    rows, columns = torch.linspace(-1, 1, height), torch.linspace(-1, 1, width)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([torch.sin(waves * x), y, x * y])


def brief(**more: Any) -> PictureBrief:
    fields = {"count": 1, "seed": 3, "width_px": SIDE, "height_px": SIDE, "prompt": "a sea"}
    return PictureBrief(**fields | more)


def latents_of(slices: Any) -> torch.Tensor:
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the pipeline's own scheduler
@each_family
def test_it_draws_what_the_family_s_own_pipeline_draws(
    family: str, base_of: Callable[[str], Base]
) -> None:
    base, steps = base_of(family), 4
    noise = noise_of(base, brief(), (SIDE, SIDE))
    own = cleaned(base, base.told("a sea"), base.told(""), noise, Begin(), steps)
    mine = base.to_pixels(latents_of(own))
    pipe, guidance = base.pipe, base.guidance
    before = pipe.scheduler
    if not base.denoiser.is_flow:
        solver = library("diffusers").DPMSolverMultistepScheduler
        pipe.scheduler = solver.from_config(before.config)
    if family == "zimage":  # it counts from the prompt's side
        guidance -= 1
    pipe.set_progress_bar_config(disable=True)
    try:
        with torch.no_grad():
            theirs = pipe(
                prompt="a sea",
                height=SIDE,
                width=SIDE,
                num_inference_steps=steps,
                guidance_scale=guidance,
                latents=noise.clone(),
                output_type="pt",
            ).images
    finally:
        pipe.scheduler = before
    assert (mine - (theirs * 2 - 1)).abs().max() < 1e-4


@each_family
def test_adapting_lowers_the_loss_on_a_fixed_batch(
    family: str, base_of: Callable[[str], Base], style_of: Callable[[str], DiffusionStyle]
) -> None:
    base, style = base_of(family), style_of(family)
    latents = [base.to_latents(picture()[None, :, :SIDE, :SIDE]) for _ in range(8)]
    fixed = learning.spread(base, latents, seed=5)
    began = style.holding(
        Learned(
            learning.tokens_near(base, 1, adapting.TOKENS), low_rank.start(base.network, 1, CPU)
        )
    )
    assert learning.measured(base, style, fixed) < learning.measured(base, began, fixed)
    assert style.adapter.keys() == low_rank.layers_of(base.network).keys()
    assert set(style.tensors()) - {"base", "tokens", "aspect"} == set(
        low_rank.to_tensors(style.adapter)
    )


@each_family
def test_layers_that_are_computed_twice_give_the_same_gradients(
    family: str,
    base_of: Callable[[str], Base],
    style_of: Callable[[str], DiffusionStyle],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base, style = base_of(family), style_of(family)
    (example,) = learning.spread(base, [base.to_latents(picture()[None, :, :SIDE, :SIDE])], seed=5)
    found: list[list[torch.Tensor]] = []
    for sparing in (False, True):
        monkeypatch.setattr(base, "sparing", sparing)
        base.told("")
        moving = style.holding(style.learned.learnable())
        with learning.gradients(base):
            learning.errors(base, moving, example).mean().backward()
        pairs = [each.grad for pair in moving.adapter.values() for each in (pair.down, pair.up)]
        found.append([each for each in (moving.tokens.grad, *pairs) if each is not None])
    once, twice = found
    assert len(once) == len(twice) == 1 + 2 * len(style.adapter)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(once, twice, strict=True))


@each_family
def test_the_same_brief_draws_the_same_picture_and_another_seed_another(
    family: str, base_of: Callable[[str], Base], style_of: Callable[[str], DiffusionStyle]
) -> None:
    base, style = base_of(family), style_of(family)
    two = finished(draw(base, style, brief(count=2), steps=3))
    alone = finished(draw(base, style, brief(seed=4), steps=3))
    assert torch.equal(two[1], alone[0])
    assert not torch.equal(two[0], two[1])
    other = finished(draw(base, style, brief(prompt="a stone"), steps=3))
    assert not torch.equal(two[0], other[0])


@each_family
def test_ratings_move_a_style_towards_what_is_liked_within_the_trust_region(
    family: str, base_of: Callable[[str], Base], style_of: Callable[[str], DiffusionStyle]
) -> None:
    base, style = base_of(family), style_of(family).on(CPU)
    works = [
        Rated(base.to_latents(picture(waves)[None, :, :SIDE, :SIDE]), utility)
        for waves, utility in ((6.0, 1.0), (1.0, -1.0))
    ]
    moved = finished(preferred(base, style, works, seed=2))
    assert moved is not None
    fixed = learning.spread(base, [work.latents for work in works], seed=2)
    change = preferences.change(base, style, moved, fixed)
    assert 0 < change <= preferences.TRUST
    taught = style.tensors() | moved.learned.moved()
    half = DiffusionStyle.of_tensors(taught, follow=0.5)
    whole = DiffusionStyle.of_tensors(taught, follow=1.0)
    plain = DiffusionStyle.of_tensors(taught)
    tokens = (plain.tokens + whole.tokens) / 2
    assert torch.allclose(half.tokens, tokens, atol=1e-3)
    assert all(name.startswith(liked.PREFIX) for name in moved.learned.moved())


def test_nothing_is_moved_where_all_are_liked_alike(
    base_of: Callable[[str], Base], style_of: Callable[[str], DiffusionStyle]
) -> None:
    base = base_of("sd15")
    works = [Rated(base.to_latents(picture()[None, :, :SIDE, :SIDE]), 0.5)] * 2
    assert finished(preferred(base, style_of("sd15"), works, seed=0)) is None


# ---- pictures to start from ---------------------------------------------------------------------


@pytest.fixture
def content(tmp_path: Path) -> Path:
    path = tmp_path / "content.png"
    path.write_bytes(encode_png(picture(9.0, SIDE, SIDE)))
    return path


def test_restyling_keeps_more_of_the_content_the_weaker_it_is(
    content: Path, base_of: Callable[[str], Base], style_of: Callable[[str], DiffusionStyle]
) -> None:
    base, style = base_of("sd15"), style_of("sd15")
    plain = base.to_pixels(base.to_latents(picture(9.0, SIDE, SIDE)[None]))[0]
    away = []
    for strength in (0.0, 1.0, 2.0):
        asked = brief(use=Use.RESTYLE, content=str(content), strength=strength)
        (drawn,) = finished(draw(base, style, asked, steps=12))
        away.append(float((drawn - plain).square().mean()))
    assert away == sorted(away)


def test_filling_leaves_what_is_not_masked_as_it_is(
    content: Path,
    tmp_path: Path,
    base_of: Callable[[str], Base],
    style_of: Callable[[str], DiffusionStyle],
) -> None:
    mask = torch.full((3, SIDE, SIDE), -1.0)
    mask[:, :, SIDE // 2 :] = 1
    path = tmp_path / "mask.png"
    path.write_bytes(encode_png(mask))
    asked = brief(use=Use.FILL, content=str(content), mask=str(path))
    (drawn,) = finished(draw(base_of("sd15"), style_of("sd15"), asked, steps=4))
    shown = picture(9.0, SIDE, SIDE)
    kept = (drawn - shown)[:, :, : SIDE // 2 - 2].abs().max()
    assert kept < 0.02
    assert (drawn - shown)[:, :, SIDE // 2 + 2 :].abs().mean() > 0.05


def test_extending_keeps_the_content_in_the_middle(
    content: Path, base_of: Callable[[str], Base], style_of: Callable[[str], DiffusionStyle]
) -> None:
    asked = brief(use=Use.EXTEND, content=str(content), width_px=48, height_px=48)
    (drawn,) = finished(draw(base_of("sd15"), style_of("sd15"), asked, steps=4))
    assert drawn.shape == (3, 48, 48)
    middle = drawn[:, 8:40, 8:40] - picture(9.0, SIDE, SIDE)
    assert middle.abs().max() < 0.02


def test_varying_a_little_stays_near_the_root(
    base_of: Callable[[str], Base], style_of: Callable[[str], DiffusionStyle]
) -> None:
    base, style = base_of("sd15"), style_of("sd15")
    (root,) = finished(draw(base, style, brief(seed=7), steps=4))
    near, far = (
        finished(draw(base, style, brief(seed=8, root=7, variation=v), steps=4))[0]
        for v in (0.1, 1.0)
    )
    assert (near - root).square().mean() < (far - root).square().mean()


# ---- LoRA files ---------------------------------------------------------------------------------


def kohya_file(base: Base, path: Path, scale: float = 1.0) -> Path:
    """A LoRA file over some layers, with the names of kohya's tools."""
    rows: dict[str, torch.Tensor] = {}
    random = torch.Generator().manual_seed(0)
    for name, layer in low_rank.layers_of(base.network).items():
        stem = f"lora_unet_{name.replace('.', '_')}"
        rows[f"{stem}.lora_down.weight"] = torch.randn(2, layer.in_features, generator=random)
        rows[f"{stem}.lora_up.weight"] = scale * torch.randn(
            layer.out_features, 2, generator=random
        )
        rows[f"{stem}.alpha"] = torch.tensor(1.0)
    save_file(rows, path)
    return path


def peft_file(base: Base, path: Path) -> Path:
    """The same with the names of `peft`, alpha / rank in one of the two."""
    rows: dict[str, torch.Tensor] = {}
    random = torch.Generator().manual_seed(0)
    for name, layer in low_rank.layers_of(base.network).items():
        down = torch.randn(2, layer.in_features, generator=random)
        up = torch.randn(layer.out_features, 2, generator=random)
        rows[f"unet.{name}.lora_A.weight"] = down
        rows[f"unet.{name}.lora_B.weight"] = up / 2
    save_file(rows, path)
    return path


def test_lora_files_of_both_tools_do_the_same_and_are_mixed_by_their_shares(
    tmp_path: Path,
    models: Path,
    base_of: Callable[[str], Base],
    style_of: Callable[[str], DiffusionStyle],
) -> None:
    base, style = base_of("sd15"), style_of("sd15")
    for path in (
        kohya_file(base, tmp_path / "kohya.safetensors"),
        peft_file(base, tmp_path / "peft.safetensors"),
    ):
        row = finished(added.add(identify(path).row, models))
        assert (row.kind, row.family) == (added.LOW_RANK, "sd15")

    def drawn(*looks: str) -> torch.Tensor:
        found = read_looks(base, looks, models)
        return finished(draw(base, style, brief(), found, 3))[0]

    plain, kohya, peft = drawn(), drawn("kohya:0.6"), drawn("peft:0.6")
    assert (kohya - peft).abs().max() < 1e-3
    assert (kohya - plain).abs().max() > 0.01
    assert (drawn("kohya:0.3", "peft:0.3") - kohya).abs().max() < 1e-3
    assert torch.equal(drawn("kohya:0"), plain)


def test_a_lora_file_for_another_base_is_refused(
    tmp_path: Path, models: Path, base_of: Callable[[str], Base]
) -> None:
    path = kohya_file(base_of("sd15"), tmp_path / "other.safetensors")
    finished(added.add(identify(path).row, models))
    with pytest.raises(BadInput) as caught:
        read_looks(base_of("sdxl"), ["other"], models)
    assert caught.value.code == "lora_other_base"
    with pytest.raises(BadInput) as caught:
        read_looks(base_of("sd15"), ["nobody"], models)
    assert caught.value.code == "look_unknown"
    with pytest.raises(BadInput) as caught:
        read_looks(base_of("sd15"), ["other:much"], models)
    assert caught.value.code == "bad_look"
    path.unlink()
    with pytest.raises(BadInput) as caught:
        read_looks(base_of("sd15"), ["other"], models)
    assert caught.value.code == "model_gone"


# ---- what goes wrong ----------------------------------------------------------------------------


def test_where_memory_does_not_last_parts_wait_outside_then_it_is_said(
    monkeypatch: pytest.MonkeyPatch, models: Path, style_of: Callable[[str], DiffusionStyle]
) -> None:
    style = style_of("sd15")
    row = next(r for r in added.added(models, "image", added.MODEL) if r.family == "sd15")
    base, tried = load(row, CPU, torch.float32), []
    predict = base.predict

    def short(*given: Any) -> torch.Tensor:
        tried.append(base.sparing)
        if not base.sparing:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return predict(*given)

    monkeypatch.setattr(base, "predict", short)
    (drawn,) = finished(draw(base, style, brief(), steps=2))
    assert drawn.shape == (3, SIDE, SIDE)
    assert tried[:2] == [False, True]

    def never(*given: Any) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(base, "predict", never)
    with pytest.raises(BadInput) as caught:
        finished(draw(base, style, brief(), steps=2))
    assert caught.value.code == "model_no_room_to_draw"


def test_where_memory_does_not_last_adapting_begins_once_more_with_less(
    monkeypatch: pytest.MonkeyPatch, base_of: Callable[[str], Base]
) -> None:
    base, wholes = load(base_of("sd15").row, CPU, torch.float32), 0
    predict = base.predict

    def short(*given: Any) -> torch.Tensor:
        nonlocal wholes
        wholes += not base.sparing
        if not base.sparing and wholes > 15:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return predict(*given)

    monkeypatch.setattr(base, "predict", short)
    monkeypatch.setattr(adapting, "STEPS", 3)
    style = finished(adapting.adapt([WeightedPicture(picture())], base, seed=1))
    assert base.sparing
    assert len(style.tokens) == adapting.TOKENS

    def never(*given: Any) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(base, "predict", never)
    with pytest.raises(torch.OutOfMemoryError) as caught:
        finished(adapting.adapt([WeightedPicture(picture())], base, seed=1))
    assert failure_of("a", caught.value).code == "out_of_memory"  # one sentence


def test_a_model_that_is_removed_while_it_is_in_use_is_told(
    tmp_path: Path, style_of: Callable[[str], DiffusionStyle]
) -> None:
    folder = tiny_pipelines.folder("sd3", tmp_path)
    row = finished(added.add(identify(folder).row, tmp_path))
    generator = DiffusionGenerator(CPU, tmp_path)
    assert generator.base_digest == row.digest
    assert generator.base(row.digest) is generator.base(row.digest)
    (folder / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(BadInput) as caught:
        generator.base(row.digest)
    assert caught.value.code == "model_gone"
    assert caught.value.details["name"] == "tiny-sd3"
    assert generator.base_digest == ""


def test_weights_in_sixteen_bits_are_computed_in_what_the_processor_can(
    tmp_path: Path, base_of: Callable[[str], Base]
) -> None:
    pipe = base_of("sd15").pipe
    pipe.to(torch.bfloat16).save_pretrained(tmp_path / "half")
    pipe.to(torch.float32)
    row = finished(added.add(identify(tmp_path / "half").row, tmp_path))
    base = load(row, CPU, torch.float32)
    assert {each.dtype for each in base.network.parameters()} == {torch.float32}


def test_styles_over_one_model_blend_and_over_two_do_not(
    style_of: Callable[[str], DiffusionStyle],
) -> None:
    one, other = style_of("sd15"), style_of("sdxl")
    both = blend([one, one], [1.0, 3.0])
    assert torch.allclose(both.tokens, one.tokens, atol=1e-5)
    for name, pair in one.adapter.items():
        mixed = both.adapter[name]
        assert torch.allclose(mixed.up @ mixed.down, pair.up @ pair.down, atol=1e-5)
    with pytest.raises(BadInput) as caught:
        blend([one, other], [1.0, 1.0])
    assert caught.value.code == "model_blend"


def test_a_style_survives_its_file(style_of: Callable[[str], DiffusionStyle]) -> None:
    style = style_of("sd15")
    again = DiffusionStyle.of_tensors(style.tensors())
    assert again.digest == style.digest
    assert np.allclose(again.tokens, style.tokens.half().float())
    assert again.adapter.keys() == style.adapter.keys()

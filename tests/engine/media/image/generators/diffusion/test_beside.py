"""What works beside a picture model: ControlNet, IP-Adapter and captions, over random weights."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

pytest.importorskip("diffusers", reason="the group `diffusion` is not installed")

from engine.core.errors import BadInput
from engine.core.pretrained import added
from engine.core.pretrained.libraries import library
from engine.core.progress import finished
from engine.media.image.codec.raster import encode_png
from engine.media.image.generators.diffusion import (
    adapt as adapting,
    beside,
    captions,
    guides,
    preferences,
)
from engine.media.image.generators.diffusion.adapt import adapt
from engine.media.image.generators.diffusion.base import Base, load
from engine.media.image.generators.diffusion.draw import Begin, cleaned, draw, noise_of
from engine.media.image.generators.diffusion.generator import DiffusionGenerator
from engine.media.image.generators.diffusion.guides import guide_of
from engine.media.image.generators.diffusion.identify import claims, identify
from engine.media.image.generators.diffusion.preferences import Rated
from engine.media.image.generators.diffusion.style import DiffusionStyle, blend
from engine.media.image.generators.transport.adapt import WeightedPicture
from engine.protocol import PictureBrief, Use
from tests.engine.media.image.generators.diffusion import tiny_beside, tiny_pipelines

pytestmark = pytest.mark.weights
CPU = torch.device("cpu")
SIDE = 32
UNETS = ("sd15", "sdxl")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapting, "STEPS", 4)
        patch.setattr(adapting, "TOKENS_ALONE", 2)
        yield tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def base_of(models: Path) -> Callable[[str], Base]:
    """A model with a ControlNet and an IP-Adapter added beside it."""
    loaded: dict[str, Base] = {}

    def opened(family: str) -> Base:
        if family not in loaded:
            row = listed(tiny_pipelines.folder(family, models), models)
            base = loaded[family] = load(row, CPU, torch.float32)
            listed(tiny_beside.control(base.network, models / f"canny-{family}"), models)
            listed(tiny_beside.image_prompt(base.network, models / f"ip-{family}"), models)
        return loaded[family]

    return opened


def listed(path: Path, models: Path) -> added.AddedModel:
    return finished(added.add(identify(path).row, models))


def picture(waves: float = 6.0) -> torch.Tensor:
    rows = torch.linspace(-1, 1, SIDE)
    y, x = torch.meshgrid(rows, rows, indexing="ij")
    return torch.stack([torch.sin(waves * x), y, x * y])


def brief(**more: Any) -> PictureBrief:
    fields = {"count": 1, "seed": 3, "width_px": SIDE, "height_px": SIDE, "prompt": "a sea"}
    return PictureBrief(**fields | more)


def ready(base: Base, models: Path) -> DiffusionStyle:
    """Adapted in one pass, with all that is offered loaded beside the model."""
    near = beside.offered(base.family.id, models)
    style = finished(adapt([WeightedPicture(picture())], base, seed=1, near=near))
    base.beside = beside.opened(
        base.beside, style.control, style.prompt, base.network, base.row.name, models
    )
    return style


def drawn_by(pipe: Any, noise: torch.Tensor, base: Base, **more: Any) -> torch.Tensor:
    """What the family's own pipeline draws, in [-1, 1]."""
    solver = library("diffusers").DPMSolverMultistepScheduler
    pipe.scheduler = solver.from_config(base.pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    with torch.no_grad():
        shown = pipe(
            prompt="a sea",
            height=SIDE,
            width=SIDE,
            num_inference_steps=3,
            guidance_scale=base.guidance,
            latents=noise.clone(),
            output_type="pt",
            **more,
        ).images
    return shown * 2 - 1


def drawn_here(base: Base, style: DiffusionStyle, noise: torch.Tensor, guide: Any) -> torch.Tensor:
    told = base.conditioned(style, "a sea", guide=guide)
    slices = cleaned(base, told, base.unconditioned(told), noise, Begin(), 3)
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return base.to_pixels(end.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("family", UNETS)
def test_a_controlnet_and_an_ip_adapter_do_what_the_library_s_do(
    family: str, models: Path, base_of: Callable[[str], Base]
) -> None:
    base = base_of(family)
    style, noise = ready(base, models), noise_of(base, brief(), (SIDE, SIDE))
    assert base.beside.control is not None
    assert base.beside.prompt is not None
    guide = base.beside.control.guide(picture(9.0)[None], 0.8)
    both = drawn_here(base, style, noise, guide)
    diffusers = library("diffusers")
    xl = "XL" if family == "sdxl" else ""
    parts = dict(base.pipe.components)
    unet = diffusers.UNet2DConditionModel.from_config(base.network.config)
    unet.load_state_dict(base.network.state_dict())
    rows = tiny_beside.image_tensors(base.network)
    split = {
        part: {k.removeprefix(f"{part}."): v for k, v in rows.items() if k.startswith(part)}
        for part in ("image_proj", "ip_adapter")
    }
    unet._load_ip_adapter_weights([split], low_cpu_mem_usage=False)
    kind = getattr(diffusers, f"StableDiffusion{xl}ControlNetPipeline")
    control = tiny_beside.control_network(base.network)
    pipe = kind(**parts | {"unet": unet.eval()}, controlnet=control.eval())
    embeds = base.beside.prompt.embedded([picture()], CPU)[None]
    theirs = drawn_by(
        pipe,
        noise,
        base,
        image=guide.pixels,
        controlnet_conditioning_scale=0.8,
        ip_adapter_image_embeds=[torch.cat([torch.zeros_like(embeds), embeds])],
    )
    assert (both - theirs).abs().max() < 1e-3
    alone = drawn_here(base, style, noise, None)
    assert (alone - both).abs().max() > 1e-3
    base.beside = beside.Beside()
    assert (drawn_here(base, style, noise, None) - alone).abs().max() > 1e-3


def test_references_are_read_in_one_pass_each_by_its_weight(
    models: Path, base_of: Callable[[str], Base], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = base_of("sd15")
    near = beside.offered("sd15", models)
    two = [WeightedPicture(picture()), WeightedPicture(picture(2.0), 3.0)]
    style = finished(adapt(two, base, seed=1, near=near))
    assert style.image is not None
    assert style.image.weights.tolist() == [0.5] * 4 + [1.5] * 4
    assert len(style.tokens) == 0
    kept = DiffusionStyle.of_tensors(style.tensors())
    assert (kept.prompt, kept.control) == (style.prompt, style.control)
    both = blend([kept, kept], [1.0, 1.0])
    base.beside = beside.opened(base.beside, "", style.prompt, base.network, "", models)
    one, again = (finished(draw(base, each, brief(), steps=3))[0] for each in (kept, both))
    assert (one - again).abs().max() < 1e-4
    monkeypatch.setattr(preferences, "STEPS", 3)
    works = [Rated(base.to_latents(picture(w)[None]), u) for w, u in ((6.0, 1.0), (1.0, -1.0))]
    moved = finished(preferences.preferred(base, kept, works, seed=2))
    assert moved is not None
    assert moved.image is kept.image
    assert any(pair.up.any() for pair in moved.adapter.values())
    learned = finished(adapt(two, base, seed=1, seconds=60.0, near=near))
    assert len(learned.tokens) == adapting.TOKENS


def test_restyling_keeps_the_content_s_edges_where_a_controlnet_is(
    tmp_path: Path, models: Path, base_of: Callable[[str], Base]
) -> None:
    base = base_of("sd15")
    style = ready(base, models)
    path = tmp_path / "content.png"
    path.write_bytes(encode_png(picture(9.0)))
    asked = {use: brief(use=use, content=str(path)) for use in (Use.RESTYLE, Use.SKETCH, Use.VARY)}
    seen: list[torch.Tensor] = []
    with pytest.MonkeyPatch.context() as patch:
        whole = guides.Guide.residuals

        def watched(guide: guides.Guide, *given: Any, **more: Any) -> Any:
            seen.append(guide.pixels)
            return whole(guide, *given, **more)

        patch.setattr(guides.Guide, "residuals", watched)
        for use, one in asked.items():
            seen.clear()
            finished(draw(base, style, one, steps=3))
            assert bool(seen) == (use is not Use.VARY)
    assert set(guide_of("guide_edges", picture(9.0)[None]).unique().tolist()) == {0.0, 1.0}


def test_edges_are_thin_lines_where_lightness_jumps() -> None:
    ground = torch.full((1, 3, 40, 40), -1.0)
    ground[..., 10:30, 10:30] = 1.0
    edges = guide_of("guide_edges", ground)[0, 0]
    assert edges[20].nonzero().flatten().tolist() in ([9, 29], [10, 29], [9, 30], [10, 30])
    assert edges[15:25, 15:25].sum() == 0
    soft = guide_of("guide_soft", ground)
    assert 0 <= float(soft.min()) < float(soft.max()) <= 1
    assert torch.equal(guide_of("guide_tile", ground), (ground + 1) / 2)


def test_a_controlnet_in_one_file_is_read_in_the_shape_of_its_unet(
    tmp_path: Path, base_of: Callable[[str], Base]
) -> None:
    base = base_of("sd15")
    row = identify(
        tiny_beside.control_file(base.network, tmp_path / "control_tile.safetensors")
    ).row
    assert (row.kind, row.family, row.remarks) == (added.CONTROL, "sd15", ("guide_tile",))
    network = beside.load_control(row, base.network, "tiny")
    wanted = load_file(row.source)
    assert all(torch.equal(network.state_dict()[name], each) for name, each in wanted.items())
    with pytest.raises(BadInput) as caught:
        beside.load_control(row, base_of("sdxl").network, "tiny")
    assert caught.value.code == "beside_misfit"


def test_without_words_a_work_shows_what_a_reference_shows(
    tmp_path: Path, base_of: Callable[[str], Base]
) -> None:
    row = listed(tiny_beside.captions(tmp_path / "blip"), tmp_path)
    assert (row.kind, row.family) == (added.CAPTION, "blip")
    base = base_of("sd15")
    pictures = [WeightedPicture(picture()), WeightedPicture(picture(2.0))]
    words = finished(captions.described(row, [each.pixels for each in pictures], CPU))
    assert all(words)
    style = finished(adapt(pictures, base, seed=1, near=beside.Offered(captions=row)))
    assert style.motifs == words
    kept = DiffusionStyle.of_tensors(style.tensors())
    assert [kept.motif(seed) for seed in (0, 1, 2)] == [words[0], words[1], words[0]]
    silent = finished(draw(base, kept, brief(prompt="", seed=4), steps=2))[0]
    spoken = finished(draw(base, kept, brief(prompt=words[0], seed=4), steps=2))[0]
    assert torch.equal(silent, spoken)


def test_what_a_style_names_beside_its_model_must_be_there(
    tmp_path: Path, base_of: Callable[[str], Base]
) -> None:
    folder = tiny_pipelines.folder("sd15", tmp_path)
    digest = listed(folder, tmp_path).digest
    unet = base_of("sd15").network
    path = tiny_beside.control(unet, tmp_path / "scribble")
    row = listed(path, tmp_path)
    generator = DiffusionGenerator(CPU, tmp_path)
    style = DiffusionStyle(digest, torch.zeros(0, 768), {}, control=row.digest)
    base = generator.base_of(style)
    assert base.beside.control is not None
    assert generator.base_of(style).beside.control is base.beside.control
    weights = path / "diffusion_pytorch_model.safetensors"
    weights.unlink()
    with pytest.raises(BadInput) as caught:
        generator.base_of(style)
    assert caught.value.code == "model_gone"
    assert caught.value.details["name"] == "scribble"
    assert generator.base_of(DiffusionStyle(digest, style.tokens, {})).beside.control is None


# ---- what is told from headers ------------------------------------------------------------------


def refused(path: Path) -> str:
    assert claims(path)
    with pytest.raises(BadInput) as caught:
        identify(path)
    return caught.value.code


def test_what_works_beside_a_model_is_told_from_headers(
    tmp_path: Path, base_of: Callable[[str], Base]
) -> None:
    unet = base_of("sd15").network
    plain = tiny_beside.control(unet, tmp_path / "nameless")
    assert identify(plain).row.remarks == ("guide_edges", "control_guessed")
    assert refused(tiny_beside.control(unet, tmp_path / "control_depth")) == "control_guide"
    adapter = tiny_beside.image_prompt(unet, tmp_path / "ip")
    row = identify(adapter).row
    assert (row.kind, row.family, len(row.files)) == (added.IMAGE_PROMPT, "sd15", 2)
    assert row.is_there()
    (tmp_path / "ip" / "image_encoder" / "config.json").write_text('{"projection_dim": 7}')
    assert refused(adapter) == "image_encoder_missing"
    rows = {k: v for k, v in load_file(adapter).items() if not k.startswith("image_proj.proj")}
    save_file(rows | {"image_proj.latents": torch.zeros(1, 4, 8)}, adapter)
    assert refused(adapter) == "image_prompt_kind"
    wide = {"input_hint_block.0.weight": torch.zeros(4, 3, 3, 3)}
    wide |= {"input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": torch.zeros(4, 1024)}
    save_file(wide, tmp_path / "of_sd2.safetensors")
    assert refused(tmp_path / "of_sd2.safetensors") == "control_base"
    blip = tiny_beside.captions(tmp_path / "blip")
    assert claims(blip)
    half = blip / "model.safetensors"
    half.write_bytes(half.read_bytes()[:-50])
    assert refused(blip) == "model_cut_off"

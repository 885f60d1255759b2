"""The families of diffusion models that are known, and by which tensors each is told."""

from dataclasses import dataclass

from engine.core.pretrained.headers import Header


@dataclass(frozen=True, slots=True)
class Family:
    """pipelines: class names of `diffusers` that its folders name. denoiser: the folder of it.
    side_px: that it was trained at. steps, guidance: as its makers advise; few_*: of its distilled
    kinds. operations: of the denoiser for one picture of side_px², in 1e12; parameters: of the
    denoiser that these were counted for."""

    id: str
    name: str
    pipelines: tuple[str, ...]
    denoiser: str
    side_px: int
    steps: int
    guidance: float
    operations: float
    parameters: float
    few_steps: int = 0


FAMILIES = {
    each.id: each
    for each in (
        Family(
            id="sd15",
            name="Stable Diffusion 1.5",
            pipelines=("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline"),
            denoiser="unet",
            side_px=512,
            steps=25,
            guidance=7.5,
            operations=0.8,
            parameters=0.86e9,
        ),
        Family(
            id="sdxl",
            name="Stable Diffusion XL",
            pipelines=("StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline"),
            denoiser="unet",
            side_px=1024,
            steps=28,
            guidance=6.0,
            operations=6.0,
            parameters=2.57e9,
        ),
        Family(
            id="sd3",
            name="Stable Diffusion 3.5",
            pipelines=("StableDiffusion3Pipeline",),
            denoiser="transformer",
            side_px=1024,
            steps=28,
            guidance=4.5,
            operations=22.0,
            parameters=2.5e9,
        ),
        Family(
            id="flux2",
            name="FLUX.2 klein",
            pipelines=("Flux2KleinPipeline",),
            denoiser="transformer",
            side_px=1024,
            steps=28,
            guidance=4.0,
            operations=37.0,
            parameters=4.0e9,
            few_steps=4,
        ),
        Family(
            id="zimage",
            name="Z-Image",
            pipelines=("ZImagePipeline",),
            denoiser="transformer",
            side_px=1024,
            steps=28,
            guidance=4.0,
            operations=55.0,
            parameters=6.15e9,
            few_steps=9,
        ),
    )
}
OTHERS = {
    "sd2": "Stable Diffusion 2",
    "flux1": "FLUX.1",
    "refiner": "Stable Diffusion XL refiner",
    "inpainting": "an inpainting model with nine input channels",
}
WITH_UNET = ("sd15", "sdxl")  # ControlNet and IP-Adapter are read for these
CAPTIONS = {"blip": "BLIP"}  # models that describe pictures
WIDTHS = {768: "sd15", 1024: "sd2", 2048: "sdxl", 1280: "refiner"}  # of the text that a UNet reads
_LDM = r"^model\.diffusion_model\."
LOW_RANK = r"lora_(down|up|A|B)\b|\.lora\.(down|up)\."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part lies in a checkpoint in one file: tensors with this prefix. mark: a pattern for
    the one by which the library knows the part."""

    prefix: str
    mark: str


_VAE = Place("first_stage_model.", r"^first_stage_model\.encoder\.conv_in\.weight$")
_UNET = Place("model.diffusion_model.", _LDM + r"input_blocks\.0\.0\.weight$")
_CLIP = r"transformer\.text_model\.embeddings\.position_embedding\.weight$"
PLACES: dict[str, dict[str, Place]] = {
    "sd15": {
        "unet": _UNET,
        "vae": _VAE,
        "text_encoder": Place("cond_stage_model.", r"^cond_stage_model\." + _CLIP),
    },
    "sdxl": {
        "unet": _UNET,
        "vae": _VAE,
        "text_encoder": Place("conditioner.embedders.0.", r"^conditioner\.embedders\.0\." + _CLIP),
        "text_encoder_2": Place(
            "conditioner.embedders.1.", r"^conditioner\.embedders\.1\.model\.positional_embedding$"
        ),
    },
    "sd3": {
        "transformer": Place("model.diffusion_model.", _LDM + r"joint_blocks\.0\."),
        "vae": _VAE,
    },
    "flux2": {"transformer": Place("", r"^single_stream_modulation\.lin\.weight$")},
    "zimage": {
        "transformer": Place(
            "", r"^(model\.diffusion_model\.)?layers\.0\.adaLN_modulation\.0\.weight$"
        )
    },
}
AROUND = (  # prefixes of what is not the denoiser
    "first_stage_model.",
    "vae.",
    "cond_stage_model.",
    "conditioner.",
    "text_encoders.",
)


def is_read_from_one_file(header: Header, family: str) -> bool:
    """Whether all parts that a checkpoint holds lie where they are read of this family."""
    known = tuple(each.prefix for each in PLACES[family].values() if each.prefix)
    others = [name for name in header.tensors if name.startswith(AROUND)]
    return all(name.startswith(known) for name in others)


def name_of(family: str) -> str:
    return FAMILIES[family].name if family in FAMILIES else (OTHERS | CAPTIONS).get(family, family)


def of_denoiser(header: Header) -> str:
    """The family of a folder's denoiser, by its tensors; "" for an unknown one."""
    if header.has(r"^down_blocks\.0\.resnets"):
        return _of_unet(header, r"attn2\.to_k\.weight$", r"^conv_in\.weight$")
    if header.has(r"^double_stream_modulation_img\."):
        return "flux2"
    if header.has(r"^single_transformer_blocks\.", r"^transformer_blocks\."):
        return "flux1"
    if header.has(r"^transformer_blocks\.\d+\.norm1_context\."):
        return "sd3"
    if header.has(r"^layers\.\d+\.adaLN_modulation\.", r"^noise_refiner\."):
        return "zimage"
    return ""


def of_single_file(header: Header) -> str:
    """The same of a checkpoint in one file, as its makers name the tensors."""
    if header.has(_LDM + r"input_blocks\.0\.0\.weight"):
        return _of_unet(header, r"attn2\.to_k\.weight$", _LDM + r"input_blocks\.0\.0\.weight$")
    if header.has(r"joint_blocks\.0\.context_block\."):
        return "sd3"
    if header.has(r"single_stream_modulation\.lin\.weight$"):
        return "flux2"
    if header.has(r"double_blocks\.0\.img_attn\."):
        return "flux1"
    if header.has(r"(^|\.)layers\.0\.adaLN_modulation\.0\.weight$", r"noise_refiner\."):
        return "zimage"
    return ""


def _of_unet(header: Header, text: str, first: str) -> str:
    if header.width(first) > 4:
        return "inpainting"
    return WIDTHS.get(header.width(text), "")


def is_low_rank(header: Header) -> bool:
    return header.has(LOW_RANK)


def of_low_rank(header: Header) -> str:
    """The base that a LoRA file fits: by the width of the text that its UNet part reads, or by the
    names of a transformer's blocks (kohya's and those of diffusers and peft)."""
    text = r"attn2[._]to_k\.(lora_down|lora_A|lora\.down)(\.\w+)?\.weight$"
    if found := WIDTHS.get(header.width(text), ""):
        return found
    down = r"\.(lora_down|lora_A|lora\.down)(\.\w+)?\.weight$"
    te = header.width(r"(lora_te_|text_encoder\.).*" + down)
    if header.has(r"unet.*(down|up|input|output|mid|middle)_block"):
        return WIDTHS.get(te, "")  # without cross-attention: by its text encoder
    if header.has(r"(to_qkv_mlp_proj|_stream_modulation|attn\.to_added_qkv)"):
        return "flux2"
    if header.has(r"single_transformer_blocks|single_blocks"):
        inner = r"single_blocks[._]\d+[._]linear1\.(%s)(\.\w+)?\.weight$"
        width, inputs = (
            header.width(inner % "lora_up|lora_B", 0),
            header.width(inner % "lora_down|lora_A"),
        )
        return "flux2" if inputs and width == 9 * inputs else "flux1"  # of FLUX.1 it is 7
    if header.has(r"joint_blocks|transformer_blocks\.\d+\.attn\.add_k_proj"):
        return "sd3"
    if header.has(r"layers[._]\d+[._](attention|feed_forward)"):
        return "zimage"
    return ""

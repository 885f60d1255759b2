"""Which diffusion model lies at a path: ten kinds of files, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.core.errors import BadInput
from engine.core.pretrained import added
from engine.core.progress import finished
from engine.media.image.generators.diffusion.identify import claims, identify

HALF = np.float16
CLIP = "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight"


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, HALF)


def saved(path: Path, rows: dict[str, tuple[int, ...]], **metadata: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: zeros(*shape) for name, shape in rows.items()}, path, metadata=metadata)
    return path


LDM = "model.diffusion_model."
CHECKPOINTS = {
    "sd15": {
        LDM + "input_blocks.0.0.weight": (8, 4, 3, 3),
        LDM + "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (8, 768),
        "first_stage_model.encoder.conv_in.weight": (4, 3, 3, 3),
    },
    "sdxl": {
        LDM + "input_blocks.0.0.weight": (8, 4, 3, 3),
        LDM + "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (8, 2048),
        "first_stage_model.encoder.conv_in.weight": (4, 3, 3, 3),
    },
    "sd3": {LDM + "joint_blocks.0.context_block.adaLN_modulation.1.bias": (8,)},
    "flux2": {"single_stream_modulation.lin.weight": (8, 8)},
    "zimage": {
        "layers.0.adaLN_modulation.0.weight": (8, 8),
        "noise_refiner.0.attention_norm1.weight": (8,),
    },
}
KOHYA_15 = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
KOHYA_XL = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k"
PEFT_15 = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"
LOW_RANKS = {
    "sd15 by kohya": (
        "sd15",
        {
            f"{KOHYA_15}.lora_down.weight": (
                4,
                768,
            ),
            f"{KOHYA_15}.lora_up.weight": (
                8,
                4,
            ),
        },
    ),
    "sdxl by kohya": (
        "sdxl",
        {
            f"{KOHYA_XL}.lora_down.weight": (
                4,
                2048,
            ),
            f"{KOHYA_XL}.lora_up.weight": (8, 4),
        },
    ),
    "sd15 by peft": (
        "sd15",
        {
            f"{PEFT_15}.lora_A.weight": (
                4,
                768,
            ),
            f"{PEFT_15}.lora_B.weight": (8, 4),
        },
    ),
    "sd3 by diffusers": (
        "sd3",
        {
            "transformer.transformer_blocks.0.attn.add_k_proj.lora_A.weight": (4, 64),
            "transformer.transformer_blocks.0.attn.add_k_proj.lora_B.weight": (64, 4),
        },
    ),
    "flux2 by diffusers": (
        "flux2",
        {
            "transformer.single_transformer_blocks.0.attn.to_qkv_mlp_proj.lora_A.weight": (4, 64),
            "transformer.single_transformer_blocks.0.attn.to_qkv_mlp_proj.lora_B.weight": (64, 4),
        },
    ),
    "flux2 by kohya": (
        "flux2",
        {
            "lora_unet_single_blocks_0_linear1.lora_down.weight": (4, 64),
            "lora_unet_single_blocks_0_linear1.lora_up.weight": (576, 4),
        },
    ),
    "zimage by diffusers": (
        "zimage",
        {
            "diffusion_model.layers.0.attention.to_q.lora_A.weight": (4, 64),
            "diffusion_model.layers.0.attention.to_q.lora_B.weight": (64, 4),
        },
    ),
}


def refused(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        identify(path)
    return caught.value.code


@pytest.mark.parametrize("family", CHECKPOINTS)
def test_a_checkpoint_in_one_file_is_told_by_its_tensors(family: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "model.safetensors", CHECKPOINTS[family])
    found = identify(path).row
    assert (found.family, found.kind, found.medium) == (family, "model", "image")
    assert found.bytes == path.stat().st_size
    assert claims(path)


@pytest.mark.parametrize("name", LOW_RANKS)
def test_a_lora_file_says_which_base_it_fits(name: str, tmp_path: Path) -> None:
    family, rows = LOW_RANKS[name]
    path = saved(tmp_path / "ink.safetensors", rows, **{"modelspec.license": "cc0-1.0"})
    found = identify(path).row
    assert (found.family, found.kind, found.licence) == (family, "low_rank", "cc0-1.0")
    assert claims(path)


def test_a_file_of_another_family_than_its_name_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path / "sdxl_base_1.0.safetensors", CHECKPOINTS["sd15"])
    found = identify(path).row
    assert found.family == "sd15"
    assert "misnamed" in found.remarks


def test_what_a_file_lacks_is_told(tmp_path: Path) -> None:
    def remark(family: str, without: str = "-") -> str:
        rows = {k: v for k, v in CHECKPOINTS[family].items() if not k.startswith(without)}
        return identify(saved(tmp_path / "m.safetensors", rows)).row.remarks[-1]

    assert remark("sd15") == "borrows"
    assert remark("sdxl", without="first_stage_model.") == "denoiser_only"
    assert remark("zimage") == "denoiser_only"
    rows = CHECKPOINTS["zimage"] | {"text_encoders.qwen3_4b.model.norm.weight": (8,)}
    assert identify(saved(tmp_path / "m.safetensors", rows)).row.remarks[-1] == "folder_only"


def test_a_family_that_is_not_known_is_named(tmp_path: Path) -> None:
    rows = {"double_blocks.0.img_attn.norm.key_norm.scale": (8,)}
    assert refused(saved(tmp_path / "flux.safetensors", rows)) == "model_family"
    wide = {
        LDM + "input_blocks.0.0.weight": (8, 9, 3, 3),
        LDM + "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (8, 768),
    }
    assert refused(saved(tmp_path / "inpainting.safetensors", wide)) == "model_family"
    other = {LDM + "input_blocks.0.0.weight": (8, 4, 3, 3), LDM + "attn2.to_k.weight": (8, 1024)}
    assert refused(saved(tmp_path / "sd2.safetensors", other)) == "model_family"


def test_a_lora_file_for_an_unknown_base_is_refused(tmp_path: Path) -> None:
    rows = {
        "lora_unet_x_attn2_to_k.lora_down.weight": (4, 1024),
        "lora_unet_x_attn2_to_k.lora_up.weight": (8, 4),
    }
    assert refused(saved(tmp_path / "old.safetensors", rows)) == "lora_base"


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".bin", ".pth"])
def test_pickles_are_refused_without_being_opened(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"\x80\x04cos\nsystem\n")
    assert refused(path) == "model_pickle"


@pytest.mark.parametrize("kept", [0, 5, 60, -3])
def test_half_a_download_is_told(kept: int, tmp_path: Path) -> None:
    whole = saved(tmp_path / "whole.safetensors", CHECKPOINTS["sd15"]).read_bytes()
    path = tmp_path / "half.safetensors"
    path.write_bytes(whole[:kept])
    assert refused(path) == "model_cut_off"


def test_two_models_of_one_name_have_two_ids(tmp_path: Path) -> None:
    for place, family in (("a", "sd15"), ("b", "sdxl"), ("a", "sd15")):
        path = saved(tmp_path / place / "model.safetensors", CHECKPOINTS[family])
        finished(added.add(identify(path).row, tmp_path))
    rows = added.added(tmp_path)
    assert sorted((row.id, row.family) for row in rows) == [("model", "sd15"), ("model-2", "sdxl")]
    added.prefer("model-2", tmp_path)
    assert added.added(tmp_path)[0].family == "sdxl"
    added.remove("model-2", tmp_path)
    assert [row.id for row in added.added(tmp_path)] == ["model"]
    with pytest.raises(BadInput) as caught:
        added.with_digest(rows[0].digest[::-1], tmp_path)
    assert caught.value.code == "model_gone"


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing.safetensors") == "model_missing"
    assert refused(saved(tmp_path / "a.safetensors", {"weight": (2, 2)})) == "not_a_picture_model"
    garbage = tmp_path / "b.safetensors"
    garbage.write_bytes(b"\x10" + b"\0" * 7 + b"not json at all." + b"\0" * 9)
    assert refused(garbage) == "model_damaged"


class Folder:
    """A folder of `diffusers` with headers only."""

    def __init__(self, path: Path, kind: str = "StableDiffusionPipeline", text: int = 768) -> None:
        self.path = path
        parts = {
            "unet": ["diffusers", "UNet2DConditionModel"],
            "vae": ["diffusers", "AutoencoderKL"],
            "text_encoder": ["transformers", "CLIPTextModel"],
            "tokenizer": ["transformers", "CLIPTokenizer"],
            "scheduler": ["diffusers", "PNDMScheduler"],
            "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
        }
        self.write(kind, parts)
        for name in ("tokenizer", "scheduler"):
            (path / name).mkdir()
        unet = {
            "down_blocks.0.resnets.0.norm1.weight": (8,),
            "conv_in.weight": (8, 4, 3, 3),
            "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight": (8, text),
        }
        saved(path / "unet" / "diffusion_pytorch_model.safetensors", unet)
        saved(path / "vae" / "diffusion_pytorch_model.safetensors", {"x": (2,)})
        saved(path / "text_encoder" / "model.safetensors", {"x": (2,)})
        (path / "README.md").write_text("---\nlicense: creativeml-openrail-m\n---\nA model.\n")

    def write(self, kind: str, parts: dict) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        about = {"_class_name": kind, "_diffusers_version": "0.42.0", **parts}
        (self.path / "model_index.json").write_text(json.dumps(about))


def test_a_folder_is_told_by_its_denoiser_with_its_licence(tmp_path: Path) -> None:
    found = identify(Folder(tmp_path / "sd").path).row
    assert (found.family, found.licence) == ("sd15", "creativeml-openrail-m")
    assert len(found.files) == 3
    assert found.is_there()


def test_a_folder_whose_weights_are_of_another_family_is_refused(tmp_path: Path) -> None:
    path = Folder(tmp_path / "sd", "StableDiffusionPipeline", text=2048).path
    with pytest.raises(BadInput) as caught:
        identify(path)
    assert caught.value.code == "model_mismatch"
    assert caught.value.details["found"] == "Stable Diffusion XL"


def test_a_folder_with_a_part_missing_is_half_a_download(tmp_path: Path) -> None:
    path = Folder(tmp_path / "sd").path
    (path / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    assert refused(path) == "model_part"
    (path / "vae" / "diffusion_pytorch_model.safetensors.part").write_bytes(b"")
    assert refused(path) == "model_cut_off"


def test_a_shard_that_the_index_names_must_be_there(tmp_path: Path) -> None:
    path = Folder(tmp_path / "sd").path
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors"}}
    (path / "text_encoder" / "model.safetensors.index.json").write_text(json.dumps(index))
    assert refused(path) == "model_part"


def test_a_folder_of_pickles_is_refused(tmp_path: Path) -> None:
    path = Folder(tmp_path / "sd").path
    (path / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    (path / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04")
    assert refused(path) == "model_pickle"


def test_a_model_with_code_of_its_own_is_refused(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "sd")
    folder.write(
        "StableDiffusionPipeline", {"unet": ["my_unet", "Unet"], "vae": ["diffusers", "V"]}
    )
    assert refused(folder.path) == "model_code"

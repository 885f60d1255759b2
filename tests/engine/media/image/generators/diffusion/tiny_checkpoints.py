"""Checkpoints in one file, from the folders of `tiny_pipelines`: each tensor under the name that
its makers gave it. This is the way back of what the library does."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.engine.media.image.generators.diffusion import tiny_transformers

LAYERS = 1  # of each block of the tiny UNets
BLOCKS = 2  # of the tiny VAEs
Tensors = dict[str, Tensor]


def _replaced(name: str, rules: Mapping[str, str | Callable[[re.Match[str]], str]]) -> str:
    """By the rules that fit, one after another."""
    for pattern, new in rules.items():
        name = re.sub(pattern, new, name)
    return name


_RESNET = {
    r"\bnorm1\.": "in_layers.0.",
    r"\bconv1\.": "in_layers.2.",
    r"\btime_emb_proj\.": "emb_layers.1.",
    r"\bnorm2\.": "out_layers.0.",
    r"\bconv2\.": "out_layers.3.",
    r"\bconv_shortcut\.": "skip_connection.",
}
_AROUND = {
    r"^time_embedding\.linear_1": "time_embed.0",
    r"^time_embedding\.linear_2": "time_embed.2",
    r"^add_embedding\.linear_1": "label_emb.0.0",
    r"^add_embedding\.linear_2": "label_emb.0.2",
    r"^conv_in": "input_blocks.0.0",
    r"^conv_norm_out": "out.0",
    r"^conv_out": "out.2",
}


def of_unet(tensors: Tensors) -> Tensors:
    attentive = {name[: len("up_blocks.0")] for name in tensors if ".attentions." in name}

    def down(match: re.Match[str], behind: int = 0) -> str:
        block, layer = int(match[1]), int(match[2]) if match.lastindex == 2 else behind
        return f"input_blocks.{1 + block * (LAYERS + 1) + layer}"

    def up(match: re.Match[str]) -> str:
        return f"output_blocks.{int(match[1]) * (LAYERS + 1) + int(match[2])}"

    def enlarging(match: re.Match[str]) -> str:
        place = 2 if f"up_blocks.{match[1]}" in attentive else 1
        return f"output_blocks.{int(match[1]) * (LAYERS + 1) + LAYERS}.{place}.conv"

    blocks = {
        r"^down_blocks\.(\d+)\.resnets\.(\d+)": lambda m: down(m) + ".0",
        r"^down_blocks\.(\d+)\.attentions\.(\d+)": lambda m: down(m) + ".1",
        r"^down_blocks\.(\d+)\.downsamplers\.0\.conv": lambda m: down(m, LAYERS) + ".0.op",
        r"^mid_block\.resnets\.0": "middle_block.0",
        r"^mid_block\.attentions\.0": "middle_block.1",
        r"^mid_block\.resnets\.1": "middle_block.2",
        r"^up_blocks\.(\d+)\.resnets\.(\d+)": lambda m: up(m) + ".0",
        r"^up_blocks\.(\d+)\.attentions\.(\d+)": lambda m: up(m) + ".1",
        r"^up_blocks\.(\d+)\.upsamplers\.0\.conv": enlarging,
    }

    def renamed(name: str) -> str:
        inner = _RESNET if ".resnets." in name else {}
        return _replaced(name, {**_AROUND, **blocks, **inner})

    return {f"model.diffusion_model.{renamed(name)}": each for name, each in tensors.items()}


_VAE = {
    r"encoder\.down_blocks\.(\d+)\.resnets": r"encoder.down.\1.block",
    r"encoder\.down_blocks\.(\d+)\.downsamplers\.0": r"encoder.down.\1.downsample",
    r"decoder\.up_blocks\.(\d+)\.": lambda m: f"decoder.up.{BLOCKS - 1 - int(m[1])}.",
    r"(decoder\.up\.\d+)\.resnets": r"\1.block",
    r"(decoder\.up\.\d+)\.upsamplers\.0": r"\1.upsample",
    r"mid_block\.resnets\.(\d+)": lambda m: f"mid.block_{int(m[1]) + 1}",
    r"mid_block\.attentions\.0": "mid.attn_1",
    r"group_norm": "norm",
    r"to_([qkv])\.": r"\1.",
    r"to_out\.0": "proj_out",
    r"conv_norm_out": "norm_out",
    r"conv_shortcut": "nin_shortcut",
}


def of_vae(tensors: Tensors) -> Tensors:
    """Its attention is written as convolutions."""
    wide = r"mid_block\.attentions\.0\.to_.*weight$"
    return {
        "first_stage_model." + _replaced(name, _VAE): each[..., None, None].contiguous()
        if re.search(wide, name)
        else each
        for name, each in tensors.items()
    }


def of_clip(tensors: Tensors, prefix: str) -> Tensors:
    places = torch.arange(len(tensors[_named(tensors, "position_embedding.weight")]))[None]
    rows = {name.removeprefix("text_model."): each for name, each in tensors.items()}
    rows["embeddings.position_ids"] = places
    return {f"{prefix}transformer.text_model.{name}": each for name, each in rows.items()}


def _named(tensors: Tensors, end: str) -> str:
    return next(name for name in tensors if name.endswith(end))


_OPEN_CLIP = {
    r"^text_model\.": "",
    r"^embeddings\.position_embedding\.weight": "positional_embedding",
    r"^embeddings\.token_embedding": "token_embedding",
    r"^final_layer_norm": "ln_final",
    r"^text_projection\.weight": "text_projection",
    r"^encoder\.layers\.": "transformer.resblocks.",
    r"layer_norm(\d)": r"ln_\1",
    r"mlp\.fc1": "mlp.c_fc",
    r"mlp\.fc2": "mlp.c_proj",
    r"self_attn": "attn",
}


def of_open_clip(tensors: Tensors, prefix: str) -> Tensors:
    """The second text encoder of XL: queries, keys and values in one matrix."""
    rows: Tensors = {"logit_scale": torch.tensor(4.6)}
    for name, each in tensors.items():
        new = _replaced(name, _OPEN_CLIP)
        if match := re.match(r"(.*\.attn)\.q_proj\.(weight|bias)$", new):
            three = [tensors[name.replace("q_proj", f"{letter}_proj")] for letter in "qkv"]
            rows[f"{match[1]}.in_proj_{match[2]}"] = torch.cat(three)
        elif not re.search(r"\.[kv]_proj\.", new):
            rows[new] = each.T.contiguous() if new == "text_projection" else each
    return {f"{prefix}model.{name}": each for name, each in rows.items()}


def checkpoint(family: str, folder: Path, path: Path, *, alone: bool = False) -> Path:
    """A folder in one file. alone: its denoiser only, as FLUX.2 and Z-Image come anyway."""

    def part(name: str) -> Tensors:
        return load_file(next((folder / name).glob("*.safetensors")))

    transformer = tiny_transformers.NAMED.get(family)
    rows = transformer(part("transformer")) if transformer else of_unet(part("unet"))
    if not alone and family in ("sd15", "sdxl", "sd3"):
        rows |= of_vae(part("vae"))
    if not alone and family == "sd15":
        rows |= of_clip(part("text_encoder"), "cond_stage_model.")
    if not alone and family == "sdxl":
        rows |= of_clip(part("text_encoder"), "conditioner.embedders.0.")
        rows |= of_open_clip(part("text_encoder_2"), "conditioner.embedders.1.")
    save_file(rows, path)
    return path

"""Transformers of the tiny models under the names of their makers, as checkpoints hold them: the
way back of what the library does."""

import re

import torch
from torch import Tensor

Tensors = dict[str, Tensor]


def _renamed(tensors: Tensors, rules: dict[str, str]) -> Tensors:
    def one(name: str) -> str:
        for pattern, new in rules.items():
            name = re.sub(pattern, new, name)
        return name

    return {one(name): each for name, each in tensors.items()}


def _fused(tensors: Tensors, three: tuple[str, str, str], one: str) -> Tensors:
    """Queries, keys and values in one matrix. three: the ends of their names; one: of its name."""
    rows = dict(tensors)
    for name in tensors:
        if match := re.match(rf"(.*){re.escape(three[0])}\.(weight|bias)$", name):
            parts = [rows.pop(f"{match[1]}{each}.{match[2]}") for each in three]
            rows[f"{match[1]}{one}.{match[2]}"] = torch.cat(parts)
    return rows


def _swapped(tensor: Tensor) -> Tensor:
    """Shift before scale, where the library has scale before shift."""
    scale, shift = tensor.chunk(2)
    return torch.cat([shift, scale])


def of_zimage(tensors: Tensors) -> Tensors:
    rows = _fused(tensors, ("to_q", "to_k", "to_v"), "qkv")
    rules = {
        r"all_final_layer\.2-1": "final_layer",
        r"all_x_embedder\.2-1": "x_embedder",
        r"to_out\.0": "out",
        r"norm_([qk])\.": r"\1_norm.",
    }
    return _renamed(rows, rules) | {"norm_final.weight": torch.ones(32)}


def of_flux2(tensors: Tensors) -> Tensors:
    rows = _fused(tensors, ("attn.to_q", "attn.to_k", "attn.to_v"), "img_attn.qkv")
    added = ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")
    rows = _fused(rows, added, "txt_attn.qkv")
    rows["norm_out.linear.weight"] = _swapped(rows["norm_out.linear.weight"])
    rules = {
        r"^x_embedder": "img_in",
        r"^context_embedder": "txt_in",
        r"^time_guidance_embed\.timestep_embedder\.linear_1": "time_in.in_layer",
        r"^time_guidance_embed\.timestep_embedder\.linear_2": "time_in.out_layer",
        r"_modulation(\w*)\.linear": r"_modulation\1.lin",
        r"^norm_out\.linear": "final_layer.adaLN_modulation.1",
        r"^proj_out": "final_layer.linear",
        r"^single_transformer_blocks": "single_blocks",
        r"^transformer_blocks": "double_blocks",
        r"attn\.to_qkv_mlp_proj": "linear1",
        r"attn\.to_out\.weight": "linear2.weight",
        r"(single_blocks\.\d+)\.attn\.norm_q\.weight": r"\1.norm.query_norm.scale",
        r"(single_blocks\.\d+)\.attn\.norm_k\.weight": r"\1.norm.key_norm.scale",
        r"attn\.norm_added_q\.weight": "txt_attn.norm.query_norm.scale",
        r"attn\.norm_added_k\.weight": "txt_attn.norm.key_norm.scale",
        r"\.attn\.norm_q\.weight": ".img_attn.norm.query_norm.scale",
        r"\.attn\.norm_k\.weight": ".img_attn.norm.key_norm.scale",
        r"attn\.to_out\.0": "img_attn.proj",
        r"attn\.to_add_out": "txt_attn.proj",
        r"ff\.linear_in": "img_mlp.0",
        r"ff\.linear_out": "img_mlp.2",
        r"ff_context\.linear_in": "txt_mlp.0",
        r"ff_context\.linear_out": "txt_mlp.2",
    }
    return _renamed(rows, rules)


def of_sd3(tensors: Tensors) -> Tensors:
    rows = _fused(tensors, ("attn.to_q", "attn.to_k", "attn.to_v"), "x_block.attn.qkv")
    added = ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")
    rows = _fused(rows, added, "context_block.attn.qkv")
    last = max(int(name.split(".")[1]) for name in rows if name.startswith("transformer_blocks."))
    for name in rows:
        is_last = name.startswith(f"transformer_blocks.{last}.norm1_context.")
        if is_last or name.startswith("norm_out."):
            rows[name] = _swapped(rows[name])
    rules = {
        r"^pos_embed\.pos_embed": "pos_embed",
        r"^pos_embed\.proj": "x_embedder.proj",
        r"^time_text_embed\.timestep_embedder\.linear_1": "t_embedder.mlp.0",
        r"^time_text_embed\.timestep_embedder\.linear_2": "t_embedder.mlp.2",
        r"^time_text_embed\.text_embedder\.linear_1": "y_embedder.mlp.0",
        r"^time_text_embed\.text_embedder\.linear_2": "y_embedder.mlp.2",
        r"^norm_out\.linear": "final_layer.adaLN_modulation.1",
        r"^proj_out": "final_layer.linear",
        r"^transformer_blocks": "joint_blocks",
        r"\.attn\.norm_added_([qk])": r".context_block.attn.ln_\1",
        r"\.attn\.norm_([qk])": r".x_block.attn.ln_\1",
        r"\.attn\.to_out\.0": ".x_block.attn.proj",
        r"\.attn\.to_add_out": ".context_block.attn.proj",
        r"norm1_context\.linear": "context_block.adaLN_modulation.1",
        r"norm1\.linear": "x_block.adaLN_modulation.1",
        r"ff\.net\.0\.proj": "x_block.mlp.fc1",
        r"ff\.net\.2": "x_block.mlp.fc2",
        r"ff_context\.net\.0\.proj": "context_block.mlp.fc1",
        r"ff_context\.net\.2": "context_block.mlp.fc2",
    }
    named = _renamed(rows, rules)
    return {f"model.diffusion_model.{name}": each for name, each in named.items()}


NAMED = {"sd3": of_sd3, "flux2": of_flux2, "zimage": of_zimage}

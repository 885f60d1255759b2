"""Language models of a few thousand random numbers, made in a moment: folders and GGUF files."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

WORDS = ("the", "sea", "and", "light", "stone", "rain", "keeps", "its", "door", "open")
HAN = "山水风月夜雨人家一片孤城万里"
SIZES = {
    "vocab_size": 112,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-6,
}
CONFIGS: dict[str, dict[str, object]] = {
    "llama": {"model_type": "llama", **SIZES, "tie_word_embeddings": False},
    "llama_stretched": {
        "model_type": "llama",
        **SIZES,
        "tie_word_embeddings": True,
        "rope_theta": 500_000.0,
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 16,
        },
    },
    "mistral": {
        "model_type": "mistral",
        **SIZES,
        "sliding_window": 8,
        "tie_word_embeddings": False,
    },
    "qwen2": {"model_type": "qwen2", **SIZES, "tie_word_embeddings": True},
    "qwen3": {"model_type": "qwen3", **SIZES, "head_dim": 16, "tie_word_embeddings": True},
    "gemma3": {
        "model_type": "gemma3_text",
        **SIZES,
        "num_hidden_layers": 7,
        "head_dim": 16,
        "sliding_window": 8,
        "query_pre_attn_scalar": 20,
        "rope_theta": 1_000_000.0,
        "rope_local_base_freq": 10_000.0,
        "tie_word_embeddings": True,
    },
    "gpt2": {
        "model_type": "gpt2",
        "vocab_size": 112,
        "n_embd": 32,
        "n_layer": 3,
        "n_head": 4,
        "n_positions": 128,
        "layer_norm_epsilon": 1e-5,
        "bos_token_id": 0,
        "eos_token_id": 0,
    },
}


def tokens() -> list[int]:
    """Forty tokens, always the same."""
    return np.random.default_rng(3).integers(1, 112, 40).tolist()


def weights(family: str) -> dict[str, torch.Tensor]:
    """By the names that `transformers` has for them."""
    config = CONFIGS[family]
    shapes = _gpt2_shapes(config) if family == "gpt2" else _shapes(config, family)
    generator = torch.Generator().manual_seed(11)
    made = {}
    for name, shape in sorted(shapes.items()):
        scale = 0.1 if len(shape) == 1 else 0.3
        tensor = scale * torch.randn(*shape, generator=generator)
        is_norm = "norm" in name or ".ln_" in name
        if is_norm and name.endswith("weight") and family != "gemma3":
            tensor = tensor + 1
        made[name] = tensor
    return made


def _shapes(config: Mapping[str, object], family: str) -> dict[str, tuple[int, ...]]:
    c = {k: v for k, v in config.items() if isinstance(v, int)}
    width, heads, keys = c["hidden_size"], c["num_attention_heads"], c["num_key_value_heads"]
    head, hidden = c.get("head_dim", width // heads), c["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (c["vocab_size"], width),
        "model.norm.weight": (width,),
    }
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (c["vocab_size"], width)
    for i in range(c["num_hidden_layers"]):
        at, mlp = f"model.layers.{i}.self_attn", f"model.layers.{i}.mlp"
        shapes |= {
            f"model.layers.{i}.input_layernorm.weight": (width,),
            f"model.layers.{i}.post_attention_layernorm.weight": (width,),
            f"{at}.q_proj.weight": (heads * head, width),
            f"{at}.k_proj.weight": (keys * head, width),
            f"{at}.v_proj.weight": (keys * head, width),
            f"{at}.o_proj.weight": (width, heads * head),
            f"{mlp}.gate_proj.weight": (hidden, width),
            f"{mlp}.up_proj.weight": (hidden, width),
            f"{mlp}.down_proj.weight": (width, hidden),
        }
        if family == "qwen2":
            shapes |= {
                f"{at}.q_proj.bias": (heads * head,),
                f"{at}.k_proj.bias": (keys * head,),
                f"{at}.v_proj.bias": (keys * head,),
            }
        if family in ("qwen3", "gemma3"):
            shapes |= {f"{at}.q_norm.weight": (head,), f"{at}.k_norm.weight": (head,)}
        if family == "gemma3":
            shapes |= {
                f"model.layers.{i}.pre_feedforward_layernorm.weight": (width,),
                f"model.layers.{i}.post_feedforward_layernorm.weight": (width,),
            }
    return shapes


def _gpt2_shapes(config: Mapping[str, object]) -> dict[str, tuple[int, ...]]:
    width, vocabulary, positions = 32, 112, 128
    shapes: dict[str, tuple[int, ...]] = {
        "wte.weight": (vocabulary, width),
        "wpe.weight": (positions, width),
        "ln_f.weight": (width,),
        "ln_f.bias": (width,),
    }
    for i in range(3):
        for norm in ("ln_1", "ln_2"):
            shapes |= {f"h.{i}.{norm}.weight": (width,), f"h.{i}.{norm}.bias": (width,)}
        for name, inner, outer in (
            ("attn.c_attn", width, 3 * width),
            ("attn.c_proj", width, width),
            ("mlp.c_fc", width, 4 * width),
            ("mlp.c_proj", 4 * width, width),
        ):
            shapes |= {f"h.{i}.{name}.weight": (inner, outer), f"h.{i}.{name}.bias": (outer,)}
    return shapes


def folder(family: str, path: Path) -> Path:
    """A `transformers` folder with config.json, weights and a byte-level tokenizer."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(CONFIGS[family]), encoding="utf-8")
    save_file(weights(family), path / "model.safetensors", metadata={"format": "pt"})
    byte_level_tokenizer().save(str(path / "tokenizer.json"))
    return path


def byte_level_tokenizer() -> Tokenizer:
    """112 tokens: <end>, printable ASCII, a few merges, and what no text uses."""
    letters = [chr(c) for c in range(33, 127) if chr(c) not in "~^"]
    vocabulary = {piece: i for i, piece in enumerate(["<end>", "Ġ", "Ċ", *letters])}
    merges: list[tuple[str, str]] = []
    for merge in (("t", "h"), ("th", "e"), ("Ġ", "the"), ("s", "e"), ("se", "a"), ("Ġ", "sea")):
        merges.append(merge)
        vocabulary["".join(merge)] = len(vocabulary)
    while len(vocabulary) < 112:
        vocabulary[f"<unused{len(vocabulary)}>"] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


# ---- GGUF ----------------------------------------------------------------------------------------


def pieces() -> list[tuple[str, int]]:
    """(piece, GGUF's type) of a SentencePiece vocabulary: English, Chinese, Russian and bytes."""
    rows = [("<pad>", 3), ("<eos>", 3), ("<bos>", 3), ("<unk>", 2)]
    rows += [("\n", 4), ("\n\n", 4)]
    rows += [(f"<0x{b:02X}>", 6) for b in range(256)]
    merged: list[str] = []
    for word in ("▁" + w for w in WORDS):
        merged += [word[:n] for n in range(2, len(word) + 1)]
    merged += ["***", "**", "山水", "да"]
    singles = sorted({c for piece in merged for c in piece} | set("▁.,;:!?*。，" + HAN + "дюж"))
    singles += [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZbcdfgjkmqvwxyz" if c not in singles]
    return rows + [(p, 1) for p in dict.fromkeys([*merged, *singles])]


def gguf(path: Path, **changes: object) -> Path:
    """A Gemma 3 of random numbers as a GGUF file. changes: of key-value pairs, None leaves out."""
    vocabulary = pieces()
    width, hidden, layers, head = 32, 64, 3, 16
    about: dict[str, object] = {
        "general.architecture": "gemma3",
        "general.name": "Tiny Gemma",
        "general.license": "cc0-1.0",
        "gemma3.context_length": 256,
        "gemma3.embedding_length": width,
        "gemma3.block_count": layers,
        "gemma3.feed_forward_length": hidden,
        "gemma3.attention.head_count": 4,
        "gemma3.attention.head_count_kv": 1,
        "gemma3.attention.key_length": head,
        "gemma3.attention.layer_norm_rms_epsilon": 1e-6,
        "gemma3.attention.sliding_window": 64,
        "gemma3.rope.freq_base": 1_000_000.0,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": [piece for piece, _ in vocabulary],
        "tokenizer.ggml.scores": np.array([-float(i) for i in range(len(vocabulary))], "<f4"),
        "tokenizer.ggml.token_type": np.array([kind for _, kind in vocabulary], "<i4"),
        "tokenizer.ggml.bos_token_id": 2,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.ggml.add_space_prefix": False,
    } | changes
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (len(vocabulary), width),
        "output_norm.weight": (width,),
    }
    for i in range(layers):
        shapes |= {
            f"blk.{i}.attn_norm.weight": (width,),
            f"blk.{i}.attn_q.weight": (4 * head, width),
            f"blk.{i}.attn_k.weight": (head, width),
            f"blk.{i}.attn_v.weight": (head, width),
            f"blk.{i}.attn_output.weight": (width, 4 * head),
            f"blk.{i}.attn_q_norm.weight": (head,),
            f"blk.{i}.attn_k_norm.weight": (head,),
            f"blk.{i}.post_attention_norm.weight": (width,),
            f"blk.{i}.ffn_norm.weight": (width,),
            f"blk.{i}.ffn_gate.weight": (hidden, width),
            f"blk.{i}.ffn_up.weight": (hidden, width),
            f"blk.{i}.ffn_down.weight": (width, hidden),
            f"blk.{i}.post_ffw_norm.weight": (width,),
        }
    rng = np.random.default_rng(5)
    tensors = {
        name: (rng.normal(0, 0.25, shape) + (1.0 if len(shape) == 1 else 0.0)).astype("<f4")
        for name, shape in shapes.items()
    }
    kept = {key: value for key, value in about.items() if value is not None}
    path.write_bytes(gguf_bytes(kept, tensors))
    return path


def gguf_bytes(about: Mapping[str, object], tensors: Mapping[str, np.ndarray]) -> bytes:
    """A whole GGUF file, version 3, with float32 tensors."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(about))
    head += b"".join(_text(key) + _value(value) for key, value in about.items())
    offset = 0
    for name, array in tensors.items():
        head += _text(name) + struct.pack("<I", array.ndim)
        head += struct.pack(f"<{array.ndim}Q", *array.shape[::-1]) + struct.pack("<IQ", 0, offset)
        offset += -(-array.nbytes // 32) * 32
    body = head + bytes(-len(head) % 32)
    for array in tensors.values():
        body += array.tobytes() + bytes(-array.nbytes % 32)
    return body


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: object) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, list):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_text, value))
    assert isinstance(value, np.ndarray)
    kind = {"<f4": 6, "<i4": 5}[value.dtype.str]
    return struct.pack("<IIQ", 9, kind, value.size) + value.tobytes()

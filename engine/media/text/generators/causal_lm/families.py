"""The families of decoder-only Transformers, and how their files name things.

One block serves them all; a `Shape` says how it is put together. A file's own names are mapped to
the names of `decoder`, part by part, so that everything after this module knows one model only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FAMILIES = ("Gemma 3", "Llama", "Mistral", "SmolLM", "Qwen 2", "Qwen 3", "GPT-2")


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a model.

    head_width: of queries, keys and values. window: tokens that a local layer sees, 0 for all;
    every `period`-th layer is global. local_base: the rotary base of local layers. scaling: Llama
    3's stretching of long wavelengths (factor, low, high, original context), or nothing.
    """

    family: str
    vocabulary: int
    layers: int
    width: int
    heads: int
    key_heads: int
    head_width: int
    hidden: int
    context: int
    epsilon: float
    rotary_base: float = 10_000.0  # 0: learned positions instead
    local_base: float = 10_000.0
    window: int = 0
    period: int = 1
    scaling: tuple[float, ...] = ()
    gated: bool = True
    activation: str = "silu"  # or gelu, its tanh form
    rms: bool = True  # RMSNorm, else LayerNorm with bias
    norm_heads: bool = False  # of queries and keys (Gemma 3, Qwen 3)
    norm_after: bool = False  # after each part too (Gemma 3)
    bias_attention: bool = False  # of queries, keys and values
    bias_all: bool = False  # GPT-2
    scaled_embedding: bool = False  # by the root of the width (Gemma)
    query_scale: float = 0.0  # 0: 1 / sqrt(head_width)
    tied: bool = True

    @property
    def parameters(self) -> int:
        """Numbers in all, norms left out."""
        attention = self.width * self.head_width * (2 * self.heads + 2 * self.key_heads)
        forward = self.width * self.hidden * (3 if self.gated else 2)
        tables = self.vocabulary * self.width * (1 if self.tied else 2)
        return tables + self.layers * (attention + forward)

    def is_local(self, layer: int) -> bool:
        return bool(self.window) and (not self.period or (layer + 1) % self.period != 0)


TRAITS: dict[str, dict[str, Any]] = {
    "gemma3": {
        "family": "Gemma 3",
        "scaled_embedding": True,
        "period": 6,
        "activation": "gelu",
        "norm_heads": True,
        "norm_after": True,
    },
    "llama": {"family": "Llama"},
    "mistral": {"family": "Mistral", "period": 0},
    "qwen2": {"family": "Qwen 2", "bias_attention": True},
    "qwen3": {"family": "Qwen 3", "norm_heads": True},
    "gpt2": {
        "family": "GPT-2",
        "gated": False,
        "activation": "gelu",
        "rms": False,
        "bias_all": True,
        "rotary_base": 0.0,
    },
}
_ALIASES = {"gemma3_text": "gemma3", "smollm": "llama"}


def known(architecture: str) -> str:
    """The key of TRAITS for what a file calls itself, or "" for a family that is not known."""
    architecture = _ALIASES.get(architecture, architecture)
    return architecture if architecture in TRAITS else ""


def shape_of_gguf(about: Mapping[str, Any], vocabulary: int, tied: bool) -> Shape:
    """From the key-value pairs of a GGUF header. Raises KeyError, ValueError, TypeError."""
    kind = known(str(about["general.architecture"]))

    def value(key: str, default: Any = None) -> Any:
        found = about.get(f"{about['general.architecture']}.{key}", default)
        if found is None:
            raise KeyError(key)
        return found

    traits = dict(TRAITS[kind])
    heads, width = int(value("attention.head_count")), int(value("embedding_length"))
    name = "attention.layer_norm_rms_epsilon" if kind != "gpt2" else "attention.layer_norm_epsilon"
    window = int(value("attention.sliding_window", 0))
    if "rotary_base" not in traits:
        traits["rotary_base"] = float(value("rope.freq_base", 10_000.0))
    if kind == "gemma3":
        traits["local_base"] = float(value("rope.freq_base_swa", 10_000.0))
    else:
        traits["local_base"] = traits["rotary_base"]
    if str(about.get("general.basename", "")).lower().startswith("smollm"):
        traits["family"] = "SmolLM"
    return checked(
        Shape(
            vocabulary=vocabulary,
            layers=int(value("block_count")),
            width=width,
            heads=heads,
            key_heads=int(value("attention.head_count_kv", heads)),
            head_width=int(value("attention.key_length", width // heads)),
            hidden=int(value("feed_forward_length")),
            context=int(value("context_length")),
            epsilon=float(value(name)),
            window=window if kind in ("gemma3", "mistral") else 0,
            tied=tied,
            **traits,
        )
    )


def shape_of_config(config: Mapping[str, Any], tied: bool | None = None) -> Shape:
    """From the config.json of a `transformers` folder. Raises KeyError, ValueError, TypeError."""
    kind = known(str(config["model_type"]))
    traits = dict(TRAITS[kind])
    if kind == "gpt2":
        return _gpt2(config, traits)
    heads, width = int(config["num_attention_heads"]), int(config["hidden_size"])
    rope = config.get("rope_parameters") or {}
    everywhere = rope.get("full_attention", rope)
    traits["rotary_base"] = float(
        config.get("rope_theta") or everywhere.get("rope_theta") or 10_000.0
    )
    traits["local_base"] = traits["rotary_base"]
    window = int(config.get("sliding_window") or 0)
    if kind == "gemma3":
        local = rope.get("sliding_attention", {}).get("rope_theta")
        traits["local_base"] = float(config.get("rope_local_base_freq") or local or 10_000.0)
        traits["query_scale"] = float(config.get("query_pre_attn_scalar", 256)) ** -0.5
        traits["period"] = _period(config)
    elif kind != "mistral":
        window = 0
    traits["bias_attention"] = bool(config.get("attention_bias", kind == "qwen2"))
    return checked(
        Shape(
            vocabulary=int(config["vocab_size"]),
            layers=int(config["num_hidden_layers"]),
            width=width,
            heads=heads,
            key_heads=int(config.get("num_key_value_heads") or heads),
            head_width=int(config.get("head_dim") or width // heads),
            hidden=int(config["intermediate_size"]),
            context=int(config["max_position_embeddings"]),
            epsilon=float(config["rms_norm_eps"]),
            window=window,
            scaling=_stretched(config.get("rope_scaling") or everywhere),
            tied=bool(config.get("tie_word_embeddings", kind == "gemma3"))
            if tied is None
            else tied,
            **traits,
        )
    )


def _gpt2(config: Mapping[str, Any], traits: dict[str, Any]) -> Shape:
    width, heads = int(config["n_embd"]), int(config["n_head"])
    return checked(
        Shape(
            vocabulary=int(config["vocab_size"]),
            layers=int(config["n_layer"]),
            width=width,
            heads=heads,
            key_heads=heads,
            head_width=width // heads,
            hidden=int(config.get("n_inner") or 4 * width),
            context=int(config["n_positions"]),
            epsilon=float(config.get("layer_norm_epsilon", 1e-5)),
            **traits,
        )
    )


def _period(config: Mapping[str, Any]) -> int:
    """After how many layers a global one comes."""
    kinds = config.get("layer_types")
    if kinds and "full_attention" in kinds:
        return kinds.index("full_attention") + 1
    return int(config.get("sliding_window_pattern") or config.get("_sliding_window_pattern") or 6)


def _stretched(scaling: Mapping[str, Any]) -> tuple[float, ...]:
    """Llama 3's scaling. Raises ValueError for another kind."""
    kind = scaling.get("rope_type") or scaling.get("type") or "default"
    if kind == "default":
        return ()
    if kind != "llama3":
        raise ValueError(f"rotary scaling {kind}")
    return (
        float(scaling["factor"]),
        float(scaling["low_freq_factor"]),
        float(scaling["high_freq_factor"]),
        float(scaling["original_max_position_embeddings"]),
    )


def checked(shape: Shape) -> Shape:
    """Raises ValueError for numbers that no model has."""
    sizes = (shape.vocabulary, shape.layers, shape.width, shape.heads, shape.key_heads)
    if min(*sizes, shape.head_width, shape.hidden, shape.context) < 1:
        raise ValueError("a size below one")
    if shape.heads % shape.key_heads or shape.head_width % 2 or shape.layers > 512:
        raise ValueError("sizes that do not fit each other")
    return shape

"""From the tensors of a file to the weights of `decoder`, one layer at a time.

Queries, keys and values become one matrix, gate and value of the feed-forward part another: larger
products are faster. What a format does to a family is undone here: GGUF turns Llama's queries and
keys for interleaved rotary pairs; `transformers` keeps GPT-2's matrices transposed, and Gemma's
norms less one, which GGUF has added.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from engine.media.text.generators.causal_lm.families import Shape

Read = Callable[[str], np.ndarray]  # raises KeyError

GGUF_NAMES = {
    "norm_attention": "blk.{}.attn_norm",
    "query": "blk.{}.attn_q",
    "key": "blk.{}.attn_k",
    "value": "blk.{}.attn_v",
    "fused": "blk.{}.attn_qkv",
    "attention_out": "blk.{}.attn_output",
    "norm_query": "blk.{}.attn_q_norm",
    "norm_key": "blk.{}.attn_k_norm",
    "norm_attention_out": "blk.{}.post_attention_norm",
    "norm_forward": "blk.{}.ffn_norm",
    "gate": "blk.{}.ffn_gate",
    "up": "blk.{}.ffn_up",
    "down": "blk.{}.ffn_down",
    "norm_forward_out": "blk.{}.post_ffw_norm",
    "embedding": "token_embd",
    "positions": "position_embd",
    "norm": "output_norm",
    "head": "output",
}
FOLDER_NAMES = {
    "norm_attention": "model.layers.{}.input_layernorm",
    "query": "model.layers.{}.self_attn.q_proj",
    "key": "model.layers.{}.self_attn.k_proj",
    "value": "model.layers.{}.self_attn.v_proj",
    "attention_out": "model.layers.{}.self_attn.o_proj",
    "norm_query": "model.layers.{}.self_attn.q_norm",
    "norm_key": "model.layers.{}.self_attn.k_norm",
    "norm_forward": "model.layers.{}.post_attention_layernorm",
    "gate": "model.layers.{}.mlp.gate_proj",
    "up": "model.layers.{}.mlp.up_proj",
    "down": "model.layers.{}.mlp.down_proj",
    "embedding": "model.embed_tokens",
    "norm": "model.norm",
    "head": "lm_head",
}
GEMMA_FOLDER_NAMES = FOLDER_NAMES | {
    "norm_attention_out": "model.layers.{}.post_attention_layernorm",
    "norm_forward": "model.layers.{}.pre_feedforward_layernorm",
    "norm_forward_out": "model.layers.{}.post_feedforward_layernorm",
}
GPT2_FOLDER_NAMES = {
    "norm_attention": "h.{}.ln_1",
    "fused": "h.{}.attn.c_attn",
    "attention_out": "h.{}.attn.c_proj",
    "norm_forward": "h.{}.ln_2",
    "up": "h.{}.mlp.c_fc",
    "down": "h.{}.mlp.c_proj",
    "embedding": "wte",
    "positions": "wpe",
    "norm": "ln_f",
}


def folder_names(shape: Shape) -> Mapping[str, str]:
    """How a `transformers` folder names the parts of this family."""
    by_family = {"Gemma 3": GEMMA_FOLDER_NAMES, "GPT-2": GPT2_FOLDER_NAMES}
    return by_family.get(shape.family, FOLDER_NAMES)


class Naming:
    """Reads the weights of a model by the names of `decoder`.

    turned: Llama's queries and keys lie in interleaved pairs. transposed: matrices are (in, out).
    less_one: norms lack the one that is added to them.
    """

    def __init__(
        self,
        shape: Shape,
        read: Read,
        names: Mapping[str, str],
        *,
        turned: bool = False,
        transposed: bool = False,
        less_one: bool = False,
    ) -> None:
        self.shape, self._read, self._names = shape, read, names
        self._turned, self._transposed, self._less_one = turned, transposed, less_one

    def layer(self, index: int) -> Iterator[tuple[str, np.ndarray]]:
        """(name, float32) of everything in one layer. Raises KeyError for what is missing."""
        shape = self.shape
        biased = shape.bias_attention or shape.bias_all
        for kind in ("weight", "bias") if biased else ("weight",):
            yield f"{index}.attention_in.{kind}", self._attention_in(index, kind)
        yield f"{index}.attention_out.weight", self._matrix("attention_out", index)
        parts = ("gate", "up") if shape.gated else ("up",)
        yield (
            f"{index}.forward_in.weight",
            np.concatenate([self._matrix(part, index) for part in parts]),
        )
        yield f"{index}.forward_out.weight", self._matrix("down", index)
        if shape.bias_all:
            for name, part in (
                ("attention_out",) * 2,
                ("forward_in", "up"),
                ("forward_out", "down"),
            ):
                yield f"{index}.{name}.bias", self._of(part, index, "bias")
        yield from self._norms(index)

    def outside(self) -> Iterator[tuple[str, np.ndarray]]:
        """(name, float32) of what stands in no layer, embedding and head left out."""
        yield from self._norm("norm", "norm", 0)
        if not self.shape.rotary_base:
            yield "positions.weight", self._of("positions", 0, "weight")

    def name(self, part: str, index: int, kind: str) -> str:
        """As the file has it."""
        return f"{self._names[part].format(index)}.{kind}"

    def _of(self, part: str, index: int, kind: str) -> np.ndarray:
        return self._read(self.name(part, index, kind))

    def _matrix(self, part: str, index: int) -> np.ndarray:
        matrix = self._of(part, index, "weight")
        return np.ascontiguousarray(matrix.T) if self._transposed else matrix

    def _attention_in(self, index: int, kind: str) -> np.ndarray:
        if self.shape.bias_all:  # GPT-2 has the three in one
            return (
                self._matrix("fused", index) if kind == "weight" else self._of("fused", index, kind)
            )
        query, key, value = (self._of(part, index, kind) for part in ("query", "key", "value"))
        if self._turned:
            query, key = unturned(query, self.shape.heads), unturned(key, self.shape.key_heads)
        return np.concatenate([query, key, value])

    def _norms(self, index: int) -> Iterator[tuple[str, np.ndarray]]:
        parts = ["norm_attention", "norm_forward"]
        parts += ["norm_query", "norm_key"] if self.shape.norm_heads else []
        parts += ["norm_attention_out", "norm_forward_out"] if self.shape.norm_after else []
        for part in parts:
            yield from self._norm(f"{index}.{part}", part, index)

    def _norm(self, name: str, part: str, index: int) -> Iterator[tuple[str, np.ndarray]]:
        yield f"{name}.weight", self._of(part, index, "weight") + (1.0 if self._less_one else 0.0)
        if not self.shape.rms:
            yield f"{name}.bias", self._of(part, index, "bias")


def unturned(matrix: np.ndarray, heads: int) -> np.ndarray:
    """From interleaved rotary pairs, as GGUF has Llama's, to halves."""
    rest = matrix.shape[1:]
    return matrix.reshape(heads, -1, 2, *rest).swapaxes(1, 2).reshape(matrix.shape)

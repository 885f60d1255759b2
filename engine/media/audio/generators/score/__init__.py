"""Scores, token by token, by a causal Transformer; textures where there are no notes."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="score",
    version=1,
    medium="audio",
    name=Named(english="Score model", chinese="乐谱模型"),
    fields=(
        "count",
        "seed",
        "strength",
        "follow",
        "candidates",
        "form",
        "length",
        "temperature",
        "top_p",
        "metre",
        "key",
        "mode",
        "tempo",
        "pace",
        "lift",
        "density",
        "voices",
        "loop",
        "content",
        "score_use",
        "first_bar",
        "last_bar",
        "sound",
        "invention",
        "nearness",
    ),
    uses=("extend", "vary", "fill", "accompany"),
    forms=("*",),
)

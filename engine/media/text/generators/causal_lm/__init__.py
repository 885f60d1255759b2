"""Texts in any voice: adaptation over pretrained causal language models, read where they lie."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="causal_lm",
    version=1,
    medium="text",
    name=Named(english="A pretrained language model", chinese="预训练语言模型"),
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
        "prompt",
        "keywords",
        "acrostic",
        "tones",
        "script",
        "copy_limit",
        "line",
    ),
    forms=("*",),
    on_models=True,
)

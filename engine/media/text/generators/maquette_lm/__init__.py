"""The language model that was trained here: classical Chinese and older English."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="maquette_lm",
    version=1,
    medium="text",
    name=Named(english="Maquette’s own language model", chinese="Maquette 自带的语言模型"),
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
)

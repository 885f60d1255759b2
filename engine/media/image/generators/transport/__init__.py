"""Pictures: a style is what the patches of the references look like, at every scale."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="transport",
    version=1,
    medium="image",
    name=Named(english="Patch transport", chinese="图块传输"),
    fields=(
        "count",
        "seed",
        "strength",
        "follow",
        "candidates",
        "width_px",
        "height_px",
        "invention",
        "boldness",
        "detail",
        "tile",
        "brush",
        "symmetry",
        "palette",
        "colours",
        "light",
        "contrast",
        "warmth",
        "redness",
        "vividness",
        "use",
        "content",
        "mask",
        "variation",
        "root",
    ),
    uses=("compose", "restyle", "vary", "fill", "extend", "enlarge"),
)

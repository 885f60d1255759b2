"""Pictures painted with the references' own patches: a coarse layout, repainted from coarse to
fine with what lies nearest in the references."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="painter",
    version=1,
    medium="image",
    name=Named(english="Painter", chinese="画手"),
    fields=(
        "count",
        "seed",
        "strength",
        "follow",
        "candidates",
        "width_px",
        "height_px",
        "invention",
        "collage",
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
    uses=("compose", "restyle", "sketch", "vary", "fill", "extend", "enlarge"),
)

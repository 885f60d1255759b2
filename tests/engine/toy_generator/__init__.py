"""A whole generator in a page, made by the six steps of ARCHITECTURE.md: plain colour fields."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="toy",
    version=1,
    medium="image",
    name=Named(english="Colour fields", chinese="色块"),
    fields=("count", "seed", "width_px", "height_px"),
    uses=("compose",),
)

"""Pictures with a diffusion model of the artist's own: Stable Diffusion, FLUX.2, Z-Image."""

from engine.protocol.parts import GeneratorInfo, Named

INFO = GeneratorInfo(
    id="diffusion",
    version=1,
    medium="image",
    name=Named(english="A diffusion model of your own", chinese="自己的扩散模型"),
    fields=(
        "count",
        "seed",
        "strength",
        "follow",
        "candidates",
        "width_px",
        "height_px",
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
        "prompt",
        "looks",
    ),
    uses=("compose", "restyle", "sketch", "vary", "fill", "extend"),
    on_models=True,
)

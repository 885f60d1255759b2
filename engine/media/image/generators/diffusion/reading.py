"""References → what a style knows of them without learning: words that describe them, and tokens
that an IP-Adapter reads. Each is one pass of a model that was added for it."""

from collections.abc import Generator, Sequence

import torch

from engine.core.pretrained import low_rank
from engine.core.progress import Advance
from engine.media.image.generators.diffusion import image_prompt
from engine.media.image.generators.diffusion.base import Base
from engine.media.image.generators.diffusion.beside import Beside, Offered
from engine.media.image.generators.diffusion.captions import described
from engine.media.image.generators.diffusion.image_prompt import ImageTokens
from engine.media.image.generators.diffusion.style import DiffusionStyle
from engine.media.image.generators.transport.adapt import WeightedPicture


def read_at_once(
    pictures: Sequence[WeightedPicture], base: Base, seed: int, aspect: float, near: Offered
) -> Generator[Advance, None, DiffusionStyle]:
    """A whole style, whose adapter does nothing yet and which has no tokens of its own. Leaves the
    IP-Adapter beside the model, where there is one. Raises BadInput for one that does not fit."""
    pixels = [each.pixels for each in pictures]
    motifs: tuple[str, ...] = ()
    if near.captions is not None:
        motifs = yield from described(near.captions, pixels, base.device)
    image: ImageTokens | None = None
    base.beside = Beside()  # what is there is another style's
    if near.prompt is not None:
        prompt = image_prompt.load(near.prompt, base.network, base.row.name)
        base.beside = Beside(prompt=prompt)
        yield Advance(0, 1)
        tokens = prompt.tokens(prompt.embedded(pixels, base.device).cpu())
        counts = torch.tensor([each.weight for each in pictures])
        image = ImageTokens(tokens, (counts / counts.mean()).repeat_interleave(image_prompt.TOKENS))
    yield Advance(1, 1)
    return DiffusionStyle(
        base.row.digest,
        base.told("a picture").tokens[:0].float(),
        low_rank.start(base.network, seed, base.device),
        aspect,
        lender=base.lender.digest if base.lender else "",
        control=near.control.digest if near.control else "",
        prompt=near.prompt.digest if near.prompt else "",
        image=image,
        motifs=motifs,
    )

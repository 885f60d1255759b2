"""What a style over a diffusion model holds: tokens that follow every prompt, and an adapter.

Legend: T tokens of width E. Tensors: base (32,) the sha256 of the model; tokens (T, E); aspect ()
width / height of the references; low_rank/… (see `low_rank`). Only where there are such: lender
(32,) the sha256 of the folder which a checkpoint in one file borrowed from; control (32,) that of a
ControlNet; prompt (32,) that of an IP-Adapter, with image (T', E) what it saw of the references and
image_weights (T',); motifs, UTF-8, a line for what each reference shows. Nothing of a picture
itself is kept.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.pretrained.learned import Learned, mixed
from engine.core.pretrained.low_rank import Adapter
from engine.core.style import Tensors
from engine.media.image.generators.diffusion.image_prompt import ImageTokens

BASE, LENDER, ASPECT = "base", "lender", "aspect"
CONTROL, PROMPT, IMAGE, WEIGHTS = "control", "prompt", "image", "image_weights"
MOTIFS = "motifs"


@dataclass(frozen=True, slots=True, eq=False)
class DiffusionStyle:
    digest: str
    tokens: Tensor
    adapter: Adapter
    aspect: float = 1.0
    lender: str = ""
    control: str = ""
    prompt: str = ""
    image: ImageTokens | None = None
    motifs: tuple[str, ...] = ()

    @property
    def learned(self) -> Learned:
        return Learned(self.tokens, self.adapter)

    def holding(self, learned: Learned) -> "DiffusionStyle":
        """The same with something else learned."""
        return replace(self, tokens=learned.tokens, adapter=learned.adapter)

    def motif(self, seed: int) -> str:
        """What one of the references shows, for a work without words of its own; "" if unknown."""
        return self.motifs[seed % len(self.motifs)] if self.motifs else ""

    def tensors(self) -> Tensors:
        named = {LENDER: self.lender, CONTROL: self.control, PROMPT: self.prompt}
        more = {name: _of_digest(each) for name, each in named.items() if each}
        if self.image is not None:
            more |= {IMAGE: self.image.tokens.half().cpu(), WEIGHTS: self.image.weights.cpu()}
        if self.motifs:
            words = "\n".join(self.motifs).encode()
            more[MOTIFS] = torch.tensor(list(words), dtype=torch.uint8)
        return {
            BASE: _of_digest(self.digest),
            **more,
            ASPECT: torch.tensor(self.aspect),
            **self.learned.tensors(),
        }

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor], follow: float = 0.0) -> "DiffusionStyle":
        """follow: 0 … 1, how far it is as ratings have left it."""
        learned = Learned.of_tensors(tensors, follow)
        image, words = tensors.get(IMAGE), tensors.get(MOTIFS)
        return cls(
            _digest(tensors[BASE]),
            learned.tokens,
            learned.adapter,
            float(tensors[ASPECT]),
            lender=_named(tensors, LENDER),
            control=_named(tensors, CONTROL),
            prompt=_named(tensors, PROMPT),
            image=None if image is None else ImageTokens(image.float(), tensors[WEIGHTS].float()),
            motifs=() if words is None else tuple(_text(words).split("\n")),
        )

    @property
    def stands_over(self) -> tuple[str, str, str]:
        """Digests: styles with the same can be blended."""
        return self.digest, self.lender, self.prompt

    def on(self, device: torch.device) -> "DiffusionStyle":
        return self.holding(self.learned.on(device))


def _of_digest(digest: str) -> Tensor:
    return torch.tensor(list(bytes.fromhex(digest)), dtype=torch.uint8)


def _named(tensors: Mapping[str, Tensor], name: str) -> str:
    """A digest, or ""."""
    return _digest(tensors[name]) if name in tensors else ""


def _text(tensor: Tensor) -> str:
    return bytes(tensor.cpu().numpy()).decode()


def _digest(tensor: Tensor) -> str:
    return bytes(tensor.cpu().numpy()).hex()


def blend(styles: Sequence[DiffusionStyle], weights: Sequence[float]) -> DiffusionStyle:
    """Raises BadInput for styles over different models."""
    first = styles[0]
    if any(each.stands_over != first.stands_over for each in styles):
        raise BadInput("model_blend")
    shares = [weight / sum(weights) for weight in weights]
    pairs = list(zip(styles, shares, strict=True))
    aspect = math.exp(sum(share * math.log(each.aspect) for each, share in pairs))
    return replace(
        first.holding(mixed([each.learned for each in styles], shares)),
        aspect=aspect,
        control=next((each.control for each in styles if each.control), ""),
        image=_joined(pairs),
        motifs=tuple(motif for each in styles for motif in each.motifs),
    )


def _joined(pairs: Sequence[tuple[DiffusionStyle, float]]) -> ImageTokens | None:
    """What all references look like, each style's by its share."""
    some = [(each.image, share) for each, share in pairs if each.image is not None]
    if not some:
        return None
    tokens = torch.cat([image.tokens for image, _ in some])
    weights = torch.cat([len(some) * share * image.weights for image, share in some])
    return ImageTokens(tokens, weights)

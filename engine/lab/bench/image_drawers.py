"""The ways to draw that are compared, and what each needs to know of its references.

Legend: K references, a work (3, H, W) in [-1, 1].
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch
from torch import Tensor

from engine.core.progress import finished
from engine.lab.bench.image_gpnn import collaged
from engine.lab.bench.image_rivals import descended, sampled
from engine.lab.bench.image_styles import BenchStyle
from engine.media.image.generators.painter.draw import draw as paint
from engine.media.image.generators.painter.kept_pictures import kept
from engine.media.image.generators.transport import mixture
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt
from engine.media.image.generators.transport.draw import Steps, draw
from engine.media.image.generators.transport.weights import Prior, fitted, plain_start
from engine.protocol import PictureBrief

SIDE_PX = 256
STEPS = 12  # of the denoiser on the references, where it is fitted
SAMPLING_STEPS = 6
JOINT, TUNED, LEARNED = "joint weights", "fine-tuned weights", "meta-learned weights"
BOTH, ALONE, TRANSPORT = "both", "denoiser alone", "transport alone"
PAINTER, PAINTER_NEW = "painter", "painter, new at most"
COLLAGE, NOISE, SIBLING = "exact neighbours", "noise in its colours", "another work by the artist"
DESCENTS = {f"pixel descent, {steps} steps": steps for steps in (20, 80)}
TRANSPORTS = {f"{TRANSPORT}, {steps} steps": steps for steps in (10, 20)}


@dataclass(frozen=True, slots=True)
class Priors:
    """The joint model with and without its meta-learned start; fine-tuning at a chosen rate."""

    shipped: Prior
    has_learned: bool
    rate: float

    def of(self, weights: str) -> tuple[Prior, int]:
        """The prior and how many steps adapting takes."""
        if weights == LEARNED:
            return self.shipped, STEPS
        begun = replace(self.shipped, start=plain_start(self.shipped.denoiser, self.rate))
        return begun, STEPS if weights == TUNED else 0

    @property
    def weights(self) -> tuple[str, ...]:
        return (JOINT, TUNED, LEARNED) if self.has_learned else (JOINT, TUNED)


@dataclass(frozen=True)
class Subject:
    """A style with its first K references, adapted to in every way on first use."""

    style: BenchStyle
    count: int
    priors: Priors
    device: torch.device
    smaller_px: int | None = None  # of works that need not be as large as usual

    def brief(self, seed: int, boldness: float = PictureBrief().boldness) -> PictureBrief:
        side = self.smaller_px or SIDE_PX
        return PictureBrief(count=1, seed=seed, width_px=side, height_px=side, boldness=boldness)

    @property
    def references(self) -> tuple[Tensor, ...]:
        return self.style.references[: self.count]

    @cached_property
    def adapted(self) -> Mapping[str, dict[str, Tensor]]:
        return {name: tensors for name, (_, tensors) in self._timed.items()}

    @cached_property
    def adapt_s(self) -> Mapping[str, float]:
        """Seconds of adapting, tables and all."""
        return {name: seconds for name, (seconds, _) in self._timed.items()}

    @cached_property
    def _timed(self) -> dict[str, tuple[float, dict[str, Tensor]]]:
        return {name: self._adapted(name) for name in self.priors.weights}

    def _adapted(self, weights: str) -> tuple[float, dict[str, Tensor]]:
        prior, steps = self.priors.of(weights)
        pictures = [WeightedPicture(pixels) for pixels in self.references]
        begun = time.perf_counter()
        tensors = finished(adapt(pictures, 0, self.device, prior, steps=steps))
        return time.perf_counter() - begun, tensors


Drawer = Callable[[Subject, int], Tensor]


def drawers(weights: tuple[str, ...]) -> dict[str, Drawer]:
    """Every arm by its name: (subject, seed) → a work."""
    arms: dict[str, Drawer] = {
        name: partial(_moved, boldness=0.0, steps=Steps(moving=n), weights=JOINT)
        for name, n in TRANSPORTS.items()
    }
    for name in weights:
        arms[arm_name(ALONE, name)] = partial(_sampled, weights=name)
    for name in weights:
        arms[arm_name(BOTH, name)] = partial(_moved, weights=name)
    for name, steps in DESCENTS.items():
        arms[name] = partial(_descended, steps=steps)
    arms[PAINTER] = partial(_painted, collage=PictureBrief().collage)
    arms[PAINTER_NEW] = partial(_painted, collage=0.0)
    return {**arms, COLLAGE: _collaged, SIBLING: _sibling, NOISE: _noise}


def arm_name(way: str, weights: str) -> str:
    return f"{way}, {weights}"


def _moved(
    subject: Subject,
    seed: int,
    weights: str,
    boldness: float = PictureBrief().boldness,
    steps: Steps | None = None,
) -> Tensor:
    """Transport with the strokes of the style's own denoiser; without them at boldness 0."""
    prior, _ = subject.priors.of(weights)
    style = subject.adapted[weights]
    own = replace(prior, denoiser=fitted(style, prior))
    return finished(draw(style, subject.brief(seed, boldness), own, subject.device, steps))[0]


def _sampled(subject: Subject, seed: int, weights: str) -> Tensor:
    prior, _ = subject.priors.of(weights)
    style = subject.adapted[weights]
    told = style["told"].float().mean(0).to(subject.device)
    mean = style["means"].mean(0).cpu()
    return sampled(fitted(style, prior), subject.brief(seed), told, mean, SAMPLING_STEPS)


def _painted(subject: Subject, seed: int, collage: float) -> Tensor:
    """What is shipped: a layout of the joint weights, repainted with the references' patches."""
    brief = replace(subject.brief(seed), collage=collage)
    slices = paint(painter_style(subject), brief, subject.priors.shipped, subject.device)
    return finished(slices).pictures[0]


def painter_style(subject: Subject) -> dict[str, Tensor]:
    """The tensors of a style of the painter."""
    references = subject.references
    pictures = kept(references, [1.0] * len(references), [None] * len(references))
    return {**subject.adapted[JOINT], **pictures}


def _descended(subject: Subject, seed: int, steps: int) -> Tensor:
    return descended(subject.references, subject.brief(seed), steps)


def _collaged(subject: Subject, seed: int) -> Tensor:
    return collaged(subject.references, subject.brief(seed))


def _sibling(subject: Subject, seed: int) -> Tensor:
    """What no honest work needs to beat."""
    return subject.style.queries[seed % len(subject.style.queries)]


def _noise(subject: Subject, seed: int) -> Tensor:
    """Where drawing starts: noise around the mean colour, with the style's deviation."""
    style = subject.adapted[JOINT]
    mean, deviation = mixture.colours(style, torch.ones(1, subject.count) / subject.count)
    generator = torch.Generator().manual_seed(seed)
    side = subject.brief(seed).width_px
    unit = torch.randn(1, 3, side, side, generator=generator)
    return (mean + deviation * unit)[0].clamp(-1, 1)

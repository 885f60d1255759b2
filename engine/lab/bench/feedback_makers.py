"""What makes works for the bench of ratings: a style, and small works by it, quickly.

Pictures are small, pieces are short and not played: nothing here is written to disk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from engine.core.assets import asset
from engine.core.progress import finished
from engine.core.style import Stamp, Style
from engine.critic.calibration import calibration
from engine.interfaces import (
    Content,
    EventModel,
    Judge,
    LoadedWork,
    Measured,
    Medium as MediumProtocol,
)
from engine.media.audio.codec import scores as notes
from engine.media.audio.generators.score import adapt as music_adapting
from engine.media.audio.generators.score.compose import compose
from engine.media.audio.hearing import Heard
from engine.media.audio.loading import LoadedMusic
from engine.media.image.codec import raster as image
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt as adapt_pictures
from engine.media.image.generators.transport.draw import Steps, draw
from engine.media.image.generators.transport.weights import shipped as picture_prior
from engine.media.text.codec import plain as text
from engine.media.text.codec.script import to_simplified
from engine.media.text.features import Words
from engine.media.text.generators.maquette_lm.adapt import WeightedPiece, adapt as adapt_texts
from engine.media.text.generators.maquette_lm.weights import shipped as text_base
from engine.media.text.generators.maquette_lm.write import write
from engine.media.text.notation import piece
from engine.protocol import Brief, MusicBrief, PictureBrief, TextBrief
from engine.registry import installed

SAMPLES = asset("samples")
CPU = torch.device("cpu")
STEPS = Steps(moving=14, settling=3)  # of a picture: those of a draft
USUAL = {
    "image": PictureBrief(width_px=112, height_px=80, invention=0.6),
    "zh": TextBrief(),
    "en": TextBrief(form="free verse", length=30),
    "audio": MusicBrief(length=8),
}
Tensors = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class Maker:
    """A style of one domain. names: of the references."""

    kind: str
    references: Sequence[Content]
    tensors: Tensors
    names: Sequence[str] = field(default=())

    @cached_property
    def judge(self) -> Judge:
        return self.medium.judge(self.kind, CPU)

    @property
    def medium(self) -> MediumProtocol:
        return medium_of(self.kind)

    @cached_property
    def event_model(self) -> EventModel:
        return self.medium.event_model(self.kind, CPU)

    @cached_property
    def style(self) -> Style:
        """As it would stand in a file."""
        generator = self.medium.generator_of_format_1(self.tensors)
        neutral = tuple(self.medium.neutral_of_format_1(self.tensors, CPU))
        stamp = Stamp(generator, 1)
        return Style(self.medium.id, self.tensors, (), generator=stamp, neutral=neutral)

    def events(self, works: Sequence[Content]) -> list[np.ndarray]:
        return [self.event_model.events(work) for work in works]

    @cached_property
    def theirs(self) -> list[Measured]:
        """The references, measured."""
        return self.measured(self.references)

    def measured(self, works: Sequence[Content]) -> list[Measured]:
        return [self.judge.measure(LoadedWork("", self.kind, work)).measured for work in works]

    def matches(self, works: Sequence[Measured]) -> np.ndarray:
        """(N,): how close each work is to the references."""
        fit = calibration(self.judge.domain)
        found = [fit.distances(work, self.theirs, self.judge.features) for work in works]
        return np.array([fit.match(distances) for distances in found])

    def usual(self, count: int, seed: int) -> Brief:
        return replace(USUAL[self.kind], count=count, seed=seed)

    def made(self, brief: Brief, tensors: Tensors | None = None) -> list[Content]:
        """The works of a brief, by the style as it is or by other tensors in its place."""
        style = self.tensors if tensors is None else tensors
        if isinstance(brief, PictureBrief):
            return list(finished(draw(style, brief, picture_prior(CPU), CPU, STEPS)))
        if isinstance(brief, MusicBrief):
            made = finished(compose(style, self.names, brief, CPU))
            return [LoadedMusic(each.score) for each in made]
        written = finished(write(style, self.names, brief, CPU))
        return [Words(each.text, "zh" if self.kind == "zh" else "en") for each in written]


def medium_of(domain: str) -> MediumProtocol:
    """The medium that a domain belongs to."""
    return installed().medium(USUAL[domain].medium)


def picture_maker(pictures: Sequence[Tensor]) -> Maker:
    """pictures: (3, H, W) in [-1, 1] each."""
    weighted = [WeightedPicture(each) for each in pictures]
    style = finished(adapt_pictures(weighted, 0, CPU, picture_prior(CPU)))
    return Maker("image", list(pictures), style)


def text_maker(works: Sequence[Words]) -> Maker:
    """Works in one language."""
    pieces = [WeightedPiece(piece(work.text, work.language, work.title)) for work in works]
    style = finished(adapt_texts(pieces, text_base(CPU)))
    return Maker(works[0].language, list(works), style, [work.title for work in works])


def score_maker(tunes: Sequence[LoadedMusic]) -> Maker:
    heard = [music_adapting.WeightedHeard(Heard((tune.score,))) for tune in tunes]
    style = finished(music_adapting.adapt(heard))
    return Maker("audio", list(tunes), style, [tune.score.title for tune in tunes])


def _pictures() -> Maker:
    files = sorted((SAMPLES / "images").glob("*.jpg"))
    return picture_maker([image.decode(file.read_bytes(), file.name) for file in files])


def _texts() -> Maker:
    found = [text.read(file) for file in sorted((SAMPLES / "texts").glob("wang-wei-*"))]
    return text_maker([Words(to_simplified(w.text), "zh", to_simplified(w.title)) for w in found])


def _scores() -> Maker:
    files = sorted((SAMPLES / "music").glob("*.mid"))
    return score_maker([LoadedMusic(notes.read(file)) for file in files])


SHIPPED: dict[str, Callable[[], Maker]] = {"image": _pictures, "text": _texts, "audio": _scores}

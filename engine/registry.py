"""The explicit list of media and generators. Both are imported when they are first needed.

To add a generator: write its package under `engine/media/<medium>/generators/`, with `INFO` in its
`__init__.py` and `open_generator(device)` in its `generator.py`, and name the package here.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from subprocess import Popen

import torch

from engine.core import background
from engine.core.errors import BadInput
from engine.interfaces import Generator, Job, Medium
from engine.protocol import Medium as MediumId, ModelsRequest, ModelsResult
from engine.protocol.parts import GeneratorInfo


@dataclass(frozen=True, slots=True)
class Deferred:
    """A medium that nobody has asked for yet: its libraries are not loaded."""

    id: MediumId
    module: str
    name: str

    def open(self) -> Medium:
        return getattr(import_module(self.module), self.name)()


MEDIA = (
    Deferred(MediumId.IMAGE, "engine.media.image.medium", "ImageMedium"),
    Deferred(MediumId.TEXT, "engine.media.text.medium", "TextMedium"),
    Deferred(MediumId.AUDIO, "engine.media.audio.medium", "AudioMedium"),
)
GENERATORS = (
    "engine.media.image.generators.painter",
    "engine.media.image.generators.transport",
    "engine.media.image.generators.diffusion",
    "engine.media.text.generators.maquette_lm",
    "engine.media.text.generators.recombining",
    "engine.media.text.generators.causal_lm",
    "engine.media.audio.generators.score",
    "engine.media.audio.generators.sound_model",
)
COMPILED = ("engine.media.image.generators.painter.compiling",)  # kernels that wait for a compiler

MODEL_JOBS = "engine.added_models"


class Registry:
    """What is installed; tests may hand over lists of their own.

    Raises ValueError where two generators, or two media, have one id."""

    def __init__(
        self,
        media: tuple[Medium | Deferred, ...] = MEDIA,
        generators: tuple[str, ...] = GENERATORS,
    ) -> None:
        self._media: dict[MediumId, Medium | Deferred] = {each.id: each for each in media}
        infos = {package: import_module(package).INFO for package in generators}
        self._packages = {info.id: package for package, info in infos.items()}
        self._infos: tuple[GeneratorInfo, ...] = tuple(infos.values())
        self._opened: dict[tuple[str, torch.device], Generator] = {}
        if len(self._media) != len(media) or len(self._packages) != len(generators):
            raise ValueError("two media or two generators have the same id")

    def medium(self, name: MediumId | str) -> Medium:
        found = self._media[MediumId(name)]
        if isinstance(found, Deferred):
            found = self._media[found.id] = found.open()
        return found

    def models(self, job: ModelsRequest) -> Job[ModelsResult]:
        """Of all generators that stand on models which artists add."""
        return import_module(MODEL_JOBS).run(job)

    def generators(self) -> tuple[GeneratorInfo, ...]:
        return self._infos

    def generator(self, name: str, device: torch.device) -> Generator:
        """Opened once for each device. Raises BadInput "no_generator" for an unknown id."""
        if name not in self._packages:
            raise BadInput("no_generator", generator=name)
        key = (name, device)
        if key not in self._opened:
            module = import_module(f"{self._packages[name]}.generator")
            self._opened[key] = module.open_generator(device)
        return self._opened[key]


def compile_ahead() -> list[Popen[bytes]]:
    """Children that compile, at idle priority, the kernels that were not compiled before."""
    return [background.start(name) for name in COMPILED if import_module(name).is_needed()]


@cache
def installed() -> Registry:
    """The registry of this process."""
    return Registry()

"""The seams of the engine: what a medium is, what a generator is, what a judge is.

A medium holds everything that depends on the kind of file: its codec, its features, its judge, its
dials. A generator is one way of making works in a medium; a medium may have several. The critic
and the feedback know media and generators by these protocols alone, so that a new generator is one
folder and one line in `engine.registry`.

A *domain* is a set of works that are measured by the same features: `image`, `zh`, `en`, `audio`.
Tastes and calibrations are of one domain; most media have one, texts have one a language.
Legend: N works, n events of a work, k numbers of an event, F features, P features of a taste.
"""

from collections.abc import Callable, Generator as Iteration, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from engine.core.names import readable
from engine.core.progress import Advance, Pace
from engine.core.references import ReadReference
from engine.core.style import Style, Tensors
from engine.protocol import (
    AdaptRequest,
    Brief,
    BriefT,
    Event,
    GenerateRequest,
    Mark,
    Medium as MediumId,
    ModelsRequest,
    ModelsResult,
    Refusal,
    Remark,
    Suitability,
    WorkFile,
)
from engine.protocol.parts import GeneratorInfo

Content = object  # a decoded work, as its medium holds it: pixels, words, notes
Result = TypeVar("Result")
Job = Iteration[Event, None, Result]  # yields Progress and Previews, returns its result


# ---- what the critic measures -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Feature:
    """One named number. unit: as it is shown ("" for a plain number). ratio: differences of it
    are ratios (lengths, tempos), so that it is compared by its logarithm."""

    code: str
    unit: str = ""
    ratio: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """values (F,) float64 in the features' units, (0,) where only the embedding is known;
    embedding (E,) of its style; likeness (D,) of unit length: two works of which the product is
    near 1 are nearly the same work."""

    values: np.ndarray
    embedding: np.ndarray
    likeness: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class LoadedWork:
    """A file as it is measured. brief: of a work, what was asked for."""

    path: str
    domain: str
    content: Content
    brief: Brief | None = None

    @property
    def name(self) -> str:
        return readable(Path(self.path).name)


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredWork:
    """A work and what was measured of it. technical: numbers that only `Judge.quality` reads."""

    work: LoadedWork
    measured: Measured
    technical: dict[str, float] = field(default_factory=dict[str, float])


FLAW_BELOW = 0.8  # a factor of quality that is worth a word


@dataclass(frozen=True, slots=True)
class Quality:
    """factors: code of a flaw → 0 … 1, where 1 is none of it. known: False where the critic knows
    no works of the references' kind, so that the factors are only those that it can tell."""

    factors: dict[str, float] = field(default_factory=dict[str, float])
    known: bool = True

    @property
    def score(self) -> float:
        """0 … 1, their product."""
        return float(np.prod(list(self.factors.values())))

    @property
    def flaws(self) -> list[str]:
        """The worst first."""
        bad = {code: f for code, f in self.factors.items() if f < FLAW_BELOW}
        return sorted(bad, key=lambda code: bad[code])


class Judge(Protocol):
    """Measures works of one domain. Its encoders are the critic's own, frozen and versioned apart
    from every generator's weights, so that no new generator shifts a stored taste."""

    @property
    def domain(self) -> str: ...

    @property
    def features(self) -> tuple[Feature, ...]: ...

    def measure(self, work: LoadedWork) -> MeasuredWork: ...

    def copied(self, work: LoadedWork, references: Sequence[LoadedWork]) -> list[float]:
        """The share of the work, 0 … 1, that stands in each reference."""
        ...

    def quality(self, work: MeasuredWork, references: Sequence[MeasuredWork]) -> Quality: ...

    def shared_words(self, work: LoadedWork, reference: LoadedWork) -> list[str]:
        """Things that both name, in words; empty where a medium has none."""
        ...


class EventModel(Protocol):
    """What works of one domain are made of: tokens, notes, colours. Ratings are laid on these.

    A liking is a worth θ (k,) of the numbers of an event, normal with `variances` before any
    rating; a work is worth the mean of θ·φ over its events."""

    @property
    def variances(self) -> np.ndarray | None:
        """(k,); None where events carry no numbers that ratings can be regressed on."""
        ...

    def events(self, content: Content) -> np.ndarray:
        """(n, …), the events of a work."""
        ...

    def numbers(self, events: np.ndarray) -> np.ndarray:
        """Events → (n, k)."""
        ...


class Dial(Protocol):
    """A field of the brief that ratings may turn."""

    @property
    def name(self) -> str: ...

    def turned(self, brief: BriefT, deviations: float) -> BriefT:
        """The brief with the dial so many of its usual deviations away from its default."""
        ...

    def is_free(self, brief: Brief) -> bool:
        """Whether the artist has left it at its default."""
        ...


# ---- generators ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Draft(Generic[BriefT]):
    """A work before it is finished. brief: of this one work (count 1). content: what can be judged
    of it, None where nothing can. state: what its generator goes on from."""

    brief: BriefT
    content: Content | None
    state: object = None


def brief_of_one(brief: BriefT, index: int) -> BriefT:
    """The brief of one work of a batch: made alone, it is the same."""
    return replace(brief, count=1, seed=brief.seed + index)


@dataclass(frozen=True, slots=True)
class StyleFacts:
    """What is told of a style. memory_only: a language, by its own name, that the generator has
    never learned; model: the name of the model that the artist added and the style stands on;
    licence: of that model, from which the style is derived; notes, sounds: how much of these a
    style of music holds."""

    memory_only: str = ""
    model: str = ""
    licence: str = ""
    notes: int = 0
    sounds: int = 0


@runtime_checkable
class SequencePreferences(Protocol):
    """How ratings move a generator that writes events one after another."""

    @property
    def max_nats(self) -> Mapping[str, float]:
        """By domain, how far the odds of the next event may move: KL divergence, in nats."""
        ...

    def learns_from(self, tensors: Mapping[str, Tensor]) -> bool:
        """Whether this style has anything that can be moved."""
        ...

    def logit_biases(
        self, worth: np.ndarray, usual: np.ndarray, domain: str, device: torch.device
    ) -> Tensors:
        """worth, usual (k,): θ and the mean of the events' numbers → what the style keeps."""
        ...


@runtime_checkable
class SteppedPreferences(SequencePreferences, Protocol):
    """How ratings move a generator that learns from whole works, too, by gradient steps."""

    def stepped(
        self,
        tensors: Mapping[str, Tensor],
        paths: Sequence[str],
        utilities: np.ndarray,
        nats: float,
    ) -> Tensors:
        """What the style keeps of the steps, within `nats` of how it was. paths: the rated works,
        utilities (N,) theirs."""
        ...


@runtime_checkable
class ReferencePreferences(Protocol):
    """How ratings move a generator whose works each lean on some of the references."""

    def leaned_on(self, tensors: Mapping[str, Tensor], events: np.ndarray) -> int | np.ndarray:
        """The places of the references that a work with these events leans on."""
        ...

    def reference_weights(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """(K,) > 0."""
        ...


@runtime_checkable
class WorkPreferences(Protocol):
    """How ratings move a generator that learns from whole works by gradient steps."""

    def taught(
        self, tensors: Mapping[str, Tensor], paths: Sequence[str], utilities: np.ndarray
    ) -> Iteration[Advance, None, Tensors]:
        """What the style keeps of the steps, within a trust region of the generator's own. paths:
        the rated works, utilities (N,) theirs. Yields how far it is."""
        ...


Preferences = SequencePreferences | ReferencePreferences | WorkPreferences


@runtime_checkable
class ExpectsReferences(Protocol):
    """An optional part of a generator: how well it expects references before anything is made."""

    def nats_a_character(self, references: Sequence[ReadReference[Any]]) -> float | None:
        """Mean -log p of a character of the references, read one after another. None where it
        cannot read them, or has no model to read them with."""
        ...


@runtime_checkable
class RemarksOnReferences(Protocol):
    """An optional part of a medium: what the artist should know of references that were read,
    listened to and learned from."""

    def remarks_on(
        self, references: Sequence[ReadReference[Any]], device: torch.device
    ) -> tuple[Remark, ...]: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """The generator that suits some references. suitability: of those that could tell, the chosen
    one first; remarks: what the artist should know before anything is made."""

    generator: str
    suitability: tuple[Suitability, ...] = ()
    remarks: tuple[Remark, ...] = ()


class Generator(Protocol):
    """One way of making works in a medium. Opened once a process, for one device.

    Long work is a generator of events, so that it can be shown, timed and cancelled. Everything
    raises BadInput for what the artist can mend."""

    @property
    def info(self) -> GeneratorInfo: ...

    @property
    def base_digest(self) -> str:
        """sha256 of the weights that all its styles share; "" where it has none."""
        ...

    @property
    def draft_share(self) -> float:
        """0 … 1: how much of the time of `draft` and `complete` together `draft` takes."""
        ...

    @property
    def preferences(self) -> Preferences | None: ...

    def adapt(
        self, job: AdaptRequest, references: Sequence[ReadReference[Any]], pace: Pace
    ) -> Job[Tensors]:
        """The generator's own tensors of the style."""
        ...

    def preview(
        self, job: AdaptRequest, references: Sequence[ReadReference[Any]], tensors: Tensors
    ) -> Job[None]:
        """A first small work in `job.preview_dir`, as a Preview; nothing where that is None."""
        ...

    def draft(
        self, job: GenerateRequest[Any], style: Style, pace: Pace
    ) -> Job[list[Draft[Any]]]: ...

    def complete(
        self, drafts: Sequence[Draft[Any]], job: GenerateRequest[Any], style: Style
    ) -> Job[list[WorkFile]]:
        """Drafts, some or all, as files with sidecars; each is written before it is shown."""
        ...

    def generate(self, job: GenerateRequest[Any], style: Style, pace: Pace) -> Job[list[WorkFile]]:
        """All works of a request: as `complete` makes them of `draft`, or faster."""
        ...

    def blend(self, styles: Sequence[Tensors], weights: Sequence[float]) -> Tensors: ...

    def facts(self, tensors: Mapping[str, Tensor]) -> StyleFacts: ...


class DraftedGenerator:
    """`generate` for generators whose draft is all that a work needs."""

    def generate(
        self: Generator, job: GenerateRequest[Any], style: Style, pace: Pace
    ) -> Job[list[WorkFile]]:
        drafts = yield from self.draft(job, style, pace)
        return (yield from self.complete(drafts, job, style))


Offer = Callable[[], Generator]


# ---- media --------------------------------------------------------------------------------------


class Medium(Protocol):
    """Everything that depends on the kind of file."""

    @property
    def id(self) -> MediumId: ...

    @property
    def domains(self) -> tuple[str, ...]: ...

    @property
    def max_bytes(self) -> int:
        """Of one file."""
        ...

    def read(self, job: AdaptRequest) -> Job[tuple[list[ReadReference[Any]], list[Refusal]]]:
        """The references of a request that can be used, and why the others cannot.

        Raises BadInput where there are none."""
        ...

    def choose_generator(
        self, references: Sequence[ReadReference[Any]], offered: Mapping[str, Offer]
    ) -> Choice:
        """The generator that suits these references best, and why.

        offered: by id, in the order of the registry, at least one: all of the medium, or the one
        that the artist has named; each is opened when it is called."""
        ...

    def neutral(self, reference: ReadReference[Any], place: int, device: torch.device) -> Tensors:
        """A reference as no generator owns it: UTF-8 text, MIDI, the critic's embedding."""
        ...

    def neutral_of_format_1(
        self, tensors: Mapping[str, Tensor], device: torch.device
    ) -> list[Tensors]:
        """The same, from the tensors of a style of format 1; empty mappings where these keep
        nothing that can be measured."""
        ...

    def generator_of_format_1(self, tensors: Mapping[str, Tensor]) -> str:
        """Which generator made a style of format 1."""
        ...

    def measured_references(
        self, style: Style, domain: str, device: torch.device
    ) -> tuple[Measured, ...]:
        """Those that a style keeps in neutral form, of this domain."""
        ...

    def load(self, path: str, device: torch.device) -> LoadedWork:
        """A file, with its sidecar where it is a work. Raises BadInput, naming the file."""
        ...

    def loaded_draft(self, draft: Draft[Any]) -> LoadedWork | None:
        """None where it cannot be judged."""
        ...

    def judge(self, domain: str, device: torch.device) -> Judge: ...

    def event_model(self, domain: str, device: torch.device) -> EventModel: ...

    def cut(self, work: LoadedWork, mark: Mark) -> LoadedWork:
        """The marked part of a work. Raises BadInput where there is nothing."""
        ...

    def comparable(self, domain: str) -> frozenset[str]:
        """Codes of the features in which a part can be set beside its whole."""
        ...

    def dials(self, domain: str) -> Sequence[Dial]: ...

    def can_choose(self, brief: Brief) -> bool:
        """Whether drafts of this brief can be judged, and so be chosen from."""
        ...

    def name_of(self, domain: str) -> str:
        """For sentences: "English"."""
        ...


class Catalogue(Protocol):
    """The media and generators that are installed: `engine.registry`, or a test's own."""

    def models(self, job: ModelsRequest) -> Job[ModelsResult]:
        """What is done with the pretrained models that generators stand on. Raises BadInput."""
        ...

    def medium(self, name: MediumId | str) -> Medium: ...

    def generator(self, name: str, device: torch.device) -> Generator:
        """Raises BadInput "no_generator" for one that is not installed."""
        ...

    def generators(self) -> tuple[GeneratorInfo, ...]: ...

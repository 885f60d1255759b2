"""What the synthesiser learns from and what it makes of it: note segments, and a timbre."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.media.audio.timbre import recorded
from engine.media.audio.timbre.manner import PLAIN, Manner
from engine.media.audio.timbre.recorded import RecordedNote

MODES = 8  # partials of a timbre that are no harmonics
PREFIX = "timbre/"
LEVEL, LEVEL_VELOCITY = 0.1, 0.9  # root mean square of the loudest 50 ms, at this velocity
LOUDER = 1.66  # decibels of level for one of velocity


@dataclass(frozen=True, slots=True)
class NoteSegment:
    """One note of a recording.

    samples: (N,) float32, from its onset on; rate: Hz; pitch: MIDI, with its fraction; velocity:
    0..1; held: seconds until it was let go, where the samples go on after that; alone: the share of
    its time in which no other note sounds; voice: which of several that sound at once it is of.
    """

    samples: np.ndarray
    rate: int
    pitch: float
    velocity: float
    held: float | None = None
    alone: float = 1.0
    voice: int = 0

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def held_seconds(self) -> float:
        return self.seconds if self.held is None else min(self.held, self.seconds)


@dataclass(frozen=True, slots=True)
class Timbre:
    """The sound of an instrument.

    context: (Z,), what the decoder is conditioned on; ratios: (MODES,), frequencies of its
    free partials over the fundamental's, 0 for none; adapted: the decoder's own tensors that this
    sound has moved. decay: nepers a second by which it falls more than the decoder says; noise:
    (2, N) natural logarithms of power by which the noise of the attack and of what is held is
    beside what the decoder says, and tone: (2, N) the same of its partials; each empty where
    nothing was measured. manner: how it is played.
    """

    context: Tensor
    ratios: Tensor = field(default_factory=lambda: torch.zeros(MODES))
    adapted: Mapping[str, Tensor] = field(default_factory=dict)
    decay: float = 0.0
    noise: Tensor = field(default_factory=lambda: torch.zeros(0))
    tone: Tensor = field(default_factory=lambda: torch.zeros(0))
    manner: Manner = PLAIN
    recorded: tuple[RecordedNote, ...] = ()

    def to_tensors(self) -> dict[str, Tensor]:
        """As named tensors of a .style file."""
        named = {"context": self.context, "ratios": self.ratios}
        named |= {"decay": torch.tensor(self.decay)} if self.decay else {}
        named |= {"noise": self.noise} if self.noise.numel() else {}
        named |= {"tone": self.tone} if self.tone.numel() else {}
        named |= {"manner": self.manner.to_tensor()} if self.manner != PLAIN else {}
        named |= {f"adapted/{name}": tensor for name, tensor in self.adapted.items()}
        named = {name: tensor.detach().float() for name, tensor in named.items()}
        named |= recorded.to_tensors(self.recorded)
        return {PREFIX + name: tensor for name, tensor in named.items()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> "Timbre":
        """From a .style file; other tensors are passed over. Raises BadInput without a timbre."""
        mine = {k.removeprefix(PREFIX): t for k, t in tensors.items() if k.startswith(PREFIX)}
        if "context" not in mine or "ratios" not in mine:
            raise BadInput("older_style")
        start = "adapted/"
        adapted = {k.removeprefix(start): t for k, t in mine.items() if k.startswith(start)}
        decay = float(mine.get("decay", 0.0))
        noise, tone = (mine.get(name, torch.zeros(0)) for name in ("noise", "tone"))
        manner = Manner.from_tensor(mine["manner"]) if "manner" in mine else PLAIN
        notes = recorded.from_tensors(mine)
        return cls(mine["context"], mine["ratios"], adapted, decay, noise, tone, manner, notes)


def expected_level(velocity: float) -> float:
    """The root mean square of a note's loudest 50 ms."""
    return LEVEL * (max(velocity, 0.03) / LEVEL_VELOCITY) ** LOUDER


def level(samples: np.ndarray, rate: int) -> float:
    """The root mean square of the loudest 50 ms of (N,) samples."""
    sums = np.cumsum(np.nan_to_num(samples).astype(np.float64) ** 2)
    size = min(round(0.05 * rate), len(sums) - 1)
    if size < 1:
        return 0.0
    return float(np.sqrt(max(0.0, (sums[size:] - sums[:-size]).max()) / size))

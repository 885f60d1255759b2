"""One judge a kind of work: how it is measured, what of it is copied, what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from engine.critic.calibration import Calibration, calibration
from engine.critic.contents import Opened, Played
from engine.critic.measured import Feature, Measured
from engine.media.audio import features as music
from engine.media.audio.codec.score import Score
from engine.media.audio.codec.sound_checks import clipped_runs
from engine.media.audio.copying import Learned
from engine.media.audio.theory.grid import quantise
from engine.media.audio.theory.keys import home_of
from engine.media.image import copied_patches, features as pictures
from engine.media.image.generators.transport.weights import shipped as picture_prior
from engine.media.text import features as texts
from engine.media.text.copying import Copying, Source
from engine.media.text.features import Words
from engine.media.text.forms import violations
from engine.media.text.generators.maquette_lm.weights import shipped as text_base
from engine.messages import TextBrief

PIANO = (21, 108)  # its lowest and highest MIDI pitch
COPY_SHRINK = 4  # pictures are compared at a quarter of `copied_patches.SCALE_PX`
FLAW_BELOW = 0.8  # a factor of quality that is worth a word
LEEWAY = 2.0  # how much noisier, or half as sharp, than any reference a work may be


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A file and what was measured of it; technical: of a picture, see `pictures.quality`."""

    opened: Opened
    measured: Measured
    technical: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quality:
    """factors: code of a flaw → 0 … 1, where 1 is none of it."""

    factors: dict[str, float] = field(default_factory=dict)

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
    """Of one kind of work. Contents are those of its kind."""

    @property
    def features(self) -> tuple[Feature, ...]: ...

    @property
    def calibration(self) -> Calibration: ...

    def see(self, work: Opened) -> Seen: ...

    def copied(self, work: Opened, references: Sequence[Opened]) -> list[float]:
        """The share of the work, 0 … 1, that stands in each reference."""
        ...

    def quality(self, work: Seen, references: Sequence[Seen]) -> Quality: ...

    def shared(self, work: Opened, reference: Opened) -> list[str]:
        """Things that both name, in words; empty where a medium has none."""
        ...


@cache
def judge_of(kind: str, device: torch.device) -> Judge:
    """Of image, zh, en or audio; loaded once. Raises `WrongCheckpointError`."""
    if kind == "image":
        return PictureJudge(calibration(kind), device)
    if kind == "audio":
        return ScoreJudge(calibration(kind))
    return TextJudge(calibration(kind), texts.FEATURES[kind], device)


@dataclass(frozen=True, slots=True)
class PictureJudge:
    calibration: Calibration
    device: torch.device
    features: tuple[Feature, ...] = pictures.FEATURES

    def see(self, work: Opened) -> Seen:
        pixels = _picture(work)
        found = pictures.measure(pixels, picture_prior(self.device).encoder)
        return Seen(work, found, pictures.quality(pixels))

    def copied(self, work: Opened, references: Sequence[Opened]) -> list[float]:
        found = []
        for reference in references:
            near = copied_patches.nearest_patches(
                _picture(work), [_picture(reference)], shrink=COPY_SHRINK
            )
            is_copy = near < copied_patches.COPIED_BELOW
            found.append(float(is_copy.double().mean()) if len(near) else 0.0)
        return found

    def quality(self, work: Seen, references: Sequence[Seen]) -> Quality:
        mine, theirs = work.technical, [r.technical for r in references]

        def most(code: str) -> float:
            return max(row[code] for row in theirs)

        sharpest = min(row["sharpness"] for row in theirs) / LEEWAY
        return Quality(
            {
                "flaw_blurred": min(1.0, mine["sharpness"] / max(sharpest, 1e-6)),
                "flaw_noisy": min(1.0, LEEWAY * (most("noise") + 0.01) / (mine["noise"] + 1e-6)),
                "flaw_clipped_light": 1 - max(0.0, mine["clipped"] - most("clipped") - 0.02),
                "flaw_border": min(
                    1.0, LEEWAY * max(1.0, most("border")) / (mine["border"] + 1e-6)
                ),
            }
        )

    def shared(self, work: Opened, reference: Opened) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class TextJudge:
    calibration: Calibration
    features: tuple[Feature, ...]
    device: torch.device

    def see(self, work: Opened) -> Seen:
        return Seen(work, texts.measure([_words(work)], text_base(self.device))[0])

    def copied(self, work: Opened, references: Sequence[Opened]) -> list[float]:
        """By runs of eight units, as `engine.media.text.copying` counts them."""
        own = _words(work)
        return [
            Copying([Source(r.name, _words(r).text)], own.language).check(own.text).share
            for r in references
        ]

    def quality(self, work: Seen, references: Sequence[Seen]) -> Quality:
        mine = self._named(work)
        theirs = [self._named(reference) for reference in references]
        least = 1.2 * max(row["surprise"] for row in theirs)
        usual = max(row["repetition"] for row in theirs) + 15
        lacking = _lacking(work.opened)
        return Quality(
            {
                "flaw_unlikely": min(1.0, least / max(mine["surprise"], 1e-6)),
                "flaw_repetitive": 1 - min(1.0, max(0.0, mine["repetition"] - usual) / 50),
                "flaw_form": max(0.0, 1 - 0.25 * len(lacking)),
            }
        )

    def _named(self, work: Seen) -> dict[str, float]:
        codes = (feature.code for feature in self.features)
        return dict(zip(codes, work.measured.values.tolist(), strict=True))

    def shared(self, work: Opened, reference: Opened) -> list[str]:
        return texts.shared_words(_words(work), _words(reference))


@dataclass(frozen=True, slots=True)
class ScoreJudge:
    calibration: Calibration
    features: tuple[Feature, ...] = music.FEATURES

    def see(self, work: Opened) -> Seen:
        return Seen(work, music.measure(_played(work).score))

    def copied(self, work: Opened, references: Sequence[Opened]) -> list[float]:
        """By runs of eight notes in the common key, as `engine.media.audio.copying` counts them."""
        own = _in_common_key(_played(work).score)
        return [
            Learned.of([r.name], [_in_common_key(_played(r).score)]).report(own).share
            for r in references
        ]

    def quality(self, work: Seen, references: Sequence[Seen]) -> Quality:
        played = _played(work.opened)
        pitches = played.score.notes["pitch"]
        outside = float(((pitches < PIANO[0]) | (pitches > PIANO[1])).mean())
        factors = {"flaw_out_of_range": 1 - min(1.0, 5 * outside)}
        if played.sound is not None:
            samples = played.sound.samples
            cut = clipped_runs(samples.T) / max(played.sound.seconds, 1)
            silent = float((np.abs(samples).max(0) < 1e-3).mean())
            factors["flaw_clipped"] = 1 / (1 + cut / 2)
            factors["flaw_quiet"] = 1 - max(0.0, silent - 0.4) / 0.6
        return Quality(factors)

    def shared(self, work: Opened, reference: Opened) -> list[str]:
        return []


def _picture(work: Opened) -> Tensor:
    assert isinstance(work.content, Tensor)
    return work.content


def _words(work: Opened) -> Words:
    assert isinstance(work.content, Words)
    return work.content


def _played(work: Opened) -> Played:
    assert isinstance(work.content, Played)
    return work.content


def _lacking(work: Opened) -> list[str]:
    """What a work lacks of the form that it was asked to have."""
    if not isinstance(work.brief, TextBrief) or not work.brief.form:
        return []
    own = _words(work)
    return violations(own.text, work.brief, own.language)


def _in_common_key(score: Score) -> Score:
    return quantise(score).transposed(-home_of(score).shift)

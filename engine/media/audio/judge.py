"""The judge of scores: how they are measured, what of them is copied, what is wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.interfaces import Feature, LoadedWork, MeasuredWork, Quality
from engine.media.audio import features
from engine.media.audio.codec.score import Score
from engine.media.audio.codec.sound_checks import clipped_runs
from engine.media.audio.copying import ReferenceRuns
from engine.media.audio.loading import LoadedMusic
from engine.media.audio.theory.grid import quantise
from engine.media.audio.theory.keys import estimated_key

PIANO = (21, 108)  # its lowest and highest MIDI pitch


@dataclass(frozen=True, slots=True)
class ScoreJudge:
    domain: str = "audio"
    features: tuple[Feature, ...] = features.FEATURES

    def measure(self, work: LoadedWork) -> MeasuredWork:
        return MeasuredWork(work, features.measure(_played(work).score))

    def copied(self, work: LoadedWork, references: Sequence[LoadedWork]) -> list[float]:
        """By runs of eight notes in the common key, as `engine.media.audio.copying` counts them."""
        own = _in_common_key(_played(work).score)
        return [
            ReferenceRuns.of([r.name], [_in_common_key(_played(r).score)]).report(own).share
            for r in references
        ]

    def quality(self, work: MeasuredWork, references: Sequence[MeasuredWork]) -> Quality:
        played = _played(work.work)
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

    def shared_words(self, work: LoadedWork, reference: LoadedWork) -> list[str]:
        return []


def _played(work: LoadedWork) -> LoadedMusic:
    assert isinstance(work.content, LoadedMusic)
    return work.content


def _in_common_key(score: Score) -> Score:
    return quantise(score).transposed(-estimated_key(score).shift)

"""Whose sound a work has: the references', a built-in instrument, or a file of the artist's."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.core.progress import Advance, shares
from engine.media.audio.generators.score.adapt import timbres_of
from engine.media.audio.hearing import listening
from engine.media.audio.playing.soundfont import SoundFont
from engine.media.audio.timbre import Timbre, learning, preset, preset_for_program, synthesising
from engine.media.audio.timbre.learn import STEPS
from engine.messages import INSTRUMENTS, RECORDINGS, SOUNDFONT_SUFFIXES, MusicBrief
from engine.meta.errors import EmptySupportError
from engine.sequence.adapt import StyleTensors

RATE = 44_100
LEARNING_S = 4.0


@dataclass(frozen=True, slots=True)
class Instruments:
    """own: timbres that play the parts in turn. soundfont: what plays instead, where given."""

    own: tuple[Timbre, ...] = ()
    soundfont: SoundFont | None = None

    def sounding(
        self, played: np.ndarray, part: int, programs: Sequence[int], seed: int
    ) -> Generator[Advance, None, np.ndarray]:
        """(N,) float32 at RATE: the notes (K,) of `perform.PLAYED` of one part.

        Built-in instruments and SoundFonts are chosen by the part's General MIDI program.
        """
        yield Advance(0, 1)
        if not len(played):
            return np.zeros(1, np.float32)
        program = programs[part] if part < len(programs) else 0
        rows = np.stack([played[n] for n in ("onset_s", "duration_s", "pitch", "velocity")], 1)
        if self.soundfont is not None:
            return self.soundfont.sounded(rows, program)
        timbre = self.own[part % len(self.own)] if self.own else preset_for_program(program)
        return (yield from synthesising(rows, timbre, RATE, seed=seed))


def instruments_of(
    style: StyleTensors, brief: MusicBrief, device: torch.device
) -> Generator[Advance, None, Instruments]:
    """Raises BadInput for a sound that is neither a name nor a readable file."""
    if not brief.sound:
        return Instruments(tuple(timbres_of(style)))
    if brief.sound in INSTRUMENTS:
        return Instruments((preset(brief.sound),))
    path = Path(brief.sound)
    if not path.suffix:
        raise BadInput("bad_sound", sound=brief.sound)
    if path.suffix.lower() in SOUNDFONT_SUFFIXES:
        return Instruments(soundfont=SoundFont.load(path))
    return Instruments(((yield from _learned(path, brief.seed, device)),))


def _learned(path: Path, seed: int, device: torch.device) -> Generator[Advance, None, Timbre]:
    """The timbre of a recording. Raises BadInput where it has no notes."""
    data = read_bytes(path, RECORDINGS.max_bytes)
    heard = yield from shares(listening(data, path.name, device), 0, 2)
    if not heard.notes:
        raise BadInput("no_notes_heard", name=path.name)
    try:
        steps = learning(heard.notes, seconds=LEARNING_S, seed=seed)
        timbre = next(steps)
    except EmptySupportError as error:
        raise BadInput("no_notes_heard", name=path.name) from error
    for step, better in enumerate(steps, start=1):
        timbre = better
        yield Advance(1 + min(0.95, step / STEPS), 2)
    return timbre

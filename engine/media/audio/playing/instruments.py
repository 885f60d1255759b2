"""Whose sound a work has: the references', a built-in instrument, or a file of the artist's."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.core.progress import Advance, shares
from engine.media.audio.codec.score import Part, Score
from engine.media.audio.hearing import listening, manner_of
from engine.media.audio.playing.kit import drummed, performed
from engine.media.audio.playing.part_names import VOICE
from engine.media.audio.playing.soundfont import SoundFont
from engine.media.audio.timbre import Timbre, learning, preset, preset_for_program, synthesising
from engine.media.audio.timbre.in_style import recordings_of, timbres_of
from engine.media.audio.timbre.learn import STEPS
from engine.media.audio.timbre.palette import name_for_program, program_of
from engine.meta.errors import EmptySupportError
from engine.protocol import INSTRUMENTS, RECORDINGS, SOUNDFONT_SUFFIXES, MusicBrief
from engine.sequence.adapt import StyleTensors

RATE = 44_100
LEARNING_S = 4.0
STROKE_S = 0.3  # that a key of a SoundFont's kit is held


@dataclass(frozen=True, slots=True)
class Instruments:
    """own: timbres that play the parts in turn. soundfont: what plays instead, where given.
    built_in: the name of the one built-in timbre that was asked for. recorded: of each recording
    among the references, by its place, the timbres that play works which follow it."""

    own: tuple[Timbre, ...] = ()
    soundfont: SoundFont | None = None
    built_in: str = ""
    recorded: Mapping[int, tuple[Timbre, ...]] = field(default_factory=dict)

    def following(self, reference: int) -> "Instruments":
        """For works that follow the reference: its melody's sound plays the melody."""
        return replace(self, own=self.recorded.get(reference, self.own))

    def parts(self, count: int, programs: Sequence[int]) -> tuple[Part, ...]:
        """What plays the parts, called by it: "Voice" where the sound is a recording's."""
        found: list[Part] = []
        for part in range(count):
            program = programs[part] if part < len(programs) else 0
            name = self.built_in or (VOICE if self.own else name_for_program(program))
            program = program_of(self.built_in) if self.built_in else program
            found.append(Part(name[:1].upper() + name[1:], program))
        return tuple(found)

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

    def drums(self, score: Score, seed: int) -> np.ndarray:
        """(N,) float32 at RATE: the hits of a score, by the SoundFont's kit or by our own."""
        if self.soundfont is not None and len(score.hits):
            onsets, loud = performed(score, seed)
            lasting = np.full(len(onsets), STROKE_S)
            rows = np.stack([onsets, lasting, score.hits["key"].astype(float), loud], 1)
            if (made := self.soundfont.drummed(rows)) is not None:
                return made
        return drummed(score, seed)


def instruments_of(
    style: StyleTensors, brief: MusicBrief, device: torch.device
) -> Generator[Advance, None, Instruments]:
    """Raises BadInput for a sound that is neither a name nor a readable file."""
    if not brief.sound:
        recorded = {i: tuple(timbres_of(style, i)) for i in recordings_of(style)}
        return Instruments(tuple(timbres_of(style)), recorded=recorded)
    if brief.sound in INSTRUMENTS:
        return Instruments((preset(brief.sound),), built_in=brief.sound)
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
    return replace(timbre, manner=manner_of(heard))

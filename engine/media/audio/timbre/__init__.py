"""The sound of instruments: a differentiable synthesiser conditioned on a few notes.

timbre = learn_timbre([NoteSegment(samples, rate, pitch, velocity), ...])
timbre = preset("kalimba")
sound = synthesise([(onset_s, duration_s, pitch, velocity), ...], timbre)
"""

from engine.media.audio.timbre.learn import learn_timbre, learning
from engine.media.audio.timbre.palette import (
    name_for_program,
    preset,
    preset_for_program,
    presets,
)
from engine.media.audio.timbre.sounds import NoteSegment, Timbre
from engine.media.audio.timbre.synthesis import synthesise, synthesising

__all__ = [
    "NoteSegment",
    "Timbre",
    "learn_timbre",
    "learning",
    "name_for_program",
    "preset",
    "preset_for_program",
    "presets",
    "synthesise",
    "synthesising",
]

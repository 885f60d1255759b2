"""A score in simple tones, so that it can be heard before the engine has given it a sound."""

import io
import math
import wave
from array import array
from functools import lru_cache

from engine.protocol import Sketch

RATE = 22_050
MOST_S = 180.0  # of a long score only the beginning
_RING_S, _RELEASE_S = 2.5, 0.04  # how long a held tone is heard, and how it ends
_DECAY = 1.6  # a second
_LEVEL = 0.16
_PARTIALS = ((1, 1.0), (2, 0.35), (3, 0.12))


def wav(sketch: Sketch) -> bytes:
    """The notes as a WAV file, mono. Slow: a second for some hundreds of notes."""
    notes = [note for note in sketch.notes if note[0] < MOST_S]
    ends = (onset + min(lasts, _RING_S) + _RELEASE_S for onset, lasts, _, _ in notes)
    length = int(max([0.1, *ends]) * RATE) + 1
    mixed = array("f", bytes(4 * length))
    for onset, lasts, pitch, _voice in notes:
        start = int(onset * RATE)
        sound = _held(_tone(pitch), lasts)
        end = min(length, start + len(sound))
        pairs = zip(mixed[start:end], sound[: end - start], strict=True)
        mixed[start:end] = array("f", [one + other for one, other in pairs])
    loudest = max(1.0, *(abs(peak) for peak in (max(mixed), min(mixed))))
    whole = array("h", [int(32_000 * value / loudest) for value in mixed])
    return _file(whole)


@lru_cache(maxsize=128)
def _tone(pitch: int) -> array:
    """A tone that rings out, as long as it can be heard."""
    step = 2 * math.pi * 440 * 2 ** ((pitch - 69) / 12) / RATE
    usable = [(k, level) for k, level in _PARTIALS if k * step < math.pi]
    shape = [
        sum(level * math.sin(k * step * place) for k, level in usable)
        for place in range(int(_RING_S * RATE))
    ]
    rise = RATE // 200
    return array(
        "f",
        [
            _LEVEL * value * math.exp(-_DECAY * place / RATE) * min(1.0, place / rise)
            for place, value in enumerate(shape)
        ],
    )


def _held(tone: array, seconds: float) -> array:
    """As long as the note is held, then soon over."""
    held = int(min(seconds, _RING_S - _RELEASE_S) * RATE)
    fade = int(_RELEASE_S * RATE)
    tail = [value * (1 - place / fade) for place, value in enumerate(tone[held : held + fade])]
    return tone[:held] + array("f", tail)


def _file(samples: array) -> bytes:
    room = io.BytesIO()
    with wave.open(room, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return room.getvalue()

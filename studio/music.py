"""Facts of music that need no window: what sidecars tell, what briefs mean, how loud, how long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from engine.messages import (
    INSTRUMENTS as INSTRUMENTS,
    MAX_TEXTURE_S,
    RECORDING_SUFFIXES,
    SCORE_SUFFIXES,
    SOUNDFONT_SUFFIXES,
    BriefT,
    Copied,
    MusicBrief,
    MusicForm,
    Sketch,
)

KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
USUAL_BARS, USUAL_TEXTURE_S, USUAL_TEMPO = 16, 20, 100
OCTAVE = 12  # semitones
NOTHING = Sketch(seconds=0.0)  # stands for what cannot be drawn
_DIGEST = 64  # hexadecimal digits
_HEADS = (
    *((b"MThd", ".mid"), (b"fLaC", ".flac"), (b"OggS", ".ogg"), (b"ID3", ".mp3")),
    *(
        (b"caff", ".caf"),
        (b".snd", ".au"),
        (b"RF64", ".rf64"),
        (b"riff", ".w64"),
        (b"PK\x03\x04", ".mxl"),
    ),
)
_RIFFS = {b"WAVE": ".wav", b"RMID": ".rmi", b"sfbk": ".sf2"}
_FORMS = {b"AIFF": ".aiff", b"AIFC": ".aifc"}


@dataclass(frozen=True, slots=True)
class Music:
    """What is known of one piece without hearing it."""

    sketch: Sketch
    loudness_lufs: float | None = None
    has_score: bool = False
    copied: Copied | None = None  # of a piece with notes

    @property
    def seconds(self) -> float:
        return self.sketch.seconds


def music_of(sidecar: Mapping[str, Any]) -> Music:
    """A work, as its sidecar tells; with nothing to draw when that is of another kind."""
    try:
        sketch = msgspec.convert(sidecar["sketch"], Sketch)
    except (KeyError, ValueError):
        seconds = sidecar.get("seconds", 0.0)
        sketch = Sketch(seconds=float(seconds) if isinstance(seconds, int | float) else 0.0)
    loudness = sidecar.get("loudness_lufs")
    known = isinstance(loudness, int | float)
    scored = bool(sidecar.get("score"))
    return Music(sketch, float(loudness) if known else None, scored, _copied(sidecar, scored))


def _copied(sidecar: Mapping[str, Any], scored: bool) -> Copied | None:
    try:
        return msgspec.convert(sidecar["copied"], Copied) if scored else None
    except (KeyError, ValueError):
        return None


def equal_gains(pieces: Sequence[Music]) -> list[float]:
    """Factors that make them equally loud, none above 1: the louder ones come down.

    A piece whose loudness nobody measured plays as it is.
    """
    known = [piece.loudness_lufs for piece in pieces if piece.loudness_lufs is not None]
    floor = min(known, default=0.0)
    levels = (floor if piece.loudness_lufs is None else piece.loudness_lufs for piece in pieces)
    return [10 ** ((floor - level) / 20) for level in levels]


# ---- briefs ------------------------------------------------------------------------------------


def is_texture(brief: MusicBrief, heard: Sequence[Sketch] = ()) -> bool:
    """Whether a stretch of sound is made, not notes; `heard`: the references, as far as known."""
    if brief.form:
        return brief.form == MusicForm.TEXTURE
    return bool(heard) and not any(sketch.notes for sketch in heard)


def trimmed(brief: BriefT) -> BriefT:
    """Without wishes that the panel does not show."""
    if not isinstance(brief, MusicBrief):
        return brief
    if brief.form == MusicForm.TEXTURE:
        return _texture(brief, min(brief.length, MAX_TEXTURE_S))
    return replace(brief, pace=brief.pace if has_pace(brief) else 1.0, lift=lift_of(brief))


def has_pace(brief: MusicBrief) -> bool:
    """Whether the tempo follows the references', not one that is named or an opening's."""
    return not (brief.tempo or brief.content)


def in_octaves(brief: MusicBrief) -> bool:
    """Whether music is moved up or down by whole octaves alone: its key is given."""
    return bool(brief.key or brief.content)


def lift_of(brief: MusicBrief) -> int:
    """Semitones that the works are really moved by."""
    return OCTAVE * round(brief.lift / OCTAVE) if in_octaves(brief) else brief.lift


def _texture(brief: BriefT, length: int) -> BriefT:
    notes = {"metre": "", "key": "", "mode": "", "tempo": 0, "density": 1.0, "voices": 0}
    notes |= {"pace": 1.0, "lift": 0}
    return replace(brief, **notes, content="", sound="", length=length)  # pyright: ignore


def expected_s(brief: MusicBrief, texture: bool = False) -> float:
    """About how long a work will be, in seconds; of music without a tempo only a guess."""
    if texture or brief.form == MusicForm.TEXTURE:
        return brief.length or USUAL_TEXTURE_S
    beats, unit = map(int, (brief.metre or "4/4").split("/"))
    quarters = (brief.length or USUAL_BARS) * beats * 4 / unit
    return quarters * 60 / (brief.tempo or USUAL_TEMPO * brief.pace)


def is_digest(name: str) -> bool:
    """Whether a brief's sound is bytes in the project, not an instrument or a file."""
    return len(name) == _DIGEST and set(name) <= set("0123456789abcdef")


# ---- files -------------------------------------------------------------------------------------


def suffix_of(data: bytes) -> str:
    """Of a recording, a score or a SoundFont, by its first bytes, as readers expect it; or ""."""
    head = data[:16]
    if head[:4] == b"RIFF":
        return _RIFFS.get(head[8:12], "")
    if head[:4] == b"FORM":
        return _FORMS.get(head[8:12], "")
    for start, suffix in _HEADS:
        if head.startswith(start):
            return suffix
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE0 == 0xE0 and head[1] != 0xFE:
        return ".mp3"
    text = data[:4096].decode("utf-8", "ignore").lstrip("\ufeff \r\n\t")
    if text.startswith("<"):
        return ".musicxml"
    return ".abc" if is_abc(text) else ""


def is_abc(words: str) -> bool:
    """Whether a text is a tune in ABC notation: it has a number or a title, and a key."""
    heads = {line[:2] for line in words.splitlines()[:40]}
    return "K:" in heads and bool({"X:", "T:"} & heads)


def is_score(name: str) -> bool:
    return Path(name).suffix.lower() in SCORE_SUFFIXES


def is_recording(name: str) -> bool:
    return Path(name).suffix.lower() in RECORDING_SUFFIXES


def is_soundfont(name: str) -> bool:
    return Path(name).suffix.lower() in SOUNDFONT_SUFFIXES


def clock(seconds: float) -> str:
    """As players write it: 0:07, 12:34."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    return f"{minutes}:{rest:02d}"

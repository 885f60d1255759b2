"""Facts of music: what sidecars say, what briefs mean, how loud, how long."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from engine.protocol import (
    MAX_TEXTURE_S,
    Copied,
    Mode,
    MusicBrief,
    MusicForm,
    MusicUse,
    Sketch,
)
from studio.i18n import t
from studio.media.audio.score_facts import ScoreFacts, facts_of

KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
USUAL_BARS, USUAL_TEXTURE_S, USUAL_TEMPO = 32, 20, 100  # bars: a guess, until one is made
OCTAVE = 12  # semitones
FILLED = (5, 8)  # bars, until others are asked for
MOST_BAR = 9999
ACTIONS = {  # of the window that start from a work, and what they make of its notes
    "vary": MusicUse.VARY,
    "go_on": MusicUse.EXTEND,
    "fill_bars": MusicUse.FILL,
    "accompany": MusicUse.ACCOMPANY,
}
FROM_NOTES = ("go_on", "fill_bars", "accompany")
WHOLE = (MusicUse.FILL, MusicUse.ACCOMPANY)  # works are as long as the score
MORE_BARS = 16  # that a work goes on for
_KEY_SIGNS = {"b": "♭", "#": "♯"}
LEAST_REST_S, EARLIER_S = 0.3, 0.1  # before a piece, that is passed over; of it, that is kept
NOTHING = Sketch(seconds=0.0)  # stands for what cannot be drawn


@dataclass(frozen=True, slots=True)
class Music:
    """What is known of one piece without hearing it."""

    sketch: Sketch
    loudness_lufs: float | None = None
    has_score: bool = False
    copied: Copied | None = None  # of a piece with notes
    listened: bool = True  # False: a recording whose notes nobody has heard yet
    bars: int = 0  # 0: unknown
    score: ScoreFacts = field(default_factory=ScoreFacts)

    @property
    def seconds(self) -> float:
        return self.sketch.seconds


def begins_s(sketch: Sketch) -> float:
    """Seconds from which on a piece is played: a rest before an upbeat is passed over."""
    onsets = [*(note[0] for note in sketch.notes), *(hit[0] for hit in sketch.hits)]
    first = min(onsets, default=0.0)
    return first - EARLIER_S if first >= LEAST_REST_S else 0.0


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
    bars = sidecar.get("bars")
    return Music(
        sketch,
        float(loudness) if known else None,
        scored,
        _copied(sidecar, scored),
        bars=bars if isinstance(bars, int) else 0,
        score=_score(sidecar),
    )


def _score(sidecar: Mapping[str, Any]) -> ScoreFacts:
    try:
        return facts_of(base64.b64decode(sidecar["score"]))
    except (KeyError, TypeError, ValueError, binascii.Error):
        return ScoreFacts()


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


def trimmed(brief: MusicBrief) -> MusicBrief:
    """Without wishes that the panel does not show."""
    if brief.form == MusicForm.TEXTURE:
        return _texture(brief)
    use = brief.score_use if brief.content else MusicUse.EXTEND
    first, last = (brief.first_bar, brief.last_bar) if use is MusicUse.FILL else (0, 0)
    pace = brief.pace if has_pace(brief) else 1.0
    return replace(
        brief, pace=pace, lift=lift_of(brief), score_use=use, first_bar=first, last_bar=last
    )


def started(brief: MusicBrief, use: MusicUse) -> dict[str, Any]:
    """The changes of a brief for another use of its score; the first time, four bars to fill."""
    bars = (brief.first_bar, brief.last_bar) if brief.first_bar else FILLED
    first, last = bars if use is MusicUse.FILL else (0, 0)
    length = 0 if use in WHOLE else brief.length
    return {"score_use": use, "first_bar": first, "last_bar": last, "length": length}


def has_pace(brief: MusicBrief) -> bool:
    """Whether the tempo follows the references', not one that is named or an opening's."""
    return not (brief.tempo or (brief.content and brief.score_use is not MusicUse.VARY))


def in_octaves(brief: MusicBrief) -> bool:
    """Whether music is moved up or down by whole octaves alone: its key is given."""
    return bool(brief.key or brief.content)


def lift_of(brief: MusicBrief) -> int:
    """Semitones that the works are really moved by."""
    return OCTAVE * round(brief.lift / OCTAVE) if in_octaves(brief) else brief.lift


def _texture(brief: MusicBrief) -> MusicBrief:
    notes = {"metre": "", "key": "", "mode": "", "tempo": 0, "density": 1.0, "voices": 0}
    notes |= {"pace": 1.0, "lift": 0, "score_use": MusicUse.EXTEND, "first_bar": 0, "last_bar": 0}
    length = min(brief.length, MAX_TEXTURE_S)
    return replace(brief, **notes, content="", sound="", length=length)  # pyright: ignore


def expected_s(brief: MusicBrief, texture: bool = False) -> float:
    """About how long a work will be, in seconds; of music without a tempo only a guess."""
    if texture or brief.form == MusicForm.TEXTURE:
        return brief.length or USUAL_TEXTURE_S
    beats, unit = map(int, (brief.metre or "4/4").split("/"))
    quarters = (brief.length or USUAL_BARS) * beats * 4 / unit
    return quarters * 60 / (brief.tempo or USUAL_TEMPO * brief.pace)


def clock(seconds: float) -> str:
    """As players write it: 0:07, 12:34."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    return f"{minutes}:{rest:02d}"


def key_words(key: str, mode: str) -> str:
    """A key as musicians call it; a mode alone where there is no key, "" where there is neither."""
    if not key:
        return t(f"mode.{mode}") if mode else ""
    signs = "".join(_KEY_SIGNS[sign] for sign in key[1:])
    return t(f"key.{mode or Mode.MAJOR}", tonic=key[:1] + signs)

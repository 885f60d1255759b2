"""The mood of music: what the critic measured of a piece, and the dials that answer to it."""

from dataclasses import replace

from engine.protocol import Mode, MusicBrief
from studio.state.mood import Mood

FEATURES = {
    "agitation": {"tempo": 1.0, "density": 0.8, "interval": 0.3},
    "brightness": {"register": 1.0, "minor": -0.8},
    "warmth": {"note_length": 0.8, "sounding": 0.8, "register": -0.4},
}
_MODE_FROM = 0.35  # of brightness, from there on the mode is named
_SEMITONES = 5


def in_mood(brief: MusicBrief, mood: Mood) -> MusicBrief:
    """From the artist's own wishes on. A key that was asked for stays; then only octaves count."""

    def ratio(value: float, by: float) -> float:
        return round(min(2.0, max(0.5, value * 2**by)), 3)

    mode = brief.mode
    if not brief.key and not mode and abs(mood.brightness) >= _MODE_FROM:
        mode = Mode.MAJOR if mood.brightness > 0 else Mode.MINOR
    lift = 0 if brief.key else round(_SEMITONES * (mood.brightness - 0.4 * mood.warmth))
    return replace(
        brief,
        mode=mode,
        pace=ratio(brief.pace, 0.5 * mood.agitation),
        density=ratio(brief.density, 0.4 * mood.agitation - 0.15 * mood.warmth),
        lift=min(12, max(-12, brief.lift + lift)),
    )

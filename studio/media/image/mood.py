"""The mood of pictures: what the critic measured of one, and the dials that answer to it."""

from dataclasses import replace

from engine.protocol import PictureBrief
from studio.state.mood import Mood

FEATURES = {
    "agitation": {"edges": 1.0, "contrast": 0.6, "brush": -0.4},
    "brightness": {"lightness": 1.0},
    "warmth": {"warmth": 1.0, "redness": 0.4},
}


def in_mood(brief: PictureBrief, mood: Mood) -> PictureBrief:
    """From the artist's own wishes on, as far as the dials go."""

    def dial(value: float, by: float) -> float:
        return round(min(1.0, max(-1.0, value + by)), 3)

    return replace(
        brief,
        light=dial(brief.light, 0.6 * mood.brightness),
        warmth=dial(brief.warmth, 0.6 * mood.warmth),
        redness=dial(brief.redness, 0.15 * mood.warmth),
        contrast=dial(brief.contrast, 0.4 * mood.agitation),
        vividness=dial(brief.vividness, 0.2 * mood.brightness + 0.2 * mood.agitation),
        brush=round(min(2.0, max(0.5, brief.brush * 2 ** (-0.4 * mood.agitation))), 3),
    )

"""What ratings may turn in the brief of a piece of music."""

from dataclasses import dataclass, replace

from engine.core.dials import NumberDial
from engine.protocol import Brief, BriefT, Mode, MusicBrief

MODE_FROM = 0.4  # of a deviation: from there on, the mode is named


@dataclass(frozen=True, slots=True)
class ModeDial:
    """Major below, minor above, the references' own between."""

    name: str = "mode"

    def turned(self, brief: BriefT, deviations: float) -> BriefT:
        if abs(deviations) < MODE_FROM:
            return brief
        return replace(brief, mode=Mode.MINOR if deviations > 0 else Mode.MAJOR)

    def is_free(self, brief: Brief) -> bool:
        return isinstance(brief, MusicBrief) and not brief.mode


DIALS = (
    NumberDial("pace", 0.2, 0.5, 2, is_ratio=True),
    NumberDial("density", 0.3, 0.5, 2, is_ratio=True),
    NumberDial("lift", 3.0, -12, 12),
    NumberDial("temperature", 0.12, 0.5, 1.4, is_ratio=True),
    NumberDial("strength", 0.3, 0.4, 1.6),
    ModeDial(),
)

"""What ratings may turn in the brief of a text."""

from engine.core.dials import NumberDial

DIALS = (
    NumberDial("temperature", 0.15, 0.5, 1.4, is_ratio=True),
    NumberDial("strength", 0.3, 0.4, 1.6),
    NumberDial("line", 0.3, 0.5, 2.0, is_ratio=True),
)

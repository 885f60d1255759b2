"""What ratings may turn in the brief of a picture."""

from engine.core.dials import NumberDial

DIALS = (
    *(NumberDial(name, 0.3, -1, 1) for name in ("light", "contrast", "warmth", "redness")),
    NumberDial("vividness", 0.3, -1, 1),
    NumberDial("brush", 0.25, 0.5, 2, is_ratio=True),
    NumberDial("boldness", 0.15, 0, 1),
    NumberDial("detail", 0.2, 0, 1),
    NumberDial("invention", 0.15, 0, 1),
)

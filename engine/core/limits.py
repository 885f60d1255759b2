"""Is what was asked for possible? Every limit of a request, checked in one place."""

import re
from collections.abc import Sequence

from engine.core.errors import BadInput
from engine.messages import (
    MAX_BARS,
    MAX_CANDIDATES,
    MAX_COUNT,
    MAX_SIDE_PX,
    MAX_TEMPO,
    MAX_TEXTURE_S,
    MAX_VOICES,
    METRES,
    MIN_SIDE_PX,
    MIN_TEMPO,
    Brief,
    Medium,
    Mode,
    MusicForm,
    Palette,
    Use,
)

MAX_SEED = 2**31 - 1
MAX_STRENGTH = 2.0
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.1, 2.0
MIN_TOP_P = 0.05
MAX_COPY_LIMIT = 1000  # characters or words in a row
MIN_BRUSH, MAX_BRUSH = 0.5, 2.0
MAX_COLOURS = 16
MIN_DENSITY, MAX_DENSITY = 0.5, 2.0
MIN_PACE, MAX_PACE = 0.5, 2.0
MIN_LINE, MAX_LINE = 0.5, 2.0
MAX_LIFT = 24  # semitones, up or down
MIN_WEIGHT, MAX_WEIGHT = 1e-6, 1e6  # relative to each other; tensors hold them as float32


def check(brief: Brief) -> None:
    """Raises BadInput for a brief that cannot be met."""
    if not 1 <= brief.count <= MAX_COUNT:
        raise BadInput("bad_count", count=brief.count, most=MAX_COUNT)
    check_seed(brief.seed)
    _within("strength", brief.strength, 0, MAX_STRENGTH)
    _within("follow", brief.follow, 0, 1)
    _within("candidates", brief.candidates, 0, MAX_CANDIDATES)
    checks = {Medium.IMAGE: _check_picture, Medium.TEXT: _check_text, Medium.AUDIO: _check_music}
    checks[brief.medium](brief)


def _check_picture(brief: Brief) -> None:
    sides = (brief.width_px, brief.height_px)
    if not all(MIN_SIDE_PX <= side <= MAX_SIDE_PX for side in sides):
        limits = {"least": MIN_SIDE_PX, "most": MAX_SIDE_PX}
        raise BadInput("bad_size", width=brief.width_px, height=brief.height_px, **limits)
    _within("invention", brief.invention, 0, 1)
    _within("collage", brief.collage, 0, 1)
    _within("boldness", brief.boldness, 0, 1)
    _within("detail", brief.detail, 0, 1)
    _within("variation", brief.variation, 0, 1)
    _within("brush", brief.brush, MIN_BRUSH, MAX_BRUSH)
    for name in ("light", "contrast", "warmth", "redness", "vividness"):
        _within(name, getattr(brief, name), -1, 1)
    check_seed(brief.root)
    _check_colours(brief)
    if brief.use is not Use.COMPOSE and not brief.content:
        raise BadInput("no_content")
    if brief.use is Use.FILL and not brief.mask:
        raise BadInput("no_mask")


def _check_colours(brief: Brief) -> None:
    if brief.palette is Palette.MINE and not brief.content:
        raise BadInput("no_own_colours")
    if brief.palette is not Palette.FIXED:
        return
    if not 1 <= len(brief.colours) <= MAX_COLOURS:
        raise BadInput("colour_count", count=len(brief.colours), most=MAX_COLOURS)
    for colour in brief.colours:
        if not re.fullmatch("#[0-9a-fA-F]{6}", colour):
            raise BadInput("bad_colour", colour=colour)


def _check_text(brief: Brief) -> None:
    _within("temperature", brief.temperature, MIN_TEMPERATURE, MAX_TEMPERATURE)
    _within("top_p", brief.top_p, MIN_TOP_P, 1)
    _within("copy_limit", brief.copy_limit, 0, MAX_COPY_LIMIT)
    _within("line", brief.line, MIN_LINE, MAX_LINE)


def _check_music(brief: Brief) -> None:
    _within("temperature", brief.temperature, MIN_TEMPERATURE, MAX_TEMPERATURE)
    _within("top_p", brief.top_p, MIN_TOP_P, 1)
    _within("invention", brief.invention, 0, 1)
    _within("density", brief.density, MIN_DENSITY, MAX_DENSITY)
    _within("pace", brief.pace, MIN_PACE, MAX_PACE)
    _within("lift", brief.lift, -MAX_LIFT, MAX_LIFT)
    _within("voices", brief.voices, 0, MAX_VOICES)
    is_texture = brief.form == MusicForm.TEXTURE
    _within("length", brief.length, 0, MAX_TEXTURE_S if is_texture else MAX_BARS)
    if brief.tempo:
        _within("tempo", brief.tempo, MIN_TEMPO, MAX_TEMPO)
    if brief.form not in ("", *MusicForm):
        raise BadInput("form_unknown", form=brief.form)
    if brief.mode not in ("", *Mode):
        raise BadInput("bad_mode", mode=brief.mode)
    if brief.metre not in ("", *METRES):
        raise BadInput("bad_metre", metre=brief.metre)


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise BadInput("bad_number", name=name, value=value, least=least, most=most)


def check_seed(seed: int) -> None:
    """Raises BadInput for a seed that not every random generator here takes."""
    if not 0 <= seed <= MAX_SEED:
        raise BadInput("bad_seed", seed=seed, most=MAX_SEED)


def check_weights(weights: Sequence[float]) -> None:
    """Raises BadInput for a weight that is not a positive number of sensible size."""
    for weight in weights:
        if not MIN_WEIGHT <= weight <= MAX_WEIGHT:
            raise BadInput("bad_weight", weight=weight)

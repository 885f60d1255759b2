"""What is kept of a golden work, and how like another work is to it."""

from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from PIL import Image

from engine.protocol import Medium, WorkFile

FIELDS = (12, 8)  # of a picture: columns, rows
FAR = 32.0  # of 255: two pictures whose fields differ so much in the mean have nothing in common

Kept = list[list[int]] | str | list[int]


def kept(work: WorkFile, medium: Medium) -> Kept:
    """A picture's fields (96, 3) of 0 … 255, a text's words, the pitches of a piece in order."""
    if medium is Medium.IMAGE:
        with Image.open(Path(work.path)) as image:
            small = image.convert("RGB").resize(FIELDS, Image.Resampling.BOX)
        return np.asarray(small).reshape(-1, 3).tolist()
    if medium is Medium.TEXT:
        return work.text
    assert work.sketch is not None
    return [pitch for _, _, pitch, _ in work.sketch.notes]


def likeness(one: Kept, other: Kept, medium: Medium) -> float:
    """0 … 1, 1 for the same."""
    if medium is Medium.IMAGE:
        return 1 - float(np.abs(np.subtract(one, other)).mean()) / FAR
    return SequenceMatcher(None, one, other, autojunk=False).ratio()

"""How well the installed model expects an artist's references, before anything is made."""

from collections.abc import Sequence

import torch

from engine.core.errors import BadInput
from engine.media.text.generators.causal_lm.base import load
from engine.media.text.generators.causal_lm.expect import expected
from engine.media.text.generators.causal_lm.models import (
    base_folder,
    first_installed,
    models_folder,
)
from engine.media.text.generators.causal_lm.prompt import SEPARATOR, tidy
from engine.media.text.generators.causal_lm.style import FIT_ROOM, CausalStyle


def nats_a_character(texts: Sequence[str], device: torch.device) -> float | None:
    """Of references read one after another, each behind those before it; of the first only where it
    is the only one. None where no model is installed, or it cannot be loaded."""
    folder = models_folder()
    row = first_installed(folder)
    if row is None:
        return None
    try:
        base = load(base_folder(row.digest, folder), device)
    except BadInput:
        return None
    style = CausalStyle(tuple(texts), (1.0,) * len(texts), row.digest, {})
    first, *rest = (tidy(text) for text in texts)
    before = [*base.opening, *base.tokens.encode(first + SEPARATOR)][:FIT_ROOM]
    if not rest:
        before, rest = base.opening, [first]
    whole = SEPARATOR.join(rest)[: 8 * FIT_ROOM]
    (found,) = expected(base, style.head(base), before, [whole])
    return found.a_character

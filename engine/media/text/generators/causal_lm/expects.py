"""How well a model expects an artist's references, before anything is made."""

from collections.abc import Sequence

from engine.media.text.generators.causal_lm.base import Base
from engine.media.text.generators.causal_lm.expect import expected
from engine.media.text.generators.causal_lm.prompt import SEPARATOR, tidy
from engine.media.text.generators.causal_lm.style import FIT_ROOM, CausalStyle


def nats_a_character(texts: Sequence[str], base: Base) -> float:
    """Of references read one after another, each behind those before it; of the first only where it
    is the only one."""
    style = CausalStyle(tuple(texts), (1.0,) * len(texts), base.about.digest, {})
    first, *rest = (tidy(text) for text in texts)
    before = [*base.opening, *base.tokens.encode(first + SEPARATOR)][:FIT_ROOM]
    if not rest:
        before, rest = base.opening, [first]
    whole = SEPARATOR.join(rest)[: 8 * FIT_ROOM]
    (found,) = expected(base, style.head(base), before, [whole])
    return found.a_character

"""Works of a form drawn by chance alone, and what is refused: what the tests of forms share."""

import numpy as np
import pytest

from engine.core.errors import BadInput
from engine.media.text.forms import rule_for
from engine.media.text.generators.maquette_lm.tokens import Tokens
from engine.messages import TextBrief

TOKENS = Tokens.load()
MOST_TOKENS = 20_000


def brief(form: str = "", **wishes: object) -> TextBrief:
    return TextBrief(form=form, **wishes)  # type: ignore[arg-type]


def written(wanted: TextBrief, seed: int, language: str, most: int = MOST_TOKENS) -> str:
    """A work of which every token is drawn by chance among those allowed."""
    rng = np.random.default_rng(seed)
    rule = rule_for(wanted, language, TOKENS, rng)
    for _ in range(most):
        if rule.done:
            return rule.text()
        possible = np.flatnonzero(np.isfinite(rule.allowed()))
        assert len(possible), rule.text()
        rule.push(int(rng.choice(possible)))
    raise AssertionError("it never ends")


def refused(wanted: TextBrief, language: str) -> str:
    """The code of the sentence."""
    with pytest.raises(BadInput) as caught:
        rule_for(wanted, language, TOKENS, np.random.default_rng(0))
    return caught.value.code

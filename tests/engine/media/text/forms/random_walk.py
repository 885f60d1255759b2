"""Works of a form drawn at random under its mask, and what is refused: shared by tests of forms."""

import numpy as np
import pytest

from engine.core.errors import BadInput
from engine.media.text.forms import constraint_for
from engine.media.text.forms.token_mask import TokenMask
from engine.media.text.forms.vocabulary import Vocabulary
from engine.media.text.generators.maquette_lm.vocabulary import vocabulary_of
from engine.media.text.tokens import Tokens
from engine.protocol import TextBrief

SHIPPED = vocabulary_of(Tokens.load())
MOST_TOKENS = 20_000


def brief(form: str = "", **requirements: object) -> TextBrief:
    return TextBrief(form=form, **requirements)  # type: ignore[arg-type]


def written(
    wanted: TextBrief,
    seed: int,
    language: str,
    most: int = MOST_TOKENS,
    vocabulary: Vocabulary = SHIPPED,
) -> str:
    """A work of which every token is drawn uniformly among those allowed."""
    rng = np.random.default_rng(seed)
    constraint = constraint_for(wanted, language, vocabulary.characters, rng)
    mask = TokenMask(constraint, vocabulary)
    for _ in range(most):
        if mask.done:
            return mask.text()
        possible = np.flatnonzero(np.isfinite(mask.bias()))
        assert len(possible), mask.text()
        mask.push(int(rng.choice(possible)))
    raise AssertionError("it never ends")


def refused(wanted: TextBrief, language: str) -> str:
    """The code of the sentence."""
    with pytest.raises(BadInput) as caught:
        constraint_for(wanted, language, SHIPPED.characters, np.random.default_rng(0))
    return caught.value.code

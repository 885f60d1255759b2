"""A form of `engine.media.text.forms` over the tokens of a base, as `drafts` has rules."""

from functools import lru_cache

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms import Constraint
from engine.media.text.forms.token_mask import TokenMask
from engine.media.text.forms.tokenizer_bytes import vocabulary_of_tokenizer
from engine.media.text.forms.vocabulary import Vocabulary
from engine.media.text.generators.causal_lm.base import Tokens


@lru_cache(maxsize=1)
def vocabulary_of(tokens: Tokens) -> Vocabulary:
    """The same for the same tokens: its masks are shared by all works.

    Raises BadInput for a model that cannot write every byte.
    """
    forbidden = [tokens.opening] if tokens.opening >= 0 else []
    try:
        return vocabulary_of_tokenizer(tokens.tokenizer, forbidden=forbidden)
    except ValueError as error:
        raise BadInput("model_forms") from error


class FormRule:
    """One work under a constraint; it never fails, for a mask leads into no dead end."""

    failed = False

    def __init__(self, mask: TokenMask[Constraint]) -> None:
        self._mask = mask

    @property
    def done(self) -> bool:
        return self._mask.done

    def allowed(self) -> np.ndarray:
        """(V,) bias."""
        return self._mask.bias()

    def text_of(self, token: int) -> str:
        """What the token would add."""
        return self._mask.text_of(token)

    def push(self, token: int) -> None:
        self._mask.push(token)

    def text(self) -> str:
        return self._mask.text()

    def copy(self) -> "FormRule":
        return FormRule(self._mask.copy())

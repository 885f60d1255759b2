"""The shipped tokeniser as forms see it."""

from weakref import WeakKeyDictionary

from engine.media.text.forms.tokenizer_bytes import vocabulary_of_tokenizer
from engine.media.text.forms.vocabulary import Vocabulary
from engine.media.text.tokens import SPECIALS, Tokens

_vocabularies: WeakKeyDictionary[Tokens, Vocabulary] = WeakKeyDictionary()


def vocabulary_of(tokens: Tokens) -> Vocabulary:
    """The same for the same tokens: its masks are shared by all works.

    Of its tokens none that matters holds several units; the few of several marks are not used.
    """
    if tokens not in _vocabularies:
        forbidden = range(len(SPECIALS))
        _vocabularies[tokens] = vocabulary_of_tokenizer(
            tokens.tokenizer, forbidden=forbidden, compound=False
        )
    return _vocabularies[tokens]

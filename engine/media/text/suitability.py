"""Which generator suits the references: how well each one expects them, measured.

The measure is nats a character of the references, read one after another. A model that knows the
language and the manner needs few; where even the best needs more than `known_below`, none knows
them, and that is told before anything is made.
"""

from collections.abc import Mapping, Sequence

from engine.core.errors import REMARKS
from engine.core.references import ReadReference
from engine.interfaces import Choice, ExpectsReferences, Offer
from engine.media.text.codec.language import CHINESE, KANA
from engine.protocol import Remark, Suitability

# Nats a character: between what the best model here needs of real works that it knows (classical
# verse 4.2 to 4.9, modern Chinese 3.1, sonnets and modern English 0.8 to 1.0) and what one needs
# that does not know them (5.9 to 6.5; 1.7 to 1.9).
KNOWN_CHARACTERS, KNOWN_LETTERS = 5.4, 1.5
CLOSE = 1.02  # the first that is offered stays unless another is better by more than this
UNKNOWN = "text_unknown_manner"


def known_below(language: str) -> float:
    """Nats a character: of a script of characters, or of letters."""
    return KNOWN_CHARACTERS if language in (CHINESE, KANA) else KNOWN_LETTERS


def choose(
    references: Sequence[ReadReference], offered: Mapping[str, Offer], learned: bool
) -> Choice:
    """The generator that expects the references best.

    learned: whether their language is one that models here were trained on. In another one a model
    is taken only where it knows the texts all the same; otherwise the first generator that makes no
    claim to expect anything."""
    found = measured(references, offered)
    if found and (found[0].known or learned or len(offered) == 1):
        remarks = () if found[0].known else (_unknown(),)
        return Choice(found[0].generator, tuple(found), remarks)
    return Choice(next(iter(offered)) if learned else _modest(offered), tuple(found))


def measured(
    references: Sequence[ReadReference], offered: Mapping[str, Offer]
) -> list[Suitability]:
    """Of the generators that can tell, the best first."""
    least = known_below(references[0].content.language)
    found: list[Suitability] = []
    for name, open_generator in offered.items():
        generator = open_generator()
        if not isinstance(generator, ExpectsReferences):
            continue
        nats = generator.nats_a_character(references)
        if nats is not None:
            found.append(Suitability(generator=name, nats=round(nats, 4), known=nats <= least))
    first = found[0].generator if found else ""
    return sorted(found, key=lambda each: each.nats * (1.0 if each.generator == first else CLOSE))


def _modest(offered: Mapping[str, Offer]) -> str:
    """The first generator that does not expect anything; else the first."""
    modest = (n for n, open_ in offered.items() if not isinstance(open_(), ExpectsReferences))
    return next(modest, next(iter(offered)))


def _unknown() -> Remark:
    return Remark(name="", message=REMARKS[UNKNOWN], code=UNKNOWN)

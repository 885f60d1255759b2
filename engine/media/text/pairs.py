"""Pairs of Chinese characters that stand beside each other in what people write.

The critic's language model has read old books only: of a modern Chinese text it cannot tell an
order of characters from another. Pairs can: of a real text most are known, of its characters in any
other order few are. The pairs of old and modern works are kept as a Bloom filter, made by
`engine.lab.training.text_pairs`.
"""

import re
from functools import cache

from safetensors.numpy import load

from engine.core.critic_assets import critic_file
from engine.core.weights_file import load_carded
from engine.media.text.copying import Language
from engine.sequence.runs import LearnedRuns, gram_numbers

FILE = "text_pairs.safetensors"
SIZE = 2
_ROWS = re.compile(r"[\u4e00-\u9fff]{2,}")


@cache
def known_pairs() -> LearnedRuns:
    """The filter that is shipped."""
    card, data = load_carded(critic_file(FILE))
    return LearnedRuns(SIZE, 1, int(card["probes"]), load(data)["zh"].tobytes())


def rows_of(text: str) -> list[str]:
    """Characters in a row, without what stands between them."""
    return _ROWS.findall(text)


def share_known(text: str, language: Language) -> float:
    """0 … 1: of neighbouring characters; 1 where there are none, and of any other language."""
    if language != "zh":
        return 1.0
    known = known_pairs()
    numbers = [number for row in rows_of(text) for number in gram_numbers(row, SIZE)]
    return sum(map(known.knows, numbers)) / len(numbers) if numbers else 1.0

"""Makes the critic's filter of neighbouring Chinese characters (`engine.media.text.pairs`).

    python -m engine.lab.training.text_pairs CORPUS MODERN

CORPUS: works.jsonl.gz of old works, MODERN: modern.jsonl.gz; of both the training authors only. Of
modern works every pair is kept, of old ones, which are many, those that come OFTEN.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.core.critic_assets import critic_file
from engine.lab.training.corpus.learned import (
    PROBES,
    false_alarms,
    filter_of_rows,
    write_carded,
)
from engine.lab.training.corpus.works import Work, by_author, read_works
from engine.media.text.codec.script import to_simplified
from engine.media.text.pairs import FILE, SIZE, rows_of

OFTEN, BITS = 40, 10.0  # times of a pair in old works; bits of the filter for each pair


def pairs_of(works: Iterable[Work]) -> Counter[str]:
    """How often each pair comes in the Chinese works of training authors, in simplified script."""
    found: Counter[str] = Counter()
    for group in by_author(works, "training").values():
        for work in group:
            if work.language == "zh":
                rows = rows_of(to_simplified(work.text))
                found.update(a + b for row in rows for a, b in pairwise(row))
    return found


def write_pairs(old: Sequence[Work], modern: Sequence[Work], path: Path) -> None:
    """The filter and its card beside it."""
    often = {pair for pair, times in pairs_of(old).items() if times >= OFTEN}
    kept = sorted(often | set(pairs_of(modern)))
    runs, grams = filter_of_rows(kept, SIZE, 1, BITS)
    card = {
        "model": "critic of texts, pairs of neighbouring Chinese characters (Bloom filter)",
        "made_by": "engine.lab.training.text_pairs",
        "probes": PROBES,
        "pairs": grams,
        "of_modern_works_alone": len(kept) - len(often),
        "false_alarms_a_pair": round(false_alarms(runs), 4),
    }
    write_carded(path, {"zh": np.frombuffer(runs.bits, np.uint8)}, card)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path, help="works.jsonl.gz")
    parser.add_argument("modern", type=Path, help="modern.jsonl.gz")
    parser.add_argument("--out", type=Path, default=critic_file(FILE))
    asked = parser.parse_args(arguments)
    write_pairs(list(read_works(asked.corpus)), list(read_works(asked.modern)), asked.out)


if __name__ == "__main__":
    main()

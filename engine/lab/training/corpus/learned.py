"""The works that the generator learned from as a filter of their runs: see `engine.sequence.runs`.

Legend: N units of some works in one row, G grams kept, M bits. Numbers are of 64 bits as there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
from safetensors.numpy import save

from engine.core.files import sha256, write_atomic
from engine.lab.training.corpus.works import WORKS_FILE, by_author, read_works
from engine.media.text.copying import Language, units_of
from engine.media.text.generators.maquette_lm.learned import FORMAT_VERSION, LEARNED_FILE, SPANS
from engine.sequence.runs import BASE, FIRST, SECOND, LearnedRuns, unit_number

BITS_A_GRAM, PROBES = 8.5, 6
AT_ONCE = 20_000  # works


def write_learned(folder: Path, path: Path = LEARNED_FILE) -> None:
    """The filter of the training works of folder/works.jsonl.gz, and its card beside it.

    Raises FileNotFoundError, and ValueError for a corpus of another format.
    """
    groups = by_author(read_works(folder / WORKS_FILE), "training")
    works = [work for group in groups.values() for work in group]
    bits, about = {}, {}
    for language in SPANS:
        mine = [work.text for work in works if work.language == language]
        runs, grams = filter_of(mine, cast(Language, language))
        bits[language] = np.frombuffer(runs.bits, np.uint8)
        about[language] = {
            "gram": runs.gram,
            "window": runs.window,
            "probes": runs.probes,
            "works": len(mine),
            "grams": grams,
            "bytes": len(runs.bits),
            "false_alarms_a_gram": round(false_alarms(runs), 4),
        }
    card = {
        "format": FORMAT_VERSION,
        "model": "text, the runs of the works that the generator learned from (Bloom filter)",
        "languages": about,
    }
    write_carded(path, bits, card)


def write_carded(path: Path, bits: Mapping[str, np.ndarray], card: Mapping[str, object]) -> None:
    """Filters by their names, and beside them the card with what tells that they are whole."""
    data = save(dict(bits))
    own = {"bytes": len(data), "sha256": sha256(data), "licence": "Apache-2.0"}
    write_atomic(path, data)
    text = json.dumps({**card, **own}, ensure_ascii=False, indent=1) + "\n"
    write_atomic(path.with_suffix(".json"), text.encode())


def filter_of(texts: Sequence[str], language: Language) -> tuple[LearnedRuns, int]:
    """The filter of these texts, and how many grams it holds."""
    return filter_of_rows((units_of(text, language) for text in texts), *SPANS[language])


def filter_of_rows(
    rows: Iterable[Sequence[str]], gram: int, window: int, bits: float = BITS_A_GRAM
) -> tuple[LearnedRuns, int]:
    """The same of rows of units; bits: for each gram."""
    rows, parts = iter(rows), []
    while some := list(islice(rows, AT_ONCE)):
        parts.append(least_grams(some, gram, window))
    grams = np.unique(np.concatenate(parts)) if parts else np.empty(0, np.uint64)
    size = 1 + int(bits * len(grams)) // 8
    return LearnedRuns(gram, window, PROBES, _bits(grams, size)), len(grams)


def least_grams(rows: Iterable[Sequence[str]], gram: int, window: int) -> np.ndarray:
    """(G,) the least gram of every window that lies within one row, each once, in order."""
    kept = [row for row in rows if len(row) >= gram + window - 1]
    lengths = np.array([len(row) for row in kept], np.int64)
    numbers = np.fromiter((unit_number(u) for row in kept for u in row), np.uint64, lengths.sum())
    if not kept:
        return np.empty(0, np.uint64)
    grams = np.zeros(len(numbers) - gram + 1, np.uint64)
    for i in range(gram):
        grams = grams * np.uint64(BASE) + numbers[i : i + len(grams)]
    grams = _scattered(grams)
    count = len(grams) - window + 1
    least = grams[:count]
    for i in range(1, window):
        least = np.minimum(least, grams[i : i + count])
    owner = np.repeat(np.arange(len(kept)), lengths)
    return np.unique(least[owner[:count] == owner[-count:]])


def false_alarms(runs: LearnedRuns) -> float:
    """The chance that the filter knows a gram that nobody wrote: the share of bits set, probed."""
    share = np.bitwise_count(np.frombuffer(runs.bits, np.uint8)).mean() / 8
    return float(share**runs.probes)


def _scattered(numbers: np.ndarray) -> np.ndarray:
    """As `engine.sequence.runs.scattered`, of many."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(FIRST)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(SECOND)
    return numbers ^ (numbers >> np.uint64(31))


def _bits(grams: np.ndarray, size: int) -> bytes:
    """`size` bytes with the bits of every gram set, as `LearnedRuns.places` finds them."""
    keys = _scattered(grams ^ np.uint64(BASE))
    first, step = keys & np.uint64(0xFFFFFFFF), keys >> np.uint64(32) | np.uint64(1)
    bits = np.zeros(8 * size, bool)
    for i in range(PROBES):
        bits[(first + np.uint64(i) * step) % np.uint64(8 * size)] = True
    return np.packbits(bits, bitorder="little").tobytes()

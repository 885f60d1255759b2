"""Works that repeat a run of letters of a reserved work: they would tell the answers beforehand.

Legend: N letters of all works in one row. Every window of letters becomes one 64-bit number (a
polynomial hash modulo 2 ** 64, Karp and Rabin 1987), so two printings of a poem, or a poem that
quotes another's lines, are found whatever their marks.
"""

from collections.abc import Sequence

import numpy as np

from engine.lab.training.corpus.works import Work, by_author, normal_form

WINDOW = {"zh": 14, "en": 40}  # letters: two lines of seven characters, about eight words
BASE = np.uint64(0x9E3779B97F4A7C15)


def without_echoes(works: Sequence[Work]) -> list[Work]:
    """The works in their order, without those of training authors that echo a reserved one."""
    reserved = {id(w) for group in by_author(works, "reserved").values() for w in group}
    kept: set[int] = set(reserved)
    for language, window in WINDOW.items():
        mine = [w for w in works if w.language == language]
        known = [w for w in mine if id(w) in reserved]
        others = [w for w in mine if id(w) not in reserved]
        heard = echoes(known, others, window)
        kept.update(id(w) for w, echo in zip(others, heard, strict=True) if not echo)
    return [w for w in works if id(w) in kept]


def echoes(known: Sequence[Work], others: Sequence[Work], window: int) -> np.ndarray:
    """(others,) bool: which share a run of `window` letters with any of `known`."""
    if not known or not others:
        return np.zeros(len(others), bool)
    marks = np.unique(_windows(known, window)[0])
    found, owner = _windows(others, window)
    result = np.zeros(len(others), bool)
    result[owner[np.isin(found, marks)]] = True
    return result


def _windows(works: Sequence[Work], window: int) -> tuple[np.ndarray, np.ndarray]:
    """The hash of every window that lies within one work, and the index of that work."""
    texts = [normal_form(w.text) for w in works]
    lengths = np.array([len(t) for t in texts])
    letters = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.uint64)
    if len(letters) < window:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    count = len(letters) - window + 1
    hashes = np.zeros(count, np.uint64)
    for i in range(window):
        hashes = hashes * BASE + letters[i : i + count]
    owner = np.repeat(np.arange(len(works)), lengths)
    within = owner[:count] == owner[window - 1 :]
    return hashes[within], owner[:count][within]

"""Tunes that are one tune: printings in several books, a section that repeats another.

A work's fingerprint is the set of its runs of RUN melodic intervals, part by part, so that it is
the same in any key and rhythm. Two works are near when most runs of the smaller are in the other.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from engine.media.audio.codec.score import Score

RUN = 9  # intervals
SAME = 0.6  # of the smaller's runs
COMMON = 60  # a run of more works than this (scales, trills) tells nothing


def fingerprint(score: Score) -> frozenset[int]:
    """The runs of intervals in the highest notes of each part."""
    runs: set[int] = set()
    for part in range(len(score.parts)):
        notes = score.notes[score.notes["part"] == part]
        last_of_onset = np.append(np.diff(notes["onset"]) > 0, True)  # the highest: sorted so
        steps = np.diff(notes["pitch"][last_of_onset].astype(np.int8))
        data = steps.tobytes()
        runs.update(crc32(data[i : i + RUN]) for i in range(len(data) - RUN + 1))
    return frozenset(runs)


def without_near(scores: Sequence[Score], first: Sequence[bool]) -> list[int]:
    """The indices to keep, in order: of works that are near, one; those marked `first` stay.

    So a training work that is near a reserved one goes, and not the other way round.
    """
    prints = [fingerprint(score) for score in scores]
    order = sorted(range(len(scores)), key=lambda i: (not first[i], i))
    holders: dict[int, list[int]] = defaultdict(list)
    kept: list[int] = []
    for i in order:
        shared: Counter[int] = Counter()
        for run in prints[i]:
            if len(holders[run]) <= COMMON:
                shared.update(holders[run])
        if not any(_near(prints, i, j, count) for j, count in shared.most_common(20)):
            kept.append(i)
            for run in prints[i]:
                holders[run].append(i)
    return sorted(kept)


def _near(prints: Sequence[frozenset[int]], i: int, j: int, shared: int) -> bool:
    return shared >= SAME * max(1, min(len(prints[i]), len(prints[j])))

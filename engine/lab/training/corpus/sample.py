"""The part of the corpus that the bench needs, small enough to ship: reserved and validation works.

Reserved authors are never trained on; validation authors choose what the arms of the bench leave
open (rates, numbers of steps), so that no choice is made on the reserved ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.core.assets import asset
from engine.lab.training.corpus.works import Work, by_author, write_works

SAMPLE_FILE = asset("bench/text.jsonl.gz")
FEW, MANY = 30, 200  # works of an author; of the prolific ones, for author identification
LEAST, PROLIFIC = 16, 24  # works that an author must have; how many authors count as prolific
AUTHORS = {"reserved": 240, "validation": 40}
LONGEST = 420  # characters (zh) of a work
LONGEST_ENGLISH = 1000


def write_sample(works: Sequence[Work], path: Path = SAMPLE_FILE) -> int:
    """Write the sample of a corpus; returns how many works it has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_works(path, sample(works))


def sample(works: Sequence[Work]) -> Iterator[Work]:
    """Its works, by author; always the same for the same corpus."""
    for part in ("reserved", "validation"):
        usable = {
            name: kept
            for name, group in by_author(works, part).items()
            if len(kept := [w for w in group if _fits(w)]) >= LEAST
        }
        for name in _chosen(usable, AUTHORS[part]):
            group = usable[name]
            most = MANY if name in _prolific(usable) and part == "reserved" else FEW
            picks = np.random.default_rng(len(group)).permutation(len(group))[:most]
            yield from (group[i] for i in sorted(picks))


def _fits(work: Work) -> bool:
    return len(work.text) <= (LONGEST if work.language == "zh" else LONGEST_ENGLISH)


def _chosen(groups: Mapping[str, Sequence[Work]], count: int) -> list[str]:
    """All English authors, the prolific, and others at random up to `count`."""
    names = sorted(groups)
    first = [n for n in names if groups[n][0].language == "en" and groups[n][0].source == "sotu"]
    first += [n for n in _prolific(groups) if n not in first]
    rest = [n for n in names if n not in first and groups[n][0].language == "zh"]
    order = np.random.default_rng(0).permutation(len(rest))
    return sorted(first + [rest[i] for i in order[: max(0, count - len(first))]])


def _prolific(groups: Mapping[str, Sequence[Work]]) -> list[str]:
    """The Chinese authors with the most works."""
    names = [n for n in groups if groups[n][0].language == "zh"]
    return sorted(names, key=lambda n: (-len(groups[n]), n))[:PROLIFIC]

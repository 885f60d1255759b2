"""Runs of units that stand in many works, kept without the works.

Winnowing (Schleimer, Wilkerson and Aiken 2003): of every `window` grams in a row the one with the
least number is kept. A run of `gram + window - 1` units holds just one such row, so one of its
grams is known wherever the run was learned: nothing is missed. The kept grams stand in a Bloom
filter (Bloom 1970; two hashes for all probes: Kirsch and Mitzenmacher 2008), which now and then
knows a gram that nobody wrote.
Legend: all numbers are of 64 bits, modulo 2 ** 64; a unit is whatever a work is a row of.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

WORD = (1 << 64) - 1
BASE = 0x9E3779B97F4A7C15
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@lru_cache(maxsize=1 << 16)
def unit_number(unit: str) -> int:
    """A number for a unit, the same on every machine and in every version."""
    data = unit.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def scattered(number: int) -> int:
    """One number for another, without any order (the finaliser of SplitMix64, Steele 2014)."""
    number = (number ^ (number >> 30)) * FIRST & WORD
    number = (number ^ (number >> 27)) * SECOND & WORD
    return number ^ (number >> 31)


def gram_numbers(units: Sequence[str], gram: int) -> list[int]:
    """The number of each gram of `gram` units in a row (a rolling hash, Karp and Rabin 1987)."""
    numbers = [unit_number(unit) for unit in units]
    leaving = pow(BASE, gram, 1 << 64)
    rolled, grams = 0, []
    for i, number in enumerate(numbers):
        rolled = rolled * BASE + number
        if i >= gram:
            rolled -= numbers[i - gram] * leaving
        rolled &= WORD
        if i >= gram - 1:
            grams.append(scattered(rolled))
    return grams


@dataclass(frozen=True, slots=True)
class LearnedRuns:
    """The filter of one language. bits: 8 to a byte, the lowest first."""

    gram: int
    window: int
    probes: int
    bits: bytes

    @property
    def run(self) -> int:
        """How many units a run needs to be seen for certain."""
        return self.gram + self.window - 1

    def longest(self, units: Sequence[str]) -> tuple[int, int]:
        """(length, start) of the longest run of which every window has its least gram known: never
        shorter than what was learned; (0, 0) where none has `run` units."""
        grams = gram_numbers(units, self.gram)
        best, begun = (0, 0), 0
        for first in range(len(grams) - self.window + 1):
            if not self.knows(min(grams[first : first + self.window])):
                begun = first + 1
            elif first + self.run - begun > best[0]:
                best = (first + self.run - begun, begun)
        return best

    def ends_run(self, units: Sequence[str], limit: int) -> bool:
        """Whether the last unit must not be written, lest a run of more than `limit` be copied.

        Of such a run the known grams end at most `window` units apart, the first by its unit `run`,
        the last among its last `window`. So that unit is refused which completes a known gram at
        the end of a chain so long: the run is broken there, up to 2 (window - 1) units early.
        """
        if len(units) < self.gram or not self.knows(*gram_numbers(units[-self.gram :], self.gram)):
            return False
        known = [self.knows(number) for number in gram_numbers(units, self.gram)]
        reached = last = len(known) - 1
        while reached > 0 and last - reached < self.window:
            reached -= 1
            last = reached if known[reached] else last
        return len(known) - 1 - last >= limit + 1 - self.run - (self.window - 1)

    def knows(self, number: int) -> bool:
        """Whether a gram was kept; sometimes true of one that was not."""
        return all(self.bits[place >> 3] >> (place & 7) & 1 for place in self.places(number))

    def places(self, number: int) -> list[int]:
        """The bits of a gram."""
        key = scattered(number ^ BASE)  # the least of several numbers is small: scatter it anew
        first, step, size = key & 0xFFFFFFFF, key >> 32 | 1, 8 * len(self.bits)
        return [(first + i * step) % size for i in range(self.probes)]

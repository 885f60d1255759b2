"""What follows what in a handful of texts: interpolated Kneser-Ney over n-grams.

Kneser and Ney 1995; Chen and Goodman 1999, eq. 4.34. The shortest order falls back on whatever the
caller gives: the neural model's opinion in the bench, an even share in the memory-only voice.
Legend: V vocabulary; a row is one text as tokens; D discount.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

ORDER = 5


class KneserNey:
    """Counts of the rows of tokens. discount D in (0, 1): the nearer to 1, the less it trusts."""

    def __init__(self, rows: Sequence[Sequence[int]], discount: float, order: int = ORDER) -> None:
        self.discount, self.order = discount, order
        self._after: list[dict[tuple[int, ...], Counter[int]]] = []
        highest = self._counts(rows, order)
        for length in range(order):
            whole = length == order - 1
            self._after.append(highest if whole else self._continuations(rows, length + 1))

    @staticmethod
    def _counts(rows: Sequence[Sequence[int]], order: int) -> dict[tuple[int, ...], Counter[int]]:
        after: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for row in rows:
            for i in range(order - 1, len(row)):
                after[tuple(row[i - order + 1 : i])][row[i]] += 1
        return after

    @staticmethod
    def _continuations(
        rows: Sequence[Sequence[int]], order: int
    ) -> dict[tuple[int, ...], Counter[int]]:
        """Not how often a gram stands there, but after how many different tokens."""
        seen = {tuple(row[i - order : i + 1]) for row in rows for i in range(order, len(row))}
        after: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for gram in seen:
            after[gram[1:-1]][gram[-1]] += 1
        return after

    def _levels(self, before: Sequence[int]) -> Iterator[Counter[int]]:
        """What followed the last 0, 1, 2 … tokens, as long as something did."""
        for length, after in enumerate(self._after):
            history = tuple(before[len(before) - length :]) if length else ()
            followers = after.get(history)
            if len(history) < length or not followers:
                return
            yield followers

    def share(self, before: Sequence[int], token: int, fallback: float) -> float:
        """p(token | the tokens before it); `fallback` is the neural model's."""
        share = fallback
        for followers in self._levels(before):
            total = followers.total()
            kept = max(followers[token] - self.discount, 0.0) / total
            share = kept + self.discount * len(followers) / total * share
        return share

    def shares(self, before: Sequence[int], fallback: np.ndarray) -> np.ndarray:
        """p(every token | the tokens before it); `fallback` (V,) sums to one, and so do these."""
        shares = fallback
        for followers in self._levels(before):
            total = followers.total()
            shares = shares * (self.discount * len(followers) / total)
            tokens = np.fromiter(followers, np.int64, len(followers))
            counts = np.fromiter(followers.values(), np.float64, len(followers))
            shares[tokens] += (counts - self.discount) / total
        return shares

"""Units as paths of tokens, so that a mask never leads into a unit that cannot be finished.

The paths are sorted, so what is reachable below a node is a range of units [first, last), and the
best bias below each child is a maximum over a range. Nodes are made when they are first visited.
"""

from collections.abc import Sequence

import numpy as np

from engine.media.text.forms.constraint import NEVER

Path = tuple[int, ...]


class Node:
    """After some tokens of a unit. unit: the index of the unit that is complete here, -1 none.

    tokens (n,) int64 go on, in ascending order; firsts (n,) int64: where the range of each begins.
    """

    __slots__ = (
        "_children",
        "_places",
        "_trie",
        "depth",
        "first",
        "firsts",
        "last",
        "tokens",
        "unit",
    )

    def __init__(self, trie: "Trie", first: int, last: int, depth: int) -> None:
        self._trie, self.first, self.last, self.depth = trie, first, last, depth
        paths = trie.paths
        complete = len(paths[first]) == depth  # sorted, so the unit that ends here comes first
        self.unit = int(trie.order[first]) if complete else -1
        tokens, firsts, previous = [], [], -1
        for i in range(first + complete, last):
            if paths[i][depth] != previous:
                previous = paths[i][depth]
                tokens.append(previous)
                firsts.append(i)
        self.tokens, self.firsts = np.array(tokens, np.int64), np.array(firsts, np.int64)
        self._places = {token: i for i, token in enumerate(tokens)}
        self._children: dict[int, Node] = {}

    def child(self, token: int) -> "Node | None":
        """The node after the token; None where no unit goes on with it."""
        if (known := self._children.get(token)) is not None:
            return known
        if (at := self._places.get(token)) is None:
            return None
        last = int(self.firsts[at + 1]) if at + 1 < len(self.firsts) else self.last
        made = self._children[token] = Node(self._trie, int(self.firsts[at]), last, self.depth + 1)
        return made

    def best(self, ordered: np.ndarray) -> np.ndarray:
        """(n,): the greatest bias below each child; ordered (W,): biases in trie order, or bool."""
        if not len(self.firsts):
            return np.zeros(0, np.float32)
        if ordered.dtype == bool:
            allowed = np.logical_or.reduceat(ordered[: self.last], self.firsts)
            return np.where(allowed, np.float32(0), NEVER)
        return np.maximum.reduceat(ordered[: self.last], self.firsts)

    def own(self, ordered: np.ndarray) -> np.float32:
        """The bias of the unit that is complete here."""
        return _bias(ordered[self.first]) if self.unit >= 0 else NEVER

    def greatest(self, ordered: np.ndarray) -> np.float32:
        """Of all units here and below."""
        return _bias(ordered[self.first : self.last].max())


def _bias(value: np.float32 | np.bool_) -> np.float32:
    if isinstance(value, np.bool_):
        return np.float32(0) if value else NEVER
    return value


class Trie:
    """paths: the tokens of each unit, at least one each. order (W,): the units in trie order.

    Raises ValueError where two units have one path.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.order = np.array(sorted(range(len(paths)), key=paths.__getitem__), np.int64)
        self.paths = [paths[i] for i in self.order]
        if any(a == b for a, b in zip(self.paths, self.paths[1:], strict=False)):
            raise ValueError("two units have the same tokens")
        self.root = Node(self, 0, len(paths), 0)

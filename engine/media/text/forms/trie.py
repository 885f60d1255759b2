"""Words as paths of tokens, so that a mask never leads into a word that cannot be finished.

The paths are sorted, so what is reachable below a node is a range of words [first, last): a node
is open where the running sum of the words permitted now grows over its range.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(slots=True)
class Node:
    """After some tokens of a word. word: the word that is complete here, -1 none."""

    first: int
    last: int
    word: int = -1
    children: dict[int, "Node"] = field(default_factory=dict)
    tokens: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    firsts: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    lasts: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


class Trie:
    """paths: the tokens of each word, no two the same. order: the words in trie order."""

    def __init__(self, paths: list[list[int]]) -> None:
        self.order = np.array(sorted(range(len(paths)), key=paths.__getitem__), np.int64)
        self.root = self._node([paths[i] for i in self.order], 0, len(paths), 0)

    def _node(self, paths: list[list[int]], first: int, last: int, depth: int) -> Node:
        node = Node(first, last)
        i = first
        if len(paths[i]) == depth:  # sorted, so the word that ends here comes first
            node.word = int(self.order[i])
            i += 1
        while i < last:
            j, token = i, paths[i][depth]
            while j < last and paths[j][depth] == token:
                j += 1
            node.children[token] = self._node(paths, i, j, depth + 1)
            i = j
        nodes = node.children.values()
        node.tokens = np.fromiter(node.children, np.int64)
        node.firsts = np.array([n.first for n in nodes], np.int64)
        node.lasts = np.array([n.last for n in nodes], np.int64)
        return node

    def running(self, permitted: np.ndarray) -> np.ndarray:
        """(W,) bool by word -> (W + 1,) running sum in trie order, for `open_tokens`."""
        sums = np.zeros(len(self.order) + 1, np.int32)
        np.cumsum(permitted[self.order], out=sums[1:])
        return sums


def open_tokens(node: Node, sums: np.ndarray) -> np.ndarray:
    """The tokens after which some permitted word can still be finished."""
    return node.tokens[sums[node.lasts] > sums[node.firsts]]

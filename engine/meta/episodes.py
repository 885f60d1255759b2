"""The task distribution p(T): episodes over styles, support and query sets that share no work.

Legend: a style is a class (author, artist, instrument, character); a work is an index into the
corpus. W ways (styles in an episode), K shots (support works of each), Q queries of each, B tasks.

A style is reserved, never trained on, when the sha256 of its name (UTF-8, NFC) has a first byte
below 26. Where roles are fixed, a work is support or query by its own sha256, in every episode.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.meta.errors import EmptySupportError, TooFewStylesError, TooFewWorksError

RESERVED_BELOW = 26  # of 256: about one style in ten


def is_reserved(name: str) -> bool:
    """True where the style of this name is kept for evaluation."""
    digest = hashlib.sha256(unicodedata.normalize("NFC", name).encode()).digest()
    return digest[0] < RESERVED_BELOW


def split_reserved(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """(training, reserved) names, order kept."""
    training: list[str] = []
    reserved: list[str] = []
    for name in names:
        (reserved if is_reserved(name) else training).append(name)
    return training, reserved


def is_support(work_sha256: str) -> bool:
    """The fixed role of a work: support (even first byte) or query (odd), from its own digest."""
    return int(work_sha256[:2], 16) % 2 == 0


@dataclass(frozen=True, slots=True)
class Episode:
    """One task: W styles with the works of each; no index is in both sets."""

    styles: tuple[str, ...]
    support: tuple[tuple[int, ...], ...]  # (W, K)
    query: tuple[tuple[int, ...], ...]  # (W, Q)


@dataclass(frozen=True, slots=True)
class TaskBatch:
    """B episodes as tensors, ready for `torch.func.vmap` over the first axis.

    support_x: (B, S, ...); support_y: (B, S) or (B, S, ...); query_x, query_y likewise with Q.
    """

    support_x: Tensor
    support_y: Tensor
    query_x: Tensor
    query_y: Tensor

    def __post_init__(self) -> None:
        if self.support_x.shape[1] == 0:
            raise EmptySupportError

    def __len__(self) -> int:
        return self.support_x.shape[0]

    def to(self, device: torch.device) -> "TaskBatch":
        """The same on a device."""
        parts = (self.support_x, self.support_y, self.query_x, self.query_y)
        return TaskBatch(*(tensor.to(device) for tensor in parts))

    def part(self, start: int, stop: int) -> "TaskBatch":
        """Tasks start..stop-1, as one rank of several takes them."""
        return TaskBatch(
            self.support_x[start:stop],
            self.support_y[start:stop],
            self.query_x[start:stop],
            self.query_y[start:stop],
        )


class TaskSampler:
    """Draws episodes. Episode i of a seed is always the same, whatever was drawn before.

    works: style name -> indices. digests: work sha256 by index; where given, roles are fixed.
    Raises `TooFewStylesError`, `TooFewWorksError`, `EmptySupportError`.
    """

    def __init__(
        self,
        works: Mapping[str, Sequence[int]],
        *,
        ways: int,
        shots: int,
        queries: int,
        seed: int = 0,
        digests: Sequence[str] | None = None,
    ) -> None:
        if shots < 1:
            raise EmptySupportError
        if len(works) < ways:
            raise TooFewStylesError(len(works), ways)
        self.ways, self.shots, self.queries, self.seed = ways, shots, queries, seed
        self._styles = tuple(works)
        self._pools = {style: self._pool(style, works[style], digests) for style in works}

    def _pool(
        self, style: str, indices: Sequence[int], digests: Sequence[str] | None
    ) -> tuple[np.ndarray, np.ndarray] | np.ndarray:
        """One pool to draw both sets from, or a (support, query) pair where roles are fixed."""
        if digests is None:
            if len(indices) < self.shots + self.queries:
                raise TooFewWorksError(style, len(indices), self.shots + self.queries)
            return np.asarray(indices)
        support = [i for i in indices if is_support(digests[i])]
        query = [i for i in indices if not is_support(digests[i])]
        if len(support) < self.shots:
            raise TooFewWorksError(style, len(support), self.shots, "support works")
        if len(query) < self.queries:
            raise TooFewWorksError(style, len(query), self.queries, "query works")
        return np.asarray(support), np.asarray(query)

    def episode(self, number: int) -> Episode:
        """Episode `number` (0, 1, 2 ...) of this seed."""
        rng = np.random.default_rng((self.seed, number))
        chosen = rng.permutation(len(self._styles))[: self.ways]
        styles = tuple(self._styles[i] for i in chosen)
        support, query = [], []
        for style in styles:
            pool = self._pools[style]
            if isinstance(pool, tuple):
                first, second = rng.permutation(pool[0]), rng.permutation(pool[1])
            else:
                mixed = rng.permutation(pool)
                first, second = mixed[: self.shots], mixed[self.shots :]
            support.append(tuple(int(i) for i in first[: self.shots]))
            query.append(tuple(int(i) for i in second[: self.queries]))
        return Episode(styles, tuple(support), tuple(query))

    def episodes(self, step: int, count: int, *, rank: int = 0, ranks: int = 1) -> list[Episode]:
        """The `count` episodes of one rank at one outer step: no two ranks draw the same."""
        first = (step * ranks + rank) * count
        return [self.episode(first + i) for i in range(count)]


def classification_batch(episodes: Sequence[Episode], data: Tensor) -> TaskBatch:
    """Episodes over data (N, ...) as W-way classification, labels 0..W-1 in episode order.

    Returns support_x (B, W*K, ...), query_x (B, W*Q, ...), labels int64.
    """
    support = torch.tensor([e.support for e in episodes], device=data.device)  # (B, W, K)
    query = torch.tensor([e.query for e in episodes], device=data.device)  # (B, W, Q)

    def labels(sets: Tensor) -> Tensor:
        ways = torch.arange(sets.shape[1], device=data.device)
        return ways[None, :, None].expand_as(sets).flatten(1)

    return TaskBatch(
        data[support.flatten(1)], labels(support), data[query.flatten(1)], labels(query)
    )

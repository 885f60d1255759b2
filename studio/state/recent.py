"""The values that were used last, as many as a budget allows."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A mapping that forgets what was not used for longest (LRU).

    cost: of one value, in the unit of `budget`; 1 each unless said, so that `budget` is a count.
    The value that came last stays, whatever it costs: who asked for it is about to show it.
    """

    def __init__(self, budget: float, cost: Callable[[V], float] = lambda _value: 1.0) -> None:
        self._budget, self._cost = budget, cost
        self._values: OrderedDict[K, V] = OrderedDict()
        self._spent = 0.0

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def get(self, key: K) -> V | None:
        """The value, which counts as used now; None of what is not here."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: K, value: V) -> None:
        self.pop(key)
        self._values[key] = value
        self._spent += self._cost(value)
        while self._spent > self._budget and len(self._values) > 1:
            self.pop(next(iter(self._values)))

    def pop(self, key: K) -> None:
        """Forget it, if it is here."""
        if key in self._values:
            self._spent -= self._cost(self._values.pop(key))

    def clear(self) -> None:
        self._values.clear()
        self._spent = 0.0

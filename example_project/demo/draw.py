"""Values by their shares, from one source of numbers: the same seed draws the same."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Draws from `numbers`, and from nothing else."""

    def __init__(self, numbers: Random) -> None:
        self.numbers = numbers

    def of(self, shares: Mapping[T, float], count: int) -> list[T]:
        """`count` values, each as often as its share says."""
        totals = list(accumulate(shares.values()))
        return self.numbers.choices(list(shares), cum_weights=totals, k=count)

    def one(self, shares: Mapping[T, float]) -> T:
        """One of the values, by its share."""
        return self.of(shares, 1)[0]

    def happens(self, chance: float) -> bool:
        """Whether something happens that happens with this chance."""
        return self.numbers.random() < chance

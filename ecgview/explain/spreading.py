"""A few of many, so that they stand for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

One = TypeVar("One")


def spread_over(many: Sequence[One], count: int) -> list[One]:
    """Return `count` of them that lie evenly spread, in their order; all where there are no more."""
    if count >= len(many):
        return list(many)
    return [many[(2 * place + 1) * len(many) // (2 * count)] for place in range(count)]

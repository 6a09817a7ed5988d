"""Counts links that are not ours, and says when there are too many: the answer is then 429.

A right link always works, however many wrong ones come. A lock would let anybody keep a customer
from saying no, and silence is consent. No lock is needed: no link can be found by trying.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Literal

WrongLink = Literal["wrong_link"]

MANY, SPAN = 60, 60.0
"""More wrong links in so many seconds do not come from people who copied a link badly."""


class WrongLinks:
    def __init__(self, count: Callable[[WrongLink], None]) -> None:
        self._count = count
        self._last: deque[float] = deque(maxlen=MANY)

    def one_more(self) -> bool:
        """Count a wrong link. True: there were too many of late."""
        now = monotonic()
        are_many = len(self._last) == MANY and now - self._last[0] < SPAN
        self._last.append(now)
        self._count("wrong_link")
        return are_many

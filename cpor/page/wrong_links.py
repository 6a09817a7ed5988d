"""Links that are not ours: counted, and answered with 429 where they are many.

A right link is let in however many wrong ones come. A lock would let whoever tries them keep a
customer from saying no, and silence is consent; what cannot be found by trying needs none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Literal

WrongLink = Literal["wrong_link"]

MANY, SPAN = 60, 60.0
"""So many in so many seconds are no people who copied a link badly."""


class WrongLinks:
    def __init__(self, count: Callable[[WrongLink], None]) -> None:
        self._count = count
        self._last: deque[float] = deque(maxlen=MANY)

    def one_more(self) -> bool:
        """Count it; True: they are many by now."""
        now = monotonic()
        are_many = len(self._last) == MANY and now - self._last[0] < SPAN
        self._last.append(now)
        self._count("wrong_link")
        return are_many

"""How long reading one file may take."""

from __future__ import annotations

import time


class Deadline:
    """What was read until then is kept; the rest is left, and said to be."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

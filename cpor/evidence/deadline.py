"""How long reading one file may take."""

from __future__ import annotations

import time


class Deadline:
    """What was read until then is kept; the rest is left, and said to be.

    It is the processor's time: how busy the machine is says nothing of a file.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.process_time() + seconds

    @property
    def is_over(self) -> bool:
        return time.process_time() >= self._end

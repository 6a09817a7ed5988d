"""What may go wrong beside a file; what is wrong with a file is an answer."""

from __future__ import annotations


class NoReader(Exception):
    """No child could be forked that reads. The file has nothing to do with it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"No process reads proof files: {why}.")

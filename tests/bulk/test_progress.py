"""A terminal gets a bar; where nobody watches one, a line is said now and then."""

from __future__ import annotations

import contextlib
import os
import re
import sys

import pytest

from cpor.bulk import progress
from cpor.bulk.progress import SECONDS_BETWEEN_LINES, ProgressLines


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (1_000, "Starting: 250 of 1,000, 25 a second, about 30 s left"),
        (None, "Starting: 250 rows, 25 a second"),
    ],
)
def test_rate_and_remaining_time_are_said_now_and_then(total: int | None, said: str) -> None:
    clock, lines = Clock(), list[str]()
    spoken = ProgressLines("Starting", total, lines.append, clock)
    for _ in range(249):
        spoken.advance()
    assert lines == [], "not before it is time"
    clock.now += SECONDS_BETWEEN_LINES
    spoken.advance()
    spoken.advance()
    assert lines == [said]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3_720, "1 h 2 min")]
)
def test_a_duration_reads_like_one(seconds: float, said: str) -> None:
    assert progress.duration(seconds) == said


def test_a_terminal_gets_a_bar_with_rate_and_remaining_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = os.openpty()
    with open(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress.shown("Starting", 3) as advance:
            for _ in range(3):
                advance()
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", all_of(ours).decode())
    assert re.search(r"Starting ━+ 3/3 [\d,]+/s 0:00:0\d", shown), shown


def all_of(terminal: int) -> bytes:
    """What was written to it: some systems hand it on in pieces, and end with an error."""
    written = b""
    with open(terminal, "rb", buffering=0) as file, contextlib.suppress(OSError):
        while piece := file.read(100_000):
            written += piece
    return written

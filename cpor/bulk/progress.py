"""Progress on standard error: a bar on a terminal, otherwise a line every few seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.progress import TimeRemainingColumn as RemainingColumn

SECONDS_BETWEEN_LINES = 10.0

Advance = Callable[[], None]


@contextmanager
def shown(what: str, total: int | None = None) -> Generator[Advance]:
    """Yield a function to be called once a row."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield ProgressLines(what, total, print_line).advance
        return
    with _bar(console) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def print_line(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class ProgressLines:
    def __init__(
        self,
        what: str,
        total: int | None,
        write: Callable[[str], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._what, self._total, self._write, self._clock = what, total, write, clock
        self._began = self._last = clock()
        self._done = 0

    def advance(self) -> None:
        self._done += 1
        now = self._clock()
        if now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            self._write(self._line(self._done / (now - self._began)))

    def _line(self, rate: float) -> str:
        if self._total is None:
            return f"{self._what}: {self._done:,} rows, {rate:,.0f} a second"
        left = (self._total - self._done) / rate
        of = f"{self._done:,} of {self._total:,}"
        return f"{self._what}: {of}, {rate:,.0f} a second, about {duration(left)} left"


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class _Rate(ProgressColumn):
    def render(self, task: Task) -> str:
        return f"{task.speed:,.0f}/s" if task.speed else ""


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        RemainingColumn(elapsed_when_finished=True),
        console=console,
    )

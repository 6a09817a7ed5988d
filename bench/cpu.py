"""CPU time, user and system together, of this process and of the engine's."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True)
class Cpu:
    here: float
    """Seconds of this process: worker, client and all."""
    engine: float | None
    """None where the system does not tell of other processes the way Linux does."""
    readers: float
    """Of the processes that look into proof."""

    @property
    def total(self) -> float:
        return self.here + (self.engine or 0.0)

    def __sub__(self, earlier: Cpu) -> Cpu:
        known = self.engine is not None and earlier.engine is not None
        return Cpu(
            self.here - earlier.here,
            (self.engine or 0.0) - (earlier.engine or 0.0) if known else None,
            self.readers - earlier.readers,
        )

    def __truediv__(self, count: int) -> Cpu:
        engine = None if self.engine is None else self.engine / count
        return Cpu(self.here / count, engine, self.readers / count)


def used(engine_pid: int, readers_pid: int | None = None) -> Cpu:
    of_readers = _of_process(readers_pid) if readers_pid else None
    return Cpu(time.process_time(), _of_process(engine_pid), of_readers or 0.0)


def _of_process(pid: int) -> float | None:
    """With its children: a database has one for each connection."""
    own = _times(pid)
    if own is None:
        return None
    others = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal())
    children = (found for each in others if (found := _times(each)) and found.parent == pid)
    ticks = own.used + own.of_ended_children + sum(each.used for each in children)
    return ticks / os.sysconf("SC_CLK_TCK")


class _Times(NamedTuple):
    parent: int
    used: int
    of_ended_children: int


def _times(pid: int) -> _Times | None:
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return None
    # The name in parentheses may hold anything; the parent is field 4, user and system time are
    # fields 14 and 15, those of children that have ended 16 and 17.
    after_name = status.rpartition(")")[2].split()
    user, system, ended_user, ended_system = map(int, after_name[11:15])
    return _Times(int(after_name[1]), user + system, ended_user + ended_system)

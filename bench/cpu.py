"""CPU time, user and system together, of this process and of the engine's."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cpu:
    here: float
    """Seconds of this process: worker, client and all."""
    engine: float | None
    """None where the system does not tell of other processes the way Linux does."""
    readers: float
    """Of the processes that looked into proof, and have ended."""

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


def used(engine_pid: int) -> Cpu:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cpu(time.process_time(), _of_process(engine_pid), ended.ru_utime + ended.ru_stime)


def _of_process(pid: int) -> float | None:
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return None
    # The name in parentheses may hold anything; user and system time are fields 14 and 15.
    after_name = status.rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

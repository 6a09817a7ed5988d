"""The errors of this package. Each text says in one sentence what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Final

LINE_BOUND: Final = 300
TAIL_BOUND: Final = 64 * 1024


class EngineError(Exception):
    """The base of all errors of this package."""


class NotConfigured(EngineError):
    """The environment or `temporal.toml` configures a Temporal, but can't be parsed."""


class EngineNotFound(EngineError):
    """No engine could be found, downloaded or built."""


class NotObtained(EngineError):
    """One way to get an engine failed; others may work."""


class EngineUnfit(EngineError):
    """An engine runs, but lacks a feature that is needed."""


class EngineFailed(EngineError):
    """An engine ended, or never came up; what it wrote last is in the message."""

    def __init__(self, what: str, log: Path) -> None:
        last = last_lines(log)
        ending = f"ends with:\n{last}" if last else "is empty."
        super().__init__(f"{what}; its log {log} {ending}")
        self.log = log


class DataInUse(EngineError):
    """Another engine works on the same data file, and two would destroy it."""


class DataUnusable(EngineError):
    """The data file can't be written, or is not a database."""


class NamespaceMissing(EngineError):
    """The namespace does not exist, and only an operator may create it."""


class RegistrationFailed(EngineError):
    """The namespace or its search attributes can't be registered."""


def last_lines(log: Path, count: int = 5, between: str = "\n") -> str:
    """Cut to what fits a message: servers write whole stacks on one line."""
    return between.join(line[:LINE_BOUND] for line in tail(log).splitlines()[-count:])


def tail(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BOUND))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""

"""What became of an import, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cpor.bulk.progress import duration
from cpor.exits import DONE, INTERRUPTED, REFUSED, WRONG_INPUT

GO_ON = "Run the same command again: it goes on from there, and nothing is started twice."


@dataclass(frozen=True)
class Summary:
    outcome: Literal["right", "wrong", "done", "stopped"]
    rows: int
    started: int = 0
    already_there: int = 0
    failed: int = 0
    failed_file: str | None = None
    """The file of failed rows, each with its reason."""
    seconds: float = 0.0

    def __str__(self) -> str:
        return "\n".join(self._sentences())

    @property
    def code(self) -> int:
        if self.outcome == "stopped":
            return INTERRUPTED
        if self.outcome == "wrong":
            return WRONG_INPUT
        return REFUSED if self.failed else DONE

    def _sentences(self) -> Iterator[str]:
        tried = self.started + self.already_there + self.failed
        match self.outcome:
            case "right":
                yield f"All {self.rows:,} rows are right. Nothing was started."
            case "wrong":
                yield f"{self.failed:,} of {self.rows:,} rows are wrong. Nothing was started."
            case _:
                yield (
                    f"{self.rows:,} rows: {self.started:,} started, {self.already_there:,} already "
                    f"there, {self.failed:,} failed, in {duration(self.seconds)} "
                    f"({tried / max(self.seconds, 0.001):,.0f} a second)."
                )
        if self.outcome == "stopped":
            yield f"Stopped: {self.rows - tried:,} rows were not tried. {GO_ON}"
        if self.failed_file:
            yield f"The failed rows, each with its reason: {self.failed_file}"

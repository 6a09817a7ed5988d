"""What a row of a file is, however the file is written, and how its lines are read.

A row carries what it says and what is wrong with how it is written; whether the rules would take
it is asked elsewhere. Nothing here holds more than one row in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from cpor.rules.errors import Problem

MOST_ROW_BYTES = 256 * 1024
"""A claim with all its texts at their longest has less than half of that."""
BOM = b"\xef\xbb\xbf"


class RowTooLong(ValueError):
    """No claim is that long; what follows is not looked at, for nobody knows where it begins."""

    def __init__(self) -> None:
        super().__init__(
            f"is longer than {MOST_ROW_BYTES // 1024} KiB, so what follows was not read; "
            "is a quotation mark not closed?"
        )


@dataclass(frozen=True)
class Row:
    """`number` counts as a spreadsheet does, the header and empty rows with the others."""

    number: int
    data: Mapping[str, Any]
    problems: Sequence[Problem] = ()
    raw: Sequence[str] = field(default=(), repr=False)
    """As it was written, for the file of failed rows."""

    @classmethod
    def unreadable(cls, number: int, why: str, *raw: str) -> Row:
        return cls(number, {}, [Problem("", why)], raw)


class Sheet(Protocol):
    """One way to write rows down."""

    ending: str

    def rows(self) -> Iterator[Row]: ...

    def heading(self) -> bytes:
        """What a file of failed rows begins with."""
        ...

    def failed(self, row: Row, reason: str) -> bytes:
        """The row as it came, with the reason."""
        ...


class Lines(Iterator[bytes]):
    """The lines of a file, as many as one row may have."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._file.seek(0)
        if self._file.read(len(BOM)) != BOM:
            self._file.seek(0)
        self._room = MOST_ROW_BYTES

    def new_row(self) -> None:
        self._room = MOST_ROW_BYTES

    def __next__(self) -> bytes:
        line = self._file.readline(self._room + 1)
        if not line:
            raise StopIteration
        self._room -= len(line)
        if self._room < 0:
            raise RowTooLong
        return line

"""Rows of a file, in whichever format, and the lines they are read from.

A row has its data, and the problems of how it is written; the rules are checked elsewhere. Nothing
here holds more than one row in memory.
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
    """No claim is that long. Reading ends here, since the next row cannot be found."""

    def __init__(self) -> None:
        super().__init__(
            f"is longer than {MOST_ROW_BYTES // 1024} KiB, so what follows was not read; "
            "is a quotation mark not closed?"
        )


@dataclass(frozen=True)
class Row:
    """`number` counts like a spreadsheet: the header and empty rows have numbers, too."""

    number: int
    data: Mapping[str, Any]
    problems: Sequence[Problem] = ()
    raw: Sequence[str] = field(default=(), repr=False)
    """As it was written, for the file of failed rows."""

    @classmethod
    def unreadable(cls, number: int, why: str, *raw: str) -> Row:
        return cls(number, {}, [Problem("", why)], raw)


class Sheet(Protocol):
    """A file of rows in one format."""

    ending: str

    def rows(self) -> Iterator[Row]: ...

    def heading(self) -> bytes:
        """The beginning of a file of failed rows."""
        ...

    def failed(self, row: Row, reason: str) -> bytes:
        """The row as it came, with the reason."""
        ...


class Lines(Iterator[bytes]):
    """The lines of a file; a row may have many, up to `MOST_ROW_BYTES`."""

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

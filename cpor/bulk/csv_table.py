"""Rows as CSV, separated by commas, semicolons or tabs, whichever the header has."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from cpor.bulk import layout
from cpor.bulk.rows import BOM, Lines, Row, RowTooLong
from cpor.rules.errors import Problem

SEPARATORS = (",", ";", "\t")
FAILURE_COLUMNS = (f"{layout.OURS}row", f"{layout.OURS}problem")
"""In front of a failed row."""
_ERRORS: Mapping[str, str] = {
    "unexpected end": "a quotation mark is opened and never closed",
    "expected after": "a quotation mark stands inside a quoted cell: double it",
    "new-line character": "has the line ends of an old Macintosh: save the file as CSV UTF-8",
    "field larger": str(RowTooLong()),
}


class Table:
    ending = "csv"

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._separator = _separator_of(_first_line(file))
        self._header = next((row for row in self._records() if _has_text(row.raw)), Row(0, {}))
        if self._header.problems:
            raise ValueError(f"row {self._header.number} {self._header.problems[0]}")
        self._columns = layout.header(self._header.raw)

    def rows(self) -> Iterator[Row]:
        for row in self._records():
            if row.number > self._header.number and _has_text(row.raw):
                yield row if row.problems else self._read(row)

    def heading(self) -> bytes:
        return BOM + line([*FAILURE_COLUMNS, *self._kept(self._header.raw)], self._separator)

    def failed(self, row: Row, reason: str) -> bytes:
        cells = [layout.neutral(layout.literal(cell)) for cell in self._kept(row.raw)]
        return line([str(row.number), layout.neutral(reason), *cells], self._separator)

    def _kept(self, cells: Sequence[str]) -> list[str]:
        """Without the columns that an earlier import put in front."""
        added = {place for place, name in enumerate(self._columns) if name in FAILURE_COLUMNS}
        return [cell for place, cell in enumerate(cells) if place not in added]

    def _read(self, row: Row) -> Row:
        width = len(self._columns)
        if len(row.raw) < width or _has_text(row.raw[width:]):
            why = f"has {len(row.raw)} cells, the header has {width}"
            return Row.unreadable(row.number, why, *row.raw)
        cells = dict(zip(self._columns, row.raw, strict=False))
        nameless = [
            Problem("", f"cell {place} stands under no column name")
            for place, (name, cell) in enumerate(zip(self._columns, row.raw, strict=False), 1)
            if not name and cell.strip()
        ]
        fields = {name: cell for name, cell in cells.items() if name and not layout.is_ours(name)}
        data, problems = layout.opening(fields)
        return Row(row.number, data, [*problems, *nameless], row.raw)

    def _records(self) -> Iterator[Row]:
        """Each row as its cells. Bytes that are not UTF-8 are kept, so that their cell is named."""
        lines = Lines(self._file)
        texts = (line.decode("utf-8", "surrogateescape") for line in lines)
        reader = csv.reader(texts, delimiter=self._separator, strict=True)
        number = 0
        while True:
            lines.new_row()
            number += 1
            try:
                yield Row(number, {}, raw=next(reader))
            except StopIteration:
                return
            except RowTooLong as error:
                yield Row.unreadable(number, str(error), "…")
                return
            except csv.Error as error:
                why = _explained(str(error))
                yield Row.unreadable(number, why, "…")
                if why == str(RowTooLong()):
                    return


def line(cells: Sequence[str], separator: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerow(cells)
    return text.getvalue().encode("utf-8", "surrogateescape")


def _first_line(file: IO[bytes]) -> str:
    try:
        return next((line for line in Lines(file) if line.strip()), b"").decode("utf-8", "replace")
    except RowTooLong:
        raise ValueError(f"row 1 {RowTooLong()}") from None


def _separator_of(header: str) -> str:
    """The separator that gives the most known columns."""

    def known(separator: str) -> int:
        cells = (cell.strip().strip('"').casefold() for cell in header.split(separator))
        return sum(cell in layout.COLUMNS for cell in cells)

    return max(SEPARATORS, key=known)


def _has_text(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _explained(error: str) -> str:
    return next((text for part, text in _ERRORS.items() if part in error), error)

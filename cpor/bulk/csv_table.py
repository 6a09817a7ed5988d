"""Rows as CSV: separated by commas, semicolons or tabs, as the header is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from cpor.bulk import layout
from cpor.bulk.cells import literal, neutral
from cpor.bulk.rows import BOM, Lines, Row, RowTooLong
from cpor.rules.errors import Problem

SEPARATORS = (",", ";", "\t")
TOLD = (f"{layout.OURS}row", f"{layout.OURS}problem")
"""In front of a failed row."""
_WORDS: Mapping[str, str] = {
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
        self._top = next((row for row in self._records() if _has_content(row.raw)), Row(0, {}))
        if self._top.problems:
            raise ValueError(f"row {self._top.number} {self._top.problems[0]}")
        self._columns = layout.header(self._top.raw)

    def rows(self) -> Iterator[Row]:
        for row in self._records():
            if row.number > self._top.number and _has_content(row.raw):
                yield row if row.problems else self._read(row)

    def heading(self) -> bytes:
        return BOM + line([*TOLD, *self._kept(self._top.raw)], self._separator)

    def failed(self, row: Row, reason: str) -> bytes:
        cells = [neutral(literal(cell)) for cell in self._kept(row.raw)]
        return line([str(row.number), neutral(reason), *cells], self._separator)

    def _kept(self, cells: Sequence[str]) -> list[str]:
        """Without what an earlier import told of the row."""
        told = {place for place, name in enumerate(self._columns) if name in TOLD}
        return [cell for place, cell in enumerate(cells) if place not in told]

    def _read(self, row: Row) -> Row:
        width = len(self._columns)
        if len(row.raw) < width or _has_content(row.raw[width:]):
            why = f"has {len(row.raw)} cells, the header has {width}"
            return Row.unreadable(row.number, why, *row.raw)
        cells = dict(zip(self._columns, row.raw, strict=False))
        nameless = [
            Problem("", f"cell {place} stands under no column name")
            for place, (name, cell) in enumerate(zip(self._columns, row.raw, strict=False), 1)
            if not name and cell.strip()
        ]
        said = {name: cell for name, cell in cells.items() if name and not layout.is_ours(name)}
        data, problems = layout.opening(said)
        return Row(row.number, data, [*problems, *nameless], row.raw)

    def _records(self) -> Iterator[Row]:
        """Each row as its cells; what is not UTF-8 is kept in them as it is, to be named later."""
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
                why = _in_words(str(error))
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
    """The one that leaves the most columns we know."""

    def known(separator: str) -> int:
        cells = (cell.strip().strip('"').casefold() for cell in header.split(separator))
        return sum(cell in layout.COLUMNS for cell in cells)

    return max(SEPARATORS, key=known)


def _has_content(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _in_words(error: str) -> str:
    return next((words for start, words in _WORDS.items() if start in error), error)

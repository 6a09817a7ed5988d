"""The file of failed rows: as they came, each with its reason, ready to be mended and imported."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import IO, Any

from cpor.bulk.files import FileUnusable
from cpor.bulk.rows import Row, Sheet

MOST_REPORTED = 20


class FailedRows:
    """The file is made with the first failed row, so that there is none if all went well."""

    def __init__(self, place: Path, sheet: Sheet, report: Callable[[str], None]) -> None:
        self.number = 0
        self._place = place
        self._report = report
        self._sheet = sheet
        self._file: IO[bytes] | None = None

    def add(self, row: Row, reason: str) -> None:
        """Count a row and write it into the file; raises `FileUnusable` if that is not possible."""
        self.number += 1
        try:
            self._write(row, reason)
        except OSError as error:
            self._report(f"row {row.number}: {reason}")
            raise FileUnusable(f"{self._place} cannot be written: {error.strerror}") from None
        if self.number <= MOST_REPORTED:
            self._report(f"row {row.number}: {reason}")
        elif self.number == MOST_REPORTED + 1:
            self._report(f"… the others are in {self._place}")

    @property
    def counted(self) -> dict[str, Any]:
        """The fields of a summary."""
        return {"failed": self.number, "failed_file": str(self._place) if self._file else None}

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # of a row that could not be written, which was reported
                self._file.close()

    def _write(self, row: Row, reason: str) -> None:
        if self._file is None:
            self._file = self._place.open("wb")
            self._file.write(self._sheet.heading())
        self._file.write(self._sheet.failed(row, reason))
        self._file.flush()


def free_place(source: Path, sheet: Sheet) -> Path:
    """In the folder of the source, under a name that is free: no file is written over."""
    stem = source.with_suffix("") if str(source) != "-" else Path("import")
    numbers = chain([""], (f"-{number}" for number in count(2)))
    names = (Path(f"{stem}.failed{number}.{sheet.ending}") for number in numbers)
    return next(place for place in names if not place.exists())

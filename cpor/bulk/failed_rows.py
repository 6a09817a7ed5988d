"""The file of failed rows: as they came, each with its reason, ready to be mended and imported."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count
from pathlib import Path
from typing import IO, Any

from cpor.bulk.files import FileUnusable
from cpor.bulk.rows import Row, Sheet

MOST_TOLD = 20


class FailedRows:
    """Made with the first failed row, so that there is none where all went well."""

    def __init__(self, place: Path, sheet: Sheet, tell: Callable[[str], None]) -> None:
        self.place = place
        self.number = 0
        self._tell = tell
        self._sheet = sheet
        self._file: IO[bytes] | None = None

    def add(self, row: Row, reason: str) -> None:
        self.number += 1
        if self.number <= MOST_TOLD:
            self._tell(f"row {row.number}: {reason}")
        elif self.number == MOST_TOLD + 1:
            self._tell(f"… the others are in {self.place}")
        try:
            if self._file is None:
                self._file = self.place.open("wb")
                self._file.write(self._sheet.heading())
            self._file.write(self._sheet.failed(row, reason))
            self._file.flush()
        except OSError as error:
            raise FileUnusable(f"{self.place} cannot be written: {error.strerror}") from None

    @property
    def told(self) -> dict[str, Any]:
        """What a summary says of them."""
        return {"failed": self.number, "failed_file": str(self.place) if self.number else None}

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def place_for(source: Path, sheet: Sheet) -> Path:
    """Beside the source, under a name that is free: what somebody mends is never written over."""
    stem = source.with_suffix("") if str(source) != "-" else Path("import")
    numbers = chain([""], (f"-{number}" for number in count(2)))
    names = (Path(f"{stem}.failed{number}.{sheet.ending}") for number in numbers)
    return next(place for place in names if not place.exists())

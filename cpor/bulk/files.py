"""The file to be imported: opened, and its format recognised by its first bytes."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from cpor.bulk.csv_table import Table
from cpor.bulk.ndjson import Objects
from cpor.bulk.rows import BOM, Sheet
from cpor.client.errors import OpeningUnreadable

_NOT_ROWS: Mapping[bytes, str] = {
    b"\xff\xfe": "it is UTF-16: save it as CSV UTF-8",
    b"\xfe\xff": "it is UTF-16: save it as CSV UTF-8",
    b"PK\x03\x04": "it is a workbook: save its sheet as CSV UTF-8",
    b"\x1f\x8b": "it is compressed: unpack it first",
    b"[": "it is one JSON list: write one object a line",
}
_BEGINNING = 4096


class FileUnusable(OpeningUnreadable):
    """A file that cannot be read or written as a file of claims: which, and why."""


@contextmanager
def sheet_in(place: Path) -> Generator[Sheet]:
    """The rows of a file; `-` is standard input."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(_seekable(place))
            sheet = _sheet(file)
        except OSError as error:
            raise FileUnusable(f"{place} cannot be read: {error.strerror or error}") from None
        except ValueError as error:
            raise FileUnusable(f"{place}: {error}") from None
        yield sheet


def _sheet(file: IO[bytes]) -> Sheet:
    file.seek(0)
    beginning = file.read(_BEGINNING)
    text = beginning.removeprefix(BOM).lstrip()
    if not text:
        raise ValueError("it is empty, without even a header")
    for start, why in _NOT_ROWS.items():
        if beginning.startswith(start) or text.startswith(start):
            raise ValueError(why)
    return Objects(file) if text.startswith(b"{") else Table(file)


@contextmanager
def _seekable(place: Path) -> Generator[IO[bytes]]:
    """The file itself; a pipe is copied into a temporary file first."""
    with sys.stdin.buffer if str(place) == "-" else place.open("rb") as source:
        if stat.S_ISREG(os.fstat(source.fileno()).st_mode):
            yield source
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(source, copy)
            yield copy

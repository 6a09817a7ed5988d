"""Every row is checked against the rules before the first claim starts."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cpor.bulk import layout
from cpor.bulk.rows import Row, Sheet
from cpor.client.errors import MessageRefused, OpeningUnreadable, PortalError
from cpor.client.openings import CheckedOpening, OpeningFile
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.store import FileRefused


@dataclass(frozen=True)
class Finding:
    """A row with the opening it stands for, or with all that is wrong with it."""

    row: Row
    opening: CheckedOpening | None
    problems: Sequence[Problem]

    @property
    def reason(self) -> str:
        return Invalid(self.problems).text


class CheckedRows:
    """Rows that can be started, and the ids used so far: a database in a temporary file.

    So a row is read and checked once, and memory does not grow with the number of rows.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, row INT) WITHOUT ROWID")
        self._database.execute("CREATE TABLE rows (content BLOB)")

    def first_row_with(self, claim_id: str, number: int) -> int:
        """The number of the first row with this id, which is this row if it is new."""
        with _room_on_disk():
            self._database.execute("INSERT OR IGNORE INTO ids VALUES (?, ?)", (claim_id, number))
        return self._database.execute("SELECT row FROM ids WHERE id = ?", (claim_id,)).fetchone()[0]

    def add(self, row: Row, opening: CheckedOpening) -> None:
        with _room_on_disk():
            content = pickle.dumps((row, opening))
            self._database.execute("INSERT INTO rows VALUES (?)", (content,))

    def __iter__(self) -> Iterator[tuple[Row, CheckedOpening]]:
        for (content,) in self._database.execute("SELECT content FROM rows ORDER BY rowid"):
            yield pickle.loads(content)

    def close(self) -> None:
        self._database.close()


async def findings(sheet: Sheet, folder: Path, checked: CheckedRows) -> AsyncIterator[Finding]:
    """The finding for each row, in order; proof files are read from the folder."""
    for row in sheet.rows():
        data, id_problems = layout.with_id(row.data)
        opening, problems = None, list(row.problems)
        if row.data or not problems:
            opening, found = await _check(OpeningFile(data, folder))
            problems += _without_consequences(problems, [*id_problems, *found])
        problems += _reused_id(row, data.get("claim_id"), checked)
        yield Finding(row, None if problems else opening, problems)


async def _check(file: OpeningFile) -> tuple[CheckedOpening | None, Sequence[Problem]]:
    try:
        return await file.check(), ()
    except Refused as refused:
        return None, refused.problems or [Problem("by", refused.text)]
    except MessageRefused as refused:
        return None, refused.fields
    except (FileRefused, OpeningUnreadable) as error:
        # The user wants to know which other fields are wrong, too.
        _, others = await _check(replace(file, data={**file.data, "evidence": []}))
        proof = Problem("evidence", str(error))
        return None, [proof, *(each for each in others if each.field != "evidence")]


def _without_consequences(known: Sequence[Problem], found: Sequence[Problem]) -> Iterator[Problem]:
    """Problems that do not merely follow from a cell, or a key, that could not be read."""
    broken = {problem.field for problem in known}
    named = [problem for problem in found if problem.field == layout.KEY]
    for problem in found:
        follows = problem.field == "claim_id" and (named or layout.KEY in broken)
        if layout.column_of(problem.field) not in broken and not follows:
            yield problem


def _reused_id(row: Row, claim_id: object, checked: CheckedRows) -> Iterator[Problem]:
    if not (isinstance(claim_id, str) and claim_id.isascii()):
        return
    first = checked.first_row_with(claim_id, row.number)
    if first != row.number:
        field = layout.KEY if row.data.get("claim_id") is None else "claim_id"
        yield Problem(field, f"is that of row {first} too")


@contextmanager
def _room_on_disk() -> Generator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise PortalError(
            f"The checked rows cannot be kept in a temporary file: {error}. "
            "Set TMPDIR to a folder with more room."
        ) from None

"""Every row held against the rules before the first claim starts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpor.bulk import layout
from cpor.bulk.rows import Row, Sheet
from cpor.client.opening_files import CheckedOpening, OpeningFile, OpeningUnreadable
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.store import FileRefused


@dataclass(frozen=True)
class Finding:
    """A row and all that is wrong with it."""

    row: Row
    problems: Sequence[Problem]

    @property
    def reason(self) -> str:
        return Invalid(self.problems).text


def findings(sheet: Sheet, folder: Path) -> Iterator[Finding]:
    """Of each row, in order; proof files lie in the folder."""
    with closing(_Seen()) as seen:
        for row in sheet.rows():
            data, unidentified = layout.with_id(row.data)
            wrong = list(row.problems)
            if row.data or not wrong:
                wrong += _news(wrong, [*unidentified, *_judged(data, folder)])
            wrong += seen.problems(row, data.get("claim_id"))
            yield Finding(row, wrong)


def opening_of(row: Row, folder: Path) -> CheckedOpening:
    """What a row that was found right starts."""
    data, unidentified = layout.with_id(row.data)
    if row.problems or unidentified:
        raise OpeningUnreadable("the row was changed since it was checked")
    return OpeningFile(data, folder).referred()


def _judged(data: Mapping[str, Any], folder: Path) -> list[Problem]:
    try:
        OpeningFile(data, folder).check()
    except Invalid as invalid:
        return list(invalid.problems)
    except Refused as refused:
        return [Problem("by", refused.text)]
    except (FileRefused, OpeningUnreadable) as error:
        # Which other fields are wrong is worth knowing too.
        others = _judged({**data, "evidence": []}, folder)
        proof = Problem("evidence", str(error))
        return [proof, *(each for each in others if each.field != "evidence")]
    return []


def _news(known: Sequence[Problem], found: Sequence[Problem]) -> Iterator[Problem]:
    """Without what follows from a cell, or a key, that could not even be read."""
    broken = {problem.field for problem in known}
    named = [problem for problem in found if problem.field == layout.KEY]
    for problem in found:
        follows = problem.field == "claim_id" and (named or layout.KEY in broken)
        if layout.column_of(problem.field) not in broken and not follows:
            yield problem


class _Seen:
    """The ids so far and their rows, in a table that goes to disk where it grows large."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("")
        self._rows.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, row INT) WITHOUT ROWID")

    def problems(self, row: Row, claim_id: object) -> Iterator[Problem]:
        if not (isinstance(claim_id, str) and claim_id.isascii()):
            return
        new = self._rows.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (claim_id, row.number))
        if not new.rowcount:
            field = layout.KEY if row.data.get("claim_id") is None else "claim_id"
            found = self._rows.execute("SELECT row FROM seen WHERE id = ?", (claim_id,))
            yield Problem(field, f"is that of row {found.fetchone()[0]} too")

    def close(self) -> None:
        self._rows.close()

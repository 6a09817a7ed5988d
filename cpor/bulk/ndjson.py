"""Rows as NDJSON: each line is the object that opens a claim, with a `key` if it has no id."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, NoReturn, cast

from cpor.bulk import layout
from cpor.bulk.rows import Lines, Row, RowTooLong
from cpor.rules.errors import shortened

IS = layout.OURS.removesuffix(".")
"""The field for facts about a claim or a row, which an import ignores."""


class Objects:
    ending = "ndjson"

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def rows(self) -> Iterator[Row]:
        lines, number = Lines(self._file), 0
        while True:
            lines.new_row()
            number += 1
            try:
                text = next(lines)
            except StopIteration:
                return
            except RowTooLong as error:
                yield Row.unreadable(number, str(error), "…")
                return
            if text.strip():
                yield _row(number, text)

    def heading(self) -> bytes:
        return b""

    def failed(self, row: Row, reason: str) -> bytes:
        failure: dict[str, Any] = {"row": row.number, "problem": reason}
        if not row.data:
            failure["line"] = "".join(row.raw)
        return line({**row.data, IS: failure})


def line(data: Mapping[str, Any]) -> bytes:
    # A lone surrogate, which is no UTF-8, is written as a JSON escape.
    text = json.dumps(data, ensure_ascii=False)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _row(number: int, text: bytes) -> Row:
    try:
        found = _object(text.decode())
    except UnicodeDecodeError:
        why = "is not UTF-8"
    except (ValueError, RecursionError) as error:
        why = str(error)
    else:
        return Row(number, {name: value for name, value in found.items() if name != IS})
    return Row.unreadable(number, why, shortened(text.decode("utf-8", "replace").strip()))


def _object(text: str) -> dict[str, Any]:
    try:
        found: object = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON, at character {error.pos + 1}: {error.msg}") from None
    except RecursionError:
        raise ValueError("is nested too deep") from None
    if not isinstance(found, dict):
        raise ValueError("must be one JSON object")
    return cast("dict[str, Any]", found)


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((duplicate, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"names {shortened(duplicate, 60)} twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")

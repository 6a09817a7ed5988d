"""A history as a chain: each entry carries the hash of the one before, the record that of the last.

To change an entry, one must change all that follow and the hash of the record. So a record that
was copied, printed or mailed once can be compared with one that is shown later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

WHOLE = "sha256"
"""The record's field with the hash of all its other fields."""


_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of the JSON: keys in order, no blanks, UTF-8."""
    return hashlib.sha256(_JSON.encode(data).encode("utf-8", "surrogatepass")).hexdigest()


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record, complete but for the hashes of its last entry and of itself, with them."""
    whole = {**record, "last": hash_of(record["history"][-1])}
    return {**whole, WHOLE: hash_of(whole)}


def misfits(record: Mapping[str, Any]) -> list[str]:
    """What does not fit, the first broken entry before all; nothing where all does."""
    history = record.get("history")
    if not isinstance(history, list) or not history:
        return ["it has no history"]
    found = _breaks(cast("list[object]", history), record.get("last"))
    whole = {name: value for name, value in record.items() if name != WHOLE}
    if hash_of(whole) != record.get(WHOLE):
        found.append("something of the record was changed since it was kept")
    return found


def _breaks(history: Sequence[object], last: object) -> list[str]:
    """The first, named by its place: what an entry says of its number may be damaged, too."""
    written: object = None
    for place, entry in enumerate(history):
        if not isinstance(entry, dict):
            return [f"entry {place + 1} is no JSON object"]
        entry = cast("dict[str, object]", entry)
        if entry.get("before") != written:
            return [_torn(place)]
        written = hash_of(entry)
    return [] if last == written else [_torn(len(history))]


def _torn(after: int) -> str:
    if not after:
        return "entry 1 is not the first that was written"
    return f"entry {after} is not as it was written, or what follows it is not"

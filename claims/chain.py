"""A history as a chain: each entry carries the hash of the one before, the record that of the last.

Whoever changes an entry must change all that follow, and the record's own hash; so a record that
was copied, printed or mailed once can be compared with one that is shown later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

WHOLE = "sha256"
"""The record's field with the hash of all its other fields."""


def hash_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of the JSON: keys in order, no blanks, UTF-8."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with the hash of its last entry and of itself."""
    history = record["history"]
    whole = {**record, "last": hash_of(history[-1]) if history else None}
    return {**whole, WHOLE: hash_of(whole)}


def misfits(record: Mapping[str, Any]) -> list[str]:
    """What does not fit, the first broken entry before all; nothing where all does."""
    history = record.get("history")
    if not isinstance(history, list) or not history:
        return ["it has no history"]
    entries = cast("Sequence[Mapping[str, Any]]", history)
    found: list[str] = []
    follows = [*(entry.get("before") for entry in entries[1:]), record.get("last")]
    for entry, written in zip(entries, follows, strict=True):
        if hash_of(entry) != written:
            found.append(f"entry {entry.get('seq')} is not as it was written, or the next is not")
            break
    whole = {name: value for name, value in record.items() if name not in (WHOLE, "run")}
    if hash_of(whole) != record.get(WHOLE):
        found.append("something of the record was changed since it was kept")
    return found

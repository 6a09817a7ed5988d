"""What a claim knows of itself, in short, so that it can be held against what the store knows.

After an older database was restored a claim has forgotten what came later, a customer's no perhaps.
The store has not: it keeps records, noes and the names of events sent. Where it knows something
that the claim does not, people decide before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import BaseModel, Field

from cpor.rules.chain import misfits
from cpor.rules.sparse import Sparse

if TYPE_CHECKING:
    from cpor.rules.history import Entry

MARK = 8
"""So many digits of an entry's hash tell it from the one that another past has in its place."""


class Known(Sparse):
    """What a claim says of itself where it is about to be sent on."""

    marks: str
    """The beginning of each entry's hash, in order."""
    noes: list[str] = Field(default_factory=list[str])
    """The ids of those that came from the page."""
    events: list[str] = Field(default_factory=list[str])
    """The hand-offs and recalls before this one."""
    decided: list[str] = Field(default_factory=list[str])
    """What an operator has looked at: hashes of records, and ids of noes and events."""

    def has(self, record: Mapping[str, Any]) -> bool:
        """Whether the record is of this claim as it is now, or as it was."""
        if str(record.get("sha256")) in self.decided:
            return True
        if misfits(record):
            return False
        end = MARK * len(record["history"])
        return self.marks[end - MARK : end] == str(record["last"])[:MARK]


class Conflict(BaseModel):
    """The store knows of a claim what the claim does not know."""

    text: str
    """What the store knows, in words."""
    found: list[str]
    """The same for `Known.decided`."""
    sent: Literal["never", "so", "otherwise"] = "never"
    """Whether the event was sent before, under the same id: with this content, or with another."""


def marks(history: Sequence[Entry]) -> str:
    """Each entry has the hash of the one before it."""
    return "".join(
        [*((entry.before or "")[:MARK] for entry in history[1:]), history[-1].hash[:MARK]]
    )


def marks_of(record: Mapping[str, Any], last: str) -> str:
    """The same from a record that is about to be kept."""
    earlier = [str(entry["before"]) for entry in record["history"][1:]]
    return "".join(each[:MARK] for each in [*earlier, last])


def no_in_words(notice: str) -> str:
    """A customer's no to this notice as one side of a conflict."""
    return f"a no of the customer to {notice}"


def no_mark(notice: str) -> str:
    """The same for `Known.decided`."""
    return f"no.{notice}"


def in_words(record: Mapping[str, Any], version: int) -> str:
    """The record as one side of a conflict."""
    history = record.get("history")
    entries = len(cast("list[object]", history)) if isinstance(history, list) else 0
    said = ", ".join(
        f"{name} {record[name]}" for name in ("status", "consent", "eligibility") if name in record
    )
    return f"version {version} of the record ({said}; {entries} entries)"

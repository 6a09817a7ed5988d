"""The life of a claim as one table: what is heard in which status, from whom, what comes of it.

A message that has no row in a status is refused there. Where several rows hear the same, the
first whose proviso holds is taken. The end of a clock, the answer of a mail server and the like
are heard as messages are. Table and clocks stand in `lifecycle.md`; here they are read, once they
are needed, and checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Literal, cast, get_args

from cpor.rules.deadlines import ClockName
from cpor.rules.facts import Role
from cpor.rules.tables import one_of, tables_in


class Status(StrEnum):
    EDITING = "Editing"
    SUBMITTED = "Submitted"
    UNDER_REVIEW = "Under review"
    PARTNER_ACTION = "Partner action required"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    DISPUTED = "Disputed"
    REJECTED_FINAL = "Rejected final"


Source = Literal[
    Role,
    "clock",
    "mail server",
    "address check",
    "incentive engine",
    "store",
    "proof reader",
    "associations",
    "directory",
    "older link",
]
Proviso = Literal[
    "",
    "consent open",
    "official",
    "no still counts",
    "handed off",
    "disputable",
    "in dispute",
    "first submission",
    "objected",
    "doubted",
    "unconfirmed",
    "proof unchecked",
    "dispute unchecked",
    "in conflict",
    "out of a dispute",
]
Told = Literal[
    "submitted",
    "to_review",
    "info_requested",
    "commented",
    "consent",
    "approved",
    "official",
    "rejected",
    "declined",
    "withdrawn",
    "handed_off",
    "eligibility",
    "undeliverable",
    "evidence_problem",
    "overdue",
    "escalated",
    "disputed",
    "dispute_decided",
    "disassociated",
    "reminder",
    "submission_refused",
    "assigned",
    "extended",
    "confirm_contact",
    "objected",
    "doubted",
    "association_kept",
    "association_ended",
    "unreached",
    "hand_off",
    "contested",
    "item_free",
    "question",
]
Audience = Literal[
    "partner",
    "reviewers",
    "customer",
    "lead",
    "operators",
    "other side",
    "whose deadline",
    "incentive engine",
    "directory",
]
Recipient = Literal[
    "partner", "reviewers", "reviewer", "contact", "technical_contact", "lead", "operators"
]
GOES_ON: frozenset[ClockName] = frozenset({"review", "dispute_answer"})
"""Clocks that an answer lets go on; one that ran out begins anew only where none is left."""
BEGUN_BY_A_MAIL: frozenset[ClockName] = frozenset({"answer", "consent"})
"""Clocks that wait until the mail has arrived that tells of them."""
ONCE: frozenset[ClockName] = frozenset({"overall"})
"""Clocks that are begun by the first submission only."""
_one_of = partial(one_of, "lifecycle")


@dataclass(frozen=True)
class Row:
    """`becomes` is empty where the status stays, and has several where the edition decides."""

    status: Status | None
    hears: str
    sources: tuple[Source, ...]
    provided: Proviso
    becomes: tuple[Status, ...]
    tells: tuple[tuple[Told, Audience], ...]

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """The sources that are people or systems with a message; the others are no role of `by`."""
        return tuple(cast("Role", each) for each in self.sources if each in get_args(Role))


@dataclass(frozen=True)
class ClocksOfStatus:
    runs: tuple[ClockName, ...]
    stand_still: tuple[ClockName, ...]


@dataclass(frozen=True)
class Lifecycle:
    """The table, and the clocks of each status."""

    rows: tuple[Row, ...]
    clocks: Mapping[Status, ClocksOfStatus]


@cache
def lifecycle() -> Lifecycle:
    rows, clocks = tables_in(Path(__file__).with_suffix(".md"))
    return Lifecycle(
        tuple(_row(*cells) for cells in rows),
        {
            Status(status): ClocksOfStatus(
                cast("tuple[ClockName, ...]", _list(ClockName, runs)),
                cast("tuple[ClockName, ...]", _list(ClockName, still)),
            )
            for status, runs, still in clocks
        },
    )


def runs_out(clock: ClockName) -> str:
    """The name under which the table hears the end of a clock."""
    return f"{clock} ends"


def soon_ends(clock: ClockName) -> str:
    """The name under which the table hears that a reminder is due."""
    return f"{clock} soon ends"


@cache
def rows_for(status: Status, hears: str) -> tuple[Row, ...]:
    """The rows to choose from, best first; none where this is not heard."""
    return tuple(
        row for row in lifecycle().rows if row.hears == hears and row.status in (status, None)
    )


def heard_in(status: Status) -> Iterator[Row]:
    """What people may say in this status, in the order of the table."""
    return (row for row in lifecycle().rows if row.status in (status, None) and row.roles)


@cache
def senders_of(name: str) -> tuple[Role, ...]:
    """Who may send a message, in one status or another."""
    roles = {role for row in lifecycle().rows if row.hears == name for role in row.roles}
    return tuple(role for role in get_args(Role) if role in roles)


def diagram() -> str:
    """The table as a Mermaid state diagram: the steps that lead on, and who takes them."""
    steps: dict[tuple[Status, Status], list[str]] = {}
    for row in lifecycle().rows:
        hands_off = any(told == "hand_off" for told, _ in row.tells)
        for to in (row.status,) if hands_off else row.becomes:
            if row.status is not None and to is not None:
                end = ": handed off" if hands_off else ""
                step = f"{row.hears} ({' or '.join(row.sources)}){end}"
                known = steps.setdefault((row.status, to), [])
                if step not in known:
                    known.append(step)
    lines = ["stateDiagram-v2", f"    [*] --> {Status.EDITING.name}"]
    lines += [f"    {status.name}: {status.value}" for status in Status]
    lines += [
        f"    {come.name} --> {go.name}: {', '.join(words)}" for (come, go), words in steps.items()
    ]
    ends = [status for status in Status if status in (Status.REJECTED, Status.REJECTED_FINAL)]
    return "\n".join([*lines, *(f"    {status.name} --> [*]" for status in ends)])


def _list(kind: object, words: str) -> tuple[str, ...]:
    return tuple(_one_of(kind, word.strip()) for word in words.split(",") if word.strip())


def _tells(cell: str) -> Iterator[tuple[Told, Audience]]:
    for part in filter(None, cell.split(";")):
        told, _, audiences = part.partition(":")
        for audience in _list(Audience, audiences):
            yield cast("Told", _one_of(Told, told.strip())), cast("Audience", audience)


def _row(status: str, hears: str, source: str, provided: str, becomes: str, tells: str) -> Row:
    return Row(
        status=None if status == "any" else Status(status),
        hears=hears,
        sources=cast("tuple[Source, ...]", _list(Source, source)),
        provided=cast("Proviso", _one_of(Proviso, provided)),
        becomes=tuple(Status(name) for name in becomes.split(" or ") if name),
        tells=tuple(_tells(tells)),
    )

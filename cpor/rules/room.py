"""How large a claim may grow. The engine carries at most 2 MiB from one run into the next.

What is counted is the size of the claim as it would be dumped now, so nothing is forgotten. What
only grows (history, receipts, arrivals) has its size kept up to date; the rest is small and is
measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cpor.rules.deadlines import Calendars
from cpor.rules.errors import Refused
from cpor.rules.lifecycle import Row
from cpor.rules.messages import Decline, Message
from cpor.rules.own_ids import is_own
from cpor.rules.state import State

ROOM_FOR_TALK = 448 * 1024
ROOM = 512 * 1024
"""What is left of it by talk is kept for decisions."""
LAST_ROOM = 576 * 1024
ROOM_FOR_REFUSALS = 128 * 1024
"""Beside all other room: what is refused takes none from what is taken."""
MOST_ROOM = 1024 * 1024
"""No claim outgrows this, whatever is said to it."""
SHORT = 10 * 1024
COPIES = 6
"""What is said stands in the history twice, in the claim, and in mails not yet sent."""
ROOM_OF_DEBT = 3000
"""What a mail will say about the claim itself, once it is written, in bytes."""

TALK = ("edit", "add_evidence", "withdraw_evidence", "comment", "request_info")
DECISIONS = (
    *("approve", "reject", "withdraw", "decline", "dispute", "disassociate"),
    *("confirm_contact", "end_association", "keep_association"),
    "resolve_conflict",
)
"""Without these, a claim whose room is used up could not end; there can be only a few of them."""
ROOM_OF: Mapping[str, int] = {
    **dict.fromkeys(TALK, ROOM_FOR_TALK),
    # Rounds of these end some day, but nobody may be kept from them by what was said before.
    **dict.fromkeys(("submit", "retry", "bounced", "report_conflict", *DECISIONS), LAST_ROOM),
}


ONLY_GROW = ("arrivals", "history", "receipts")


class Room:
    """A claim's room. What was measured holds until the claim is changed."""

    def __init__(self, claim: State) -> None:
        self._claim = claim
        self._rest: int | None = None
        self._debts: dict[tuple[object, ...], int] = {}
        self._calendars: Calendars | None = None
        self._size_of_calendars = 0

    def changed(self) -> None:
        self._rest = None

    def check(self, message: Message, row: Row) -> None:
        """Raises `Refused` where there is none left for this message and what follows from it."""
        size = len(message.model_dump_json(exclude_none=True).encode())
        if _decides(message, row) and size <= SHORT:
            return
        wanted = size * COPIES
        if message.name in TALK:
            wanted += ROOM_OF_DEBT * sum(not debt.begun for debt in self._claim.debts)
        if self.used - self._claim.room_of_refusals + wanted > ROOM_OF.get(message.name, ROOM):
            raise Refused(
                "too_much",
                "this claim has no room left for so much; say it shorter, decide or withdraw it",
            )

    @property
    def used(self) -> int:
        """The size of the claim's dump, in bytes."""
        if self._rest is None:
            rest = self._claim.model_dump_json(exclude=_MEASURED_APART)
            apart = self._size_of_debts() + self._of_calendars()
            self._rest = len(rest.encode()) + len(_LEFT_OUT) + apart
        return self._rest + self._claim.room_kept

    def _of_calendars(self) -> int:
        """They are values: others may take their place, but none of them changes."""
        calendars = self._claim.clocks.calendars
        if calendars is not self._calendars:
            self._calendars = calendars
            self._size_of_calendars = len(calendars.model_dump_json().encode())
        return self._size_of_calendars

    def _size_of_debts(self) -> int:
        """A debt is measured again when it has changed. While mail is down there are many."""
        before, self._debts = self._debts, {}
        for debt in self._claim.debts:
            now = (debt.id, debt.state, debt.begun, debt.last_answer, debt.paused_until)
            known = None if debt.stops_all else before.get(now)  # a conflict grows meanwhile
            self._debts[now] = known or len(debt.model_dump_json().encode()) + len(",")
        return sum(self._debts.values())


def _decides(message: Message, row: Row) -> bool:
    """A no that ends nothing may be said again and again; by the page, once for each notice."""
    if isinstance(message, Decline) and not row.becomes:
        return is_own(message.id)
    return message.name in DECISIONS


_MEASURED_APART: Mapping[str, Any] = {
    **dict.fromkeys((*ONLY_GROW, "debts"), True),
    "clocks": {"calendars"},
}
_LEFT_OUT = '"arrivals":{},"history":[],"receipts":{},"debts":[],"calendars":,'

"""Ids of messages that our own senders make: the customer's page, delivery reports, the engine.

Each is made of what the message is about, so that however often it is said, it is said once. No
other message may have such an id, and a refusal leaves it free: the real one may yet come.
"""

from __future__ import annotations

from cpor.rules.errors import Invalid, Problem
from cpor.rules.messages import Bounced, Decline, EligibilityResult, Message

DECLINE = "decline."
"""How the ids of the page's messages begin."""
BOUNCED = "bounced."
"""How the ids of delivery reports begin."""
DELAYED = "delayed."
"""The same of a mail that is still being tried."""
RESULTS = (".eligible", ".not_eligible")
"""How the ids of the incentive engine's results end, after the id of the event."""
MOST_OF_NOTICE_ID = 56
"""An id has 64 characters; what tells notices of one claim apart stands at their end."""


def decline_id(notice_id: str) -> str:
    """The id under which the page passes on a no to this notice."""
    return DECLINE + notice_id[-MOST_OF_NOTICE_ID:]


def bounced_id(notice_id: str) -> str:
    """The id under which it is reported that this notice came back."""
    return BOUNCED + notice_id[-MOST_OF_NOTICE_ID:]


def delayed_id(notice_id: str) -> str:
    """The id under which it is reported that this notice is still being tried."""
    return DELAYED + notice_id[-MOST_OF_NOTICE_ID:]


def is_own(sent: str | None) -> bool:
    begins = (DECLINE, BOUNCED, DELAYED)
    return sent is not None and (sent.startswith(begins) or sent.endswith(RESULTS))


def check_id(message: Message) -> None:
    if message.id is None or not is_own(message.id) or _is_of_its_owner(message.id, message):
        return
    text = (
        f"begins with {DECLINE} or {BOUNCED} or {DELAYED} or ends with {' or '.join(RESULTS)}, "
        "as only those of the system itself do; use another"
    )
    raise Invalid([Problem("id", text)])


def _is_of_its_owner(own_id: str, message: Message) -> bool:
    match message:
        case Decline(by=by, notice_id=str(notice_id)):
            return by.role == "customer" and own_id == decline_id(notice_id)
        case Bounced(by=by, notice_id=notice_id, action=action):
            made = bounced_id(notice_id) if action == "failed" else delayed_id(notice_id)
            return by.role == "system" and own_id == made
        case EligibilityResult(by=by, outcome=outcome):
            return by.role == "system" and own_id.endswith(f".{outcome}")
        case _:
            return False

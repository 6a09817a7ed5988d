"""Under which id the customer's page passes on a no: one for each notice, and for nothing else.

However often it is said, it is said once. And whatever else had such an id, the link would show its
receipt as the customer's own.
"""

from __future__ import annotations

from cpor.rules.errors import Invalid, Problem
from cpor.rules.messages import Decline, Message

BEGINNING = "decline."


def of(notice_id: str) -> str:
    return f"{BEGINNING}{notice_id}"


def is_one(sent_id: str | None) -> bool:
    return sent_id is not None and sent_id.startswith(BEGINNING)


def check(message: Message) -> None:
    if is_one(message.id) and not _is_a_no_by_link(message):
        text = f"begins with {BEGINNING}, which is for the customer's page; use another"
        raise Invalid([Problem("id", text)])


def _is_a_no_by_link(message: Message) -> bool:
    if not isinstance(message, Decline) or message.by.role != "customer":
        return False
    return message.notice_id is not None and message.id == of(message.notice_id)

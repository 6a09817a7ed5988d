"""What the customer says: no.

In time it ends the claim. Later, or by the link of an older notice, it is a doubt that a reviewer
has to answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cpor.rules import association
from cpor.rules.action import Action
from cpor.rules.contacts import CustomersContact
from cpor.rules.doubts import Doubt, objections
from cpor.rules.effects import conflict, consent
from cpor.rules.effects.hand_off import is_recalled
from cpor.rules.effects.notice import contact_of, forget_unsent
from cpor.rules.errors import Invalid, Problem
from cpor.rules.history import EVERYBODY, Ground
from cpor.rules.lifecycle import Source
from cpor.rules.messages import Decline, Message
from cpor.rules.state import State
from cpor.rules.transitions import row_of


def source_of(claim: State, message: Message) -> Source:
    """Under which name the table hears it: whoever has an older link may be a contact no more."""
    if isinstance(message, Decline) and _is_older(claim, message.notice_id):
        return "older link"
    return message.by.role


def _is_older(claim: State, notice_id: str | None) -> bool:
    return notice_id is not None and not consent.is_latest(claim, notice_id)


def check_decline(claim: State, message: Decline) -> None:
    who = _contact_in(message)
    if message.by.role == "operator":
        if message.came_by is None:
            raise Invalid([Problem("came_by", "is needed from an operator: how the no came")])
        if who is None or contact_of(claim, who) is None:
            raise Invalid([Problem("contact", "is none that this claim has")])
    elif who is None:
        raise Invalid([Problem("by.id", "must be contact or technical_contact")])
    elif message.contact or message.came_by:
        raise Invalid([Problem("came_by", "and contact are for an operator who passes a no on")])
    elif contact_of(claim, who) is None:
        raise Invalid([Problem("by.id", "this claim has no technical contact")])
    if message.notice_id is not None and not consent.is_of_claim(claim, message.notice_id):
        raise Invalid([Problem("notice_id", "is no notice that asked the customer")])


def decline(claim: State, message: Decline, now: datetime) -> Action:
    row = row_of(claim, message.name, source_of(claim, message))
    return _end(claim, message, now) if row and row.becomes else _object(claim, message, now)


def _end(claim: State, message: Decline, now: datetime) -> Action:
    why, was_official = Ground(reason="customer_decline", note=message.note), claim.is_official
    if message.by.role == "operator" and claim.is_in_conflict:
        # The store knew of it all the time: nothing that was to follow from silence is told.
        conflict.decide(claim)
        forget_unsent(claim, "official")
        was_official = was_official and not association.never_began(claim, why, now)
    if claim.consent != "declined":
        association.end_by_no(claim, why, now)
    return Action(
        "Your no is noted. The partner is not recognised and sees no data.",
        _in_words("declined", message),
        changes=_passed_on(message),
        sight=EVERYBODY,
        facts={
            "note": message.note,
            "was_official": was_official,
            "recalled": is_recalled(claim),
        },
    )


def _object(claim: State, message: Decline, now: datetime) -> Action:
    """It ends nothing by itself, but nobody is bound by silence until a reviewer has looked."""
    older, open_still = source_of(claim, message) == "older link", claim.consent_is_open
    doubt = Doubt(
        kind="older_link" if older else "late_no",
        at=now,
        contact=_contact_in(message),
        notice_id=message.notice_id,
        note=message.note,
    )
    claim.doubts.append(doubt)
    if open_still:
        consent.hold(claim)
    when = "by the link of an older notice" if older else "after the time for it"
    return Action(
        "Your no is kept. A reviewer looks at it and answers.",
        _in_words(f"said no {when}", message),
        changes=_passed_on(message),
        sight=EVERYBODY,
        facts=objections(claim),
    )


def _in_words(what: str, message: Decline) -> str:
    if message.came_by is not None:
        who = (message.contact or "contact").replace("_", " ")
        what = f"{what}, as the {who} said ({message.came_by})"
    return what + (f": {message.note}" if message.note else "")


def _passed_on(message: Decline) -> Mapping[str, Sequence[str | None]]:
    if message.came_by is None:
        return {}
    return {"contact": [None, message.contact or "contact"], "came_by": [None, message.came_by]}


def _contact_in(message: Decline) -> CustomersContact | None:
    if message.by.role == "operator":
        return message.contact or "contact"
    match message.by.id:
        case "contact" | "technical_contact" as who:
            return who
        case _:
            return None

"""What the customer says: no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cpor.rules import association
from cpor.rules.action import Action
from cpor.rules.bookkeeping import reject
from cpor.rules.effects import consent
from cpor.rules.effects.hand_off import is_recalled
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.rules.facts import under
from cpor.rules.history import EVERYBODY, Ground
from cpor.rules.messages import Decline
from cpor.rules.state import State


def check_decline(claim: State, message: Decline) -> None:
    if message.by.id not in ("contact", "technical_contact"):
        raise Invalid([Problem("by.id", "must be contact or technical_contact")])
    if message.notice_id is not None and not consent.is_latest(claim, message.notice_id):
        raise Refused("too_late", "this link belongs to an older notice; use the newest one")


def decline(claim: State, message: Decline, now: datetime) -> Action:
    why, was_official = Ground(reason="customer_decline", note=message.note), claim.is_official
    if was_official:
        association.end(claim, why, now)
    else:
        reject(claim, [why])
    claim.consent = "declined"
    return Action(
        "Your no is noted. The partner is not recognised and sees no data.",
        "declined" + (f": {message.note}" if message.note else ""),
        sight=EVERYBODY,
        facts={
            "note": message.note,
            "was_official": was_official,
            "recalled": is_recalled(claim),
        },
    )


def void_no(
    claim: State, name: str, payloads: Sequence[object], refusal: Refused
) -> Mapping[str, str | None]:
    """A no that is refused only because its link is an older one: what it said, else nothing."""
    if name != Decline.name or refusal.code != "too_late":
        return {}
    said = Decline.model_validate(payloads[0], context=under(claim.rules))
    if said.notice_id is None or not consent.is_void(claim, said.notice_id):
        return {}
    return {"notice_id": said.notice_id, "note": said.note}

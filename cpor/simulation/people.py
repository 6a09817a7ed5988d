"""The people around a claim: what they see, when they act, and what they say.

Each acts on what was there when they looked. By the time they speak the claim may have gone on, and
refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cpor.rules import contacts
from cpor.rules.doubts import open_doubts
from cpor.rules.lifecycle import Status
from cpor.simulation import openings
from cpor.simulation.world import DAY, HOUR, token_of

if TYPE_CHECKING:
    from cpor.simulation.life import Life

PARTNER = {"role": "partner", "id": "ada"}
CUSTOMER = {"role": "customer", "id": "contact"}
OPERATOR = {"role": "operator", "id": "olga"}
SYSTEM = {"role": "system", "id": "incentives"}
REASONS = ("missing_customer_acknowledgement", "missing_or_old_dates", "missing_all_poe")
IN_REVIEW = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTED)


def opening(life: Life) -> dict[str, Any]:
    submit = life.dice.random() >= life.year.world.luck.draft_first
    return openings.opening(life.dice, life.claim_id, submit, life.edition, life.tenant.id)


def look(life: Life) -> None:
    """Whoever has to act sees what is new, and will."""
    claim = life.state
    parked = tuple(debt.id for debt in claim.debts if debt.state == "parked")
    doubts = len(open_doubts(claim))
    seen = (
        *(claim.status, claim.consent, claim.eligibility, claim.is_official, claim.submitted_at),
        *(claim.notice_accepted_at, claim.must_confirm_contacts, doubts, parked),
    )
    if seen == life.seen:
        return
    before, life.seen = life.seen, seen
    if claim.waiting_for == "reviewer":
        life.year.queue_up(life)
    if parked:
        _soon(life, 5 * DAY, OPERATOR, "retry")
    if not before or claim.status is not before[0]:
        _status_is_new(life)
    elif claim.status is Status.APPROVED:
        _approved_goes_on(life)


def _status_is_new(life: Life) -> None:
    dice, luck = life.dice, life.year.world.luck
    if dice.random() < luck.comments:
        _soon(life, 4 * DAY, PARTNER, "comment", text="Page 3 names the product.")
    if dice.random() < luck.withdraws / 3:
        _soon(life, 9 * DAY, PARTNER, "withdraw", reason="no_longer_engaged")
    match life.state.status:
        case Status.EDITING:
            if dice.random() >= luck.never_submits:
                _soon(life, 4 * DAY, PARTNER, "add_evidence", evidence=[openings.proof(dice)])
                _soon(life, 5 * DAY, PARTNER, "submit", after=4 * DAY)
        case Status.PARTNER_ACTION:
            if dice.random() >= luck.never_answers:
                wait = 12 * DAY if dice.random() < 0.2 else 5 * DAY
                _soon(life, wait, PARTNER, "add_evidence", evidence=[openings.proof(dice)])
                _soon(life, wait, PARTNER, "submit", after=wait)
            if dice.random() < luck.extended:
                _soon(life, 4 * DAY, OPERATOR, "extend", business_days=3, why="A holiday.")
        case Status.APPROVED:
            _approved_goes_on(life)
        case Status.REJECTED if life.state.may_be_disputed:
            if dice.random() < luck.disputes:
                words = "Page 3 names the product."
                _soon(life, 33 * DAY, PARTNER, "dispute", justification=words)
        case _:
            pass


def _approved_goes_on(life: Life) -> None:
    claim, dice, luck = life.state, life.dice, life.year.world.luck
    if claim.consent == "pending" and claim.notice_accepted_at == life.now:
        if dice.random() < luck.customer_says_no:
            _soon(life, 8 * DAY, CUSTOMER, "decline", note="Not with us.")
        if dice.random() < luck.comes_back:
            life.later(dice.uniform(0, 9) * DAY, 0, _comes_back, life)
    elif claim.consent == "held" or claim.escalate_at is not None:
        address = openings.contact(f"liv{dice.randrange(9)}", openings.DOMAIN)
        refused = [who for who, asked in claim.asked.items() if asked.state == "refused"]
        field = "technical_contact" if refused == ["technical_contact"] else "customer_contact"
        changes = {field: address}
        _soon(life, 12 * DAY, PARTNER, "edit", changes=changes)
    elif claim.eligibility == "sent":
        outcome = "not_eligible" if dice.random() < luck.not_eligible else "eligible"
        _soon(life, 10 * DAY, SYSTEM, "eligibility_result", outcome=outcome)
        if dice.random() < luck.judged_twice:
            _soon(life, 20 * DAY, SYSTEM, "eligibility_result", outcome=outcome)
        if dice.random() < luck.disassociates:
            _soon(life, 150 * DAY, PARTNER, "disassociate", reason="We no longer work together.")
        if dice.random() < luck.customer_says_no_late:
            _soon(life, 60 * DAY, CUSTOMER, "decline", note="Not with us any more.")


def _comes_back(life: Life) -> None:
    asked = [each.notice_id for each in life.state.asked.values() if each.state == "accepted"]
    if asked:
        notice_id = life.dice.choice(asked)
        said = {"notice_id": notice_id, "token": token_of(notice_id), "detail": "550 unknown"}
        speak(life, SYSTEM, "bounced", said)


def review(life: Life, reviewer: str) -> None:
    """A reviewer takes the claim off the queue and does what it waits for."""
    claim, dice = life.state, life.dice
    by, seen = {"role": "reviewer", "id": reviewer}, len(claim.history)
    if claim.status is Status.APPROVED:
        if open_doubts(claim):
            name = "keep_association" if dice.random() < 0.6 else "end_association"
            speak(life, by, name, {"reason": "The contract names the partner."})
        elif claim.must_confirm_contacts:
            for who in contacts.unconfirmed(claim):
                speak(life, by, "confirm_contact", {"contact": who, "seen": len(claim.history)})
        return
    if claim.status is Status.SUBMITTED and dice.random() < 0.5:
        speak(life, by, "start_review", {})
        seen = len(life.state.history)
    draw = dice.random()
    luck = life.year.world.luck
    reason = dice.choice(REASONS)
    if draw < luck.approved:
        sure: dict[str, Any] = {"contacts_confirmed": True, "seen": seen}
        if dice.random() < luck.displaces:
            sure |= {"displace": True, "note": "The other contract ended."}
        speak(life, by, "approve", sure)
    elif draw < (1 + luck.approved) / 2:
        speak(life, by, "request_info", {"requests": [{"reason": reason}]})
    else:
        speak(life, by, "reject", {"reasons": [{"reason": "insufficient_poe"}]})


def speak(life: Life, by: Mapping[str, str], name: str, fields: Mapping[str, Any]) -> None:
    life.ids += 1
    content = {"id": f"m-{life.ids}", "by": by, **fields}
    life.say(name, content)
    if life.dice.random() < life.year.world.luck.says_it_twice:
        life.later(life.dice.choice([0, 1, 90]) * HOUR, 0, life.say, name, content)


def _soon(
    life: Life,
    within: timedelta,
    by: Mapping[str, str],
    name: str,
    after: timedelta = timedelta(),
    **fields: Any,
) -> None:
    life.later(after + life.dice.random() * within, 0, speak, life, by, name, fields)

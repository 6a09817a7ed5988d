"""Where the rows of the lifecycle table lead a claim: its status, its clocks, whom it tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cpor.rules import contacts, rivalry
from cpor.rules.bookkeeping import cross_off, note
from cpor.rules.deadlines import ClockName, Clocks
from cpor.rules.debt import Occurrence
from cpor.rules.doubts import is_objected, open_doubts
from cpor.rules.effects import consent, directory, hand_off, request
from cpor.rules.effects.enter import ask as ask_for_items
from cpor.rules.effects.notice import (
    announcements,
    forget_reminders,
    is_being_asked_about,
    of_an_approval,
    owe_notice,
    recipients_of,
)
from cpor.rules.facts import By
from cpor.rules.history import CLAIM_ITSELF
from cpor.rules.lifecycle import (
    BEGUN_BY_A_MAIL,
    GOES_ON,
    ONCE,
    Recipient,
    Row,
    Source,
    Status,
    Told,
    heard_in,
    lifecycle,
    rows_for,
)
from cpor.rules.state import State

IN_REVIEW = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTED)


def follow(
    claim: State,
    row: Row,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    by: By = CLAIM_ITSELF,
    at: datetime | None = None,
) -> None:
    """Go where the row of the table leads, and owe whom it tells.

    `at`: when it happened, where that is not now.
    """
    if (leads_to := way(claim, row)) is not None:
        enter(claim, leads_to, at or now)
    for told, audience in row.tells:
        recipients = recipients_of(claim, audience, by, facts or {})
        match told, audience:
            case "hand_off", "incentive engine":
                hand_off.owe_hand_off(claim, now)
            case "question", "directory":
                directory.ask(claim, now)
            case "consent", _:
                consent.begin(claim, recipients, now)
            case "info_requested", "partner":
                request.owe_request(claim, facts or {}, now)
            case _:
                for recipient in recipients:
                    if _concerns(claim, told, recipient):
                        owe_notice(claim, told, recipient, now, facts or {})


def happens(claim: State, occurrence: Occurrence, now: datetime) -> None:
    """Something that no person said: a clock ran out, a mail server answered."""
    row = row_of(claim, occurrence.hears, occurrence.source)
    if occurrence.text:
        changes = step(claim, row)
        text, sight = occurrence.text, occurrence.sight
        note(claim, occurrence.source, text, CLAIM_ITSELF, now, changes, sight)
    if row:
        cross_off(claim, *occurrence.takes_back)
        follow(claim, row, now, occurrence.facts)


def row_of(claim: State, hears: str, source: Source) -> Row | None:
    """The first row that hears this from there and whose proviso holds."""
    rows = rows_for(claim.status, hears)
    return next((row for row in rows if source in row.sources and _holds(claim, row)), None)


def possible(claim: State) -> Iterator[Row]:
    """What people may say now, and which of them."""
    editable = set(claim.editable)
    hopeless = {
        "edit": not editable - {"evidence"},
        **dict.fromkeys(("add_evidence", "withdraw_evidence"), "evidence" not in editable),
    }
    return (
        row for row in heard_in(claim.status) if _holds(claim, row) and not hopeless.get(row.hears)
    )


def way(claim: State, row: Row) -> Status | None:
    """Where it leads; what two editions see differently, the claim's own decides."""
    if len(row.becomes) > 1:
        return claim.rules_in_force.leads_to[row.hears]
    return row.becomes[0] if row.becomes else None


def step(claim: State, row: Row | None) -> dict[str, Any]:
    """The change of status, as the history keeps it."""
    leads_to = way(claim, row) if row else None
    return {"status": [claim.status.value, leads_to.value]} if leads_to else {}


def enter(claim: State, status: Status, now: datetime) -> None:
    before, claim.status = claim.status, status
    forget_reminders(claim)
    if is_being_asked_about(claim) and status not in IN_REVIEW:
        cross_off(claim, *announcements(claim))
    wanted = lifecycle().clocks[status]
    runs = wanted.runs if status is not Status.REJECTED or claim.is_disputable else ()
    for clock in claim.clocks.ledger:
        if clock.clock in wanted.stand_still and clock.state == "running":
            claim.clocks.pause(clock, now)
        elif clock.is_live and clock.clock not in runs + wanted.stand_still:
            clock.stop()
    for name in runs:
        _run(claim, name, before, now)
    if not runs and status in (Status.REJECTED, Status.REJECTED_FINAL):
        end(claim, now)
    if status is not Status.APPROVED:
        consent.end(claim)
    if before is Status.APPROVED:
        _leave_approval(claim, now)
    if status is Status.EDITING:
        _never_submitted(claim)


def end(claim: State, at: datetime) -> None:
    """Nothing more can happen."""
    claim.ended_at = at
    directory.forget(claim)


def _leave_approval(claim: State, now: datetime) -> None:
    """Nobody was told of an approval that is taken back, and nobody will be."""
    is_taken_back = claim.status in IN_REVIEW
    if is_taken_back or claim.is_untold:
        cross_off(claim, *of_an_approval(claim))
    claim.proof_unchecked = False
    if not is_taken_back:
        return
    if claim.awaits_award or claim.items.standing == "holds":
        ask_for_items(claim, now)
    claim.approved_at, claim.consent, claim.asked = None, "none", {}
    if claim.dispute is not None and claim.status is Status.DISPUTED:
        claim.dispute.decided = False


def _never_submitted(claim: State) -> None:
    """Back to the draft: the next submission is the first, with rules and days of its own."""
    claim.first_submitted_at = claim.submitted_at = claim.edition = claim.reviewer = None
    claim.clocks = Clocks()


def _run(claim: State, name: ClockName, before: Status, now: datetime) -> None:
    latest = claim.clocks.latest(name)
    if latest is not None and latest.state == "paused":
        claim.clocks.resume(latest, now)
        return
    rules = claim.rules_in_force
    if rules.windows[name] is None or (latest is not None and latest.is_live):
        return
    window = rules.window(name)
    if latest is not None and name in ONCE:
        return
    if latest is not None and name in GOES_ON and before is Status.PARTNER_ACTION:
        if any(each.is_live and each.window.side == window.side for each in claim.clocks.ledger):
            return
        window = window.model_copy(update={"amount": rules.late.review_after_answer})
    clock = claim.clocks.wait(name, window, rules.name)
    if name not in BEGUN_BY_A_MAIL:
        claim.clocks.start(clock, now)


def _concerns(claim: State, told: Told, recipient: Recipient) -> bool:
    """Contacts hear of it who were asked; of their no, who may be reached at all. Partners hear of
    other partners only."""
    if told == "contested":
        return bool(rivalry.others(claim))
    if recipient not in ("contact", "technical_contact"):
        return True
    if recipient in contacts.unconfirmed(claim):
        return False
    state = claim.asked[recipient].state if recipient in claim.asked else "owed"
    return state in ("under way", "accepted") or (told == "declined" and state == "owed")


def _holds(claim: State, row: Row) -> bool:
    """The row's proviso."""
    match row.provided:
        case "consent open":
            return claim.consent_is_open
        case "official":
            return claim.is_official
        case "no still counts":
            return claim.is_official and claim.rules_in_force.decline_after_consent
        case "handed off":
            return bool(claim.handed_over)
        case "disputable":
            return claim.may_be_disputed
        case "in dispute":
            return claim.in_dispute
        case "objected":
            return is_objected(claim)
        case "doubted":
            return bool(open_doubts(claim))
        case "unconfirmed":
            return bool(contacts.unconfirmed(claim))
        case "proof unchecked":
            return claim.proof_unchecked
        case "out of a dispute":
            return claim.dispute is not None
        case "dispute unchecked":
            return claim.proof_unchecked and claim.dispute is not None
        case "in conflict":
            return claim.is_in_conflict
        case "first submission":
            return directory.is_first_submission(claim)
        case "":
            return True

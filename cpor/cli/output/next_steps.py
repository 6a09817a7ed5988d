"""What is next for a claim: for whom, by when, why it stands still, and what may be said now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cpor.cli.output.words import in_time, instant
from cpor.rules.lifecycle import Status
from cpor.rules.views import ClaimView

WHAT_THEY_DO = {
    (Status.EDITING, "partner"): "the partner completes the draft and submits it",
    (Status.SUBMITTED, "reviewer"): "a reviewer begins to check the proof, or decides at once",
    (Status.UNDER_REVIEW, "reviewer"): "the reviewer decides, or asks for more",
    (Status.PARTNER_ACTION, "partner"): "the partner answers, by submitting again",
    (Status.APPROVED, "customer"): "the customer may say no; silence is consent",
    (Status.REJECTED, "partner"): "the partner may dispute the rejection",
    (Status.DISPUTED, "reviewer"): "a reviewer who has not decided before decides the dispute",
}
NO_COMMAND = "report_conflict"
"""`reconcile` says it, of many claims."""
HELD_BY_A_CONTACT = "a reviewer has to confirm the customer's contact: confirm-contact"
HELD_BY_A_DOUBT = "a reviewer has to answer a doubt: keep-association or end-association"
HELD_BY_A_REFUSAL = (
    "no notice has reached the customer: the partner corrects the contact "
    "(edit --set customer_contact.email=…), or an operator has it sent again (retry)"
)


def standing(known: ClaimView, now: datetime) -> str:
    """The status, who is waited for, and by when."""
    waiting = f", waiting for {known.waiting_for}" if known.waiting_for != "nobody" else ""
    overdue = ", overdue" if known.overdue else ""
    due = ""
    if known.deadline:
        due = f" by {instant(known.deadline)} ({in_time(known.deadline - now)})"
    return f"{known.status.value}{overdue}{waiting}{due}"


def next_steps(known: ClaimView) -> Iterator[str]:
    if known.consent == "held":
        yield f"held: {_why_held(known)}"
    elif step := WHAT_THEY_DO.get((known.status, known.waiting_for)):
        yield f"next: {step}"


def may_be_said(known: ClaimView) -> Iterator[str]:
    """The commands by role; people give them, systems have their own ways."""
    by_role: dict[str, dict[str, None]] = {}
    for each in known.possible:
        if each.message != NO_COMMAND:
            by_role.setdefault(each.role, {})[each.message.replace("_", "-")] = None
    by_role.pop("system", None)
    for role, commands in by_role.items():
        yield f"{role} may now: {', '.join(commands)}"


def _why_held(known: ClaimView) -> str:
    if any(doubt.answer is None for doubt in known.doubts):
        return HELD_BY_A_DOUBT
    return HELD_BY_A_CONTACT if known.unconfirmed else HELD_BY_A_REFUSAL

"""What operators read: one line, a page, the labels of timers. No person is named here.

The page is Markdown, and the engine's UI shows it as HTML. So all that a person typed, or
answered by some server, stands on it as a code span, in which no link, image or HTML can begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cpor.rules import contacts, proof_sheet, rivalry
from cpor.rules.characters import is_letter_or_digit, is_printable
from cpor.rules.contacts import WhyUnconfirmed
from cpor.rules.deadlines import Calendar, Clock, ClockName
from cpor.rules.debt import Debt, in_short
from cpor.rules.doubts import DoubtKind, open_doubts, stops_the_clock
from cpor.rules.errors import shortened
from cpor.rules.history import CLAIM_ITSELF, Entry
from cpor.rules.lifecycle import Status
from cpor.rules.messages import MESSAGES
from cpor.rules.proof import UNSIGNED, ProofMode
from cpor.rules.state import State
from cpor.rules.transitions import possible

_WHO_MUST: dict[ClockName, str] = {
    "wait_for_review": "a reviewer must start by",
    "review": "the reviewer must decide by",
    "overall": "a first decision is due by",
    "answer": "the partner must answer by",
    "consent": "the customer may decline until",
    "dispute": "the partner may dispute until",
    "dispute_answer": "a second reviewer must decide by",
}
_WHOSE_TIME: dict[ClockName, str] = {
    "wait_for_review": "the reviewers' time to start",
    "review": "the reviewer's time to decide",
    "overall": "the time for a first decision",
    "answer": "the partner's time to answer",
    "consent": "the customer's time to decline",
    "dispute": "the partner's time to dispute",
    "dispute_answer": "the second reviewer's time to decide",
}
_PROOFS: dict[ProofMode, str] = {
    "warn": "what is unsigned is taken and marked",
    "require": "what is unsigned is refused",
}
_WHY_UNCONFIRMED: dict[WhyUnconfirmed, str] = {
    "outside_domain": "outside the customer's domain",
    "changed": "changed since submission",
}
_DOUBT: dict[DoubtKind, str] = {
    "late_no": "a no of the customer after the time for it",
    "older_link": "a no by the link of an older notice",
    "directory": "the vendor's directory does not confirm the claim",
    "proof": "no proof is left",
}
_REVIEWERS_USUALLY_SEND = {
    "start_review": "",
    "approve": "",
    "request_info": ', "requests": [{"reason": "missing_or_old_dates", "note": "…"}]',
    "reject": ', "reasons": [{"reason": "insufficient_poe"}]',
}
"""What each says beside its sender."""
_TYPED = re.compile(r"('.*'|\".*\")(?= is (no message|not in the product catalogue))")
"""Where a refusal repeats what it could not take."""
NOT_ARRIVED = "no notice has arrived"
LAST_ENTRIES = 5
MOST_DEBTS = 8
MOST_RIVALS = 5
MOST_HOLIDAYS = 12
"""So much and no more: the UI asks for the page by an address that has all of it in it."""


def summary(claim: State) -> str:
    count = len(claim.products)
    return f"{claim.claim_id} · {claim.program} · {count} product{'s' if count != 1 else ''}"


def claimed(claim: State) -> str:
    """What a claim is about; kept in the engine's history, so no longer than that."""
    products = dict.fromkeys(product.name for product in claim.products)
    return f"{claim.activity} of {', '.join(products)}"


def label_of(clock: Clock, calendar: Calendar, reminders: Sequence[datetime] = ()) -> str:
    end = until(clock.end, calendar) if clock.end else ""
    next_reminder = f"; reminder {calendar.local(reminders[0]):%a %d %b}" if reminders else ""
    return f"{_WHO_MUST[clock.clock]} {end} ({_length(clock)}){next_reminder}"


def over(clock: Clock) -> str:
    return f"{_WHOSE_TIME[clock.clock]} is over ({clock.window})"


def unheard_label(at: datetime) -> str:
    return f"people are called {at:%a %d %b %Y %H:%M} UTC, if no notice has reached the customer"


def until(end: datetime, calendar: Calendar) -> str:
    """The last day where the end is the end of a day, else the minute."""
    if _ends_a_day(end, calendar):
        return _day(calendar.last_day_before(end))
    local = calendar.local(end)
    return f"{_day(local)} {local:%H:%M} {calendar.zone}"


@dataclass(frozen=True)
class EarlierRun:
    """The run that a claim goes on from, as the UI finds it."""

    namespace: str
    workflow_id: str
    run_id: str

    @property
    def link(self) -> str:
        place = f"/namespaces/{self.namespace}/workflows/{self.workflow_id}/{self.run_id}/history"
        return f"[`{self.run_id}`]({place})"


def details(claim: State, earlier_run: EarlierRun | None = None) -> str:
    """The claim at a glance, in Markdown: first how it stands, last what it is about."""
    overdue = ", **overdue**" if claim.is_overdue else ""
    parts = (
        (f"**{claim.status.value}**{overdue}, waiting for {claim.waiting_for}", _stand(claim)),
        ("**Owed**", _owed(claim.debts)),
        ("**Last refused signal**", _last_refused(claim)),
        ("**What may be sent now**", _may_be_sent(claim)),
        ("**To be pasted** (with your account in place of …)", _to_be_pasted(claim)),
        ("**Last entries**", map(_entry, claim.history[-LAST_ENTRIES:])),
        ("**What it is about**", _about(claim, earlier_run)),
    )
    # No empty line stands before a list: the UI would show three.
    listed = [[title, *(f"- {line}" for line in lines)] for title, lines in parts]
    return "\n\n".join("\n".join(part) for part in listed if len(part) > 1)


def quoted(words: str) -> str:
    """Words of a person or a server as a code span: short, on one line, without mail addresses."""
    printable = "".join(sign if is_printable(sign) else " " for sign in words.replace("`", "'"))
    one_line = re.sub(" +", " ", printable).strip(" ")
    return f"`{in_short(one_line) or '–'}`"


def _stand(claim: State) -> Iterator[str]:
    for clock in claim.clocks.running():
        yield _running(clock, claim.clocks.calendar_of(clock))
    for clock in claim.clocks.ledger:
        if clock.is_live and clock.state != "running":
            yield _standing(claim, clock)
    if claim.escalate_at is not None:
        yield unheard_label(claim.escalate_at)
    if claim.proofs != "off":
        yield f"proofs of who speaks: {_PROOFS[claim.proofs]}"
    yield f"reviewer: {quoted(claim.reviewer) if claim.reviewer else 'nobody yet'}"
    if claim.dispute is not None and claim.in_dispute and claim.dispute.not_by:
        yield f"who may not decide the dispute: {quoted(claim.dispute.not_by)}"
    if claim.late_since is not None:
        yield f"late since {_instant(claim.late_since)}"
    if claim.missed:
        yield f"reviewers' clocks that ran out: {claim.missed}"
    yield from _to_look_at(claim)
    if claim.status is Status.APPROVED:
        yield f"consent: {claim.consent}; eligibility: {claim.eligibility}"


def _to_look_at(claim: State) -> Iterator[str]:
    if claim.directory == "changed":
        yield "**vendor's directory: not confirmed since the change**"
    elif claim.directory == "not_confirmed":
        yield "**vendor's directory: not confirmed**"
    for who, why in contacts.unconfirmed(claim).items():
        reasons = " and ".join(_WHY_UNCONFIRMED[each] for each in why)
        yield f"**to be confirmed: the customer's {who.replace('_', ' ')}**, {reasons}"
    if claim.proof_unchecked:
        yield "the proof is being checked; nobody is told of the approval before"
    if found := proof_sheet.in_words(claim.evidence, claim.sheet):
        yield f"proof, by a program: {found}"
    if claim.awaits_award:
        yield "its items are being awarded; nobody is told of the approval before"
    yield from _rivals(claim)
    for doubt in open_doubts(claim):
        yield f"**to be answered: {_DOUBT[doubt.kind]}**, since {_instant(doubt.at)}"


def _rivals(claim: State) -> Iterator[str]:
    for each in claim.items.rivals[:MOST_RIVALS]:
        does = "**holds" if each.holds else "**asks for"
        of = "the same partner" if each.mpn_id == claim.partner.mpn_id else "another partner"
        products = ", ".join(rivalry.products_of(claim, each.items))
        yield f"`{each.claim_id}` of {of} {does} {products}** since {_instant(each.since)}"
    if more := len(claim.items.rivals[MOST_RIVALS:]) + claim.items.more_rivals:
        yield f"{more} other claims more about the same"
    for no in rivalry.noes(claim)[:1]:
        lacks = ", **and no proof is new**" if rivalry.lacks_new_proof(claim) else ""
        yield f"the customer said no to `{no.claim_id}` of this partner, {_instant(no.at)}{lacks}"


def _running(clock: Clock, calendar: Calendar) -> str:
    """Until when, in both zones, and the sum that leads there."""
    if clock.end is None or clock.started_at is None:
        raise AssertionError("a clock that runs has a start and an end")
    day_by_day = clock.window.unit == "business days"
    start = _day(calendar.local(clock.started_at)) if day_by_day else _instant(clock.started_at)
    why = "; ".join([f"{_length(clock)} from {start}", *_adjusted(clock)])
    return f"{_WHO_MUST[clock.clock]} {_in_both(clock.end, calendar)}: {why}"


def _in_both(end: datetime, calendar: Calendar) -> str:
    if _ends_a_day(end, calendar):
        there = f"the end of {_day(calendar.last_day_before(end))} in {calendar.zone}"
    else:
        local = calendar.local(end)
        there = f"{_day(local)} {local:%H:%M} in {calendar.zone}"
    return f"**{there}** = {_instant(end)}"


def _adjusted(clock: Clock) -> Iterator[str]:
    """What makes it end later than the plain count of days would."""
    holidays = [each for each in clock.skipped if each.why != f"{each.day:%A}"]
    named = [f"{each.day:%d %b} ({_plain(each.why)})" for each in holidays[:MOST_HOLIDAYS]]
    weekends = ["weekends"] if len(holidays) < len(clock.skipped) else []
    if listed := [*weekends, *named]:
        yield f"without {', '.join(listed)}"
    if len(holidays) > MOST_HOLIDAYS:
        yield f"{len(holidays) - MOST_HOLIDAYS} holidays more"
    if clock.pauses:
        last = clock.pauses[-1]
        times = f"{len(clock.pauses)} times, last " if len(clock.pauses) > 1 else ""
        went_on = _instant(last.until or last.since)
        yield f"stood still {times}from {_instant(last.since)} to {went_on}"
    if clock.promised is not None:
        yield f"not before {_instant(clock.promised)} as a mail promised"


def _plain(name: str) -> str:
    """A holiday as its calendar names it, without the signs of Markdown and HTML."""
    return "".join(
        sign for sign in shortened(name, 60) if is_letter_or_digit(sign) or sign in " '’.,-…"
    )


def _standing(claim: State, clock: Clock) -> str:
    whose = f"{_WHOSE_TIME[clock.clock]} ({_length(clock)})"
    match clock.state:
        case "waiting":
            return f"{whose} begins when a notice has arrived"
        case "held":
            why = "a reviewer has to answer a no" if stops_the_clock(claim) else NOT_ARRIVED
            return f"{whose} is held: {why}"
        case _:
            return f"{whose} stands still since {_instant(clock.pauses[-1].since)}"


def _owed(debts: Sequence[Debt[Any]]) -> Iterator[str]:
    gravest = sorted(debts, key=lambda debt: ("parked", "late", "owed").index(debt.state))
    for debt in gravest[:MOST_DEBTS]:
        state = "owed" if debt.state == "owed" else f"**{debt.state}**"
        rests = f", tried again {_instant(debt.paused_until)}" if debt.paused_until else ""
        answer = f": {quoted(debt.last_answer)}" if debt.last_answer else ""
        yield f"{debt.label}, {state} since {_instant(debt.since)}{rests}{answer}"
    if len(debts) > MOST_DEBTS:
        yield f"and {len(debts) - MOST_DEBTS} more"


def _last_refused(claim: State) -> Iterator[str]:
    """Without the part of the message that was refused: only its sender has to know it."""
    last = next((entry for entry in reversed(claim.history) if entry.what == "refused"), None)
    if last is None:
        return
    name = last.changes.get("message")
    text = _TYPED.sub("…", last.text.removeprefix(f"{name}: "))
    known = f" `{name}`" if name in MESSAGES else ""
    sender = "somebody" if last.by == CLAIM_ITSELF else _who(last)
    yield f"{_instant(last.at)} {sender}{known}: {quoted(text)}"
    if claim.unkept:
        yield f"{claim.unkept} more than there was room to keep"


def _may_be_sent(claim: State) -> Iterator[str]:
    may: dict[str, dict[str, None]] = {}
    for row in possible(claim):
        for role in row.roles:
            may.setdefault(role, {})[f"`{row.hears}`"] = None
    return (f"{role}: {', '.join(names)}" for role, names in may.items())


def _to_be_pasted(claim: State) -> Iterator[str]:
    reviewers = {row.hears for row in possible(claim) if "reviewer" in row.sources}
    by = '"by": {"role": "reviewer", "id": "…"}'
    for name, more in _REVIEWERS_USUALLY_SEND.items():
        if name in reviewers:
            yield f"`{name}`: `{{{by}{more}}}`"


def _about(claim: State, earlier_run: EarlierRun | None) -> Iterator[str]:
    """The engine drops a workflow's own summary and details when it goes on in a new run."""
    yield summary(claim)
    yield claimed(claim)
    yield f"partner {claim.partner.mpn_id} · tenant {claim.customer.tenant_id}"
    if earlier_run is not None:
        yield f"what came before is in the run {earlier_run.link} of this workflow"


def _entry(entry: Entry) -> str:
    became = entry.changes.get("status")
    status = f" → {became[1]}" if became else ""
    # Texts hold what people typed; only of a clock they are the claim's own.
    said = entry.text if entry.what == "clock" else f"`{entry.what}`"
    if entry.what == "edit":
        said = f"{said} {quoted(entry.text)}"
    return f"{_instant(entry.at)} {_who(entry)}: {said}{status}"


def _who(entry: Entry) -> str:
    if entry.by == CLAIM_ITSELF:
        return "the claim"
    is_ours = entry.by.role in ("reviewer", "operator")
    unsigned = " (unsigned)" if entry.signed_by == UNSIGNED else ""
    return entry.by.role + (f" {quoted(shortened(entry.by.id, 60))}" if is_ours else "") + unsigned


def _length(clock: Clock) -> str:
    return f"{clock.window} + {clock.extended}" if clock.extended else f"{clock.window}"


def _ends_a_day(end: datetime, calendar: Calendar) -> bool:
    """Where the clocks skip midnight, the next day begins at 01:00."""
    return calendar.start_of(calendar.day_of(end)) == end


def _instant(at: datetime) -> str:
    return f"{_day(at)} {at:%H:%M} UTC"


def _day(day: date) -> str:
    return f"{day:%a %d %b %Y}"

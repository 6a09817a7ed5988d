"""A claim decides everything and does nothing.

It never asks a clock and never talks to the world. Whoever drives it hands in messages (`take`,
`hear`), the passing of time (`tick`) and what came of its debts (`paid`), and reads off when it
wants to be woken (`agenda`) and what it owes (`debts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from claims import consent, decisions, editing, letters, page
from claims.debtor import Debtor
from claims.editions import edition
from claims.effects import (
    Debt,
    Payment,
    PinnedRules,
    PinQuestion,
)
from claims.errors import EditionError, Invalid, Problem, Refused, shortened
from claims.facts import By, Opening, Product
from claims.history import CLAIM_ITSELF, EVERYBODY, REVIEWERS
from claims.lifecycle import LIFECYCLE, Row, Status, heard_in, rows_for, runs_out
from claims.messages import Ground, Message, Receipt, Submit, digest_of, id_in, read, sender_in
from claims.state import Answer

KEPT = timedelta(days=30)
"""So long a parked mail of a claim that is over is kept for another try."""

ROOM = 512 * 1024
ROOM_FOR_TALK = 448 * 1024
"""The rest of the room is kept for decisions."""
TALK = ("edit", "add_evidence", "comment", "request_info")
ALWAYS_HEARD = ("approve", "withdraw", "decline", "retry")
"""They are short, and without them a claim whose room is used up could not end."""


@dataclass(frozen=True)
class Wake:
    """When the claim wants to be woken, and what for."""

    at: datetime
    label: str


class Claim(Debtor):
    # What is said to it

    @classmethod
    def open(cls, data: object, now: datetime) -> Claim:
        """A new claim from the start input, or `Invalid` with every problem there is."""
        opening = _read(data)
        claim = cls(
            claim_id=opening.claim_id,
            name=opening.name,
            program=opening.program,
            activity=opening.activity,
            partner=opening.partner,
            customer=opening.customer,
            products=[Product.of(named) for named in opening.products],
            asked_edition=opening.edition,
        )
        by = opening.by or By(role="partner", id=opening.partner.mpn_id)
        draft = f": {opening.comment}" if opening.comment and not opening.submit else ""
        claim.note("opened", f"opened the claim{draft}", by, now)
        editing.add_files(claim, opening.evidence, now)
        if opening.submit:
            submit = Submit(by=by, comment=opening.comment)
            claim._obey(submit, rows_for(claim.status, Submit.name)[0], now)
        return claim

    def check(self, name: str, payloads: Sequence[object]) -> None:
        """Raises what `take` would raise, and changes nothing."""
        if self._first_answer(name, payloads) is None:
            self._judge(name, payloads)

    def take(self, name: str, payloads: Sequence[object], now: datetime) -> Receipt:
        """Do as told and say so, or raise `Refused` and leave nothing behind."""
        if first := self._first_answer(name, payloads):
            return first
        message, row = self._judge(name, payloads)
        text = self._obey(message, row, now)
        self.settle(now)
        receipt = Receipt(
            id=message.id or self._next_id(),
            outcome="accepted",
            text=text,
            status=self.status,
            at=now,
        )
        return self._answer(receipt, digest_of(name, payloads))

    def hear(self, name: str, payloads: Sequence[object], now: datetime) -> Receipt:
        """Like `take`, but for senders who can't be answered: a refusal is kept in the history."""
        try:
            return self.take(name, payloads, now)
        except Refused as refusal:
            return self._keep_refusal(name, payloads, refusal, now)

    def cancellation_asked(self, now: datetime) -> None:
        """The engine's own cancel button would lose the claim: it is written down, no more."""
        text = "asked the engine to cancel; claims end by withdraw or reject"
        self.note("refused", text, CLAIM_ITSELF, now, {"code": "wrong_status"}, REVIEWERS)
        self.settle(now)

    def _first_answer(self, name: str, payloads: Sequence[object]) -> Receipt | None:
        """What this very message was answered before; another one under its id is refused."""
        known = self.receipts.get(id_in(payloads) or "")
        if known is None:
            return None
        if known.digest != digest_of(name, payloads):
            raise Invalid([Problem("id", "was used before for another message; use a new one")])
        first = known.receipt
        if first.code is not None:
            raise Refused(first.code, first.text)
        return first

    def _judge(self, name: str, payloads: Sequence[object]) -> tuple[Message, Row]:
        message = read(name, payloads)
        roles = {role for row in LIFECYCLE if row.hears == name for role in row.sources}
        if message.by.role not in roles:
            raise Refused(
                "wrong_role", f"{name} is for {' or '.join(sorted(roles))}, not {message.by.role}"
            )
        row = self._row_for(name)
        room = (ROOM_FOR_TALK if name in TALK else ROOM) - self.room_taken
        if name not in ALWAYS_HEARD and _room_wanted(message) > room:
            raise Refused(
                "too_much",
                "this claim has no room left for so much; say it shorter, decide or withdraw it",
            )
        decisions.check(self, message)
        return message, row

    def _row_for(self, name: str) -> Row:
        rows = rows_for(self.status, name)
        for row in rows:
            if self.holds(row):
                return row
        if name == "decline" and rows:
            raise Refused("too_late", "the time in which the customer may say no is over")
        possible = dict.fromkeys(
            f"{row.hears} ({' or '.join(row.sources)})"
            for row in heard_in(self.status)
            if self.holds(row)
        )
        raise Refused(
            "wrong_status",
            f"{name} is not possible in {self.status.value}; possible now: {', '.join(possible)}",
        )

    def _obey(self, message: Message, row: Row, now: datetime) -> str:
        before = self.status
        deed = decisions.do(self, message, now)
        if deed.text:
            self.note(message.name, deed.text, message.by, now, deed.changes, deed.sight)
        if deed.internal:
            self.note("comment", deed.internal, message.by, now, sight=REVIEWERS)
        if before is Status.SUBMITTED and row.becomes and message.by.role == "reviewer":
            self.enter(Status.UNDER_REVIEW, now)
        if deed.tells:
            self.follow(row, now, deed.facts, message.by)
        return deed.answer

    def _keep_refusal(
        self, name: str, payloads: Sequence[object], refusal: Refused, now: datetime
    ) -> Receipt:
        sent = id_in(payloads)
        if sent is not None and (known := self.receipts.get(sent)):
            if known.digest == digest_of(name, payloads):
                return known.receipt
            sent = None
        receipt = Receipt(
            id=sent or self._next_id(),
            outcome="refused",
            code=refusal.code,
            text=shortened(refusal.text, 1000),
            status=self.status,
            at=now,
        )
        if self.room_taken > ROOM_FOR_TALK:
            self.unkept += 1
            return receipt
        self.note(
            "refused",
            f"{shortened(name, 40)}: {receipt.text}",
            sender_in(payloads) or CLAIM_ITSELF,
            now,
            {"message": shortened(name, 40), "code": refusal.code, "id": receipt.id},
            REVIEWERS,
        )
        self.settle(now)
        return self._answer(receipt, digest_of(name, payloads))

    def _answer(self, receipt: Receipt, digest: str) -> Receipt:
        self.receipts[receipt.id] = Answer(receipt=receipt, digest=digest)
        self.room_taken += 300 + len(receipt.text.encode())
        return receipt

    def _next_id(self) -> str:
        self.unnamed += 1
        while (made := f"unnamed-{self.unnamed}") in self.receipts:
            self.unnamed += 1
        return made

    # What time does

    def agenda(self) -> Wake | None:
        """The next instant at which something happens by itself."""
        return min(self._entries(), key=lambda wake: wake.at, default=None)

    def _entries(self) -> list[Wake]:
        entries = [
            Wake(clock.end, page.label_of(clock, self.clocks.calendar_of(clock)))
            for clock in self.clocks.running()
            if clock.end is not None
        ]
        if self.escalate_at is not None:
            entries.append(Wake(self.escalate_at, page.unheard_label(self.escalate_at)))
        if self.ended_at is not None:
            entries.extend(
                Wake(debt.parked_at + KEPT, f"{debt.label} is given up")
                for debt in self.debts
                if debt.kind == "notice" and debt.parked_at is not None
            )
        return entries

    def tick(self, now: datetime) -> None:
        """Everything that was to happen until now, in its order."""
        for clock in self.clocks.running():
            if clock.end is None or clock.end > now or clock.state != "running":
                continue
            clock.run_out()
            self.note("clock", page.over(clock), CLAIM_ITSELF, now)
            if clock.clock == "answer":
                self.rejected_for([Ground(reason="no_partner_response")])
                self.note("reject", "rejected: no partner response", CLAIM_ITSELF, now)
            if clock.clock == "consent":
                self.consent, self.official_since = "lapsed", clock.end
                consent.end(self)
                self.note(
                    "official", "the association is official", CLAIM_ITSELF, now, sight=EVERYBODY
                )
            self.happens(runs_out(clock.clock), now, {"clock": clock.clock, "since": clock.end})
        if self.escalate_at is not None and self.escalate_at <= now:
            since, self.escalate_at = self.approved_at, None
            self.note("escalated", "no notice reached the customer in 30 days", CLAIM_ITSELF, now)
            self.happens("notice unheard", now, {"since": since})
        if self.ended_at is not None:
            for debt in [each for each in self.debts if each.kind == "notice"]:
                if debt.parked_at is not None and debt.parked_at + KEPT <= now:
                    self.cross_off(debt.id)
                    self.note("given_up", f"{debt.label} could not be sent", CLAIM_ITSELF, now)
        self.settle(now)

    # What it owes

    @property
    def pin_question(self) -> PinQuestion | None:
        """Asked once: which rules and working days hold from the first submission on."""
        if self.first_submitted_at is None or self.edition is not None:
            return None
        return PinQuestion(
            at=self.first_submitted_at,
            edition=self.asked_edition,
            partner_country=self.partner.country,
            customer_country=self.customer.country,
        )

    def pin(self, rules: PinnedRules) -> None:
        self.edition = rules.edition
        self.clocks.pin(rules.calendars, self.rules_in_force.windows, rules.edition)

    def payment(self, debt: Debt, run: str) -> Payment:
        """What the activity is given; `run` tells this claim from another of its id."""
        return letters.payment(self, debt, run)


def _room_wanted(message: Message) -> int:
    """What is said stands in the history twice, in words and as changes."""
    return 2 * len(message.model_dump_json(exclude_none=True).encode())


def _read(data: object) -> Opening:
    """Which editions there are, the facts don't know; that problem is named with the others."""
    unknown = _unknown_edition(data)
    try:
        opening = Opening.read(data)
    except Invalid as invalid:
        raise Invalid([*invalid.problems, *unknown]) from None
    if unknown:
        raise Invalid(unknown)
    return opening


def _unknown_edition(data: object) -> list[Problem]:
    asked = cast("dict[str, object]", data).get("edition") if isinstance(data, dict) else None
    if isinstance(asked, str):
        try:
            edition(asked.strip())
        except EditionError as error:
            return [Problem("edition", shortened(str(error)))]
    return []

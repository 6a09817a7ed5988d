"""A claim decides everything and does nothing.

It never asks a clock and never talks to the world. Whoever drives it hands in messages (`take`,
`hear`), the passing of time (`tick`) and what came of its debts (`paid`), and reads off when it
wants to be woken (`agenda`) and what it owes (`debts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import cast

from cpor.rules import consent, decline_ids, dispatch, editing, notice_facts
from cpor.rules.agenda import Timed
from cpor.rules.editions import edition
from cpor.rules.effects import Debt, Payment, PinnedRules, PinQuestion
from cpor.rules.errors import EditionError, Invalid, Problem, Refused, shortened
from cpor.rules.facts import RULES, By, Opening, Product, under
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS
from cpor.rules.lifecycle import LIFECYCLE, Row, Status, rows_for
from cpor.rules.messages import Decline, Message, Receipt, Submit, digest_of, id_in, read, sender_in
from cpor.rules.state import Answer

ROOM = 512 * 1024
ROOM_FOR_TALK = 448 * 1024
"""The rest of the room is kept for decisions."""
ROOM_FOR_REFUSALS = 128 * 1024
"""Beside the rest: what is refused takes no room from what is taken."""
LAST_ROOM = 1024 * 1024
TALK = ("edit", "add_evidence", "comment", "request_info")
ROOM_OF: Mapping[str, float] = {
    **dict.fromkeys(TALK, ROOM_FOR_TALK),
    # Rounds of these end some day, but nobody may be kept from them by what was said before.
    **dict.fromkeys(("submit", "retry", "bounced"), LAST_ROOM),
    # Without these, a claim whose room is used up could not end.
    **dict.fromkeys(("approve", "reject", "withdraw", "decline", "dispute", "disassociate"), inf),
}
HORIZON = timedelta(days=120)
"""No window is longer; so far ahead the working days must be known."""


class Claim(Timed):
    # What is said to it

    @classmethod
    def open(cls, data: object, now: datetime, rules: int = RULES) -> Claim:
        """A new claim from the start input, or `Invalid` with every problem there is."""
        opening = _read(data, rules)
        claim = cls(
            rules=rules,
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
        claim._check_opener(by)
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
        message = read(name, payloads, self.rules)
        decline_ids.check(message)
        roles = {role for row in LIFECYCLE if row.hears == name for role in row.sources}
        if message.by.role not in roles:
            raise Refused(
                "wrong_role", f"{name} is for {' or '.join(sorted(roles))}, not {message.by.role}"
            )
        row = self.row_of(name, message.by.role)
        if row is None:
            raise self._not_now(name)
        self._check_partner_role(name, message.by)
        used = self.room_taken + (self._room_of_debts if name in TALK else 0)
        if _room_wanted(message) > ROOM_OF.get(name, ROOM) - used:
            raise Refused(
                "too_much",
                "this claim has no room left for so much; say it shorter, decide or withdraw it",
            )
        dispatch.check(self, message)
        return message, row

    def _not_now(self, name: str) -> Refused:
        """Why no row of the table hears this, and what would be heard."""
        if name == "decline" and rows_for(self.status, name):
            return Refused("too_late", "the time in which the customer may say no is over")
        if name == "dispute" and self.in_dispute:
            return Refused("already_disputed", "a dispute is under way; a second reviewer decides")
        if name == "dispute" and self.ended_at is not None and not self.is_disputable:
            why = ", ".join(each.reason.replace("_", " ") for each in self.reasons)
            return Refused(
                "not_disputable",
                f"a rejection for this cannot be disputed: {why}; only a new claim can follow",
            )
        possible = dict.fromkeys(
            f"{row.hears} ({' or '.join(row.sources)})" for row in self.possible()
        )
        return Refused(
            "wrong_status",
            f"{name} is not possible in {self.status.value}; possible now: {', '.join(possible)}",
        )

    def _check_opener(self, by: By) -> None:
        if by.role != "partner":
            raise Refused("wrong_role", f"a claim is opened by its partner, not {by.role}")
        self._check_partner_role(Submit.name, by)

    def _check_partner_role(self, name: str, by: By) -> None:
        may = self.rules_in_force.partner_roles.may(name, self.status)
        if by.role == "partner" and by.partner_role and by.partner_role not in may:
            raise Refused(
                "wrong_role",
                f"{name} in {self.status.value} is for {' or '.join(may)}, not {by.partner_role}",
            )

    def _obey(self, message: Message, row: Row, now: datetime) -> str:
        before = self.status
        deed = dispatch.do(self, message, now)
        if deed.text:
            changes = {**self.step(row), **deed.changes}
            self.note(message.name, deed.text, message.by, now, changes, deed.sight)
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
        void = self._void_no(name, payloads, refusal)
        if decline_ids.is_one(sent) and not void:
            # Under it, the customer may yet say no.
            sent = None
        receipt = Receipt(
            id=sent or self._next_id(),
            outcome="refused",
            code=refusal.code,
            text=shortened(refusal.text, 1000),
            status=self.status,
            at=now,
        )
        if self.room_of_refusals > ROOM_FOR_REFUSALS:
            self.unkept += 1
            return receipt
        before = self.room_taken
        self.note(
            "refused",
            f"{shortened(name, 40)}: {receipt.text}",
            sender_in(payloads, self.rules) or CLAIM_ITSELF,
            now,
            {"message": shortened(name, 40), "code": refusal.code, "id": receipt.id, **void},
            REVIEWERS,
        )
        if void:
            over = self.row_of(Decline.name, "customer") is None
            self.happens(consent.VOID_NO, "older link", now, {"void": True, "over": over, **void})
        self._answer(receipt, digest_of(name, payloads))
        self.room_of_refusals += self.room_taken - before
        self.room_taken = before
        self.settle(now)
        return receipt

    def _void_no(
        self, name: str, payloads: Sequence[object], refusal: Refused
    ) -> Mapping[str, str | None]:
        """Refused for its link only: what was said, for the history and the reviewers."""
        if name != Decline.name or refusal.code != "too_late":
            return {}
        said = Decline.model_validate(payloads[0], context=under(self.rules))
        if said.notice_id is None or not consent.is_void(self, said.notice_id):
            return {}
        return {"notice_id": said.notice_id, "note": said.note}

    def _answer(self, receipt: Receipt, digest: str) -> Receipt:
        self.receipts[receipt.id] = Answer(receipt=receipt, digest=digest)
        self.room_taken += 300 + len(receipt.text.encode())
        return receipt

    def _next_id(self) -> str:
        self.unnamed += 1
        while (made := f"unnamed-{self.unnamed}") in self.receipts:
            self.unnamed += 1
        return made

    # What it owes

    def pin_question(self, now: datetime) -> PinQuestion | None:
        """Asked at first submission: which rules and days hold; and when the known days run out."""
        if self.first_submitted_at is None or self.ended_at is not None:
            return None
        known = self.clocks.calendars.known_through
        needed = max([now + HORIZON, *(each.end for each in self.clocks.running() if each.end)])
        if self.edition is not None and (known is None or needed.date() <= known):
            return None
        return PinQuestion(
            at=now if self.edition else self.first_submitted_at,
            edition=self.edition or self.asked_edition,
            partner_country=self.partner.country,
            customer_country=self.customer.country,
        )

    def pin(self, rules: PinnedRules, now: datetime) -> None:
        """What is pinned once stays; later answers only add the days that come after."""
        if self.edition is not None:
            return self.clocks.learn(rules.calendars)
        self.edition = rules.edition
        self.has_directory, self.has_portal = rules.directory, rules.portal
        self.reviewers_have_addresses = rules.reviewers
        self.clocks.pin(rules.calendars, self.rules_in_force.windows, rules.edition)
        if not rules.directory:
            self.ask_nobody(now)
        self.settle(now)

    @property
    def _room_of_debts(self) -> int:
        """What is kept of mails until they are paid."""
        return sum(debt.room for debt in self.debts)

    def payment(self, debt: Debt, run: str) -> Payment:
        """What the activity is given; `run` tells this claim from another of its id."""
        return notice_facts.payment(self, debt, run)


def _room_wanted(message: Message) -> int:
    """What is said stands in the history twice, in words and as changes."""
    return 2 * len(message.model_dump_json(exclude_none=True).encode())


def _read(data: object, rules: int) -> Opening:
    """Which editions there are, the facts don't know; that problem is named with the others."""
    unknown = _unknown_edition(data)
    try:
        opening = Opening.read(data, rules)
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

"""A claim decides everything and does nothing.

It never asks a clock and never talks to the world. The workflow hands in messages (`take`, `hear`),
the passing of time (`tick`) and what came of its debts (`paid`), and reads off when the claim wants
to be woken (`next_wake`) and what it owes (`state.payable`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from pydantic import BaseModel

from cpor.rules import (
    agenda,
    customer,
    debts,
    operator,
    own_ids,
    partner,
    pinning,
    receipts,
    reviewer,
    rivals,
    system,
    transitions,
)
from cpor.rules.action import Action
from cpor.rules.agenda import Wake
from cpor.rules.associations.accounts import Account
from cpor.rules.associations.telling import Heard, Telling
from cpor.rules.bookkeeping import note
from cpor.rules.characters import stripped
from cpor.rules.comment import check_comment, comment
from cpor.rules.editions import edition
from cpor.rules.effects import consent, request
from cpor.rules.effects.evidence import add_files
from cpor.rules.errors import EditionError, Invalid, Problem, Refused, shortened
from cpor.rules.facts import RULES, By, Opening, Product
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS
from cpor.rules.lifecycle import Row, Status, rows_for, senders_of
from cpor.rules.messages import Message, Receipt, Submit, read
from cpor.rules.pinning import PinnedRules, PinQuestion
from cpor.rules.proof import NO_PROOF, ProofMode, Verdict, unsigned
from cpor.rules.room import Room
from cpor.rules.state import State


class Claim:
    def __init__(self, state: State) -> None:
        self.state = state
        self.room = Room(state)

    @classmethod
    def open(
        cls,
        data: object,
        now: datetime,
        rules: int = RULES,
        proofs: ProofMode = "off",
        proof: Verdict | None = None,
    ) -> Claim:
        """A new claim from the start input, or `Invalid` with every problem there is.

        `proof`: what was found of its signature, unless `proofs` are off.
        """
        _check_proof(proofs, proof)
        opening = _read(data, rules)
        claim = State(
            rules=rules,
            claim_id=opening.claim_id,
            key=opening.key,
            name=opening.name,
            proofs=proofs,
            program=opening.program,
            activity=opening.activity,
            partner=opening.partner,
            customer=opening.customer,
            products=[Product.of(named) for named in opening.products],
            asked_edition=opening.edition,
        )
        by = opening.by or By(role="partner", id=opening.partner.mpn_id)
        if by.role != "partner":
            raise Refused("wrong_role", f"a claim is opened by its partner, not {by.role}")
        _check_partner_role(claim, Submit.name, by)
        draft = f": {opening.comment}" if opening.comment and not opening.submit else ""
        note(claim, "opened", f"opened the claim{draft}", by, now, proof=proof)
        add_files(claim, opening.evidence, now)
        if opening.submit:
            submit = Submit(by=by, comment=opening.comment)
            partner.check_submit(claim, submit)
            _obey(claim, submit, rows_for(claim.status, Submit.name)[0], now, proof)
        debts.settle(claim, now)
        return cls(claim)

    # Messages

    def check(self, name: str, payloads: Sequence[object], proof: Verdict | None = None) -> None:
        """Raises what `take` would raise, and changes nothing."""
        _check_proof(self.state.proofs, proof)
        if receipts.known(self.state, name, payloads) is None:
            self._judge(name, payloads)

    def take(
        self, name: str, payloads: Sequence[object], now: datetime, proof: Verdict | None = None
    ) -> Receipt:
        """Do what the message says and answer it, or raise `Refused` and leave nothing behind.

        `proof`: what was found of its signature, unless proofs are off.
        """
        _check_proof(self.state.proofs, proof)
        if first := receipts.known(self.state, name, payloads):
            return first
        message, row = self._judge(name, payloads)
        self.room.changed()
        text = _obey(self.state, message, row, now, proof)
        debts.settle(self.state, now)
        return receipts.accepted(self.state, name, payloads, text, now)

    def hear(
        self, name: str, payloads: Sequence[object], now: datetime, proof: Verdict | None = None
    ) -> Receipt:
        """Like `take`, but for senders who can't be answered: a refusal is kept in the history."""
        try:
            return self.take(name, payloads, now, proof)
        except Refused as refusal:
            return receipts.refused(self.state, self.room, name, payloads, refusal, now, proof)

    def cancellation_asked(self, now: datetime) -> None:
        """The engine's own cancel button would lose the claim: it is written down, no more."""
        text = "asked the engine to cancel; claims end by withdraw or reject"
        changes = {"code": "wrong_status"}
        self.room.changed()
        note(self.state, "refused", text, CLAIM_ITSELF, now, changes, REVIEWERS)
        debts.settle(self.state, now)

    def _judge(self, name: str, payloads: Sequence[object]) -> tuple[Message, Row]:
        """The message and the row of the table that hears it, or `Refused`."""
        claim = self.state
        message = read(name, payloads, claim.rules)
        own_ids.check_id(message)
        roles = senders_of(name)
        if message.by.role not in roles:
            text = f"{name} is for {' or '.join(roles)}, not {message.by.role}"
            raise Refused("wrong_role", text)
        row = transitions.row_of(claim, name, customer.source_of(claim, message))
        if row is None:
            raise _not_now(claim, name)
        _check_partner_role(claim, name, message.by)
        self.room.check(message, row)
        if check := _CHECKS.get(name):
            check(claim, message)
        return message, row

    # Time

    def next_wake(self) -> Wake | None:
        """The next instant at which something happens by itself."""
        return agenda.next_wake(self.state)

    @property
    def wakes_at(self) -> datetime | None:
        """The same instant alone."""
        return agenda.wakes_at(self.state)

    def tick(self, now: datetime) -> None:
        """Everything that was to happen until now, in its order."""
        self.room.changed()
        agenda.tick(self.state, now)

    # Debts

    def begin(self, debt: debts.AnyDebt, run: str) -> BaseModel:
        """A debt is paid now; returns what the activity is given."""
        self.room.changed()
        debt.begin(self.state)
        return debt.payment(self.state, run)

    def paid(self, debt_id: str, result: Any, now: datetime) -> None:
        self.room.changed()
        debts.paid(self.state, debt_id, result, now)

    def late(
        self, debt_id: str, answer: str, now: datetime, pause: timedelta | None = None
    ) -> None:
        """The first tries failed; slower ones go on, after the pause that was asked for."""
        self.room.changed()
        debts.late(self.state, debt_id, answer, now, pause)

    def park(self, debt_id: str, answer: str, now: datetime) -> None:
        """Refused for good: it waits for an operator's `retry`, unless it is wanted no more."""
        self.room.changed()
        debts.park(self.state, debt_id, answer, now)

    # The associations of its tenant

    def told(self, telling: Telling, now: datetime) -> Heard:
        """What others did about the same items."""
        self.room.changed()
        if occurrence := rivals.told(self.state, telling, now):
            transitions.happens(self.state, occurrence, now)
        debts.settle(self.state, now)
        return rivals.answer(self.state)

    def account(self, now: datetime) -> Account | None:
        """What it holds or asks for."""
        self.room.changed()
        return rivals.account(self.state, now)

    # Rules and days

    @property
    def awaits_rules(self) -> bool:
        """It was submitted, and does not know yet by which rules and days it is judged."""
        return pinning.awaits_rules(self.state)

    def pin_question(self, now: datetime) -> PinQuestion | None:
        """Which rules and days hold, where they are not known yet or no longer far enough."""
        return pinning.question(self.state, now)

    def pin(self, asked: PinQuestion, rules: PinnedRules, now: datetime) -> None:
        """The answer to what was asked. What clocks count by once stays."""
        self.room.changed()
        pinning.pin(self.state, asked, rules, now)


def _not_now(claim: State, name: str) -> Refused:
    """Why no row of the table hears this, and what would be heard."""
    if name == "dispute" and claim.in_dispute:
        return Refused("already_disputed", "a dispute is under way; a second reviewer decides")
    if name == "dispute" and claim.ended_at is not None and not claim.is_disputable:
        why = ", ".join(each.reason.replace("_", " ") for each in claim.reasons)
        return Refused(
            "not_disputable",
            f"a rejection for this cannot be disputed: {why}; only a new claim can follow",
        )
    possible = dict.fromkeys(
        f"{row.hears} ({' or '.join(row.roles)})" for row in transitions.possible(claim)
    )
    return Refused(
        "wrong_status",
        f"{name} is not possible in {claim.status.value}; possible now: {', '.join(possible)}",
    )


def _check_partner_role(claim: State, name: str, by: By) -> None:
    may = claim.rules_in_force.partner_roles.may(name, claim.status)
    if by.role == "partner" and by.partner_role and by.partner_role not in may:
        raise Refused(
            "wrong_role",
            f"{name} in {claim.status.value} is for {' or '.join(may)}, not {by.partner_role}",
        )


def _check_proof(mode: ProofMode, proof: Verdict | None) -> None:
    if mode == "require" and (proof is None or proof.key is None):
        raise unsigned(proof or NO_PROOF)


def _obey(claim: State, message: Message, row: Row, now: datetime, proof: Verdict | None) -> str:
    before, had_to_confirm = claim.status, claim.must_confirm_contacts
    action = _ACTIONS[message.name](claim, message, now)
    if action.text:
        changes = {**transitions.step(claim, row), **action.changes}
        note(claim, message.name, action.text, message.by, now, changes, action.sight, proof)
    if action.internal:
        note(claim, "comment", action.internal, message.by, now, sight=REVIEWERS, proof=proof)
    if before is Status.SUBMITTED and row.becomes and message.by.role == "reviewer":
        transitions.enter(claim, Status.UNDER_REVIEW, now)
    if action.follows:
        transitions.follow(claim, row, now, action.facts, message.by)
    if message.by.role == "partner":
        request.partner_seen(claim, now)
    if claim.must_confirm_contacts and not had_to_confirm:
        transitions.happens(claim, consent.unconfirmed(claim), now)
    return action.answer


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
            edition(stripped(asked))
        except EditionError as error:
            return [Problem("edition", shortened(str(error)))]
    return []


_CHECKS: Mapping[str, Callable[[State, Any], None]] = {
    "edit": partner.check_edit,
    "add_evidence": partner.check_add_evidence,
    "withdraw_evidence": partner.check_withdraw_evidence,
    "submit": partner.check_submit,
    "dispute": partner.check_dispute,
    "comment": check_comment,
    "start_review": reviewer.check_start_review,
    "request_info": reviewer.check_request_info,
    "approve": reviewer.check_approve,
    "reject": reviewer.check_reject,
    "confirm_contact": reviewer.check_confirm_contact,
    "decline": customer.check_decline,
    "assign": operator.check_assign,
    "extend": operator.check_extend,
    "bounced": system.check_bounced,
}
"""Each raises `Refused` and changes nothing; the others are checked by table and shape alone."""
_ACTIONS: Mapping[str, Callable[[State, Any, datetime], Action]] = {
    "edit": partner.edit,
    "add_evidence": partner.add_evidence,
    "withdraw_evidence": partner.withdraw_evidence,
    "submit": partner.submit,
    "withdraw": partner.withdraw,
    "dispute": partner.dispute,
    "disassociate": partner.disassociate,
    "comment": comment,
    "start_review": reviewer.start_review,
    "request_info": reviewer.request_info,
    "approve": reviewer.approve,
    "reject": reviewer.reject,
    "confirm_contact": reviewer.confirm_contact,
    "end_association": reviewer.end_association,
    "keep_association": reviewer.keep_association,
    "decline": customer.decline,
    "assign": operator.assign,
    "extend": operator.extend,
    "retry": operator.retry,
    "report_conflict": operator.report_conflict,
    "resolve_conflict": operator.resolve_conflict,
    "bounced": system.bounced,
    "eligibility_result": system.eligibility_result,
}
"""Each changes the claim's data; status, clocks and notices follow from the lifecycle table."""

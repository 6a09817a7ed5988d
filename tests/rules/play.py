"""Plays a claim by hand: opens it, tells it things, pays what it owes, lets time pass.

After every step the claim is dumped, loaded and compared, and the play goes on with the loaded one.
So whatever a test shows, it shows of a claim that can be put away and taken up at any moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from cpor.rules.associations.associations import Associations
from cpor.rules.associations.state import News
from cpor.rules.associations.telling import Called, Heard, Telling
from cpor.rules.claim import Claim
from cpor.rules.deadlines import Calendars, Clock, ClockName
from cpor.rules.debts import AnyDebt
from cpor.rules.editions import BASE
from cpor.rules.effects.directory import DirectoryQuestion, DirectoryResult
from cpor.rules.effects.events import Event, EventResult
from cpor.rules.effects.evidence import Seal, SealResult
from cpor.rules.effects.look import Look
from cpor.rules.effects.notice import Notice, NoticeDebt, NoticeResult, digest_of_token
from cpor.rules.effects.record import Record, RecordResult
from cpor.rules.errors import Code, Refused
from cpor.rules.facts import FileState
from cpor.rules.history import Entry
from cpor.rules.messages import Receipt
from cpor.rules.pinning import PinnedRules
from cpor.rules.state import State
from tests.examples import (
    CUSTOMER,
    OPERATOR,
    PARTNER,
    PROOF_SHA256,
    REVIEWER,
    SYSTEM,
    dynamics_opening,
    opening,
)
from tests.rules.looks import looked

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)
THURSDAY = MONDAY + timedelta(days=3)
FRIDAY = MONDAY + timedelta(days=4)
NEXT_MONDAY = MONDAY + timedelta(days=7)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

TOKEN = "the-token-in-our-mails"
"""Each mail of a real claim has its own."""
DIGEST = digest_of_token(TOKEN)

SAYS = {
    "edit": PARTNER,
    "add_evidence": PARTNER,
    "withdraw_evidence": PARTNER,
    "comment": PARTNER,
    "submit": PARTNER,
    "withdraw": PARTNER,
    "start_review": REVIEWER,
    "request_info": REVIEWER,
    "approve": REVIEWER,
    "reject": REVIEWER,
    "confirm_contact": REVIEWER,
    "end_association": REVIEWER,
    "keep_association": REVIEWER,
    "decline": CUSTOMER,
    "dispute": PARTNER,
    "disassociate": PARTNER,
    "assign": OPERATOR,
    "extend": OPERATOR,
    "retry": OPERATOR,
    "report_conflict": OPERATOR,
    "resolve_conflict": OPERATOR,
    "bounced": SYSTEM,
    "eligibility_result": SYSTEM,
}
"""Who usually says what."""

NEEDS: dict[str, dict[str, Any]] = {
    "edit": {"changes": {"mpn_id": "7654321"}},
    "add_evidence": {
        "evidence": [
            {"sha256": "b" * 64, "name": "mail.eml", "media_type": "message/rfc822", "size": 7}
        ]
    },
    "withdraw_evidence": {"evidence": [PROOF_SHA256]},
    "comment": {"text": "Page 3 names the product."},
    "request_info": {"requests": [{"reason": "missing_all_poe"}]},
    "reject": {"reasons": [{"reason": "insufficient_poe"}]},
    "withdraw": {"reason": "wrong_customer"},
    "dispute": {"justification": "Page 3 names the product."},
    "disassociate": {"reason": "We no longer work together."},
    "confirm_contact": {"contact": "contact", "seen": 1000},
    "end_association": {"reason": "The customer is right."},
    "keep_association": {"reason": "The contract names the partner."},
    "assign": {"reviewer": "lee"},
    "extend": {"business_days": 3, "why": "Public holiday at the customer's."},
    "report_conflict": {"text": "version 1 of the record", "found": ["a" * 64]},
    "resolve_conflict": {"why": "The record is of a test."},
    "bounced": {
        "notice_id": "CPOR-7Q2M4X.submitted.1.partner",
        "token": TOKEN,
        "detail": "550 no such mailbox",
    },
    "eligibility_result": {"outcome": "eligible"},
}
"""What a message says when a test does not care."""


SECOND = {"role": "reviewer", "id": "lee"}

NO = "The domain contoso.example does not belong to the tenant."
"""What a directory says that does not confirm a claim."""


def midnight_after(day: datetime) -> datetime:
    return day.replace(hour=0, minute=0) + DAY


def said(name: str, by: Mapping[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    token = {"token": TOKEN} if name == "bounced" else {}
    return {"by": dict(by or SAYS[name]), **token, **(fields or NEEDS.get(name, {}))}


def fields_of(refusal: Refused) -> dict[str, str]:
    """What was wrong, by field."""
    return {problem.field: problem.text for problem in getattr(refusal, "problems", ())}


class Play:
    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        now: datetime = MONDAY,
        calendars: Calendars | None = None,
        directory: bool = False,
        portal: bool = False,
        associations: Associations | None = None,
        looks: bool = False,
    ) -> None:
        self.now = now
        self.calendars = calendars or Calendars()
        self.associations = associations
        one_holder = associations is not None
        self.here = {
            "directory": directory,
            "portal": portal,
            "one_holder": one_holder,
            "looks": looks,
        }
        self.claim = Claim.open(dict(data or opening()), now)
        self.paid: list[BaseModel] = []
        self._put_away_and_taken_up()

    # What is said

    def tell(self, name: str, by: Mapping[str, str] | None = None, **fields: Any) -> Receipt:
        return self.take(name, said(name, by, **fields))

    def take(self, name: str, *payloads: object) -> Receipt:
        self.claim.check(name, payloads)
        receipt = self.claim.take(name, payloads, self.now)
        self._put_away_and_taken_up()
        return receipt

    def hear(self, name: str, *payloads: object) -> Receipt:
        receipt = self.claim.hear(name, payloads, self.now)
        self._put_away_and_taken_up()
        return receipt

    def refuses(
        self, code: Code, name: str, by: Mapping[str, str] | None = None, **fields: Any
    ) -> Refused:
        return self.refuses_payloads(code, name, said(name, by, **fields))

    def refuses_payloads(self, code: Code, name: str, *payloads: object) -> Refused:
        """A refusal with this code that leaves nothing behind."""
        before = self.claim.state.model_dump_json()
        with pytest.raises(Refused) as checked:
            self.claim.check(name, payloads)
        with pytest.raises(Refused) as refused:
            self.claim.take(name, payloads, self.now)
        assert self.claim.state.model_dump_json() == before
        assert (refused.value.code, refused.value.text) == (checked.value.code, checked.value.text)
        assert refused.value.code == code, refused.value.text
        return refused.value

    def confirm(self, contact: str = "contact") -> Receipt:
        """A reviewer has looked at the contact as it stands."""
        return self.tell("confirm_contact", contact=contact, seen=len(self.claim.state.history))

    # What is paid

    def pay(
        self, *kinds: str, refused: Collection[str] = (), printed_end: datetime | None = None
    ) -> list[Notice]:
        """Pays what is owed, all or only notices and effects of these kinds; the mails sent.

        Notices to, and effects that are, one of `refused` are refused for good.
        """
        sent: list[Notice] = []
        while debts := [debt for debt in self.claim.state.payable if _is_due(debt, kinds)]:
            for debt in (self.claim.state.debt(each.id) for each in debts):
                if debt is None:  # crossed off by what was paid before it
                    continue
                payment = self.claim.begin(debt, "run-1")
                self.paid.append(payment)
                if isinstance(payment, Notice):
                    sent.append(payment)
                no = (recipient_of(debt) or debt.kind) in refused
                self.answer(debt, self._result(payment, no, printed_end))
        return sent

    def answer(self, debt: AnyDebt, result: BaseModel) -> None:
        self.claim.paid(debt.id, result, self.now)
        self._put_away_and_taken_up()

    def accepted(self, debt: AnyDebt, printed_end: datetime | None = None) -> None:
        self.answer(
            debt,
            NoticeResult(
                outcome="accepted", at=self.now, printed_end=printed_end, token_digest=DIGEST
            ),
        )

    def bounced(self, debt: AnyDebt, detail: str = "550 no such mailbox") -> None:
        self.answer(debt, NoticeResult(outcome="refused", at=self.now, detail=detail))

    def sealed(self, **states: FileState) -> None:
        """The store has looked at all files; named by the stem of their name."""
        for debt in self.debts("seal"):
            files = {file.sha256: file for file in self.claim.state.evidence}
            found: dict[str, FileState] = {
                sha256: states.get(files[sha256].name.partition(".")[0], "sealed")
                for sha256 in debt.facts.files
            }
            self.answer(debt, SealResult(states=found))

    def debts(self, what: str, recipient: str | None = None) -> list[Any]:
        return [
            debt
            for debt in self.claim.state.debts
            if what in (debt.kind, notice_of(debt)) and recipient in (None, recipient_of(debt))
        ]

    def debt(self, what: str, recipient: str | None = None) -> Any:
        (found,) = self.debts(what, recipient)
        return found

    def told(self, news: News) -> Heard:
        assert self.associations is not None
        tenant_id = self.associations.state.tenant_id
        picture = self.associations.picture(news.to)
        heard = self.claim.told(Telling(tenant_id=tenant_id, news=news, picture=picture), self.now)
        self._put_away_and_taken_up()
        return heard

    def park(self, debt: AnyDebt, answer: str = "refused for good") -> None:
        self.claim.park(debt.id, answer, self.now)
        self._put_away_and_taken_up()

    def _result(self, payment: object, no: bool, printed_end: datetime | None) -> BaseModel:
        match payment:
            case Notice():
                return NoticeResult(
                    outcome="refused" if no else "accepted",
                    at=self.now,
                    detail="550 no such mailbox" if no else "",
                    printed_end=printed_end if payment.promise else None,
                    token_digest="" if no else DIGEST,
                )
            case Seal():
                return SealResult(states={file.sha256: "sealed" for file in payment.files})
            case Look():
                return looked([file.sha256 for file in payment.files], well=not no)
            case DirectoryQuestion():
                outcome = "refused" if no else "confirmed"
                return DirectoryResult(outcome=outcome, at=self.now, problems=[NO] if no else [])
            case Called():
                assert self.associations is not None
                return self.associations.take(payment.call.name, [payment.call.model_dump()])
            case Event():
                return EventResult(outcome="refused" if no else "taken", at=self.now)
            case Record():
                return RecordResult(outcome="refused" if no else "kept", at=self.now)
            case _:
                raise AssertionError(payment)

    # What time does

    def wait(self, until: datetime) -> list[Notice]:
        """Lets time pass, pays on the way, and returns the mails that were sent."""
        sent: list[Notice] = []
        while (wake := self.claim.next_wake()) and wake.at <= until:
            self.now = max(wake.at, self.now)
            self.tick()
            sent += self.pay()
        self.now = until
        return sent

    def tick(self) -> None:
        self.claim.tick(self.now)
        self._put_away_and_taken_up()

    # What is read

    def clock(self, name: ClockName) -> Clock:
        found = self.claim.state.clocks.latest(name)
        assert found is not None
        return found

    @property
    def last(self) -> Entry:
        return self.claim.state.history[-1]

    def entries(self, what: str) -> list[Entry]:
        return [entry for entry in self.claim.state.history if entry.what == what]

    def _put_away_and_taken_up(self) -> None:
        if question := self.claim.pin_question(self.now):
            edition = question.edition or BASE
            rules = PinnedRules(edition=edition, calendars=self.calendars, **self.here)
            self.claim.pin(question, rules, self.now)
        loaded = Claim(State.model_validate_json(self.claim.state.model_dump_json()))
        assert loaded.state == self.claim.state
        self.claim = loaded


def notice_of(debt: AnyDebt) -> str | None:
    """Which mail it is, where it is one."""
    return debt.notice if isinstance(debt, NoticeDebt) else None


def recipient_of(debt: AnyDebt) -> str | None:
    return debt.recipient if isinstance(debt, NoticeDebt) else None


def _is_due(debt: AnyDebt, kinds: Sequence[str]) -> bool:
    return debt.state != "parked" and (not kinds or debt.kind in kinds or notice_of(debt) in kinds)


def kinds(sent: Sequence[Notice]) -> list[str]:
    return sorted(f"{notice.kind} → {notice.recipient}" for notice in sent)


# Claims that are so far


def draft(**changes: Any) -> Play:
    return Play(opening(submit=False, **changes))


def submitted(**changes: Any) -> Play:
    play = Play(opening(**changes))
    play.pay()
    return play


def under_review(**changes: Any) -> Play:
    play = submitted(**changes)
    play.tell("start_review")
    play.pay()
    return play


def asked(**changes: Any) -> Play:
    play = under_review(**changes)
    play.tell("request_info")
    play.pay()
    return play


def approved(**changes: Any) -> Play:
    """Approved, and the customer has not been told yet."""
    play = under_review(**changes)
    play.tell("approve")
    play.pay("approved")
    return play


def dynamics_approved(**changes: Any) -> Play:
    """Approved; both contacts of the customer are to be told."""
    play = Play(dynamics_opening(**changes))
    play.pay()
    play.tell("approve")
    play.pay("approved")
    return play


def consent_running(**changes: Any) -> Play:
    play = approved(**changes)
    play.pay()
    return play


def held(**changes: Any) -> Play:
    play = approved(**changes)
    play.pay(refused=["contact"])
    return play


def window_over(play: Play) -> Play:
    """The customer's time has passed in silence."""
    play.now = play.clock("consent").end or play.now
    play.tick()
    return play


def lapsed(**changes: Any) -> Play:
    """Official; the hand-off is owed."""
    return window_over(consent_running(**changes))


def handed_off(**changes: Any) -> Play:
    play = lapsed(**changes)
    play.pay()
    return play


def in_conflict(play: Play) -> Play:
    """The store knows something that the claim does not."""
    play.tell("report_conflict")
    return play


def rejected(**changes: Any) -> Play:
    """Rejected by Kim; the partner may dispute."""
    play = under_review(**changes)
    play.tell("reject")
    play.pay()
    return play


def withdrawn(**changes: Any) -> Play:
    """Over; the notice and the record are owed."""
    play = under_review(**changes)
    play.tell("withdraw")
    return play


def disputed(**changes: Any) -> Play:
    """Rejected by Kim, and disputed."""
    play = rejected(**changes)
    play.tell("dispute")
    play.pay()
    return play


def asked_in_dispute(**changes: Any) -> Play:
    play = disputed(**changes)
    play.tell("request_info", by=SECOND, requests=[{"reason": "missing_all_poe"}])
    play.pay()
    return play


def lost(**changes: Any) -> Play:
    """The second reviewer says no, too."""
    play = disputed(**changes)
    play.tell("reject", by=SECOND, **NEEDS["reject"])
    return play


def declined(**changes: Any) -> Play:
    """The customer said no; the notices and the record are owed."""
    play = consent_running(**changes)
    play.tell("decline")
    return play

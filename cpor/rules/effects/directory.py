"""What the vendor's directory says of a submission, and what follows from a plain no.

Nothing waits for it but the notices of this submission. Its no takes a first submission back to the
draft it was; to an answer it is one more question to the partner, with a full window.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from cpor.rules.bookkeeping import cross_off, next_id, note, owe
from cpor.rules.debt import Debt, Occurrence, in_short
from cpor.rules.doubts import Doubt, others
from cpor.rules.effects.notice import announcements
from cpor.rules.errors import shortened
from cpor.rules.facts import Activity, Instant, Product, Program
from cpor.rules.history import CLAIM_ITSELF, Question
from cpor.rules.lifecycle import Row, Status, rows_for
from cpor.rules.places import ListedPlace, Party
from cpor.rules.state import State

SAYS_NO = "directory says no"
ASKED_ABOUT = frozenset({"mpn_id", "products", "program", "activity", "customer"})
"""The fields that the question is made of."""
UNEXPLAINED = "The vendor's directory does not confirm this claim."


class DirectoryQuestion(BaseModel):
    """What the activity is given: facts that only the vendor's directory can confirm."""

    id: str
    claim_id: str
    program: Program
    activity: Activity
    mpn_id: str
    tenant_id: str
    domain: str
    products: list[Product]


class DirectoryResult(BaseModel):
    """`problems` says in the directory's own words why not; `detail` why nothing was learned."""

    outcome: Literal["confirmed", "refused", "not checked"]
    at: Instant
    problems: list[str] = []
    detail: str = ""
    mpn_id: str | None = None
    partner_name: str | None = None
    """Of this MPN ID, where the directory gives one."""
    places: dict[Party, ListedPlace] = {}
    """Of partner and customer, where it gives them."""


class DirectoryDebt(Debt[DirectoryResult]):
    activity = "ask_directory"
    result_type: ClassVar[type[BaseModel]] = DirectoryResult
    holds_back_announcements = True

    kind: Literal["directory"] = "directory"

    @property
    def label(self) -> str:
        return "vendor's directory: ask"

    def payment(self, claim: State, run: str) -> DirectoryQuestion:
        return DirectoryQuestion(
            id=self.id,
            claim_id=claim.claim_id,
            program=claim.program,
            activity=claim.activity,
            mpn_id=claim.partner.mpn_id,
            tenant_id=claim.customer.tenant_id,
            domain=claim.customer.domain,
            products=claim.products,
        )

    def paid(self, claim: State, result: DirectoryResult, now: datetime) -> Occurrence | None:
        cross_off(claim, self)
        if result.mpn_id == claim.partner.mpn_id:
            claim.listed_name, claim.listed_places = result.partner_name, dict(result.places)
        match result.outcome:
            case "confirmed":
                claim.directory = "confirmed"
                _note(claim, "confirmed by the vendor's directory", now)
            case "not checked":
                claim.directory = "not_checked"
                _note(claim, f"not checked: {in_short(result.detail)}", now)
            case "refused":
                claim.directory = "not_confirmed"
                problems = [shortened(each, 300) for each in result.problems]
                return self._refused(claim, problems, now)
        return None

    def _refused(self, claim: State, problems: list[str], now: datetime) -> Occurrence:
        said = "; ".join(problems or [UNEXPLAINED])
        row = _row(claim)
        if row is None:
            return Occurrence(SAYS_NO, "directory", text=f"not confirmed: {said}")
        since = claim.submitted_at or self.since
        untold = [each for each in announcements(claim) if each.since >= since]
        facts: dict[str, Any] = {"problems": problems or [UNEXPLAINED]}
        if not row.becomes:
            claim.doubts.append(Doubt(kind="directory", at=now, note=shortened(said, 1000)))
            facts = {**others(claim)}
        elif Status.PARTNER_ACTION in row.becomes:
            claim.requests = [Question(reason="other", note=shortened(said, 1000))]
            facts = {"requests": [each.model_dump() for each in claim.requests]}
        said = f"not confirmed: {said}"
        return Occurrence(SAYS_NO, "directory", facts, said, takes_back=untold)


def ask(claim: State, now: datetime) -> None:
    """About the claim as it stands. Whether there is one is known once the rules are pinned."""
    forget(claim)
    if claim.directory != "changed":
        claim.directory = "asked"
    owe(claim, DirectoryDebt(id=next_id(claim, "directory"), since=now))
    if claim.edition is not None and not claim.has_directory:
        ask_nobody(claim, now)


def edited(claim: State, fields: Collection[str], now: datetime) -> None:
    """What it was asked about is something else now: its answer would be about nothing."""
    if claim.first_submitted_at is None or ASKED_ABOUT.isdisjoint(fields):
        return
    if claim.edition is None or claim.has_directory:
        claim.directory = "changed"
        if claim.status is Status.PARTNER_ACTION:
            forget(claim)  # it is asked when the partner submits
        else:
            ask(claim, now)


def ask_nobody(claim: State, now: datetime) -> None:
    if _waiting(claim):
        forget(claim)
        claim.directory = "not_checked"
        _note(claim, "not checked: no directory is set", now)


def forget(claim: State) -> None:
    """What the directory would say is of no use any more."""
    cross_off(claim, *_waiting(claim))


def is_first_submission(claim: State) -> bool:
    """Nobody has asked for more yet, and the reviewers have not been told."""
    untold = any(debt.notice == "to_review" and not debt.begun for debt in announcements(claim))
    return claim.clocks.latest("answer") is None and untold


def _row(claim: State) -> Row | None:
    """The row that hears the no."""
    first = is_first_submission(claim)
    rows = rows_for(claim.status, SAYS_NO)
    return next((row for row in rows if first or row.provided != "first submission"), None)


def _waiting(claim: State) -> list[DirectoryDebt]:
    return [debt for debt in claim.debts if isinstance(debt, DirectoryDebt)]


def _note(claim: State, text: str, now: datetime) -> None:
    note(claim, "directory", text, CLAIM_ITSELF, now)

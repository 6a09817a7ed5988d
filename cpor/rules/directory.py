"""What the vendor's directory says of a submission, and what comes of a plain no.

Nobody waits for it but the notices of this submission. Its no takes a first submission back to the
draft it was; to an answer it is one more question to the partner, with a full window.
"""

from __future__ import annotations

from datetime import datetime

from cpor.rules.deadlines import Clocks
from cpor.rules.effects import Debt, DirectoryResult, in_short
from cpor.rules.errors import shortened
from cpor.rules.history import CLAIM_ITSELF, Question
from cpor.rules.lifecycle import Status
from cpor.rules.transitions import Course

SAYS_NO = "directory says no"
UNEXPLAINED = "The vendor's directory does not confirm this claim."


def answered(claim: Course, debt: Debt, result: DirectoryResult, now: datetime) -> None:
    match result.outcome:
        case "confirmed":
            claim.note("directory", "confirmed by the vendor's directory", CLAIM_ITSELF, now)
        case "not checked":
            detail = in_short(result.detail)
            claim.note("directory", f"not checked: {detail}", CLAIM_ITSELF, now)
        case "refused":
            _refused(claim, debt, [shortened(each, 300) for each in result.problems], now)


def _refused(claim: Course, debt: Debt, problems: list[str], now: datetime) -> None:
    said = "; ".join(problems or [UNEXPLAINED])
    row = claim.row_of(SAYS_NO, "directory")
    claim.note("directory", f"not confirmed: {said}", CLAIM_ITSELF, now, claim.step(row))
    if row is None:
        return
    _take_back_notices(claim, debt)
    if Status.EDITING in row.becomes:
        claim.follow(row, now, {"problems": problems or [UNEXPLAINED]})
        _never_submitted(claim)
    else:
        claim.requests = [Question(reason="other", note=shortened(said, 1000))]
        claim.follow(row, now, {"requests": [each.model_dump() for each in claim.requests]})


def _take_back_notices(claim: Course, asked: Debt) -> None:
    for debt in claim.debts:
        if debt.notice in ("submitted", "to_review") and debt.since >= asked.since:
            claim.cross_off(debt.id)


def _never_submitted(claim: Course) -> None:
    """The next submission is the first one, with rules and days of its own."""
    claim.first_submitted_at = claim.submitted_at = claim.edition = claim.reviewer = None
    claim.clocks = Clocks()

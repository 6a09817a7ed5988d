"""What is counted while a year is played."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cpor.rules.lifecycle import Status
from cpor.rules.messages import Receipt
from cpor.rules.state import State

DECISIONS = ("approve", "reject", "request_info")


@dataclass
class Figures:
    steps: int = 0
    deaths: int = 0
    """How often a worker died."""
    answers: Counter[str] = field(default_factory=Counter[str])
    """Of messages: accepted, or the code of the refusal."""
    paid: Counter[str] = field(default_factory=Counter[str])
    copies: Counter[str] = field(default_factory=Counter[str])
    """What went out again under the same id because a worker had died."""
    ends: Counter[str] = field(default_factory=Counter[str])
    done: int = 0
    decided_after: list[timedelta] = field(default_factory=list[timedelta])
    decided_in_time: int = 0
    queue: dict[date, int] = field(default_factory=dict[date, int])
    """How many wait for a reviewer, at the day's last look."""

    def answered(self, answer: Receipt | tuple[str, str]) -> None:
        if isinstance(answer, Receipt):
            self.answers[answer.code or answer.outcome] += 1
        else:
            self.answers[answer[0]] += 1

    def waiting(self, now: datetime, count: int) -> None:
        self.queue[now.date()] = count

    def is_over(self, claim: State) -> None:
        self.done += 1
        self.ends[_end(claim)] += 1
        decided = [entry for entry in claim.history if entry.what in DECISIONS]
        if claim.first_submitted_at is None or not decided:
            return
        self.decided_after.append(decided[0].at - claim.first_submitted_at)
        self.decided_in_time += not _was_late(claim, decided[0].at)


def _was_late(claim: State, decided: datetime) -> bool:
    """A clock of the reviewers had run out before they decided for the first time."""
    return any(
        clock.end is not None and clock.end <= decided
        for clock in claim.clocks.ledger
        if clock.state == "ran_out" and clock.window.side == "reviewer"
    )


def _end(claim: State) -> str:
    match claim.status:
        case Status.EDITING:
            return "never submitted"
        case Status.APPROVED if claim.is_official:
            outcome = {"none": "official", "sent": "handed off, not judged"}
            return outcome.get(claim.eligibility, claim.eligibility.replace("_", " "))
        case Status.REJECTED | Status.REJECTED_FINAL:
            why = claim.reasons[0].reason if claim.reasons else "unknown"
            return f"ended: {why.replace('_', ' ')}"
        case _:
            return f"still {claim.status.value}"

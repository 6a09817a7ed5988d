"""What holds of every single step of a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from cpor.rules.claim import Claim
from cpor.rules.deadlines import ONE_DAY, Calendar, Clock
from cpor.rules.effects.events import Event
from cpor.rules.effects.hand_off import RecallDebt
from cpor.rules.effects.notice import ANNOUNCEMENTS, OF_AN_APPROVAL, Notice, NoticeDebt
from cpor.rules.envelope import key_of
from cpor.rules.lifecycle import Status, lifecycle, rows_for
from cpor.rules.messages import Receipt
from cpor.simulation.always import ALWAYS, SHOWN, SIDES, its_sum_is_right
from cpor.simulation.before import Before, clocks_of
from cpor.simulation.handed import Handed

ANSWERS = (("directory",), ("store",), ("associations",))
"""From whom an answer may change a claim's status, where the table hears it."""


class Steps:
    """Looks at each step of one claim, with a memory of its own of what happened."""

    def __init__(self, holds: Sequence[Callable[[Claim], None]] = (*ALWAYS, *SHOWN)) -> None:
        self.holds = holds
        self.outcomes: Counter[str] = Counter()
        self.judge: str | None = None
        self.second_look = False
        self.arrived: set[str] = set()
        self.taken: list[str] = []
        self.begun: set[str] = set()
        self.of_the_one_before: set[str] = set()
        """Hand-offs and recalls of an association that ended before the one it is about now."""
        self.said: dict[str, object] = {}
        self.reminded: dict[tuple[int, datetime], set[datetime]] = {}

    def opened(self, claim: Claim) -> None:
        for holds in self.holds:
            holds(claim)

    def happened(self, claim: Claim, before: Before, handed: Handed, answer: Any) -> None:
        self._an_association_begins_anew_by_a_dispute_that_is_won(claim, before, handed)
        self._status_changes_along_the_table_only(claim, before, handed)
        self._what_was_taken_back_is_told_to_nobody(claim, before)
        self._what_has_ended_stays_as_it_is(claim, before)
        self._every_message_has_exactly_one_receipt(claim, before, handed, answer)
        self._whoever_decided_before_does_not_decide_a_dispute(claim, before, handed, answer)
        self._official_is_who_was_told_and_silent(claim, before, handed, answer)
        self._nothing_is_handed_off_twice_or_recalled_unasked(claim, before, handed)
        self._reminders_come_once_and_in_time(claim, before, handed)
        for holds in self.holds:
            holds(claim)
        for clock in _changed(claim, before):
            its_sum_is_right(claim, clock)

    def begins(self, claim: Claim, debt_id: str, payment: BaseModel | None) -> None:
        """No hand-off of an association that has ended, unless it was on its way before.

        Nobody is asked before the end of the pause they wanted, and what goes out under an id says
        the same each time.
        """
        debt = claim.state.debt(debt_id)
        assert debt is None or debt.paused_until is None
        if debt is not None and debt.kind == "hand_off" and debt_id not in self.of_the_one_before:
            assert claim.state.activity != "revenue-association"
            assert claim.state.is_official or debt_id in self.begun
            self.begun.add(debt_id)
            assert self.begun == {debt_id}
        if isinstance(payment, Notice) and payment.kind in OF_AN_APPROVAL:
            assert not claim.state.awaits_award
        said = _said(payment)
        assert self.said.setdefault(debt_id, said) == said

    def _an_association_begins_anew_by_a_dispute_that_is_won(
        self, claim: Claim, before: Before, handed: Handed
    ) -> None:
        """What was taken of the one before counts no more; what is on its way is recalled."""
        if self.of_the_one_before:
            recalls = (debt for debt in claim.state.debts if isinstance(debt, RecallDebt))
            self.of_the_one_before |= {
                debt.id for debt in recalls if debt.facts["recalls"] in self.of_the_one_before
            }
        if before.official_since is None or claim.state.official_since is not None:
            return
        assert handed.name == "approve"
        assert before.status is Status.DISPUTED
        assert claim.state.consent in ("none", "pending", "held")
        owed = {name for name, kind in before.debts.items() if kind in ("hand_off", "recall")}
        self.of_the_one_before |= owed | self.begun
        self.begun, self.taken, self.arrived = set(), [], set()

    def _status_changes_along_the_table_only(
        self, claim: Claim, before: Before, handed: Handed
    ) -> None:
        status = claim.state.status
        if status is before.status:
            return
        match handed.what:
            case "update" | "signal":
                rows = rows_for(before.status, handed.name)
            case "tick":
                rows = [row for row in lifecycle().rows if row.sources == ("clock",)]
            case "paid":
                rows = [row for row in lifecycle().rows if row.sources in ANSWERS]
            case "told":
                rows = [row for row in lifecycle().rows if row.sources == ("associations",)]
            case _:
                rows = []
        assert any(row.status is before.status and status in row.becomes for row in rows)

    def _what_was_taken_back_is_told_to_nobody(self, claim: Claim, before: Before) -> None:
        since = before.submitted_at
        if since is not None and claim.state.submitted_at is None:
            told = [
                debt
                for debt in claim.state.debts
                if isinstance(debt, NoticeDebt) and debt.notice in ANNOUNCEMENTS
            ]
            assert not [debt.id for debt in told if debt.since >= since]

    def _what_has_ended_stays_as_it_is(self, claim: Claim, before: Before) -> None:
        now = claim.state
        if before.ended_at is not None:
            assert (now.status, now.ended_at) == (before.status, before.ended_at)
            assert (now.reasons, now.official_since) == (before.reasons, before.official_since)
        assert now.history[: len(before.history)] == before.history

    def _every_message_has_exactly_one_receipt(
        self, claim: Claim, before: Before, handed: Handed, answer: Any
    ) -> None:
        known, now = before.receipts, claim.state.receipts
        if isinstance(answer, Receipt):
            key = key_of(answer.role, answer.id)
            assert now[key].receipt == answer
            assert now.keys() - known.keys() <= {key}
            if key in known:
                assert answer == known[key].receipt
                assert before.whole in (None, claim.state.model_dump_json())
            else:
                assert answer.outcome == "accepted" or handed.what == "signal"
                self.outcomes[answer.outcome] += 1
            assert Counter(each.receipt.outcome for each in now.values()) == self.outcomes
        else:
            assert now == known

    def _whoever_decided_before_does_not_decide_a_dispute(
        self, claim: Claim, before: Before, handed: Handed, answer: Any
    ) -> None:
        if handed.what == "told" and claim.state.status is not before.status:
            self.judge = (handed.content.news.reviewer or self.judge or "").casefold()
        if not _is_news(before, answer):
            return
        who = handed.content[0]["by"]["id"].casefold()
        match handed.name:
            case "approve" | "reject" | "request_info":
                assert not (self.second_look and who == self.judge)
                if self.second_look and handed.name != "request_info":
                    self.second_look = False
                elif not self.second_look and handed.name != "approve":
                    self.judge = who
            case "dispute":
                self.second_look = True
                assert claim.state.reviewer is None
            case "withdraw":
                self.second_look = False
            case _:
                pass
        if self.second_look and claim.state.reviewer is not None:
            assert claim.state.reviewer.casefold() != self.judge

    def _official_is_who_was_told_and_silent(
        self, claim: Claim, before: Before, handed: Handed, answer: Any
    ) -> None:
        if handed.what == "paid" and ".consent." in handed.name and handed.name in before.debts:
            kind, result = handed.content
            assert kind == "notice"
            if result.outcome == "accepted":
                self.arrived.add(handed.name)
        if handed.name == "bounced" and _is_news(before, answer):
            self.arrived.discard(handed.content[0]["notice_id"].strip())
        latest = {asked.notice_id for asked in claim.state.asked.values()}
        now = claim.state.clocks.latest("consent")
        if now is not None and now.state == "running":
            assert self.arrived & latest
        if claim.state.official_since not in (None, before.official_since):
            assert handed.what == "tick"
            assert before.consent_ends is not None
            assert before.consent_ends <= handed.at
            assert claim.state.official_since == before.consent_ends
            assert self.arrived & latest

    def _nothing_is_handed_off_twice_or_recalled_unasked(
        self, claim: Claim, before: Before, handed: Handed
    ) -> None:
        of_now = handed.name not in self.of_the_one_before
        kind = before.debts.get(handed.name) if of_now else None
        if handed.what == "paid" and kind in ("hand_off", "recall"):
            _, result = handed.content
            if result.outcome == "taken":
                self.taken.append(kind)
        if len(claim.state.history) > len(before.history) and self.taken == []:
            last = claim.state.history[-1]
            if last.what == "eligibility_result":
                self.taken.append("hand_off")
        assert self.taken in ([], ["hand_off"], ["hand_off", "recall"])
        assert (claim.state.eligibility == "recalled") == ("recall" in self.taken)
        assert (claim.state.handed_off_at is not None) == ("hand_off" in self.taken)

    def _reminders_come_once_and_in_time(
        self, claim: Claim, before: Before, handed: Handed
    ) -> None:
        for debt in claim.state.debts:
            if (
                isinstance(debt, NoticeDebt)
                and debt.notice == "reminder"
                and debt.id not in before.debts
            ):
                assert handed.what == "tick"
                self._is_in_time(claim, debt, handed.at)

    def _is_in_time(self, claim: Claim, reminder: NoticeDebt, now: datetime) -> None:
        facts = reminder.facts
        clock = claim.state.clocks.latest(facts["clock"])
        assert (
            reminder.recipient
            == {"reviewer": "reviewers", "partner": "partner"}[SIDES[facts["clock"]]]
        )
        assert clock is not None
        assert clock.state == "running"
        assert clock.end is not None
        assert clock.end > now
        planned = _planned(claim, clock, clock.end)
        used = self.reminded.setdefault((len(claim.state.clocks.ledger), clock.end), set())
        fresh = {at for at in planned if at <= now} - used
        assert fresh
        used |= fresh


def _changed(claim: Claim, before: Before) -> list[Clock]:
    """Those that are not as they were; all, where one is new or gone."""
    ledger, now = claim.state.clocks.ledger, clocks_of(claim.state)
    if len(now) != len(before.clocks):
        return ledger
    return [clock for clock, is_, was in zip(ledger, now, before.clocks, strict=True) if is_ != was]


def _is_news(before: Before, answer: Any) -> bool:
    return (
        isinstance(answer, Receipt)
        and answer.outcome == "accepted"
        and key_of(answer.role, answer.id) not in before.receipts
    )


def _said(payment: BaseModel | None) -> object:
    match payment:
        case Notice():
            return payment.facts
        case Event():
            return payment.data
        case _:
            return None


def _planned(claim: Claim, clock: Clock, end: datetime) -> set[datetime]:
    """When reminders are due: so many working days before the last one, counted by hand."""
    calendar, rules = claim.state.clocks.calendar_of(clock), claim.state.rules_in_force.reminders
    last = calendar.day_of(end - timedelta(seconds=1))
    return {
        calendar.instant(_working_day_before(calendar, last, count), rules.at)
        for count in rules.business_days_before
    }


def _working_day_before(calendar: Calendar, day: date, count: int) -> date:
    worked = [day - number * ONE_DAY for number in range(1, 60)]
    return [day, *(each for each in worked if calendar.why_off(each) is None)][count]

"""What holds of every claim at any time, and of every single step of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from cpor.rules import contacts, current_details, views
from cpor.rules.claim import Claim
from cpor.rules.deadlines import ONE_DAY, Calendar, Clock
from cpor.rules.doubts import open_doubts, stops_the_clock
from cpor.rules.effects.events import EventResult
from cpor.rules.effects.notice import NoticeDebt, NoticeResult
from cpor.rules.envelope import key_of
from cpor.rules.history import WHAT
from cpor.rules.lifecycle import Status, lifecycle, rows_for
from cpor.rules.messages import MESSAGES, Receipt
from tests.rules.afterwards import (
    what_ended_before_it_was_handed_off_never_is,
    what_waits_is_woken,
    what_was_judged_and_has_ended_is_recalled,
)
from tests.rules.logbook import Driven, Handed
from tests.rules.play import notice_of, recipient_of
from tests.rules.possibilities import what_may_be_said_is_what_is_taken
from tests.rules.sequences import INTERNAL, Place

SIDES = {
    "wait_for_review": "reviewer",
    "review": "reviewer",
    "answer": "partner",
    "consent": "customer",
    "dispute": "partner",
    "dispute_answer": "reviewer",
}
"""Whom a clock binds. The overall limit runs beside the others."""
JUDGEMENTS = ("approve", "reject", "request_info")


# Of a claim at any time


def at_most_one_clock_binds_a_side(claim: Claim) -> None:
    running = [clock.clock for clock in claim.state.clocks.ledger if clock.state == "running"]
    sides = Counter(SIDES[name] for name in running if name != "overall")
    assert all(count == 1 for count in sides.values()), running
    assert running.count("overall") <= 1
    assert not (claim.state.ended_at and any(clock.is_live for clock in claim.state.clocks.ledger))


def the_page_and_every_query_answer(claim: Claim) -> None:
    assert current_details.details(claim.state)
    assert current_details.summary(claim.state)
    views.view(claim.state).model_dump_json()
    known = claim.state.clocks.ledger if claim.state.edition else []
    assert len(views.deadlines(claim.state)) == len(known)


def what_is_between_reviewers_is_shown_to_no_other_side(claim: Claim) -> None:
    for side in ("partner", "customer", "reviewer"):
        shown = views.history(claim.state, [{"side": side, "limit": 1000}])
        wanted = [entry.seq for entry in claim.state.history if side in entry.sight]
        assert [entry.seq for entry in shown] == wanted[:1000]
        if side != "reviewer":
            assert not any(INTERNAL in entry.text for entry in shown)
    notices = [
        debt for debt in claim.state.debts if recipient_of(debt) not in (None, "reviewers", "lead")
    ]
    assert not any(INTERNAL in debt.model_dump_json() for debt in notices)


def the_history_has_no_gaps_and_tells_the_way_to_the_status(claim: Claim) -> None:
    assert [entry.seq for entry in claim.state.history] == list(
        range(1, len(claim.state.history) + 1)
    )
    assert {entry.what for entry in claim.state.history} <= WHAT.keys() | MESSAGES.keys()
    status: Any = Status.EDITING.value
    for entry in claim.state.history:
        if "status" in entry.changes:
            before, after = entry.changes["status"]
            assert before == status
            status = after
    assert claim.state.status.value == status


def nothing_is_owed_twice_and_what_has_ended_can_be_over(claim: Claim) -> None:
    ids = [debt.id for debt in claim.state.debts]
    assert len(ids) == len(set(ids))
    if claim.state.ended_at is not None and not claim.state.debts:
        assert claim.state.is_over
    assert not (claim.state.is_over and claim.next_wake())


def the_consent_clock_runs_on_a_notice_that_arrived(claim: Claim) -> None:
    clock = claim.state.clocks.latest("consent")
    if clock is not None and clock.state == "running":
        arrived = [asked for asked in claim.state.asked.values() if asked.state == "accepted"]
        assert arrived
        assert all(asked.notice_id in claim.state.arrivals for asked in arrived)
        assert claim.state.notice_accepted_at == clock.started_at
    if claim.state.official_since is not None or claim.state.handed_off_at is not None:
        assert claim.state.consent in ("lapsed", "declined")


def nobody_unconfirmed_is_asked(claim: Claim) -> None:
    waiting = contacts.unconfirmed(claim.state)
    for debt in claim.state.payable:
        if notice_of(debt) == "consent":
            assert recipient_of(debt) not in waiting
            assert not claim.state.proof_unchecked or debt.begun


def no_silence_binds_while_a_no_is_looked_at(claim: Claim) -> None:
    clock = claim.state.clocks.latest("consent")
    if clock is not None and stops_the_clock(claim.state):
        assert clock.state != "running"
    if claim.state.status is Status.APPROVED and open_doubts(claim.state):
        assert claim.state.waiting_for == "reviewer"
        assert not any(debt.kind == "hand_off" and not debt.begun for debt in claim.state.payable)


def whoever_stands_without_a_clock_is_not_forgotten(claim: Claim) -> None:
    pinned = claim.state.edition is not None
    stands = claim.state.stands_without_a_clock and pinned
    assert (claim.state.tell_again_at is not None) == stands


def the_sum_of_every_clock_is_right(claim: Claim) -> None:
    for clock in claim.state.clocks.ledger:
        assert clock.end is not None or clock.state != "running"
        assert clock.end is None or clock.state not in ("waiting", "held")
        if clock.started_at is not None:
            _add_up(clock, clock.started_at, claim.state.clocks.calendar_of(clock))


def _add_up(clock: Clock, started: datetime, calendar: Calendar) -> None:
    wanted, since = clock.window.amount, started
    if clock.window.unit == "days":
        assert not clock.pauses
        wanted, since = 0, started + clock.window.amount * ONE_DAY
    wanted += clock.extended
    listed = dict.fromkeys(clock.counted) | {each.day: each.why for each in clock.skipped}
    assert len(listed) == len(clock.counted) + len(clock.skipped)
    assert sorted(clock.counted) == clock.counted
    for day, why in listed.items():
        assert calendar.why_off(day) == why
    if listed:
        day = calendar.day_of(since)
        while day <= max(listed):
            start = calendar.start_of(day)
            assert (day in listed) == (start > since and not _stood_still(clock, start)), day
            day += ONE_DAY
    if clock.end is not None:
        end = _end(clock, calendar, wanted) if wanted else since
        assert clock.end == max(end, clock.promised or end)


def _stood_still(clock: Clock, at: datetime) -> bool:
    return any(
        pause.since < at and (pause.until is None or at <= pause.until) for pause in clock.pauses
    )


def _end(clock: Clock, calendar: Calendar, wanted: int) -> datetime:
    """The end of the last day wanted; after a pause at least one full day remains."""
    over = max((pause.until for pause in clock.pauses if pause.until), default=None)
    enough = [
        day
        for number, day in enumerate(clock.counted, 1)
        if number >= wanted and not (over and calendar.start_of(day) <= over)
    ]
    assert enough == clock.counted[-1:]
    return calendar.start_of(enough[0] + ONE_DAY)


ALWAYS = (
    at_most_one_clock_binds_a_side,
    the_page_and_every_query_answer,
    the_history_has_no_gaps_and_tells_the_way_to_the_status,
    nothing_is_owed_twice_and_what_has_ended_can_be_over,
    the_consent_clock_runs_on_a_notice_that_arrived,
    what_ended_before_it_was_handed_off_never_is,
    what_was_judged_and_has_ended_is_recalled,
    what_waits_is_woken,
    nobody_unconfirmed_is_asked,
    no_silence_binds_while_a_no_is_looked_at,
    whoever_stands_without_a_clock_is_not_forgotten,
)


# Of each step


class Watched(Driven):
    """A claim each step of which is looked at, with a memory of its own of what happened."""

    def __init__(self, data: Mapping[str, Any], now: datetime, place: Place) -> None:
        super().__init__(data, now, place)
        self.accepted = self.refused = 0
        self.judge: str | None = None
        self.second_look = False
        self.arrived: set[str] = set()
        self.taken: list[str] = []
        self.begun: set[str] = set()
        self.reminded: dict[tuple[int, datetime], set[datetime]] = {}
        self.reached: set[str] = set()

    def has_happened(self, before: Claim, handed: Handed, answer: Any) -> None:
        self._status_changes_along_the_table_only(before, handed)
        self._what_was_taken_back_is_told_to_nobody(before)
        self._what_has_ended_stays_as_it_is(before)
        self._every_message_has_exactly_one_receipt(before, handed, answer)
        self._whoever_decided_before_does_not_decide_a_dispute(before, handed, answer)
        self._official_is_who_was_told_and_silent(before, handed, answer)
        self._nothing_is_handed_off_twice_or_recalled_unasked(before, handed)
        self._reminders_come_once_and_in_time(before, handed)
        for holds in ALWAYS:
            holds(self.claim)
        if self.claim.state.clocks != before.state.clocks:
            the_sum_of_every_clock_is_right(self.claim)
        if self.claim.state.status is not before.state.status:
            what_may_be_said_is_what_is_taken(self.claim)
        if len(self.claim.state.history) > len(before.state.history):
            what_is_between_reviewers_is_shown_to_no_other_side(self.claim)
        self._note_what_was_reached(before, handed)

    def has_begun(self, debt_id: str) -> None:
        """No hand-off of an association that has ended, unless it was on its way before.

        And nobody is asked before the end of the pause they wanted.
        """
        debt = self.claim.state.debt(debt_id)
        assert debt is None or debt.paused_until is None
        if debt is not None and debt.kind == "hand_off":
            assert self.claim.state.activity != "revenue-association"
            assert self.claim.state.is_official or debt_id in self.begun
            self.begun.add(debt_id)
            assert self.begun == {debt_id}

    def _status_changes_along_the_table_only(self, before: Claim, handed: Handed) -> None:
        status = self.claim.state.status
        if status is before.state.status:
            return
        match handed.what:
            case "update" | "signal":
                rows = rows_for(before.state.status, handed.name)
            case "tick":
                rows = [row for row in lifecycle().rows if row.sources == ("clock",)]
            case "paid":
                rows = [
                    row for row in lifecycle().rows if row.sources in (("directory",), ("store",))
                ]
            case _:
                rows = []
        assert any(row.status is before.state.status and status in row.becomes for row in rows)

    def _what_was_taken_back_is_told_to_nobody(self, before: Claim) -> None:
        since = before.state.submitted_at
        if since is not None and self.claim.state.submitted_at is None:
            told = [
                debt
                for debt in self.claim.state.debts
                if notice_of(debt) in ("submitted", "to_review")
            ]
            assert not [debt.id for debt in told if debt.since >= since]

    def _what_has_ended_stays_as_it_is(self, before: Claim) -> None:
        if before.state.ended_at is not None:
            now = self.claim
            assert (now.state.status, now.state.ended_at) == (
                before.state.status,
                before.state.ended_at,
            )
            assert (now.state.reasons, now.state.official_since) == (
                before.state.reasons,
                before.state.official_since,
            )
        assert self.claim.state.history[: len(before.state.history)] == before.state.history

    def _every_message_has_exactly_one_receipt(
        self, before: Claim, handed: Handed, answer: Any
    ) -> None:
        known, now = before.state.receipts, self.claim.state.receipts
        if isinstance(answer, Receipt):
            key = key_of(answer.role, answer.id)
            assert now[key].receipt == answer
            assert now.keys() - known.keys() <= {key}
            if key in known:
                assert answer == known[key].receipt
                assert self.claim.state == before.state
            elif answer.outcome == "accepted":
                self.accepted += 1
            else:
                assert handed.what == "signal"
                self.refused += 1
        elif handed.what != "cancel":
            assert now == known
        outcomes = Counter(each.receipt.outcome for each in now.values())
        assert (outcomes["accepted"], outcomes["refused"]) == (self.accepted, self.refused)

    def _whoever_decided_before_does_not_decide_a_dispute(
        self, before: Claim, handed: Handed, answer: Any
    ) -> None:
        if not self._is_news(before, answer):
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
                assert self.claim.state.reviewer is None
            case "withdraw":
                self.second_look = False
            case _:
                pass
        if self.second_look and self.claim.state.reviewer is not None:
            assert self.claim.state.reviewer.casefold() != self.judge

    def _is_news(self, before: Claim, answer: Any) -> bool:
        return (
            isinstance(answer, Receipt)
            and answer.outcome == "accepted"
            and key_of(answer.role, answer.id) not in before.state.receipts
        )

    def _official_is_who_was_told_and_silent(
        self, before: Claim, handed: Handed, answer: Any
    ) -> None:
        clock = before.state.clocks.latest("consent")
        if handed.what == "paid" and ".consent." in handed.name and before.state.debt(handed.name):
            kind, result = handed.content
            assert kind == "notice"
            if NoticeResult.model_validate_json(result).outcome == "accepted":
                self.arrived.add(handed.name)
        if handed.name == "bounced" and self._is_news(before, answer):
            self.arrived.discard(handed.content[0]["notice_id"].strip())
        latest = {asked.notice_id for asked in self.claim.state.asked.values()}
        now = self.claim.state.clocks.latest("consent")
        if now is not None and now.state == "running":
            assert self.arrived & latest
        if self.claim.state.official_since != before.state.official_since:
            assert handed.what == "tick"
            assert clock is not None
            assert clock.state == "running"
            assert clock.end is not None
            assert clock.end <= handed.at
            assert self.claim.state.official_since == clock.end
            assert self.arrived & latest

    def _nothing_is_handed_off_twice_or_recalled_unasked(
        self, before: Claim, handed: Handed
    ) -> None:
        debt = before.state.debt(handed.name)
        if handed.what == "paid" and debt is not None and debt.kind in ("hand_off", "recall"):
            _, result = handed.content
            if EventResult.model_validate_json(result).outcome == "taken":
                self.taken.append(debt.kind)
        if len(self.claim.state.history) > len(before.state.history) and self.taken == []:
            last = self.claim.state.history[-1]
            if last.what == "eligibility_result":
                self.taken.append("hand_off")
        assert self.taken in ([], ["hand_off"], ["hand_off", "recall"])
        assert (self.claim.state.eligibility == "recalled") == ("recall" in self.taken)
        assert (self.claim.state.handed_off_at is not None) == ("hand_off" in self.taken)

    def _reminders_come_once_and_in_time(self, before: Claim, handed: Handed) -> None:
        known = {debt.id for debt in before.state.debts}
        for debt in self.claim.state.debts:
            if isinstance(debt, NoticeDebt) and debt.notice == "reminder" and debt.id not in known:
                assert handed.what == "tick"
                self._is_in_time(debt, handed.at)

    def _is_in_time(self, reminder: NoticeDebt, now: datetime) -> None:
        claim, facts = self.claim, reminder.facts
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

    def _note_what_was_reached(self, before: Claim, handed: Handed) -> None:
        claim, last = self.claim, self.claim.state.history[len(before.state.history) :]
        whats = {entry.what for entry in last}
        moved, draft = (
            claim.state.status is not before.state.status,
            claim.state.status is Status.EDITING,
        )
        reached = {
            claim.state.status.value: moved,
            "consent asked again": claim.state.rounds.get("consent.contact", 0) > 1,
            "held": claim.state.consent == "held" != before.state.consent,
            "official": claim.state.is_official and not before.state.is_official,
            "recognised only": claim.state.is_official
            and claim.state.activity == "revenue-association",
            "handed off": "handed_off" in whats,
            "never handed off": "crossed_off" in whats,
            "recalled": claim.state.eligibility == "recalled",
            "judged": claim.state.eligibility in ("eligible", "not_eligible"),
            "declined": claim.state.consent == "declined" and not claim.state.official_since,
            "declined after consent": claim.state.consent == "declined"
            and bool(claim.state.official_since),
            "disassociated": any(each.reason == "disassociated" for each in claim.state.reasons),
            "escalated": "escalated" in whats,
            "directory took it back": handed.what == "paid" and moved and draft,
            "directory asks": handed.what == "paid" and moved and not draft,
            "dispute won": before.state.in_dispute and claim.state.status is Status.APPROVED,
            "dispute lost": claim.state.status is Status.REJECTED_FINAL and before.state.in_dispute,
            "asked in dispute": claim.state.in_dispute
            and claim.state.status is Status.PARTNER_ACTION,
            "no answer": any(each.reason == "no_partner_response" for each in claim.state.reasons),
            "dispute over": "clock" in whats
            and claim.state.ended_at is not None
            and not claim.state.in_dispute,
            "same reviewer": self.second_look
            and handed.name in JUDGEMENTS
            and before.state == claim.state,
            "reminded": any(notice_of(debt) == "reminder" for debt in claim.state.debts),
            "overdue": claim.state.is_overdue,
            "parked": "parked" in whats,
            "given up": "given_up" in whats,
            "repeated": handed.name in MESSAGES and before.state == claim.state,
            "more days learnt": handed.what == "pin"
            and before.state.edition is not None
            and before.state.pinned_places == claim.state.pinned_places,
            "another place": claim.state.edition is not None
            and before.state.edition is not None
            and before.state.pinned_places != claim.state.pinned_places,
            "over": claim.state.is_over,
        }
        self.reached |= {name for name, was in reached.items() if was}


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

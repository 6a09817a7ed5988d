"""The year: claims arrive, reviewers work through their queue, and time jumps ahead."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any

from cpor.rules.claim import Claim
from cpor.rules.deadlines import Calendar
from cpor.simulation import people
from cpor.simulation.figures import Figures
from cpor.simulation.life import Life
from cpor.simulation.luck import FAIR, Luck
from cpor.simulation.tenants import Tenants
from cpor.simulation.world import DAY, World, reviewers_days

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
AFTERWARDS = 200
"""Days that are played after the last claim was opened."""
DAY_BEGINS, DAY_ENDS = time(9), time(17)
"""The reviewers' working hours, in their own time zone."""


@dataclass(frozen=True)
class Plan:
    claims: int
    seed: int = 0
    days: int = 365
    reviewers: int = 0
    """0 means as many as needed."""
    reviews_a_day: int = 12
    edition: str = "2020"
    luck: Luck = FAIR
    shown_every: int = 20
    """One claim in so many has its page and its queries written out after each step."""

    @property
    def reviewers_needed(self) -> int:
        """Each claim is looked at 1.5 times on average, five days a week; a fifth is to spare."""
        a_week = self.claims / self.days * 7
        return max(2, round(1.2 * 1.5 * a_week / (5 * self.reviews_a_day) + 0.5))


class Year:
    def __init__(self, plan: Plan, also: Sequence[Callable[[Claim], None]] = ()) -> None:
        """`also` checks each step, in addition to what must always hold."""
        self.plan, self.seed, self.also = plan, plan.seed, also
        self.now = BEGIN
        self.world = World.drawn(plan.seed, plan.luck, plan.edition, BEGIN, plan.days + AFTERWARDS)
        self.reviewers = plan.reviewers or plan.reviewers_needed
        self.figures = Figures()
        self.tenants = Tenants()
        self._queue: deque[Life] = deque()
        self._open: set[Life] = set()
        self._events: list[tuple[datetime, int, int, Life | None, Any, tuple[Any, ...]]] = []
        self._numbers = count()

    def play(self) -> Figures:
        """Play it. Raises `Broken` at the first step that breaks what must always hold."""
        end = BEGIN + (self.plan.days + AFTERWARDS) * DAY
        self._arrivals()
        shifts = self._shifts()
        self.at(next(shifts), 3, None, self._reviewers_work, shifts)
        while self._events and self.figures.done < self.plan.claims:
            at, kind, _, life, what, given = heapq.heappop(self._events)
            if at > end:
                break
            if life is not None:
                up = self.world.up_at("workers", at)
                if up > at:
                    self.at(up, kind, life, what, *given)
                    continue
                life.expected -= 1
            self.now = at
            what(*given)
            if life is not None and life.expected == 0 and life.queued_since is None:
                self.is_over(life)
        for life in self._open:
            self.figures.is_over(life.state)
        return self.figures

    def at(self, when: datetime, kind: int, life: Life | None, what: Any, *given: Any) -> None:
        """`kind` is the order within one instant: first messages, then answers, then timers."""
        heapq.heappush(self._events, (when, kind, next(self._numbers), life, what, given))

    def queue_up(self, life: Life) -> None:
        if life.queued_since is None:
            life.queued_since = self.now
            self._queue.append(life)

    def is_over(self, life: Life) -> None:
        if life in self._open:
            self._open.remove(life)
            self.figures.is_over(life.state)

    def _arrivals(self) -> None:
        dice = Random(f"{self.seed}: arrivals")
        for number in range(1, self.plan.claims + 1):
            at = BEGIN + dice.random() * self.plan.days * DAY
            self.at(at, 0, None, self._opens, number)

    def _opens(self, number: int) -> None:
        life = Life(self, number, self.plan.edition)
        self._open.add(life)
        life.begins()

    def _reviewers_work(self, shifts: Iterator[datetime]) -> None:
        self.figures.waiting(self.now, len(self._queue))
        for number in range(1, self.reviewers + 1):
            self._takes_one(f"reviewer-{number}")
        self.at(next(shifts), 3, None, self._reviewers_work, shifts)

    def _takes_one(self, reviewer: str) -> None:
        """The claim that waits longest and that this reviewer may judge."""
        for _ in range(len(self._queue)):
            life = self._queue.popleft()
            if life.state.waiting_for != "reviewer":
                life.queued_since = None
                continue
            dispute = life.state.dispute
            if self.reviewers > 1 and dispute is not None and dispute.not_by == reviewer:
                self._queue.append(life)
                continue
            life.queued_since = None
            people.review(life, reviewer)
            if life.state.waiting_for == "reviewer":
                self.queue_up(life)
            return

    def _shifts(self) -> Iterator[datetime]:
        """When each reviewer takes the next claim: spread over the hours of each working day."""
        calendar = reviewers_days(date(BEGIN.year, 1, 1))
        day = BEGIN.date()
        length = timedelta(hours=DAY_ENDS.hour - DAY_BEGINS.hour) / self.plan.reviews_a_day
        while True:
            if _is_worked(calendar, day):
                first = calendar.instant(day, DAY_BEGINS)
                yield from (first + number * length for number in range(self.plan.reviews_a_day))
            day += timedelta(days=1)


def _is_worked(calendar: Calendar, day: date) -> bool:
    return calendar.why_off(day) is None

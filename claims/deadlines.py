"""Calendars and clocks. Every deadline is an instant and keeps the sum that led to it.

A window in business days does not count the day it starts on and ends at the end of its last
day, local to the side it binds. A window in days is that many times 24 hours. After a pause a day
counts when the clock was running at its first instant, and at least one counted day remains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt

from claims.facts import Instant

ClockName = Literal["wait_for_review", "review", "overall", "answer", "consent"]
Side = Literal["reviewer", "partner", "customer"]
Unit = Literal["business days", "days"]
ClockState = Literal["waiting", "running", "paused", "held", "stopped", "ran_out"]

ONE_DAY = timedelta(days=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Window(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: PositiveInt
    unit: Unit
    side: Side

    def __str__(self) -> str:
        unit = self.unit if self.amount != 1 else self.unit.removesuffix("s")
        return f"{self.amount} {unit}"


class ZoneChange(BaseModel):
    """From this instant on, local time is this many seconds ahead of UTC."""

    since: Instant
    ahead: int


class Calendar(BaseModel):
    """The working days of one side, resolved once: no library is asked again afterwards."""

    name: str = "Monday to Friday"
    zone: str = "UTC"
    weekend: tuple[int, ...] = (5, 6)
    holidays: Mapping[date, str] = {}
    offsets: tuple[ZoneChange, ...] = (ZoneChange(since=_LONG_AGO, ahead=0),)

    def day_of(self, at: datetime) -> date:
        return self.local(at).date()

    def local(self, at: datetime) -> datetime:
        ahead = next(
            (change.ahead for change in reversed(self.offsets) if change.since <= at),
            self.offsets[0].ahead,
        )
        return at.replace(tzinfo=None) + timedelta(seconds=ahead)

    def start_of(self, day: date) -> datetime:
        """The first instant of a day, also where a clock change swallows its midnight."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        for change, following in zip(self.offsets, (*self.offsets[1:], None), strict=True):
            start = max(midnight - timedelta(seconds=change.ahead), change.since)
            if following is None or start < following.since:
                return start
        raise AssertionError("the last change has no end")

    def why_off(self, day: date) -> str | None:
        """The holiday's or weekend day's name; None for a working day."""
        if day in self.holidays:
            return self.holidays[day]
        return _WEEKDAYS[day.weekday()] if day.weekday() in self.weekend else None


class Calendars(BaseModel):
    """One calendar for each side a clock can bind."""

    reviewer: Calendar = Calendar()
    partner: Calendar = Calendar()
    customer: Calendar = Calendar()

    def of(self, side: Side) -> Calendar:
        return {"reviewer": self.reviewer, "partner": self.partner, "customer": self.customer}[side]


class Pause(BaseModel):
    since: Instant
    until: Instant | None = None


class Skipped(BaseModel):
    day: date
    why: str


class Clock(BaseModel):
    """One run of one clock, with its ledger."""

    clock: ClockName
    window: Window
    edition: str
    state: ClockState = "running"
    started_at: Instant | None = None
    pauses: list[Pause] = []
    extended: NonNegativeInt = 0
    promised: Instant | None = None
    """An end that was printed in a mail: the clock does not end before it."""
    counted: list[date] = []
    skipped: list[Skipped] = []
    end: Instant | None = None

    @property
    def is_live(self) -> bool:
        return self.state in ("waiting", "running", "paused", "held")

    def start(self, at: datetime, calendar: Calendar) -> None:
        self.state, self.started_at = "running", at
        self.reckon(calendar)

    def pause(self, at: datetime, calendar: Calendar) -> None:
        self.state = "paused"
        self.pauses.append(Pause(since=at))
        self.reckon(calendar)

    def resume(self, at: datetime, calendar: Calendar) -> None:
        self.state = "running"
        self.pauses[-1].until = at
        self.reckon(calendar)

    def hold(self) -> None:
        """Nobody is bound until it starts anew."""
        self.state, self.end = "held", None

    def stop(self) -> None:
        self.state = "stopped"

    def run_out(self) -> None:
        self.state = "ran_out"

    def reckon(self, calendar: Calendar) -> None:
        """Count again from the ledger, so that the end is always the sum anybody can check."""
        if self.started_at is None:
            return
        if self.window.unit == "days":
            self.counted, self.skipped = [], []
            self.end = self.started_at + self.window.amount * ONE_DAY
        else:
            self.end = self._count(calendar)
        if self.end is not None and self.promised is not None:
            self.end = max(self.end, self.promised)

    def _count(self, calendar: Calendar) -> datetime | None:
        self.counted, self.skipped = [], []
        for day, start in _days_from(calendar, self.started_at or _LONG_AGO):
            if self.pauses and self.pauses[-1].until is None and start > self.pauses[-1].since:
                return None
            if not self._was_running(start):
                continue
            why = calendar.why_off(day)
            if why is not None:
                self.skipped.append(Skipped(day=day, why=why))
                continue
            self.counted.append(day)
            enough = len(self.counted) >= self.window.amount + self.extended
            if enough and not any(start <= (pause.until or start) for pause in self.pauses):
                return calendar.start_of(day + ONE_DAY)
        raise AssertionError("days do not end")

    def _was_running(self, at: datetime) -> bool:
        if self.started_at is None or at <= self.started_at:
            return False
        return not any(
            pause.since < at and (pause.until is None or at <= pause.until) for pause in self.pauses
        )


class Clocks(BaseModel):
    """All clocks of a claim, running or ended, in the order they began."""

    calendars: Calendars = Calendars()
    ledger: list[Clock] = []

    def latest(self, name: ClockName) -> Clock | None:
        return next((clock for clock in reversed(self.ledger) if clock.clock == name), None)

    def live(self, name: ClockName) -> Clock | None:
        latest = self.latest(name)
        return latest if latest is not None and latest.is_live else None

    def running(self) -> list[Clock]:
        """Those that will end by themselves, the next one first."""
        due = [clock for clock in self.ledger if clock.state == "running" and clock.end]
        return sorted(due, key=lambda clock: clock.end or _LONG_AGO)

    def wait(self, name: ClockName, window: Window, edition: str) -> Clock:
        """A clock that is there but has not started."""
        clock = Clock(clock=name, window=window, edition=edition, state="waiting")
        self.ledger.append(clock)
        return clock

    def start(self, clock: Clock, at: datetime) -> None:
        clock.start(at, self.calendar_of(clock))

    def pause(self, clock: Clock, at: datetime) -> None:
        clock.pause(at, self.calendar_of(clock))

    def resume(self, clock: Clock, at: datetime) -> None:
        clock.resume(at, self.calendar_of(clock))

    def pin(self, calendars: Calendars, windows: Mapping[ClockName, Window], edition: str) -> None:
        """From now on these are the rules, for clocks already begun too."""
        self.calendars = calendars
        for clock in self.ledger:
            clock.window, clock.edition = windows[clock.clock], edition
            clock.reckon(self.calendar_of(clock))

    def promise(self, clock: Clock, end: datetime | None) -> None:
        """Another mail printed an end: the clock does not end before that one either."""
        if end is not None:
            clock.promised = max(end, clock.promised or end)
            clock.reckon(self.calendar_of(clock))

    def calendar_of(self, clock: Clock) -> Calendar:
        return self.calendars.of(clock.window.side)


def _days_from(calendar: Calendar, at: datetime) -> Iterator[tuple[date, datetime]]:
    day = calendar.day_of(at)
    while True:
        yield day, calendar.start_of(day)
        day += ONE_DAY

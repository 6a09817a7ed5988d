"""Calendars and clocks. Every deadline is an instant and keeps the sum that led to it.

A window in business days does not count the day it starts on and ends at the end of its last
day, local to the side it binds. A window in days is that many times 24 hours. After a pause a day
counts when the clock was running at its first instant, and at least one counted day remains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, model_serializer
from pydantic_core.core_schema import SerializerFunctionWrapHandler

from cpor.rules.shapes import Instant
from cpor.rules.sharing import SHARED

ClockName = Literal[
    "wait_for_review", "review", "overall", "answer", "consent", "dispute", "dispute_answer"
]
Side = Literal["reviewer", "partner", "customer"]
Unit = Literal["business days", "days"]
ClockState = Literal["waiting", "running", "paused", "held", "stopped", "ran_out"]

ONE_DAY = timedelta(days=1)
MOST_EXTENDED = 90
"""More business days than these, and the known working days might not reach."""
_INSTANT = timedelta(microseconds=1)
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


class ZoneChange(BaseModel, frozen=True):
    """From this instant on, local time is this many seconds ahead of UTC."""

    since: Instant
    ahead: int


class Calendar(BaseModel, frozen=True):
    """The working days of one side, resolved once: no library is asked again afterwards."""

    name: str = "Monday to Friday"
    zone: str = "UTC"
    weekend: tuple[int, ...] = (5, 6)
    holidays: Mapping[date, str] = {}
    offsets: tuple[ZoneChange, ...] = (ZoneChange(since=_LONG_AGO, ahead=0),)
    through: date | None = None
    """The last day looked up; None where no later look-up would say more."""

    @model_serializer(mode="wrap")
    def _without_the_usual(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What goes unsaid takes no room in the histories of years. What that is never changes."""
        usual = {name: field.default for name, field in type(self).model_fields.items()}
        written = whole(self).items()
        return {name: value for name, value in written if getattr(self, name) != usual[name]}

    def day_of(self, at: datetime) -> date:
        return self.local(at).date()

    def local(self, at: datetime) -> datetime:
        return at.replace(tzinfo=None) + timedelta(seconds=self.ahead_at(at))

    def ahead_at(self, at: datetime) -> int:
        """Seconds that local time is ahead of UTC."""
        return next(
            (change.ahead for change in reversed(self.offsets) if change.since <= at),
            self.offsets[0].ahead,
        )

    def start_of(self, day: date) -> datetime:
        """The first instant of a day, also where a clock change swallows its midnight."""
        return self.instant(day, time.min)

    def instant(self, day: date, at: time) -> datetime:
        """When a clock on the wall first shows this, or what comes next where it never does."""
        shown = datetime.combine(day, at, tzinfo=UTC)
        start = shown
        for place, change in enumerate(self.offsets, 1):
            start = max(shown - timedelta(seconds=change.ahead), change.since)
            if place == len(self.offsets) or start < self.offsets[place].since:
                break
        return start

    def last_day_before(self, end: datetime) -> date:
        """The last day of a window that ends then; an end at midnight belongs to the day before."""
        return self.day_of(end - _INSTANT)

    def working_days_before(self, day: date, count: int) -> date:
        while count:
            day -= ONE_DAY
            count -= self.why_off(day) is None
        return day

    def extended_by(self, later: Calendar) -> Calendar:
        """The days already known stay as they are; those after them are taken over."""
        known = self.through
        if known is None or later.through is None or later.through <= known:
            return self
        seam = self.start_of(known + ONE_DAY)
        ahead = later.ahead_at(seam)
        at_seam = [ZoneChange(since=seam, ahead=ahead)] if ahead != self.ahead_at(seam) else []
        return self.model_copy(
            update={
                "holidays": {
                    **self.holidays,
                    **{day: why for day, why in later.holidays.items() if day > known},
                },
                "offsets": (
                    *(change for change in self.offsets if change.since < seam),
                    *at_seam,
                    *(change for change in later.offsets if change.since >= seam),
                ),
                "through": later.through,
            }
        )

    def closed_on(self, days: Mapping[date, str]) -> Calendar:
        """With more days off, as far as it reaches; one that is off already keeps its name."""
        more = {
            day: why
            for day, why in days.items()
            if self.why_off(day) is None and (self.through is None or day <= self.through)
        }
        return self.model_copy(update={"holidays": {**self.holidays, **more}})

    def why_off(self, day: date) -> str | None:
        """The holiday's or weekend day's name; None for a working day."""
        if day in self.holidays:
            return self.holidays[day]
        return _WEEKDAYS[day.weekday()] if day.weekday() in self.weekend else None


_NOT_LOOKED_UP = Calendar()
"""Always the same one: pydantic would copy a default each time."""


class Calendars(BaseModel, frozen=True):
    """One calendar for each side a clock can bind."""

    reviewer: Annotated[Calendar, SHARED] = Field(default_factory=lambda: _NOT_LOOKED_UP)
    partner: Annotated[Calendar, SHARED] = Field(default_factory=lambda: _NOT_LOOKED_UP)
    customer: Annotated[Calendar, SHARED] = Field(default_factory=lambda: _NOT_LOOKED_UP)

    def of(self, side: Side) -> Calendar:
        return {"reviewer": self.reviewer, "partner": self.partner, "customer": self.customer}[side]

    @property
    def known_through(self) -> date | None:
        """The last day known on all sides; None where there is nothing more to learn."""
        ends = (self.reviewer.through, self.partner.through, self.customer.through)
        return min((end for end in ends if end is not None), default=None)


class Pause(BaseModel):
    """A time in which a clock stood still."""

    since: Instant
    """When it began to stand still."""
    until: Instant | None = None
    """Null while it does."""


class Skipped(BaseModel):
    """A day that does not count."""

    day: date
    """Local to the calendar's zone."""
    why: str
    """The holiday, or the day of the weekend."""


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
    quiet_until: Instant | None = None
    """Reminders up to here were sent, or came too early to be of use."""

    @property
    def is_live(self) -> bool:
        return self.state in ("waiting", "running", "paused", "held")

    @property
    def can_be_extended(self) -> bool:
        """A held one begins anew in full."""
        return self.is_live and self.state != "held"

    def start(self, at: datetime, calendar: Calendar) -> None:
        self.state, self.started_at, self.quiet_until = "running", at, at
        self.reckon(calendar)

    def pause(self, at: datetime, calendar: Calendar) -> None:
        self.state = "paused"
        self.pauses.append(Pause(since=at))
        self.reckon(calendar)

    def resume(self, at: datetime, calendar: Calendar) -> None:
        self.state, self.quiet_until = "running", at
        self.pauses[-1].until = at
        self.reckon(calendar)

    def extend(self, days: int, at: datetime, calendar: Calendar) -> None:
        self.extended += days
        self.quiet_until = at
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
        if self.started_at is None or self.state == "held":
            return
        self.counted, self.skipped = [], []
        if self.window.unit == "business days":
            self.end = self._count(calendar, self.started_at, self.window.amount + self.extended)
        else:
            self.end = self._so_many_days(self.started_at)
            if self.end is not None and self.extended:
                self.end = self._count(calendar, self.end, self.extended)
        if self.end is not None and self.promised is not None:
            self.end = max(self.end, self.promised)

    def _so_many_days(self, since: datetime) -> datetime | None:
        end = since + self.window.amount * ONE_DAY
        for pause in self.pauses:
            if pause.until is None:
                return None
            end += pause.until - pause.since
        return end

    def _count(self, calendar: Calendar, since: datetime, wanted: int) -> datetime | None:
        """The end of the last business day that is counted; None while the clock is paused."""
        for day, start, following in _days_from(calendar, since):
            if self.pauses and self.pauses[-1].until is None and start > self.pauses[-1].since:
                return None
            never_was = following <= start
            if start <= since or never_was or self._stood_still(start):
                continue
            why = calendar.why_off(day)
            if why is not None:
                self.skipped.append(Skipped(day=day, why=why))
                continue
            self.counted.append(day)
            if len(self.counted) >= wanted and not any(
                start <= (pause.until or start) for pause in self.pauses
            ):
                return following
        raise AssertionError("days do not end")

    def _stood_still(self, at: datetime) -> bool:
        return any(
            pause.since < at and (pause.until is None or at <= pause.until) for pause in self.pauses
        )


class Clocks(BaseModel):
    """All clocks of a claim, running or ended, in the order they began."""

    calendars: Calendars = Field(default_factory=Calendars)
    ledger: list[Clock] = []

    def latest(self, name: ClockName) -> Clock | None:
        return next((clock for clock in reversed(self.ledger) if clock.clock == name), None)

    def live(self, name: ClockName) -> Clock | None:
        latest = self.latest(name)
        return latest if latest is not None and latest.is_live else None

    @property
    def extendable(self) -> list[ClockName]:
        """Those that can be given more time: neither ended nor held until they begin anew."""
        latest: dict[ClockName, Clock] = {clock.clock: clock for clock in self.ledger}
        can: list[ClockName] = [
            name
            for name, clock in latest.items()
            if clock.can_be_extended and clock.extended < MOST_EXTENDED
        ]
        return sorted(can)

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

    def extend(self, clock: Clock, days: int, at: datetime) -> None:
        clock.extend(days, at, self.calendar_of(clock))

    def pin(
        self, calendars: Calendars, windows: Mapping[ClockName, Window | None], edition: str
    ) -> None:
        """From now on these are the rules, for clocks already begun too."""
        kept: list[Clock] = []
        for clock in self.ledger:
            if window := windows[clock.clock]:
                clock.window, clock.edition = window, edition
                kept.append(clock)
            clock.reckon(calendars.of(clock.window.side))
        self.ledger, self.calendars = kept, calendars

    def learn(self, calendars: Calendars) -> None:
        """More days are known; those by which clocks count already stay as they are."""
        self.calendars = calendars
        for clock in self.ledger:
            if clock.is_live:
                clock.reckon(self.calendar_of(clock))

    def promise(self, clock: Clock, end: datetime | None) -> None:
        """Another mail printed an end: the clock does not end before that one either."""
        if end is not None:
            clock.promised = max(end, clock.promised or end)
            clock.reckon(self.calendar_of(clock))

    def arrived(self, clock: Clock, at: datetime, printed_end: datetime | None) -> bool:
        """The mail that tells of it has arrived: whether the clock begins by that."""
        if clock.state == "running":
            self.promise(clock, printed_end)
            return False
        if clock.state == "held":
            clock.stop()
            clock = self.wait(clock.clock, clock.window, clock.edition)
        clock.promised = printed_end
        self.start(clock, at)
        return True

    def calendar_of(self, clock: Clock) -> Calendar:
        return self.calendars.of(clock.window.side)


def _days_from(calendar: Calendar, at: datetime) -> Iterator[tuple[date, datetime, datetime]]:
    """Each day with the instant it starts, and the one the day after it starts."""
    day = calendar.day_of(at)
    start = calendar.start_of(day)
    while True:
        following = calendar.start_of(day + ONE_DAY)
        yield day, start, following
        day, start = day + ONE_DAY, following

"""When the side that must act is reminded. A reminder that was missed is not sent late."""

from __future__ import annotations

from datetime import datetime

from cpor.rules.deadlines import Calendar, Clock
from cpor.rules.editions import Reminders


def upcoming(clock: Clock, calendar: Calendar, rules: Reminders) -> list[datetime]:
    """Those still to come before the clock ends, the next one first."""
    if clock.clock not in rules.clocks or clock.end is None or clock.quiet_until is None:
        return []
    last = calendar.last_day_before(clock.end)
    planned = {
        calendar.instant(calendar.working_days_before(last, count), rules.at)
        for count in rules.business_days_before
    }
    return sorted(at for at in planned if clock.quiet_until < at < clock.end)

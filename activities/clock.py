"""The time of the claim an activity works for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from temporalio import activity

Now = Callable[[], datetime]


def time_limit() -> float | None:
    """Seconds after which this attempt gives up by itself, before the engine gives it up.

    An attempt that the engine has given up is not told so: it would run on during the next one.
    """
    limit = activity.info().start_to_close_timeout
    return limit.total_seconds() * 0.9 if limit else None


def start() -> Now:
    """A clock that goes on from the start of this attempt.

    Each claim has a time of its own, which may be skipped ahead; the machine's clock knows
    nothing of that. So the time comes from the engine, plus what has passed in this attempt.
    """
    started, since = activity.info().started_time, monotonic()

    def now() -> datetime:
        return started + timedelta(seconds=monotonic() - since)

    return now

"""The time of the claim an activity works for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from temporalio import activity

Now = Callable[[], datetime]
SAME_FOR = timedelta(minutes=15)


def time_limit() -> float | None:
    """Seconds after which this attempt gives up by itself, before the engine gives it up.

    An attempt that the engine has given up is not told so: it would run on during the next one.
    """
    limit = activity.info().start_to_close_timeout
    return limit.total_seconds() * 0.9 if limit else None


def shared_by_tries(now: datetime) -> datetime:
    """One instant for all tries of the first minutes, so that copies of a mail say the same.

    A try may die when the mail server has taken the mail. Later tries are for those who got none
    in time, and count from now.
    """
    scheduled = activity.info().scheduled_time
    return scheduled if timedelta() <= now - scheduled <= SAME_FOR else now


def start() -> Now:
    """A clock that goes on from the start of this attempt.

    Each claim has a time of its own, which may be skipped ahead; the machine's clock knows
    nothing of that. So the time comes from the engine, plus what has passed in this attempt.
    """
    started, since = activity.info().started_time, monotonic()

    def now() -> datetime:
        return started + timedelta(seconds=monotonic() - since)

    return now

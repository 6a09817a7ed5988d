"""Ends of windows that no clock keeps: what is due again after so many days."""

from __future__ import annotations

from datetime import datetime

from cpor.rules.deadlines import Calendar, Clock, Window


def business_days_later(amount: int, at: datetime, calendar: Calendar) -> datetime:
    """The end of so many days of the reviewers."""
    return end_of(Window(amount=amount, unit="business days", side="reviewer"), at, calendar)


def end_of(window: Window, at: datetime, calendar: Calendar) -> datetime:
    """Of a window that begins then."""
    clock = Clock(clock="review", window=window, edition="")
    clock.start(at, calendar)
    assert clock.end is not None
    return clock.end

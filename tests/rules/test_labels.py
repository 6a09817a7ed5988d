"""The labels of timers and the page's deadlines where the clocks skip a midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime

from cpor.rules import current_details
from cpor.rules.deadlines import Calendars
from tests import calendars
from tests.examples import opening
from tests.rules.play import Play

CAIRO = Calendars(partner=calendars.resolve("EG", date(2026, 4, 1)))


def test_a_window_that_ends_with_the_day_before_the_skipped_midnight_is_labelled_by_that_day() -> (
    None
):
    play = Play(opening(), datetime(2026, 4, 16, 9, tzinfo=UTC), CAIRO)
    play.pay()
    play.tell("request_info")
    play.pay("info_requested")
    (clock,) = (each for each in play.claim.state.clocks.running() if each.clock == "answer")
    assert clock.end == datetime(2026, 4, 23, 22, tzinfo=UTC)
    wake = play.claim.next_wake()
    assert wake is not None
    assert wake.label.startswith(
        "the partner must answer by Thu 23 Apr 2026 (5 business days); reminder "
    )
    page = current_details.details(play.claim.state)
    assert "**the end of Thu 23 Apr 2026 in Africa/Cairo** = Thu 23 Apr 2026 22:00 UTC" in page

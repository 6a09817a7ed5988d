"""What is the same for many claims is in memory once."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from bench import life
from cpor.rules import sharing
from cpor.rules.deadlines import Calendars, ZoneChange
from cpor.rules.pinning import PinnedRules

READ_FROM = life.PINNED.model_dump_json()
DAYS = life.PINNED.calendars


def _known() -> Calendars:
    return PinnedRules.model_validate_json(READ_FROM).calendars


def test_claims_that_know_the_same_days_hold_them_once() -> None:
    one, other = _known(), _known()
    assert one == DAYS, "nothing is lost"
    assert one.reviewer is other.reviewer
    assert one.partner is other.partner
    assert one.customer is other.customer


def test_a_claim_that_goes_on_in_a_new_run_shares_its_days() -> None:
    claim = life.Life.whole().claim.state
    days = [type(claim).model_validate_json(claim.model_dump_json()).clocks for _ in range(2)]
    assert days[0].calendars.partner is days[1].calendars.partner
    assert days[0] == claim.clocks


def test_days_that_differ_anywhere_are_not_shared() -> None:
    day, why = next(iter(DAYS.partner.holidays.items()))
    others = (
        DAYS.partner.model_copy(update={"name": "Elsewhere"}),
        DAYS.partner.model_copy(update={"zone": "Europe/Vienna"}),
        DAYS.partner.model_copy(update={"weekend": (4, 5)}),
        DAYS.partner.model_copy(update={"through": day}),
        DAYS.partner.model_copy(update={"holidays": {**DAYS.partner.holidays, day: f"{why}!"}}),
        DAYS.partner.model_copy(
            update={"offsets": (ZoneChange(since=datetime(2026, 1, 1, tzinfo=UTC), ahead=1),)}
        ),
    )
    for other in others:
        assert Calendars(partner=DAYS.partner).partner == DAYS.partner
        assert Calendars(partner=other).partner == other != DAYS.partner


def test_days_that_no_claim_knows_any_more_are_forgotten() -> None:
    gone = DAYS.partner.model_copy(update={"name": "Nowhere"})
    known = Calendars(partner=gone)
    held = len(sharing._held)  # pyright: ignore[reportPrivateUsage]  no claim asks what is held
    del known, gone
    gc.collect()
    assert len(sharing._held) < held  # pyright: ignore[reportPrivateUsage]  see above

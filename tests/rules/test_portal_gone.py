"""A portal that takes no events holds up neither the record, nor a new run, nor the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rules.play import DAY, Play, window_over


def with_portal() -> Play:
    """Handed off; the portal has refused the first event, and the others wait."""
    play = Play(portal=True)
    play.pay(refused=["event"])
    play.tell("approve")
    play.pay()
    play.wait(until=play.now + 7 * DAY)
    play.pay()
    assert [debt.state for debt in play.debts("event")] == ["parked"] + 4 * ["owed"]
    return play


def test_a_portal_gone_for_good_holds_an_ended_claim_open_for_30_days_in_all() -> None:
    play = with_portal()
    play.now += 90 * DAY
    play.tell("disassociate")
    ended_at = play.now
    while not play.claim.state.is_over:
        play.pay(refused=["event"])
        wake = play.claim.next_wake()
        assert wake is not None
        assert (wake.at, wake.label) == (ended_at + 30 * DAY, "event → portal is given up")
        play.now = wake.at
        play.tick()
        play.pay("record")
    assert len(play.entries("given_up")) == 8
    assert play.now == ended_at + 30 * DAY


def test_the_30_days_begin_when_the_portal_first_refuses_where_it_did_so_after_the_end() -> None:
    play = Play(portal=True)
    play.tell("withdraw")
    play.now += 10 * DAY
    play.pay(refused=["event"])
    wake = play.claim.next_wake()
    assert wake is not None
    assert wake.at == play.now + 30 * DAY


def test_another_try_in_vain_gives_a_portal_no_more_time() -> None:
    play = with_portal()
    play.tell("disassociate")
    play.pay("notice", "recall")
    until = play.now + 30 * DAY
    play.now += 20 * DAY
    play.tell("retry")
    play.pay(refused=["event"])
    wake = play.claim.next_wake()
    assert wake is not None
    assert wake.at == until


# The first record, and a new run


def test_neither_a_parked_event_nor_those_that_wait_for_it_keep_the_record() -> None:
    play = with_portal()
    assert play.claim.state.is_at_rest
    assert play.claim.state.recorded_up_to


@pytest.mark.parametrize("pause", [None, timedelta(hours=6)])
def test_the_first_record_is_owed_as_soon_as_the_last_other_debt_is_late(
    pause: timedelta | None,
) -> None:
    play = handed_off_but_for_the_last_event()
    assert (play.claim.state.is_at_rest, play.debts("record")) == (False, [])
    play.claim.late(play.debts("event")[0].id, "503", play.now, pause)
    assert play.claim.state.is_at_rest
    assert len(play.debts("record")) == 1


def handed_off_but_for_the_last_event() -> Play:
    play = Play(portal=True)
    play.pay()
    play.tell("approve")
    play.pay()
    window_over(play)
    play.pay("hand_off", "notice")
    return play

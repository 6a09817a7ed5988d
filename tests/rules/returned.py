"""Mails that were taken and came back."""

from __future__ import annotations

from tests.rules.play import DAY, Play, consent_running

FIRST, SECOND = "CPOR-7Q2M4X.consent.1.contact", "CPOR-7Q2M4X.consent.2.contact"


def bounce(play: Play, notice_id: str = FIRST) -> str:
    return play.tell("bounced", notice_id=notice_id, detail="550 no such mailbox").text


def bounced(days: int = 3) -> Play:
    """The consent notice was taken, and came back some days later."""
    play = consent_running()
    play.now += days * DAY
    bounce(play)
    play.pay()
    return play

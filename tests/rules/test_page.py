"""What operators read: enough to act, and nobody's name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claims import page, views
from tests.examples import dynamics_opening
from tests.rules.play import (
    Play,
    approved,
    asked,
    consent_running,
    draft,
    handed_off,
    held,
    lapsed,
    rejected,
    submitted,
    under_review,
)

STAGES: list[Callable[[], Play]] = [
    draft,
    submitted,
    under_review,
    asked,
    approved,
    consent_running,
    held,
    lapsed,
    handed_off,
    rejected,
]
SECRETS = ("Ada", "Berg", "Lars", "Ek", "Tove", "@", "whispered")


@pytest.mark.parametrize("so_far", STAGES)
def test_operators_read_no_name_no_address_and_no_word_of_what_was_said(
    so_far: Callable[[], Play],
) -> None:
    play = so_far()
    if play.claim.ended_at is None:
        play.tell("comment", text="whispered")
    for debt in list(play.claim.debts):
        play.park(debt, "550 <ada@fabrikam.example> lars@contoso.example unknown")
    wake = play.claim.agenda()
    read = [
        page.summary(play.claim),
        page.details(play.claim),
        wake.label if wake else "",
        *(debt.label for debt in play.claim.debts),
    ]
    for secret in SECRETS:
        assert not any(secret in text for text in read), secret


def test_the_page_says_status_deadline_and_debts() -> None:
    play = asked()
    play.tell("comment")
    play.park(play.debt("commented"), "mailbox is full")
    assert page.summary(play.claim) == "CPOR-7Q2M4X · osu-m365 · 2 products"
    lines = page.details(play.claim).splitlines()
    assert lines[:7] == [
        "CPOR-7Q2M4X · osu-m365 · 2 products",
        "",
        "**Partner action required** · waiting for partner",
        "",
        "- the partner must answer until Mon 09 Mar 2026 (5 business days)",
        "- reviewer: `kim`",
        "- owes since Mon 02 Mar 09:00 UTC: mail: commented → reviewers (parked): mailbox is full",
    ]


def test_debts_are_named_without_their_receivers_name() -> None:
    play = Play(dynamics_opening())
    play.tell("approve")
    assert [debt.label for debt in play.claim.debts] == [
        "proof files: check and seal",
        "mail: submitted → partner",
        "mail: to review → reviewers",
        "mail: consent → customer's contact",
        "mail: consent → customer's technical contact",
        "mail: approved → partner",
    ]


@pytest.mark.parametrize("so_far", STAGES)
def test_every_query_can_be_answered_at_any_moment(so_far: Callable[[], Play]) -> None:
    claim = so_far().claim
    shown = views.view(claim)
    assert views.ClaimView.model_validate_json(shown.model_dump_json()) == shown
    assert [each.clock for each in views.deadlines(claim)] == [
        clock.clock for clock in claim.clocks.ledger
    ]
    assert views.record(claim)["status"] == claim.status.value

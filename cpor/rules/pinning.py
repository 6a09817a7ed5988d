"""What is pinned at first submission: the edition of the rules and the working days ahead."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel

from cpor.rules.deadlines import Calendars
from cpor.rules.debts import settle
from cpor.rules.effects import directory, enter, portal_event
from cpor.rules.facts import Instant
from cpor.rules.state import State

PIN_RULES = "pin_rules"
"""The activity."""
HORIZON = timedelta(days=120)
"""No window is longer; so far ahead the working days must be known."""


class PinQuestion(BaseModel):
    """Asked at first submission, and again when the days that are known run short.

    A claim that ends before it was answered asks too: the portal may be waiting for news of it.
    """

    at: Instant
    edition: str | None
    partner_country: str
    customer_country: str
    partner_region: str | None = None
    partner_zone: str | None = None
    customer_region: str | None = None
    customer_zone: str | None = None


class PinnedRules(BaseModel):
    edition: str
    calendars: Calendars
    directory: bool = False
    """Whether there is a directory to be asked."""
    portal: bool = False
    """Whether the portal wants to be told of changes."""
    reviewers: bool = False
    """Whether reviewers may have addresses of their own."""
    one_holder: bool = False
    """Whether an item has one holder at most, and claims ask for theirs."""


def question(claim: State, now: datetime) -> PinQuestion | None:
    """What must be asked now, if anything."""
    if not _needs_rules(claim):
        return None
    known = claim.clocks.calendars.known_through
    needed = max([now + HORIZON, *(each.end for each in claim.clocks.running() if each.end)])
    if claim.edition is not None and (known is None or needed.date() <= known):
        return None
    return PinQuestion(
        at=(claim.first_submitted_at if claim.edition is None else None) or now,
        edition=claim.edition or claim.asked_edition,
        partner_country=claim.partner.country,
        customer_country=claim.customer.country,
        partner_region=claim.partner.region,
        partner_zone=claim.partner.time_zone,
        customer_region=claim.customer.region,
        customer_zone=claim.customer.time_zone,
    )


def _needs_rules(claim: State) -> bool:
    if claim.ended_at is not None:
        return portal_event.is_waiting(claim)
    return claim.first_submitted_at is not None


def pin(claim: State, rules: PinnedRules, now: datetime) -> None:
    """What is pinned once stays; later answers only add the days that come after."""
    if claim.edition is not None:
        claim.clocks.learn(rules.calendars)
        return
    portal_event.wants_news(claim, rules.portal)
    if claim.first_submitted_at is not None:
        _pin(claim, rules, now)
    settle(claim, now)


def _pin(claim: State, rules: PinnedRules, now: datetime) -> None:
    claim.edition, claim.has_directory = rules.edition, rules.directory
    claim.reviewers_have_addresses = rules.reviewers
    claim.clocks.pin(rules.calendars, claim.rules_in_force.windows, rules.edition)
    if not rules.directory:
        directory.ask_nobody(claim, now)
    claim.one_holder = rules.one_holder
    enter.ask(claim, now)

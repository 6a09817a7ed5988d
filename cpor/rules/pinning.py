"""What is pinned at first submission: the edition of the rules and the working days ahead."""

from __future__ import annotations

from datetime import datetime, timedelta

from cpor.rules.bookkeeping import note
from cpor.rules.deadlines import Calendars
from cpor.rules.debts import settle
from cpor.rules.effects import directory, enter, portal_event
from cpor.rules.facts import Instant
from cpor.rules.history import CLAIM_ITSELF
from cpor.rules.places import PARTIES, Party, Place, is_counted_by, place_of
from cpor.rules.sparse import Sparse
from cpor.rules.state import State

PIN_RULES = "pin_rules"
"""The activity."""
HORIZON = timedelta(days=120)
"""No window is longer; so far ahead the working days must be known."""


class PinQuestion(Sparse):
    """Asked at first submission, and again when the days that are known run short or are others.

    A claim that ends before it was answered asks too: the portal may be waiting for news of it.
    """

    at: Instant
    edition: str | None = None
    partner_country: str
    customer_country: str
    partner_region: str | None = None
    partner_zone: str | None = None
    customer_region: str | None = None
    customer_zone: str | None = None

    def place_of(self, party: Party) -> Place:
        if party == "partner":
            country, region, zone = self.partner_country, self.partner_region, self.partner_zone
        else:
            country, region, zone = self.customer_country, self.customer_region, self.customer_zone
        return Place(country=country, region=region, time_zone=zone)


class PinnedRules(Sparse):
    edition: str
    calendars: Calendars
    directory: bool = False
    """Whether there is a directory to be asked."""
    portal: bool = False
    """Whether the portal wants to be told of changes."""
    result_days: int = 0
    """Business days after which the incentive engine is asked again for its result; 0: never."""
    reviewers: bool = False
    """Whether reviewers may have addresses of their own."""
    one_holder: bool = False
    """Whether an item has one holder at most, and claims ask for theirs."""
    looks: bool = False
    """Whether proof files are looked into."""


def question(claim: State, now: datetime) -> PinQuestion | None:
    """Which rules and days must be asked for now, if any."""
    if not _needs_rules(claim):
        return None
    partner, customer = place_of(claim, "partner"), place_of(claim, "customer")
    if claim.edition is not None and _knows_enough(claim, now, partner, customer):
        return None
    return PinQuestion(
        at=(claim.first_submitted_at if claim.edition is None else None) or now,
        edition=claim.edition or claim.asked_edition,
        partner_country=partner.country,
        customer_country=customer.country,
        partner_region=partner.region,
        partner_zone=partner.time_zone,
        customer_region=customer.region,
        customer_zone=customer.time_zone,
    )


def awaits_rules(claim: State) -> bool:
    return claim.edition is None and _needs_rules(claim)


def _needs_rules(claim: State) -> bool:
    if claim.ended_at is not None:
        return portal_event.is_waiting(claim)
    return claim.first_submitted_at is not None


def _knows_enough(claim: State, now: datetime, partner: Place, customer: Place) -> bool:
    """The days of these places, and far enough ahead."""
    if claim.pinned_places != {"partner": partner, "customer": customer}:
        return False
    known = claim.clocks.calendars.known_through
    needed = max([now + HORIZON, *(each.end for each in claim.clocks.running() if each.end)])
    return known is None or needed.date() <= known


def pin(claim: State, asked: PinQuestion, rules: PinnedRules, now: datetime) -> None:
    """What is pinned once stays; later answers only add the days that come after.

    But where the directory has told where somebody is, and no clock counts by those days yet,
    these are theirs.
    """
    if claim.edition is not None:
        claim.clocks.learn(_with_later_days(claim, asked, rules.calendars, now))
        return
    portal_event.wants_news(claim, rules.portal)
    if claim.first_submitted_at is not None:
        _pin(claim, asked, rules, now)
    settle(claim, now)


def _pin(claim: State, asked: PinQuestion, rules: PinnedRules, now: datetime) -> None:
    claim.edition, claim.has_directory = rules.edition, rules.directory
    claim.reviewers_have_addresses = rules.reviewers
    claim.result_days = rules.result_days
    claim.clocks.pin(rules.calendars, claim.rules_in_force.windows, rules.edition)
    claim.pinned_places = {party: asked.place_of(party) for party in PARTIES}
    if not rules.directory:
        directory.ask_nobody(claim, now)
    claim.one_holder = rules.one_holder
    claim.looks = rules.looks
    enter.ask(claim, now)


def _with_later_days(
    claim: State, asked: PinQuestion, found: Calendars, now: datetime
) -> Calendars:
    known = claim.clocks.calendars
    days = {"reviewer": known.reviewer.extended_by(found.reviewer)}
    for party in PARTIES:
        before, after = known.of(party), found.of(party)
        days[party] = before
        if asked.place_of(party) == claim.pinned_places[party]:
            days[party] = before.extended_by(after)
        elif not is_counted_by(claim, party):
            days[party], claim.pinned_places[party] = after, asked.place_of(party)
            text = f"the {party}'s days are those of {after.name}, in {after.zone}"
            note(claim, "directory", text, CLAIM_ITSELF, now)
    return Calendars(**days)

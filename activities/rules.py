"""Which rules a claim is judged by, pinned at first submission; later only more days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from temporalio import activity

from cpor import calendars
from cpor.rules.deadlines import Calendar, Calendars
from cpor.rules.pinning import PIN_RULES, PinnedRules, PinQuestion
from cpor.settings import Settings, SettingsError

DAYS_AHEAD = 400
DAYS_BACK = timedelta(days=2)
"""Today began up to a day earlier in some places, and clocks may have started on it."""
KEPT = 500
"""Calendars: most claims of a day are of the same few countries."""


class RulesActivity:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._closures = _closures(settings.reviewers_closures)

    @activity.defn(name=PIN_RULES)
    async def pin_rules(self, question: PinQuestion) -> PinnedRules:
        return PinnedRules(
            edition=question.edition or self._settings.default_edition,
            calendars=self._calendars(question),
            directory=self._settings.directory_url is not None,
            portal=self._settings.portal_events_url is not None,
            result_days=self._settings.result_days,
            one_holder=self._settings.one_holder,
            looks=self._settings.look_into_proof,
            reviewers=bool(self._settings.reviewer_emails),
        )

    def _calendars(self, question: PinQuestion) -> Calendars:
        settings, first = self._settings, question.at.date() - DAYS_BACK
        reviewers = _calendar(
            settings.reviewers_country,
            first,
            settings.reviewers_subdivision,
            settings.reviewers_zone,
        )
        return Calendars(
            reviewer=reviewers.closed_on(self._closures),
            partner=self._calendar_of(
                question.partner_country, question.partner_region, question.partner_zone, first
            ),
            customer=self._calendar_of(
                question.customer_country, question.customer_region, question.customer_zone, first
            ),
        )

    def _calendar_of(
        self, country: str, region: str | None, zone: str | None, first: date
    ) -> Calendar:
        """What the claim says of its place goes before the settings for its country."""
        if region is None:
            subdivision = self._settings.subdivisions.get(country)
            zone = zone or self._settings.zones.get(country)
        else:
            subdivision = region.partition("-")[2]
        return _calendar(country, first, subdivision, zone)


def _closures(file: str | None) -> Mapping[date, str]:
    try:
        return calendars.closures(Path(file)) if file else {}
    except (OSError, ValueError) as error:
        raise SettingsError([f"CLAIMS_REVIEWERS_CLOSURES: {file}: {error}"]) from None


@lru_cache(maxsize=KEPT)
def _calendar(country: str, first: date, subdivision: str | None, zone: str | None) -> Calendar:
    found = calendars.resolve_what_is_known(country, first, DAYS_AHEAD, subdivision, zone)
    return Calendar.model_validate(found, from_attributes=True)

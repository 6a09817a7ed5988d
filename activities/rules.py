"""Which rules a claim is judged by, pinned at first submission; later only more days."""

from __future__ import annotations

from datetime import date, timedelta

from temporalio import activity

from cpor import calendars
from cpor.rules.deadlines import Calendar, Calendars
from cpor.rules.pinning import PIN_RULES, PinnedRules, PinQuestion
from cpor.settings import Settings

DAYS_AHEAD = 400
DAYS_BACK = timedelta(days=2)
"""Today began up to a day earlier in some places, and clocks may have started on it."""


class RulesActivity:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Else the first claim would wait for it.
        calendars.load()

    @activity.defn(name=PIN_RULES)
    async def pin_rules(self, question: PinQuestion) -> PinnedRules:
        return PinnedRules(
            edition=question.edition or self._settings.default_edition,
            calendars=self._calendars(question),
            directory=self._settings.directory_url is not None,
            portal=self._settings.portal_events_url is not None,
            reviewers=bool(self._settings.reviewer_emails),
        )

    def _calendars(self, question: PinQuestion) -> Calendars:
        settings, first = self._settings, question.at.date() - DAYS_BACK

        def of_country(country: str) -> Calendar:
            return _calendar(
                country, first, settings.subdivisions.get(country), settings.zones.get(country)
            )

        return Calendars(
            reviewer=_calendar(
                settings.reviewers_country,
                first,
                settings.reviewers_subdivision,
                settings.reviewers_zone,
            ),
            partner=of_country(question.partner_country),
            customer=of_country(question.customer_country),
        )


def _calendar(country: str, first: date, subdivision: str | None, zone: str | None) -> Calendar:
    found = calendars.resolve(country, first, DAYS_AHEAD, subdivision, zone)
    return Calendar.model_validate(found, from_attributes=True)

"""Which rules a claim is judged by: asked once, at first submission, and then kept."""

from __future__ import annotations

from temporalio import activity

from claims.deadlines import Calendars
from claims.effects import PIN_RULES, PinnedRules, PinQuestion


class RulesActivity:
    def __init__(self, default_edition: str) -> None:
        self._default_edition = default_edition

    @activity.defn(name=PIN_RULES)
    async def pin_rules(self, question: PinQuestion) -> PinnedRules:
        return PinnedRules(edition=question.edition or self._default_edition, calendars=Calendars())

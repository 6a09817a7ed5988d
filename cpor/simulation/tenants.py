"""Tenants whose items several claims ask for, and the associations that say who holds them."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from cpor.rules.associations.associations import Associations
from cpor.rules.associations.calls import Answer
from cpor.rules.associations.items import items_of
from cpor.rules.associations.state import News
from cpor.rules.associations.state import State as AssociationsState
from cpor.rules.associations.telling import Called, Heard, Telling
from cpor.rules.lifecycle import Status

if TYPE_CHECKING:
    from cpor.simulation.life import Life

CONTESTED = 40
"""A new claim may be about one of the last so many tenants."""


class Tenant:
    def __init__(self, tenant_id: str) -> None:
        self.id = tenant_id
        self.lives: dict[str, Life] = {}
        self._associations = Associations(AssociationsState(tenant_id=tenant_id, step=1))
        self._on_their_way: set[str] = set()

    def take(self, called: Called) -> Answer:
        answer = self._associations.take(called.call.name, [called.call.model_dump()])
        self._no_item_has_two_partners_that_were_told()
        return answer

    def news(self) -> list[Telling]:
        """News for claims, without what is already on its way."""
        fresh = [
            each for each in self._associations.state.news if each.id not in self._on_their_way
        ]
        self._on_their_way |= {each.id for each in fresh}
        return [
            Telling(tenant_id=self.id, news=each, picture=self._associations.picture(each.to))
            for each in fresh
        ]

    def was_heard(self, news: News, heard: Heard) -> None:
        self._on_their_way.discard(news.id)
        if heard.outcome == "gone":
            self._associations.found_gone(news)
        else:
            self._associations.told(news.id)

    def _no_item_has_two_partners_that_were_told(self) -> None:
        """Except a claim that is being displaced and was not told yet."""
        displaced = {each.to for each in self._associations.state.news if each.kind == "displaced"}
        told = [
            item
            for claim_id, life in self.lives.items()
            if life.state.status is Status.APPROVED and not life.state.awaits_award
            if claim_id not in displaced
            for item in items_of(life.state.products)
        ]
        assert len(told) == len(set(told)), f"an item of {self.id} has two partners"


class Tenants:
    """The last tenants: a claim that is opened now may be about one of them."""

    def __init__(self) -> None:
        self._last: list[Tenant] = []

    def one(self, dice: Random, shared: float) -> Tenant:
        if self._last and dice.random() < shared:
            return dice.choice(self._last)
        tenant = Tenant(str(UUID(int=dice.getrandbits(128))))
        self._last = [*self._last[-CONTESTED:], tenant]
        return tenant

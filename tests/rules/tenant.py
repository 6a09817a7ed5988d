"""Claims of one tenant, as far as its associations know them, and how each step is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cpor.rules.associations.associations import Associations
from cpor.rules.associations.calls import Answer, Rival
from cpor.rules.associations.state import State
from tests.examples import PROOF_SHA256
from tests.rules.play import MONDAY

TENANT = "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"
TEAMS, EXCHANGE, INTUNE = "workload:teams", "workload:exchange-online", "workload:intune"


class Tenant:
    """Says calls in the order of their numbers. After each, all is dumped and loaded anew."""

    def __init__(self) -> None:
        self.associations = Associations(State(tenant_id=TENANT))
        self.rounds: dict[str, int] = {}
        self.said = 0

    @property
    def state(self) -> State:
        return self.associations.state

    def call(self, claim: str, **more: Any) -> dict[str, Any]:
        """The next call of a claim, not yet said."""
        self.rounds[claim] = self.rounds.get(claim, 0) + 1
        self.said += 1
        at = MONDAY + timedelta(minutes=self.said)
        return {
            "tenant_id": TENANT,
            "claim_id": claim,
            "round": self.rounds[claim],
            "at": at,
            **more,
        }

    def wish(
        self, claim: str, items: Sequence[str] = (TEAMS,), mpn_id: str = "", proof: str = ""
    ) -> dict[str, Any]:
        """An `enter`, not yet said. By default each claim is another partner's."""
        return self.call(
            claim,
            mpn_id=mpn_id or f"49{sum(map(ord, claim)):05}",
            items=list(items),
            first_submitted_at=MONDAY,
            proofs=[proof or PROOF_SHA256],
        )

    def say(self, name: str, call: dict[str, Any]) -> Answer:
        answer = self.associations.take(name, [call])
        self.put_away()
        return answer

    def put_away(self) -> None:
        dump = self.state.model_dump_json()
        self.associations = Associations(State.model_validate_json(dump))
        assert self.state.model_dump_json() == dump

    def enter(self, claim: str, items: Sequence[str] = (TEAMS,), **more: str) -> Answer:
        return self.say("enter", self.wish(claim, items, **more))

    def award(self, claim: str, items: Sequence[str] = (TEAMS,), *displaces: str) -> Answer:
        call = self.call(claim, items=list(items), displaces=list(displaces))
        return self.say("award", call)

    def release(self, claim: str, ended: str = "withdrawn") -> Answer:
        return self.say("release", self.call(claim, ended=ended))

    def holder(self, item: str = TEAMS) -> str | None:
        holder = self.state.holders.get(item)
        return holder.claim_id if holder else None

    def told(self, kind: str) -> dict[str, list[str]]:
        """Who is to be told so, and of which items."""
        return {each.to: each.items for each in self.state.news if each.kind == kind}


def named(rivals: Sequence[Rival]) -> list[str]:
    return [rival.claim_id for rival in rivals]

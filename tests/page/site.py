"""The customer's page as its visitors use it, and what is read on it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx

from cpor import ClaimsClient
from cpor.links import SignedLinks
from cpor.page.counted_noes import CountedNoes, Outcome
from tests.examples import PARTNER, REVIEWER, dynamics_opening, opening
from tests.workflows.world import LIMIT, Handle, World

MAILER = {"role": "system", "id": "mailer"}
NEW_CONTACT = {"name": "Eva Falk", "email": "eva@contoso.example", "language": "sv"}


def customer(language: str) -> dict[str, Any]:
    """Contoso, whose contact has chosen this language."""
    contoso = opening()["customer"]
    return {**contoso, "contact": {**contoso["contact"], "language": language}}


class Counting(CountedNoes):
    """Says what was counted."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: list[Outcome] = []

    def count(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    async def reached(self, outcomes: Sequence[Outcome]) -> bool:
        return self.outcomes == list(outcomes)


@dataclass
class Site:
    """The page, and what its visitors do."""

    world: World
    claims: ClaimsClient
    links: SignedLinks
    browser: httpx.AsyncClient
    counted: Counting

    async def asked(self, **changes: Any) -> Handle:
        """A claim whose customer has got the mail."""
        return await self._approved(
            await self.world.open(**{"customer": customer("en"), **changes})
        )

    async def both_asked(self) -> Handle:
        """A claim for Business Applications: two contacts have got the mail."""
        claim_id = self.world.new_id()
        self.world.keep_proof(claim_id)
        data = dynamics_opening(claim_id)
        data["customer"]["contact"]["language"] = "en"
        return await self._approved(await self.world.start(claim_id, data))

    async def asked_anew(self, **changes: Any) -> Handle:
        """The first mail came back, and a second one went to another contact."""
        claim = await self.asked(**changes)
        await self.comes_back(claim)
        await self.world.tell(claim, "edit", by=PARTNER, changes={"customer_contact": NEW_CONTACT})
        await self.world.confirm(claim)
        await self.world.until_claim(claim, consent="pending", owed=[])
        return claim

    async def comes_back(self, claim: Handle) -> None:
        """A mail server that had taken the first notice sends it back."""
        await self.world.tell(
            claim,
            "bounced",
            by=MAILER,
            notice_id=f"{claim.id}.consent.1.contact",
            token=self.world.token_of(claim, f"{claim.id}.consent.1.contact"),
            detail="550 5.1.1 no such person",
        )

    async def _approved(self, claim: Handle) -> Handle:
        await self.world.tell(claim, "approve", by=REVIEWER)
        known = await self.world.until_claim(claim, owed=[])
        assert known["notice_accepted_at"] is not None
        return claim

    def link(self, claim: Handle, number: int = -1) -> str:
        """As it stands in the mail."""
        body = self.world.mails(claim, "consent")[number].get_body(("plain",))
        assert body is not None
        (found,) = set(re.findall(rf"{self.links.address}/{claim.id}/\S+", body.get_content()))
        return found

    async def says_no(self, link: str, note: str = "", **headers: str) -> httpx.Response:
        """Opens the page, fills in its form, and uses its button."""
        page = await self.browser.get(link, headers=headers)
        return await self.browser.post(link, data={**hidden(page), "note": note}, headers=headers)

    async def over(self, claim: Handle) -> dict[str, Any]:
        """The claim once all is told and written down."""
        async with asyncio.timeout(LIMIT):
            handle = self.world.client.get_workflow_handle(claim.id, result_type=dict)
            return await handle.result()

    async def unchanged(self, claim: Handle) -> tuple[int, dict[str, Any], list[dict[str, Any]]]:
        """What would differ if anything had happened: the engine's history, and the claim's."""
        events = (await claim.fetch_history()).events
        return len(events), await self.world.claim(claim), await self.world.history(claim)


def hidden(page: httpx.Response) -> Mapping[str, str]:
    """The fields that a form sends without being asked."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', page.text)
    return {name: unescape(value) for name, value in found}


def words_of(page: httpx.Response | str) -> str:
    """What is read, without markup."""
    content = page if isinstance(page, str) else page.text
    body = content.partition("<main>")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", "", body)).split())

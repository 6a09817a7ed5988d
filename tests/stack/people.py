"""What people and programs do with claims of the stack, each with a key of their own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

import httpx
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import TimeSkipper

from cpor import ClaimsClient
from cpor.rules.views import ClaimView
from tests.examples import PROOF, REVIEWER, opening
from tests.page.site import hidden
from tests.stack import compose
from tests.stack.browsing import browser
from tests.stack.running import Stack

T = TypeVar("T")
PATIENCE = 180.0


async def until(ask: Callable[[], Awaitable[T | None]], patience: float = PATIENCE) -> T:
    """The first answer that is something."""
    async with asyncio.timeout(patience):
        while not (found := await ask()):
            await asyncio.sleep(0.5)
        return found


@dataclass
class People:
    stack: Stack
    portal: ClaimsClient

    @classmethod
    async def of(cls, stack: Stack) -> People:
        return cls(stack, await stack.claims())

    @cached_property
    def partner(self) -> ClaimsClient:
        """The portal, for the partner of all these claims."""
        mpn_id = opening()["partner"]["mpn_id"]
        return self.portal.signing(self.stack.signer("portal").for_partner(mpn_id))

    @cached_property
    def reviewers(self) -> ClaimsClient:
        return self.portal.signing(self.stack.signer("reviewers"))

    @cached_property
    def operators(self) -> ClaimsClient:
        return self.portal.signing(self.stack.signer("operators"))

    async def open(self, claim_id: str, **changes: Any) -> None:
        """With a proof file, about a customer of its own."""
        file = self.stack.folder / f"{claim_id}.pdf"
        file.write_bytes(PROOF)
        proof = await self.portal.upload(claim_id, file)
        file.unlink()
        asked = opening(claim_id, evidence=[proof.model_dump(mode="json")], **changes)
        asked["customer"]["tenant_id"] = str(uuid5(NAMESPACE_URL, claim_id))
        await self.portal.open(asked)

    async def mail(self, claim_id: str, kind: str) -> Mapping[str, Any]:
        """The newest of this kind, once it is in the mailbox."""

        async def newest() -> Mapping[str, Any] | None:
            found = await self.stack.mails(f"{claim_id}.{kind}.")
            return max(found, key=lambda each: each["Created"], default=None)

        return await until(newest)

    async def link(self, claim_id: str) -> str:
        """As the customer finds it in the mail."""
        mail = await self.mail(claim_id, "consent")
        url = f"{self.stack.services.url(compose.MAILBOX_UI)}/api/v1/message/{mail['ID']}"
        async with browser() as tab:
            text = (await tab.get(url)).json()["Text"]
        page = f"http://localhost:{self.stack.services.ports[compose.PAGE]}"
        found = re.search(rf"{page}/{claim_id}/\S+", text)
        assert found, f"no link in {text}"
        return found[0]

    async def over(self, claim_id: str) -> ClaimView:
        """Once all is told and written down."""
        await until(lambda: self.is_over(claim_id))
        return await self.portal.claim(claim_id)

    async def is_over(self, claim_id: str) -> bool:
        handle = (await self.stack.client()).get_workflow_handle(claim_id)
        return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING

    async def until_paid_up(self, claim_id: str) -> ClaimView:
        async def paid_up() -> ClaimView | None:
            known = await self.portal.claim(claim_id)
            return None if known.owed else known

        return await until(paid_up)

    async def asked(self, claim_id: str) -> str:
        """A claim whose customer has got the mail; the link in it."""
        await self.open(claim_id)
        await self.reviewers.send(claim_id, "approve", {"id": "m-approve", "by": REVIEWER})
        link = await self.link(claim_id)
        await self.until_paid_up(claim_id)
        return link

    async def in_conflict(self, claim_id: str) -> ClaimView | None:
        known = await self.portal.claim(claim_id)
        return known if any(each.kind == "conflict" for each in known.owed) else None

    async def let_the_window_end(self, claim_id: str) -> None:
        known = await self.until_paid_up(claim_id)
        assert known.deadline, "no clock runs"
        await self.pass_time(claim_id, known.deadline - datetime.now(UTC) + timedelta(hours=1))

    async def pass_time(self, claim_id: str, time: timedelta) -> None:
        client = await self.stack.client()
        await TimeSkipper(client).fast_forward(client.get_workflow_handle(claim_id), time)

    def events_of(self, claim_id: str) -> list[str]:
        """Their ids, as the incentive engine entered them."""
        found = self.stack.entered()
        return [each["id"] for each in found if each["data"]["claim_id"] == claim_id]

    async def says_no(self, link: str) -> httpx.Response:
        """Opens the page, and uses its button where there is one: a no that is known has none."""
        async with browser() as tab:
            page = await tab.get(link)
            fields = hidden(page)
            return await tab.post(link, data={**fields, "note": ""}) if fields else page

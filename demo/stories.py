"""The four claims of the demo: what their people do, and how many days pass."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import WorkflowHandle

from cpor.client.client import ClaimsClient
from cpor.client.errors import PortalError
from cpor.rules.views import ClaimView, EntryView
from demo.stage import FOLDER, Stage

EXAMPLE = Path(__file__).parents[1] / "examples/claim.json"
DAY = timedelta(days=1)
LIMIT = 120.0
"""Seconds of real time that a step may take before the demo gives up."""

ADA = {"by": {"role": "partner", "id": "ada", "partner_role": "incentives_admin"}}
KIM = {"by": {"role": "reviewer", "id": "kim"}}
MISSING_DATES = {"requests": [{"reason": "missing_or_old_dates", "note": "Which year is this?"}]}


@dataclass
class Story:
    """One claim, the steps of its story, and its state when it was last read."""

    plot: str
    claim_id: str
    steps: Callable[[Steps], Awaitable[None]]
    partner_language: str
    customer_language: str
    step: str = ""
    """What its people do just now."""
    run_id: str = ""
    """The first run, which has the story; that of an official claim goes on in another."""
    link: str = ""
    """The customer's, once it has come."""
    today: datetime | None = None
    """The claim's own day: its time is skipped apart from that of the others."""
    view: ClaimView | None = None
    history: list[EntryView] = field(default_factory=list[EntryView])
    """Read once it is over."""

    async def play(self, stage: Stage, pace: float) -> None:
        """`pace` is how many seconds people have to read each step."""
        self.step = "the partner uploads proof and submits"
        proof = await _uploaded(stage.claims, self.claim_id, "statement-of-work.pdf")
        await stage.claims.open(self._opening(proof))
        handle = stage.client.get_workflow_handle(self.claim_id)
        self.run_id = (await handle.describe()).run_id
        await self.steps(Steps(stage, handle, self, pace))

    def _opening(self, proof: dict[str, Any]) -> dict[str, Any]:
        """The example that the README starts, with an id, a tenant and languages of its own."""
        example = json.loads(EXAMPLE.read_text("utf-8"))
        example["partner"]["contact"]["language"] = self.partner_language
        example["customer"]["contact"]["language"] = self.customer_language
        # Else the first of them would hold the items of all.
        example["customer"]["tenant_id"] = str(uuid.uuid5(uuid.NAMESPACE_OID, self.claim_id))
        return {**example, "claim_id": self.claim_id, "evidence": [proof]}


@dataclass(frozen=True)
class Steps:
    """What can happen to the claim of a story: messages, passing days, a click of the customer."""

    stage: Stage
    handle: WorkflowHandle[Any, Any]
    story: Story
    pace: float

    async def tell(self, step: str) -> None:
        self.story.step = step
        self.story.today = await self.stage.skipper.get_current_time(self.handle)
        await asyncio.sleep(self.pace)

    async def send(self, name: str, who: dict[str, Any], **more: Any) -> None:
        await self.stage.claims.send(self.handle.id, name, {**who, **more})

    async def add_evidence(self, name: str) -> None:
        proof = await _uploaded(self.stage.claims, self.handle.id, name)
        await self.send("add_evidence", ADA, evidence=[proof])

    async def approve(self) -> None:
        await self.tell("kim, a reviewer, approves the claim")
        await self.send("approve", KIM)

    async def ask(self) -> None:
        await self.tell("kim, a reviewer, asks for a missing date")
        await self.send("request_info", KIM, **MISSING_DATES)

    async def days_pass(self, days: int) -> None:
        await self.tell("a day passes" if days == 1 else f"{days} days pass")
        await self.stage.skipper.fast_forward(self.handle, days * DAY)

    async def until(
        self,
        condition: Callable[[ClaimView], object],
        attempt: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Wait for the condition; make the attempt, if there is one, each time it does not hold."""
        try:
            async with asyncio.timeout(LIMIT):
                while not condition(await self.stage.claims.claim(self.handle.id)):
                    if attempt is not None:
                        await attempt()
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise PortalError(
                f"The demo gave up: {self.handle.id} did not go on within {LIMIT:.0f} s."
            ) from None

    async def customer_is_notified(self) -> None:
        await self.tell("the customer gets a mail: a week to say no")
        await self.until(lambda claim: claim.notice_accepted_at)

    async def customer_declines(self, note: str) -> None:
        """As customers do: open the link in the mail, and use the button of the page."""
        await self.tell("the customer opens the mail's link: no")
        link = self.customers_link()

        async def use_the_button() -> None:
            page = await browser.get(link)
            hidden = dict(re.findall(r'name="(confirmation)" value="([^"]+)"', page.text))
            await browser.post(link, data={**hidden, "note": note})

        # The page is on loopback, which no proxy reaches. On a busy machine it may ask to come back
        # later; the same no again is one no.
        async with httpx.AsyncClient(timeout=LIMIT, trust_env=False) as browser:
            await self.until(lambda claim: claim.consent == "declined", use_the_button)

    def customers_link(self) -> str:
        (mail,) = self.stage.mailbox.glob(f"*-{self.handle.id}.consent.1.contact.eml")
        body = message_from_bytes(mail.read_bytes(), policy=default).get_body(("plain",))
        (link,) = re.findall(rf"http\S+/{self.handle.id}/\S+", body.get_content() if body else "")
        return link


def stories(prefix: str) -> list[Story]:
    return [
        Story("the customer says nothing", f"{prefix}-1", _silence, "de", "sv"),
        Story("more is asked, and answered", f"{prefix}-2", _answered, "nl", "tr"),
        Story("more is asked, never answered", f"{prefix}-3", _unanswered, "tr", "de"),
        Story("the customer says no", f"{prefix}-4", _declined, "sv", "en"),
    ]


def still_waiting(prefix: str) -> Story:
    """For those who stay: a claim whose customer they can be."""
    return Story("the customer has not decided yet", f"{prefix}-5", _undecided, "en", "en")


async def _silence(steps: Steps) -> None:
    await steps.days_pass(1)
    await steps.tell("kim, a reviewer, begins to check the proof")
    await steps.send("start_review", KIM)
    await steps.days_pass(1)
    await steps.approve()
    await steps.customer_is_notified()
    await steps.days_pass(8)
    await steps.tell("handed on; approved is not yet paid")
    await steps.until(lambda claim: claim.handed_off_at and not claim.owed)


async def _undecided(steps: Steps) -> None:
    await steps.approve()
    await steps.customer_is_notified()
    steps.story.link = steps.customers_link()
    await steps.tell("it waits for you")


async def _answered(steps: Steps) -> None:
    await steps.ask()
    await steps.days_pass(2)
    await steps.tell("the partner adds the page and answers")
    await steps.add_evidence("signed-page.pdf")
    await steps.send("submit", ADA, comment="The page with the signatures and dates.")
    await steps.days_pass(1)
    await steps.approve()
    await steps.customer_is_notified()
    await steps.days_pass(8)
    await steps.tell("handed on; approved is not yet paid")
    await steps.until(lambda claim: claim.handed_off_at and not claim.owed)


async def _unanswered(steps: Steps) -> None:
    await steps.ask()
    await steps.days_pass(20)
    await steps.until(lambda claim: claim.status == "Rejected")
    await steps.tell("nobody answered; a dispute is possible")
    await steps.days_pass(31)
    await steps.tell("the time to dispute is over")
    await steps.until(lambda claim: claim.ended_at and not claim.owed)


async def _declined(steps: Steps) -> None:
    await steps.approve()
    await steps.customer_is_notified()
    await steps.days_pass(3)
    await steps.customer_declines("We did this ourselves.")
    await steps.tell("partner, reviewers and customer are told")
    await steps.until(lambda claim: claim.ended_at and not claim.owed)


async def _uploaded(claims: ClaimsClient, claim_id: str, name: str) -> dict[str, Any]:
    """A small file that stands for a signed document, in the store."""
    file = FOLDER / "proof" / claim_id / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"%PDF-1.4\n% {name} of {claim_id}\n", "utf-8")
    return (await claims.store.upload(claim_id, file)).model_dump()

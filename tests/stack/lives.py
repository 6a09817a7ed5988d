"""Whole lives on a stack whose parts die: people insist until they are answered.

What somebody says again has the same id, so it counts once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any, TypeVar

import httpx
from temporalio.client import RPCTimeoutOrCancelledError
from temporalio.service import RPCError

from cpor import ClaimsClient, Taken
from cpor.client.errors import ClaimClosed, EngineUnreachable, NoAnswer
from cpor.rules.facts import By
from cpor.rules.messages import Receipt, Retry
from cpor.store import StoreError
from tests.examples import OPERATOR, PARTNER, REVIEWER
from tests.stack.people import People

T = TypeVar("T")
ONE_ANSWER = 60.0
SOMEBODY_TRIES = Retry(by=By.model_validate(OPERATOR))
ASKED = [{"reason": "missing_all_poe"}]
AWAY = (
    *(EngineUnreachable, NoAnswer, StoreError, httpx.HTTPError),
    *(RPCError, RPCTimeoutOrCancelledError, TimeoutError),
)
"""What is raised while a part is down."""


@dataclass
class Wait:
    """How long a person waits for one answer."""

    what: str
    last: str = "nothing came of it"
    since: float = field(default_factory=monotonic)

    def __str__(self) -> str:
        return f"{self.what}, since {monotonic() - self.since:.0f} s: {self.last}"


@dataclass(frozen=True)
class Ending:
    """How a life of this kind must end, after these messages."""

    status: str
    consent: str
    said: Sequence[str]
    events: int = 0
    """That the incentive engine entered."""


@dataclass
class Life:
    people: People
    claim_id: str
    dice: Random
    ending: Ending
    told: dict[str, str] = field(default_factory=dict[str, str])
    """The names of what was said, by the id under which it was."""
    wait: Wait | None = None
    ended: bool = False

    async def insist(self, what: str, ask: Callable[[], Awaitable[T | None]]) -> T:
        """Ask again until there is an answer."""
        self.wait = wait = Wait(what)
        while True:
            try:
                if found := await asyncio.wait_for(ask(), ONE_ANSWER):
                    self.wait = None
                    return found
                wait.last = "nothing came of it"
            except AWAY as error:
                wait.last = f"{type(error).__name__}: {error}"
            await asyncio.sleep(1)

    async def opened(self) -> None:
        async def open() -> bool:
            await self.people.open(self.claim_id)
            return True

        await self.insist("open", open)

    async def say(self, sender: ClaimsClient, name: str, **said: Any) -> None:
        """Until there is a receipt. What Temporal keeps for a worker is not said again."""
        await asyncio.sleep(self.dice.uniform(0, 2))
        message = {"id": f"m-{len(self.told) + 1}", **said}
        self.told[message["id"]] = name

        is_taken = False

        async def receipt() -> Receipt | None:
            nonlocal is_taken
            if not is_taken:
                try:
                    answer = await sender.send(self.claim_id, name, message)
                except ClaimClosed:
                    is_taken = True  # It was the last word; only its answer was lost.
                else:
                    is_taken = isinstance(answer, Taken)
                    return answer if isinstance(answer, Receipt) else None
            return await sender.receipt(self.claim_id, message["id"], said["by"]["role"])

        await self.insist(name, receipt)

    async def asked(self) -> str:
        """Approved, and the customer has got the mail; the link in it."""
        await self.say(self.people.reviewers, "approve", by=REVIEWER)
        link = await self.insist("the customer's mail", lambda: self.people.link(self.claim_id))
        await self.insist("mails that arrived", self._told_everybody)
        return link

    async def _told_everybody(self) -> bool:
        known = await self.people.portal.claim(self.claim_id)
        return not any(owed.kind == "notice" for owed in known.owed)

    async def over(self) -> None:
        await self.insist("the end", lambda: self.people.is_over(self.claim_id))


async def says_no(life: Life) -> None:
    link = await life.asked()

    async def said() -> bool:
        """A page that has answered has the no, if only to pass it on."""
        answer = await life.people.says_no(link)
        return answer.status_code in (200, 202)

    await life.insist("no", said)
    await life.over()


async def stays_silent(life: Life) -> None:
    await life.asked()

    async def ended() -> bool:
        if (await life.people.portal.claim(life.claim_id)).consent == "pending":
            await life.people.let_the_window_end(life.claim_id)
        # Time skipped the pauses of its tries, too: the next one may be hours from now.
        await life.people.operators.try_late(life.claim_id, SOMEBODY_TRIES)
        known = await life.people.portal.claim(life.claim_id)
        return (known.consent, known.eligibility) == ("lapsed", "sent")

    await life.insist("the end of the window", ended)


async def answers(life: Life) -> None:
    """A question, an answer, and the partner gives up."""
    await life.say(life.people.reviewers, "start_review", by=REVIEWER)
    await life.say(life.people.reviewers, "request_info", by=REVIEWER, requests=ASKED)
    await life.say(life.people.partner, "comment", by=PARTNER, text="Page 3 names the product.")
    await life.say(life.people.partner, "submit", by=PARTNER)
    await life.say(life.people.partner, "withdraw", by=PARTNER, reason="other")
    await life.over()


async def is_told_by_telephone(life: Life) -> None:
    await life.asked()
    said = {"by": OPERATOR, "contact": "contact", "came_by": "telephone"}
    await life.say(life.people.operators, "decline", **said)
    await life.over()


ANSWERED = ("comment", "submit", "submit", "withdraw")
"""It was submitted with its opening, too."""
Journey = Callable[[Life], Awaitable[None]]
JOURNEYS: Mapping[Journey, Ending] = {
    says_no: Ending("Rejected", "declined", ["approve", "decline"]),
    stays_silent: Ending("Approved", "lapsed", ["approve"], events=1),
    answers: Ending(
        "Rejected",
        "none",
        ["start_review", "request_info", "comment", "submit", "submit", "withdraw"],
    ),
    is_told_by_telephone: Ending("Rejected", "declined", ["approve", "decline"]),
}

"""A client for claims: it starts them, speaks to them and reads what is known of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, cast

import rfc8785
from pydantic import TypeAdapter
from temporalio.client import Client

from cpor.client import open_debts, records, search
from cpor.client.connection import connect, where
from cpor.client.errors import ClaimClosed, ClaimExists, MessageRefused, NoAnswer, PortalError
from cpor.client.open_debts import OpenDebt, Retried
from cpor.client.search import Found, Search
from cpor.client.speaking import Answer, Speaks, Taken, with_id
from cpor.client.transport import Wire, unknown, unsayable
from cpor.contract import search_attributes
from cpor.contract.names import TASK_QUEUE
from cpor.rules import current_details
from cpor.rules.claim import Claim
from cpor.rules.errors import Invalid, Refused
from cpor.rules.facts import FileReference, Opening
from cpor.rules.history import Sight
from cpor.rules.messages import Receipt, Retry
from cpor.rules.views import MOST_ENTRIES, ClaimView, ClockView, EntryView
from cpor.settings import Settings
from cpor.store import Store

OVER = object()
MAYBE_A_RECEIPT = cast("type[Receipt | None]", Receipt | None)

_anything: TypeAdapter[Any] = TypeAdapter(Any)


class ClaimsClient(Speaks):
    """Everything a portal does with claims. Each call may be repeated without harm.

    >>> async with ClaimsClient.connect() as claims:
    ...     print((await claims.claim("CPOR-7Q2M4X")).status.value)
    Submitted

    What the rules refuse is raised as `MessageRefused`; all that is raised is a `PortalError`, or
    a `StoreError` where the store of proof files and records cannot be used.
    """

    def __init__(self, client: Client, store: Store, task_queue: str = TASK_QUEUE) -> None:
        self.store = store
        self._wire = Wire(client, store, task_queue)

    @classmethod
    @asynccontextmanager
    async def connect(cls) -> AsyncGenerator[Self]:
        """A client of the Temporal and the store that the settings name."""
        settings = Settings.load()
        yield cls(await connect(where()), Store.open(settings.store_url))

    # Starting

    async def open(self, opening: Opening | Mapping[str, Any]) -> str:
        """Start a claim and return its id. The same opening again finds the claim that is there.

        What the rules would refuse is refused here, before anything is sent.

        >>> await claims.open(opening)
        'CPOR-7Q2M4X'
        """
        sent = _as_sent(opening)
        try:
            claim = Claim.open(sent, datetime.now(UTC))
        except Refused as refused:
            fields = refused.problems if isinstance(refused, Invalid) else ()
            raise MessageRefused(refused.code, refused.text, fields) from None
        digest = _digest(sent)
        if await self.store.read_record(
            claim.state.claim_id
        ) is not None or not await self._wire.start(
            claim.state.claim_id,
            sent,
            memo={"opening": digest},
            summary=current_details.summary(claim.state),
            details=current_details.claimed(claim.state),
            attributes=search_attributes.of(claim.state),
        ):
            await self._same_or_taken(claim.state.claim_id, digest)
        return claim.state.claim_id

    async def upload(self, claim_id: str, file: Path) -> FileReference:
        """Put a proof file into the store; what it returns names it to the claim.

        >>> (await claims.upload("CPOR-7Q2M4X", Path("sow.pdf"))).size
        50
        """
        return await self.store.upload(claim_id, file)

    async def _same_or_taken(self, claim_id: str, digest: str) -> None:
        description = await self._wire.describe(claim_id)
        opened_with = description and await description.memo_value("opening", None)
        if opened_with == digest:
            return
        if description is None:
            whom = "a claim that is over and forgotten (perhaps this very one: nobody can tell)"
        elif opened_with is None:
            whom = "a claim opened by other means (perhaps this very one: nobody can tell)"
        else:
            whom = "another claim"
        raise ClaimExists(
            f"{claim_id} is taken by {whom}, and an id is used once: choose a new one"
        )

    # Speaking

    async def send(self, claim_id: str, name: str, message: Mapping[str, Any]) -> Answer:
        """Say something by its name, and be answered.

        The message gets an id if it has none. When no worker answers in time it is sent once more
        as a signal, which the engine keeps until one is there, and the answer says so.
        """
        content = with_id(message)
        receipt = await self._wire.update(claim_id, name, content)
        if receipt is None:
            await self._wire.signal(claim_id, name, content)
            return Taken(id=content["id"])
        return receipt

    async def signal(self, claim_id: str, name: str, message: Mapping[str, Any]) -> str:
        """Say something without waiting for the answer; returns the id it was said under."""
        content = with_id(message)
        await self._wire.signal(claim_id, name, content)
        return content["id"]

    # Reading

    async def claim(self, claim_id: str) -> ClaimView:
        """Everything known of it: from the running claim, its result, or its record.

        >>> (await claims.claim("CPOR-7Q2M4X")).waiting_for
        'reviewer'
        """
        if await self._wire.is_running(claim_id):
            return await self._wire.ask(claim_id, "claim", ClaimView)
        return await self._ended(claim_id)

    async def history(
        self, claim_id: str, side: Sight = "reviewer", after: int = 0
    ) -> list[EntryView]:
        """What one side may see of what happened after the entry with that number.

        >>> [entry.what for entry in await claims.history("CPOR-7Q2M4X", side="partner")]
        ['opened', 'submit', 'directory']
        """
        if not await self._wire.is_running(claim_id):
            return records.history(await self._record(claim_id), side, after)
        found: list[EntryView] = []
        while True:
            question = {"side": side, "after": after, "limit": MOST_ENTRIES}
            more = await self._wire.ask(claim_id, "history", list[EntryView], question)
            found += more
            if len(more) < MOST_ENTRIES:
                return found
            after = more[-1].seq

    async def deadlines(self, claim_id: str) -> list[ClockView]:
        """Every clock with the sum that led to its end: from the running claim, or its record.

        >>> [(clock.clock, clock.state) for clock in await claims.deadlines("CPOR-7Q2M4X")]
        [('wait_for_review', 'running'), ('overall', 'running')]
        """
        if await self._wire.is_running(claim_id):
            return await self._wire.ask(claim_id, "deadlines", list[ClockView])
        return records.deadlines(await self._record(claim_id))

    async def receipt(self, claim_id: str, message_id: str) -> Receipt | None:
        """What a message was answered, also long after; None where it never arrived.

        >>> (await claims.receipt("CPOR-7Q2M4X", "never-sent")) is None
        True
        """
        if await self._wire.is_running(claim_id):
            return await self._wire.ask(claim_id, "receipt", MAYBE_A_RECEIPT, message_id)
        return records.receipt(await self._record(claim_id), message_id)

    async def standing(
        self, claim_id: str, message_id: str
    ) -> tuple[ClaimView, list[ClockView], Receipt | None]:
        """The claim, its clocks and what a message was answered, all from the same source.

        >>> claim, clocks, receipt = await claims.standing("CPOR-7Q2M4X", "never-sent")
        >>> (claim.status.value, len(clocks), receipt)
        ('Submitted', 2, None)
        """
        if await self._wire.is_running(claim_id):
            return await asyncio.gather(
                self._wire.ask(claim_id, "claim", ClaimView),
                self._wire.ask(claim_id, "deadlines", list[ClockView]),
                self._wire.ask(claim_id, "receipt", MAYBE_A_RECEIPT, message_id),
            )
        record = await self._record(claim_id)
        receipt = records.receipt(record, message_id)
        return await self._ended(claim_id), records.deadlines(record), receipt

    def search(self, wanted: Search | None = None) -> AsyncIterator[Found]:
        """The claims of which all this is true, those that have ended included.

        >>> [found.claim_id async for found in claims.search(Search(partner="4912345"))]
        ['CPOR-7Q2M4X']
        """
        return search.search(self._wire, self.store, wanted or Search())

    async def watch(
        self, claim_id: str, side: Sight = "reviewer", after: int = 0
    ) -> AsyncGenerator[EntryView]:
        """What happens to it, as it happens, until it is over; first what happened so far.

        The engine is asked to answer once there is something new, so nothing is asked in vain.

        >>> async for entry in claims.watch("CPOR-7Q2M4X"):
        ...     print(entry.what)
        ...     break
        opened
        """
        news = self._wire.news(claim_id)
        while True:
            for entry in await self.history(claim_id, side, after):
                yield entry
                after = entry.seq
            if await anext(news, OVER) is OVER:
                return

    async def _ended(self, claim_id: str) -> ClaimView:
        """The result, which the engine keeps for a while, or the record."""
        if await self._wire.describe(claim_id) is not None:
            return await self._wire.result(claim_id, ClaimView)
        record = await records.kept(self.store, claim_id)
        if record is None:
            raise unknown(claim_id)
        return records.claim(record)

    async def _record(self, claim_id: str) -> dict[str, Any]:
        record = await records.kept(self.store, claim_id)
        if record is None:
            await self._ended(claim_id)  # what is unknown, or was ended by force, says so
            raise PortalError(
                f"the record of {claim_id} is not in the store, and nothing else tells of a claim "
                "that is over; look whether the store is the worker's, and was kept whole"
            )
        return record

    # Looking after

    async def tries(self, claim_id: str) -> Mapping[str, str]:
        """Of each debt that is being tried: how often, and what went wrong last."""
        description = await self._wire.describe(claim_id)
        if description is None:
            return {}
        return {
            each.activity_id: f"try {open_debts.tries(each)}, {each.last_failure.message}"
            for each in description.raw_description.pending_activities
            if each.HasField("last_failure")
        }

    async def owed(self, most: int | None = None) -> list[OpenDebt]:
        """Every late or parked debt of all claims, or of so many at most, oldest first.

        The engine lists claims with a little delay: what has just become late may be missing.
        """
        listed = [each.id async for each in self._wire.listed(open_debts.SEARCH, most)]
        return await open_debts.of_all(listed, self._owed_by)

    async def retry(self, claim_id: str, message: Retry) -> Retried:
        """What is parked is owed again, what is late is tried at once; an operator wants it.

        The claim itself is always told: only it knows of a customer's contact without a notice.

        >>> retried = await claims.retry("CPOR-7Q2M4X", Retry(by=olga))
        >>> retried.answer.text
        'Nothing is parked.'
        """
        answer = await self.say(claim_id, message)
        if isinstance(answer, Taken):
            return Retried(claim_id, answer)  # nobody is there to say what is late
        try:
            owed = await self._owed_by(claim_id)
        except (ClaimClosed, NoAnswer):
            return Retried(claim_id, answer)
        return Retried(claim_id, answer, await self._tried_now(owed, message.by.id))

    async def try_late(self, claim_id: str, message: Retry) -> Retried:
        """What is late is tried at once; the claim is told nothing."""
        tried = await self._tried_now(await self._owed_by(claim_id), message.by.id)
        return Retried(claim_id, None, tried)

    async def _owed_by(self, claim_id: str) -> list[OpenDebt]:
        description = await self._wire.running(claim_id)
        known = await self._wire.ask(claim_id, "claim", ClaimView)
        return list(open_debts.of_claim(known, description))

    async def _tried_now(self, owed: Iterable[OpenDebt], by: str) -> tuple[str, ...]:
        tried = [
            debt.what
            for debt in owed
            if debt.id
            and debt.what
            and debt.next_try
            and not debt.waits_for_word
            and await self._wire.try_now(debt.claim_id, debt.id, by)
        ]
        return tuple(tried)

    async def is_there(self, claim_id: str) -> bool:
        """Whether the engine knows it, running or ended."""
        return await self._wire.describe(claim_id) is not None


def _as_sent(opening: Opening | Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it, whether models are the whole of it, parts of it or nowhere in it."""
    try:
        return _anything.dump_python(opening, mode="json", exclude_unset=True)
    except ValueError as error:
        raise unsayable(error) from None


def _digest(sent: Mapping[str, Any]) -> str:
    try:
        return hashlib.sha256(rfc8785.dumps(dict(sent))).hexdigest()
    except ValueError as error:
        raise unsayable(error) from None

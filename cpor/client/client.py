"""The client for claims: starts them, sends messages to them and reads them."""

from __future__ import annotations

import copy
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from temporalio.client import Client

from cpor.client import connection, ids, next_due, open_debts, records, search
from cpor.client.answers import Answer, Taken
from cpor.client.errors import ClaimClosed, MessageRefused, NoAnswer, PortalError
from cpor.client.next_due import NextDue
from cpor.client.open_debts import OpenDebt, Retried
from cpor.client.search import Found, Search
from cpor.client.signing import Signer
from cpor.client.transport import Transport, unknown
from cpor.contract.names import TASK_QUEUE
from cpor.contract.overview import Overview
from cpor.rules.errors import Refused
from cpor.rules.facts import FileReference, Opening, Role
from cpor.rules.history import Sight
from cpor.rules.messages import Message, Receipt, Retry
from cpor.rules.news import News
from cpor.rules.proof import OPEN
from cpor.rules.proof_sheet import LookedInto
from cpor.rules.views import MOST_ENTRIES, ClaimView, ClockView, EntryView, looked_into
from cpor.store import Store, StoreUnusable

if TYPE_CHECKING:
    from cpor.client.openings import CheckedOpening

ANSWER_TIMEOUT = timedelta(seconds=10)
_END = object()
_OPTIONAL_RECEIPT = cast("type[Receipt | None]", Receipt | None)


class ClaimsClient:
    """Starts claims, sends messages to them and reads them. Each call may be repeated without harm.

    >>> async with ClaimsClient.connect() as claims:
    ...     print((await claims.claim("CPOR-7Q2M4X")).status.value)
    Submitted

    What the rules refuse is raised as `MessageRefused`; all that is raised is a `PortalError`, or
    a `StoreError` where the store of proof files and records cannot be used.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        task_queue: str = TASK_QUEUE,
        signer: Signer | None = None,
        answer_timeout: timedelta = ANSWER_TIMEOUT,
    ) -> None:
        """The client of Temporal must have been made with a `ClaimsPlugin`.

        A `cpor.proofs.Signer` signs all that is sent. Without one, nothing is signed.

        What no worker answers within `answer_timeout` is `Taken`, and a question then raises
        `NoAnswer`.
        """
        self.store = store
        self._transport = Transport(client, store, task_queue, answer_timeout)
        self._signer = signer

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, store_url: str | None = None, signer: Signer | None = None
    ) -> AsyncGenerator[Self]:
        """A client that finds Temporal as its SDK does: by `TEMPORAL_ADDRESS` or `temporal.toml`.

        The URL of the store is by default that of the variable `CLAIMS_STORE_URL`.
        """
        url = store_url or os.environ.get("CLAIMS_STORE_URL")
        if not url:
            raise StoreUnusable("No store is named: pass `store_url`, or set CLAIMS_STORE_URL.")
        client = await connection.connect(connection.configured())
        yield cls(client, Store.open(url), signer=signer)

    def signing(self, signer: Signer) -> Self:
        """The same client, for what is signed by this signer.

        >>> for_fabrikam = claims.signing(portal.for_partner("4912345"))
        >>> (await for_fabrikam.claim("CPOR-7Q2M4X")).waiting_for
        'reviewer'
        """
        other = copy.copy(self)
        other._signer = signer
        return other

    # Starting

    async def open(self, opening: Opening | Mapping[str, Any] | CheckedOpening) -> str:
        """Start a claim and return its id. The same opening again finds the claim that is there.

        What the rules would refuse is refused here, before anything is sent; a `CheckedOpening`
        has been checked before, and its proof files are uploaded first.

        >>> await claims.open(opening)
        'CPOR-7Q2M4X'
        """
        from cpor.client import openings  # It loads all the rules, for who only reads in vain.

        try:
            checked = (
                opening if isinstance(opening, openings.CheckedOpening) else openings.check(opening)
            )
        except Refused as refused:
            raise MessageRefused(refused.code, refused.text, refused.problems) from None
        await self.start(checked)
        return checked.claim_id

    async def start(self, checked: CheckedOpening) -> bool:
        """Upload its proof and start it. False: it is there already, opened with just this."""
        claim_id = checked.claim_id
        for file, reference in checked.proof.items():
            await self.store.upload(claim_id, file, reference)
        was_used = await self.store.read_record(claim_id) is not None
        signed = self._signed_opening(claim_id, checked.content)
        memo = {"opening": checked.digest}
        if was_used or not await self._transport.start(
            claim_id, signed, memo, checked.summary, checked.details, checked.attributes
        ):
            await self._same_or_taken(claim_id, checked.digest)
            return False
        return True

    async def upload(self, claim_id: str, file: Path) -> FileReference:
        """Put a proof file into the store; what it returns names it to the claim.

        >>> (await claims.upload("CPOR-7Q2M4X", Path("sow.pdf"))).size
        50
        """
        return await self.store.upload(claim_id, file)

    async def _same_or_taken(self, claim_id: str, digest: str) -> None:
        description = await self._transport.describe(claim_id)
        opened_with = description and await description.memo_value("opening", None)
        if opened_with == digest:
            return
        raise ids.taken(claim_id, description is None, opened_with is None)

    # Sending

    async def say(self, claim_id: str, message: Message) -> Answer:
        """Send a message and wait for its receipt, or for a `Taken` where no worker answers.

        >>> message = Approve(by=kim, note="All there.")
        >>> (await claims.say("CPOR-7Q2M4X", message)).text
        'Approved. The customer is being told.'
        """
        content = message.model_dump(mode="json", exclude_unset=True)
        return await self.send(claim_id, message.name, content)

    async def send(self, claim_id: str, name: str, message: Mapping[str, Any]) -> Answer:
        """The same for a message as JSON, which gets an id if it has none.

        When no worker answers in time, the message is sent again as a signal, which Temporal keeps
        until one is there.
        """
        return await self.pass_on(claim_id, name, self.signed(claim_id, name, message))

    async def pass_on(self, claim_id: str, name: str, message: Mapping[str, Any]) -> Answer:
        """The same for a message that has an id and, where one is asked for, a proof."""
        receipt = await self._transport.update(claim_id, name, message)
        if receipt is None:
            await self._transport.signal(claim_id, name, message)
            return Taken(id=message["id"])
        return receipt

    async def signal(self, claim_id: str, name: str, message: Mapping[str, Any]) -> str:
        """Send a message without waiting for a receipt; returns its id."""
        content = self.signed(claim_id, name, message)
        await self._transport.signal(claim_id, name, content)
        return content["id"]

    def signed(self, claim_id: str, name: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """The message as it is sent: with an id, and by this client's key if it has one."""
        content = ids.with_id(message)
        return self._signer.sign(claim_id, name, content) if self._signer else content

    def _signed_opening(self, claim_id: str, opening: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._signer.sign(claim_id, OPEN, opening) if self._signer else opening

    # Reading

    async def claim(self, claim_id: str) -> ClaimView:
        """Everything known of it: of a running claim by query, else from its result or its record.

        >>> (await claims.claim("CPOR-7Q2M4X")).waiting_for
        'reviewer'
        """
        if await self._transport.is_running(claim_id):
            return await self._transport.query(claim_id, "claim", ClaimView)
        return await self._ended(claim_id)

    async def history(
        self, claim_id: str, side: Sight = "reviewer", after: int = 0
    ) -> list[EntryView]:
        """What one side may see of what happened after the entry with that number.

        >>> [entry.what for entry in await claims.history("CPOR-7Q2M4X", side="partner")]
        ['opened', 'submit', 'directory']
        """
        if not await self._transport.is_running(claim_id):
            return records.history(await self._record(claim_id), side, after)
        found: list[EntryView] = []
        while True:
            question = {"side": side, "after": after, "limit": MOST_ENTRIES}
            more = await self._transport.query(claim_id, "history", list[EntryView], question)
            found += more
            if len(more) < MOST_ENTRIES:
                return found
            after = more[-1].seq

    async def deadlines(self, claim_id: str) -> list[ClockView]:
        """Every clock, with the sum that led to its end.

        >>> [(clock.clock, clock.state) for clock in await claims.deadlines("CPOR-7Q2M4X")]
        [('wait_for_review', 'running'), ('overall', 'running')]
        """
        if await self._transport.is_running(claim_id):
            return await self._transport.query(claim_id, "deadlines", list[ClockView])
        return records.deadlines(await self._record(claim_id))

    async def events(self, claim_id: str) -> list[News]:
        """Every event for the portal, sent or not, oldest first: for a portal that missed some.

        >>> [event.data["status"] for event in await claims.events("CPOR-7Q2M4X")]
        ['Submitted']
        """
        if await self._transport.is_running(claim_id):
            return await self._transport.query(claim_id, "events", list[News])
        return records.events(await self._record(claim_id))

    async def sheet(self, claim_id: str) -> LookedInto:
        """What a program found in its proof, in short: verdicts, counts and codes.

        >>> [file.name for file in (await claims.sheet("CPOR-7Q2M4X")).files]
        ['sow.pdf']
        """
        return looked_into(await self.claim(claim_id))

    async def receipt(
        self, claim_id: str, message_id: str, role: Role | None = None
    ) -> Receipt | None:
        """The receipt of a message, also long after; None where the message never arrived.

        Senders of two roles may use the same id: then say whose message it was.

        >>> (await claims.receipt("CPOR-7Q2M4X", "never-sent")) is None
        True
        """
        if await self._transport.is_running(claim_id):
            which = records.asked(message_id, role)
            return await self._transport.query(claim_id, "receipt", _OPTIONAL_RECEIPT, which)
        return records.receipt(await self._record(claim_id), message_id, role)

    async def overview(self, claim_id: str, message_id: str, role: Role | None = None) -> Overview:
        """The claim, its deadlines and the receipt of one message, all of the same moment.

        >>> overview = await claims.overview("CPOR-7Q2M4X", "never-sent")
        >>> (overview.claim.status.value, len(overview.deadlines), overview.receipt)
        ('Submitted', 2, None)
        """
        if await self._transport.is_running(claim_id):
            which = records.asked(message_id, role)
            return await self._transport.query(claim_id, "overview", Overview, which)
        record = await self._record(claim_id)
        return Overview(
            claim=await self._ended(claim_id),
            deadlines=records.deadlines(record),
            receipt=records.receipt(record, message_id, role),
        )

    def search(self, wanted: Search | None = None) -> AsyncIterator[Found]:
        """The claims that match, those that have ended included.

        >>> [found.claim_id async for found in claims.search(Search(partner="4912345"))]
        ['CPOR-7Q2M4X']
        """
        return search.search(self._transport, self.store, wanted or Search())

    async def next_due(self, wanted: Search, most: int) -> NextDue | None:
        """The claims that are due next. None: others than running ones can match; use `search`.

        >>> (await claims.next_due(Search(claims="running", partner="4912345"), 50)).more
        0
        """
        return await next_due.next_due(self._transport, wanted, most, datetime.now(UTC))

    async def watch(
        self, claim_id: str, side: Sight = "reviewer", after: int = 0
    ) -> AsyncGenerator[EntryView]:
        """Its history, then each new entry as it is written, until the claim is over.

        Nothing is polled: Temporal answers once there is something new.

        >>> async for entry in claims.watch("CPOR-7Q2M4X"):
        ...     print(entry.what)
        ...     break
        opened
        """
        changes = self._transport.changes(claim_id)
        while True:
            for entry in await self.history(claim_id, side, after):
                yield entry
                after = entry.seq
            if await anext(changes, _END) is _END:
                return

    async def _ended(self, claim_id: str) -> ClaimView:
        """Its result while Temporal keeps it, else its record."""
        if await self._transport.describe(claim_id) is not None:
            return await self._transport.result(claim_id, ClaimView)
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

    # Operating

    async def tries(self, claim_id: str) -> Mapping[str, str]:
        """The number of tries and the last error of each debt that is being retried, by its id."""
        description = await self._transport.describe(claim_id)
        if description is None:
            return {}
        return {
            each.activity_id: f"try {open_debts.tries(each)}, {open_debts.last_answer(each)}"
            for each in description.raw_description.pending_activities
            if each.HasField("last_failure")
        }

    async def owed(self, most: int | None = None) -> list[OpenDebt]:
        """Late and parked debts, oldest first, of all claims or `most`; the newest may lack."""
        listed = [each.id async for each in self._transport.list_claims(open_debts.SEARCH, most)]
        return await open_debts.of_all(listed, self._in_trouble)

    async def owed_by(self, claim_id: str) -> list[OpenDebt]:
        """All that one claim owes, also what is tried for the first time just now."""
        return list(open_debts.of_claim(*await open_debts.ask(self._transport, claim_id)))

    async def retry(self, claim_id: str, message: Retry) -> Retried:
        """Try parked debts again, and late ones at once.

        The message is always sent to the claim: only it knows of a contact without a notice.

        >>> retried = await claims.retry("CPOR-7Q2M4X", Retry(by=olga))
        >>> retried.answer.text
        'Nothing is parked.'
        """
        answer = await self.say(claim_id, message)
        if isinstance(answer, Taken):
            return Retried(claim_id, answer)  # without a worker, what is late is unknown
        try:
            owed = await self._in_trouble(claim_id)
        except (ClaimClosed, NoAnswer):
            return Retried(claim_id, answer)
        return Retried(claim_id, answer, await self._tried_now(owed, message.by.id))

    async def try_late(self, claim_id: str, message: Retry) -> Retried:
        """Try late debts at once, without a message to the claim."""
        tried = await self._tried_now(await self._in_trouble(claim_id), message.by.id)
        return Retried(claim_id, None, tried)

    async def _in_trouble(self, claim_id: str) -> list[OpenDebt]:
        known, pending = await open_debts.ask(self._transport, claim_id)
        return list(open_debts.in_trouble(known, pending, datetime.now(UTC)))

    async def _tried_now(self, owed: Iterable[OpenDebt], by: str) -> tuple[str, ...]:
        wanted = (each for each in owed if each.next_try and not each.waits_for_retry)
        tried = [
            debt.what
            for debt in wanted
            if debt.id and debt.what and await self._transport.try_now(debt.claim_id, debt.id, by)
        ]
        return tuple(tried)

    async def is_there(self, claim_id: str) -> bool:
        """Whether Temporal knows it, running or ended."""
        return await self._transport.describe(claim_id) is not None

"""A world for claims: a real engine, real SMTP, real files; only the days are skipped."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from activities import Activities
from cpor.settings import LOOPBACK, Settings
from tests.activities.servers import SmtpServer
from tests.examples import PROOF, REVIEWER, opening
from workflows.worker import claims_worker

Handle = WorkflowHandle[Any, Any]
T = TypeVar("T")

DAY = timedelta(days=1)
LIMIT = 120.0
"""Whatever is waited for comes in a moment; on a busy machine the moment may be long."""
LONG_HISTORY = 800
"""So many events the engine of the tests finds long enough to suggest a new run; by default 4,096
are, which takes many seconds to fill."""
KEY = "workers-of-the-tests-know-one-another"
_numbers = itertools.count(1)

NO_KNOWN_ENCODING = RawValue(Payload(metadata={"encoding": b"binary/riddle"}, data=b"?"))


class Post(SmtpServer):
    """A mail server that refuses the addresses it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses: dict[str, str] = {}
        self.loses_its_word = False
        """It takes a mail, and whoever sent it never hears that."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        return "421 4.3.2 going down" if self.loses_its_word else answer


@dataclass
class World:
    """What a test of a claim's life needs at hand."""

    client: Client
    settings: Settings
    task_queue: str
    post: Post
    folder: Path
    skipper: TimeSkipper = field(init=False)

    def __post_init__(self) -> None:
        self.skipper = TimeSkipper(self.client)

    @property
    def outbox(self) -> Path:
        return Path(self.settings.outbox_folder)

    def working(self, activities: Activities) -> Worker:
        return claims_worker(
            self.client, activities.all, activities.stamps, self.task_queue, sandboxed=True
        )

    def new_id(self) -> str:
        return f"TEST-{self.folder.name.upper().replace('_', '-')[:20]}-{next(_numbers):04}"

    async def open(self, **changes: Any) -> Handle:
        """Start a good claim, with these fields changed; its days pass only when the test says."""
        claim_id = self.new_id()
        self.keep_proof(claim_id)
        return await self.start(claim_id, opening(claim_id, **changes))

    async def start(self, workflow_id: str, *payloads: object) -> Handle:
        return await self.client.start_workflow(
            "Claim", args=payloads, id=workflow_id, task_queue=self.task_queue
        )

    def keep_proof(self, claim_id: str, content: bytes = PROOF) -> None:
        """Where a client puts a proof file before the message that names it."""
        place = self.folder / "store/incoming" / claim_id / hashlib.sha256(content).hexdigest()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    async def confirm(self, claim: Handle) -> None:
        """A reviewer has looked at the customer's contact as it stands."""
        seen = (await self.history(claim))[-1]["seq"]
        await self.tell(claim, "confirm_contact", by=REVIEWER, contact="contact", seen=seen)

    async def tell(self, handle: Handle, name: str, **message: Any) -> dict[str, Any]:
        """An update that must be accepted."""
        receipt: dict[str, Any] = await handle.execute_update(name, message, result_type=dict)
        assert receipt["outcome"] == "accepted"
        return receipt

    async def refused(self, handle: Handle, name: str, *payloads: object) -> tuple[str, str]:
        """An update that must be refused; its code and text."""
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await handle.execute_update(name, args=payloads)
        cause = caught.value.cause
        assert isinstance(cause, ApplicationError)
        return cause.type or "", cause.message

    async def claim(self, handle: Handle) -> dict[str, Any]:
        return await ask(handle, "claim")

    async def history(self, handle: Handle, side: str = "reviewer") -> list[dict[str, Any]]:
        return await ask(handle, "history", {"side": side})

    async def pass_time(self, handle: Handle, time: timedelta) -> None:
        assert await self.skipper.fast_forward(handle, time), "the claim ended before that"

    async def until_over(self, handle: Handle) -> dict[str, Any]:
        """Let its time run on to the end."""
        async with asyncio.timeout(LIMIT):
            await self.skipper.fast_forward(handle)
            return await self.client.get_workflow_handle(handle.id, result_type=dict).result()

    async def now(self, handle: Handle) -> datetime:
        return await self.skipper.get_current_time(handle)

    async def until(self, condition: Callable[[], Awaitable[T]]) -> T:
        async with asyncio.timeout(LIMIT):
            while not (found := await condition()):
                await asyncio.sleep(0.05)
            return found

    async def until_claim(self, handle: Handle, **wanted: Any) -> dict[str, Any]:
        seen: dict[str, Any] = {}

        async def fits() -> bool:
            seen.update(await self.claim(handle))
            return wanted.items() <= seen.items()

        try:
            await self.until(fits)
        except TimeoutError:
            found = {name: seen.get(name) for name in wanted}
            raise AssertionError(f"wanted {wanted}, found {found}") from None
        return seen

    def mails(self, handle: Handle, kind: str | None = None) -> list[EmailMessage]:
        return [
            mail
            for mail in self.post.mails
            if mail["X-Claim-Id"] == handle.id and kind in (None, mail["X-Notice"])
        ]

    def token_of(self, handle: Handle, notice_id: str) -> str:
        """What a report that this mail came back brings."""
        sent = [mail["Message-ID"].strip("<>").partition("@")[0] for mail in self.mails(handle)]
        return dict(each.split("+") for each in sent)[notice_id]

    def kinds(self, handle: Handle) -> list[str]:
        return sorted(mail["X-Notice"] for mail in self.mails(handle))


@asynccontextmanager
async def a_world(client: Client, folder: Path) -> AsyncGenerator[World]:
    """Everything but a worker."""
    async with Post() as post:
        settings = Settings(
            smtp_host=LOOPBACK,
            smtp_port=post.port,
            smtp_tls="none",
            smtp_timeout=60,
            store_url=str(folder / "store"),
            outbox_folder=str(folder / "outbox"),
            worker_keys=SecretStr(KEY),
            one_holder=False,
            look_into_proof=False,
        )
        yield World(client, settings, f"claims-{folder.name}", post, folder)


async def ask(handle: Handle, query: str, *question: Any) -> Any:
    """What a query answers. A run that has just begun cannot be asked yet."""
    async with asyncio.timeout(LIMIT):
        while True:
            try:
                return await handle.query(query, *question)
            except RPCError as error:
                if "not scheduled yet" not in error.message:
                    raise
            await asyncio.sleep(0.05)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def json_of(data: bytes) -> RawValue:
    """A payload that says it is JSON, with just these bytes."""
    return RawValue(Payload(metadata={"encoding": b"json/plain"}, data=data))

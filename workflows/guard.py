"""A worker takes only from workers: what its activities are given, and claims from earlier runs.

Else whoever reaches the engine could have any mail sent, any event signed, and any claim approved.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, get_type_hints

from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from cpor.stamps import STAMP, Stamps
from workflows.stamping import RECOGNISE, CarriedClaim, payment_parts

log = logging.getLogger(__name__)

UNKNOWN_KEY = "Stamped with a key that this worker does not know; see CLAIMS_WORKER_KEYS."
SERVED = ("Claim", "Associations")
SILENCE = timedelta(seconds=12)
"""A try that is not heard of for so long has died with its worker, and is tried again."""
BEAT = SILENCE.total_seconds() / 4
POSTPONED_BY = timedelta(seconds=5)
Activity = Callable[[Any], Awaitable[Any]]


def guarded(serve: Activity, stamps: Stamps) -> Callable[[RawValue], Awaitable[Any]]:
    """The same activity under the same name, which refuses what no worker of ours asks for."""
    name = name_of(serve)
    (given,) = (hint for at, hint in get_type_hints(serve).items() if at != "return")

    @activity.defn(name=name)
    async def pay(payment: RawValue) -> Any:
        _check(payment, stamps)
        asked = activity.payload_converter().from_payload(payment.payload, given)
        async with heard(BEAT):
            return await serve(asked)

    pay.__name__ = name
    return pay


def postponed(serve: Activity) -> Callable[[RawValue], Awaitable[Any]]:
    """Under the same name, one that does nothing yet."""

    @activity.defn(name=name_of(serve))
    async def later(payment: RawValue) -> Any:
        raise ApplicationError(
            "Nothing is sent before the claims are compared with the store.",
            type="Postponed",
            category=ApplicationErrorCategory.BENIGN,
            next_retry_delay=POSTPONED_BY,
        )

    return later


@asynccontextmanager
async def heard(every: float) -> AsyncGenerator[None]:
    """The engine hears that this try goes on, so that it misses one whose worker has died."""
    beating = asyncio.create_task(_beat(every))
    try:
        yield
    finally:
        beating.cancel()


async def _beat(every: float) -> None:
    while True:
        await asyncio.sleep(every)
        activity.heartbeat()


class Recogniser:
    """Serves claims that go on in a new run."""

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps

    @activity.defn(name=RECOGNISE)
    async def recognise(self, carried: CarriedClaim) -> bool:
        """Whether it is ours. A key that is not known is no answer: it is tried again, until a
        worker knows it."""
        verdict = self._stamps.judge(_bytes(carried.stamp), *carried.parts)
        if verdict == "unknown key":
            raise _refusal(UNKNOWN_KEY, for_good=False)
        return verdict == "ours"


def _check(payment: RawValue, stamps: Stamps) -> None:
    info, payload = activity.info(), payment.payload
    if info.workflow_id is None or info.workflow_type not in SERVED:
        raise _refusal(f"{info.activity_type} works for claims only, and no claim asks for this.")
    stamp = payload.metadata.get(STAMP, b"")
    parts = payment_parts(info.workflow_id, info.activity_type, payload.data)
    match stamps.judge(stamp, *parts):
        case "ours":
            return
        case "unknown key":
            raise _refusal(UNKNOWN_KEY, for_good=False)
        case "forged":
            raise _refusal("No worker of ours has asked for this.")


def _refusal(text: str, *, for_good: bool = True) -> ApplicationError:
    log.warning("an activity was refused: %s", text)
    return ApplicationError(
        text,
        type="NotStamped",
        non_retryable=for_good,
        category=ApplicationErrorCategory.BENIGN,
    )


def _bytes(stamp: str) -> bytes:
    try:
        return bytes.fromhex(stamp)
    except ValueError:
        return b""


def name_of(serve: Activity) -> str:
    """The SDK keeps it there, and has no public way to ask."""
    return getattr(serve, "__temporal_activity_definition").name

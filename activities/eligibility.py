"""The hand-off: a CloudEvent to the incentive engine, by HTTP or as a file in a folder."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import quote

import httpx
from cloudevents.core.bindings.http import HTTPMessage, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from temporalio import activity

from activities import attempt, trouble
from activities.trouble import again, shortened
from claims.effects import ACTIVITY_OF, HandOff, HandOffResult
from store import Store

TEMPORARY = (408, 425, 429)
LONGEST_PAUSE = timedelta(hours=6)
MOST_OF_ANSWER = 64 * 1024


class Rejected(Exception):
    """The receiver will never take this event."""


class Receiver(Protocol):
    async def take(self, event_id: str, event: HTTPMessage) -> None:
        """Returns when the event was taken; raises `Rejected` or an error to be tried again."""
        ...


class HandOffActivity:
    def __init__(self, source: str, receiver: Receiver) -> None:
        self._source = source
        self._receiver = receiver

    @activity.defn(name=ACTIVITY_OF["hand_off"])
    async def hand_off(self, hand_off: HandOff) -> HandOffResult:
        now = attempt.begin()
        try:
            await self._receiver.take(hand_off.id, self._event(hand_off))
        except Rejected as rejection:
            return HandOffResult(outcome="refused", at=now(), detail=str(rejection))
        return HandOffResult(outcome="taken", at=now())

    def _event(self, hand_off: HandOff) -> HTTPMessage:
        return to_structured_event(
            CloudEvent(
                {
                    "specversion": "1.0",
                    "type": hand_off.type,
                    "source": self._source,
                    "id": hand_off.id,
                    "subject": hand_off.subject,
                    "time": hand_off.time,
                    "datacontenttype": "application/json",
                },
                dict(hand_off.data),
            )
        )


class Outbox:
    """A folder with one file for each event; the same event is the same file."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def take(self, event_id: str, event: HTTPMessage) -> None:
        with trouble.of_store():
            outbox = await asyncio.to_thread(Store.open, self._folder)
            await outbox.write(f"{quote(event_id, safe='')}.json", event.body)


class HttpReceiver:
    """An incentive engine that is told by POST."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._client = httpx.AsyncClient(timeout=timeout)

    async def take(self, event_id: str, event: HTTPMessage) -> None:
        headers = {**event.headers, "Idempotency-Key": event_id}
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream(
                    "POST", self._url, content=event.body, headers=headers
                ) as answer,
            ):
                _judge(answer, await _opening(answer))
        except (httpx.TimeoutException, TimeoutError):
            raise again(
                "HandOffUnreachable", "The incentive engine did not answer in time."
            ) from None
        except httpx.HTTPError as error:
            raise again(
                "HandOffUnreachable",
                f"The incentive engine cannot be reached ({type(error).__name__}).",
            ) from None

    async def close(self) -> None:
        await self._client.aclose()


def _judge(answer: httpx.Response, text: str) -> None:
    if answer.is_success:
        return
    said = f"{answer.status_code} {answer.reason_phrase}".strip()
    if answer.is_client_error and answer.status_code not in TEMPORARY:
        raise Rejected(shortened(f"{said}: {text}" if text else said))
    raise again("HandOffBusy", f"The incentive engine said {said}.", _pause(answer.headers))


async def _opening(answer: httpx.Response) -> str:
    """The answer's text, but not more of it than anybody would read."""
    found = b""
    async for piece in answer.aiter_bytes():
        found += piece
        if len(found) > MOST_OF_ANSWER:
            break
    return found[:MOST_OF_ANSWER].decode("utf-8", "replace")


def _pause(headers: httpx.Headers) -> timedelta | None:
    """What Retry-After asks for; a date is measured by the receiver's own clock."""
    asked = headers.get("retry-after", "").strip()
    try:
        if asked.isdecimal():
            pause = timedelta(seconds=int(asked))
        else:
            pause = parsedate_to_datetime(asked) - parsedate_to_datetime(headers["date"])
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return min(pause, LONGEST_PAUSE) if pause > timedelta() else None

"""Events, delivered by HTTP or as files: to the incentive engine, and to the vendor's portal.

An attempt either settles an event (taken or refused) or raises what the engine tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
from cloudevents.core.bindings.http import HTTPMessage, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from temporalio import activity

from activities import clock, failures, http_client
from activities.events.comparison import Comparison
from activities.events.signature import Signer
from activities.failures import retryable
from cpor.redaction import shortened
from cpor.rules.effects.events import ComparedEvent, Event, EventResult
from cpor.rules.effects.hand_off import HandOffDebt
from cpor.rules.effects.portal_event import EventDebt
from cpor.rules.known import Conflict
from cpor.store import Store

LONGEST_PAUSE = timedelta(hours=6)
LONGEST_TEXT = 2.0
"""Seconds in which the text of an answer may follow its status."""


NO_RECEIVER = "Nobody takes events for the portal; see CLAIMS_PORTAL_EVENTS_URL."


class HandOffActivity:
    """Tells the incentive engine of an association that became official."""

    def __init__(self, source: str, engine: Receiver, store: Store) -> None:
        self._source = source
        self._engine = engine
        self._comparison = Comparison(store)

    @activity.defn(name=HandOffDebt.activity)
    async def hand_off(self, hand_off: ComparedEvent | Event) -> EventResult:
        """Not where the store knows better: a claim may have been restored from an old backup."""
        with failures.store_failures():
            conflict = await _conflict(self._comparison, hand_off)
            conflict = conflict or await self._comparison.sent_otherwise(hand_off)
        if conflict:
            return _stopped(conflict)
        return await deliver(hand_off, self._source, self._engine)


class PortalEventActivity:
    """Tells the portal what becomes of claims, so that it does not have to ask all the time."""

    def __init__(self, source: str, portal: Receiver | None, store: Store) -> None:
        self._source = source
        self._portal = portal
        self._comparison = Comparison(store)

    @activity.defn(name=EventDebt.activity)
    async def send_event(self, event: ComparedEvent | Event) -> EventResult:
        """An event without a receiver is settled: no claim waits for a portal that was removed."""
        if self._portal is None:
            return EventResult(outcome="taken", at=clock.start()(), detail=NO_RECEIVER)
        with failures.store_failures():
            conflict = await _conflict(self._comparison, event)
        if conflict:
            return _stopped(conflict)
        return await deliver(event, self._source, self._portal)


class Rejected(Exception):
    """The receiver will never take this event."""


class Receiver(Protocol):
    async def take(self, event_id: str, event: HTTPMessage) -> None:
        """Returns when the event was taken; raises `Rejected` or an error to be tried again."""
        ...


async def deliver(event: Event, source: str, receiver: Receiver) -> EventResult:
    now = clock.start()
    try:
        await receiver.take(event.id, _cloud_event(event, source))
    except Rejected as rejection:
        return EventResult(outcome="refused", at=now(), detail=str(rejection))
    return EventResult(outcome="taken", at=now())


async def _conflict(comparison: Comparison, event: Event) -> Conflict | None:
    return await comparison.conflict(event) if isinstance(event, ComparedEvent) else None


def _stopped(conflict: Conflict) -> EventResult:
    return EventResult(outcome="conflict", at=clock.start()(), conflict=conflict)


def _cloud_event(event: Event, source: str) -> HTTPMessage:
    return to_structured_event(
        CloudEvent(
            {
                "specversion": "1.0",
                "type": event.type,
                "source": source,
                "id": event.id,
                "subject": event.subject,
                "time": event.time,
                "datacontenttype": "application/json",
            },
            dict(event.data),
        )
    )


class Outbox:
    """A folder with one file for each event; the same event is the same file."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def take(self, event_id: str, event: HTTPMessage) -> None:
        with failures.store_failures():
            outbox = await asyncio.to_thread(Store.open, self._folder)
            await outbox.write(f"{quote(event_id, safe='')}.json", event.body)


class HttpReceiver:
    """A receiver that is told by POST; docs/events.md describes the conversation."""

    def __init__(self, name: str, url: str, timeout: float, signer: Signer) -> None:
        self._name = name
        self._url = url
        self._timeout = timeout
        self._signer = signer
        self._secrets = tuple(_secrets(url))
        self._client = http_client.client(timeout)

    async def take(self, event_id: str, event: HTTPMessage) -> None:
        headers = {
            **event.headers,
            **self._signer.headers(event_id, event.body),
            "Idempotency-Key": event_id,
        }
        async with aclosing(await self._asked(event.body, headers)) as answer:
            # The status has settled it; what is read of the rest changes nothing about that.
            text = await http_client.what_comes(answer, LONGEST_TEXT)
        self._judge(answer, text.decode("utf-8", "replace"))

    async def close(self) -> None:
        await self._client.aclose()

    async def _asked(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """The answer as soon as its status is there."""
        try:
            async with asyncio.timeout(min(self._timeout, clock.time_limit() or self._timeout)):
                request = self._client.build_request(
                    "POST", self._url, content=body, headers=headers
                )
                return await self._client.send(request, stream=True)
        except (httpx.TimeoutException, TimeoutError):
            why = "did not answer in time"
        except (httpx.HTTPError, *http_client.UNCALLABLE) as error:
            why = f"cannot be reached ({type(error).__name__})"
        raise retryable("ReceiverUnreachable", f"{self._name} {why}.")

    def _judge(self, answer: httpx.Response, text: str) -> None:
        if answer.is_success:
            return
        said = f"{answer.status_code} {answer.reason_phrase}".strip()
        if answer.is_client_error and answer.status_code not in http_client.TEMPORARY:
            raise Rejected(shortened(f"{said}: {text}" if text else said, *self._secrets))
        said = shortened(said, *self._secrets)
        raise retryable("ReceiverBusy", f"{self._name} said {said}.", _pause(answer.headers))


def _secrets(url: str) -> Iterator[str]:
    """What an answer may repeat of an address and must not be logged, longest first."""
    parts = urlsplit(url)
    yield url
    yield parts.query
    yield from (value for _, value in parse_qsl(parts.query))
    yield parts.password or ""
    yield parts.path.rstrip("/")


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

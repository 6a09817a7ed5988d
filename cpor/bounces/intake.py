"""Where services that send our mails tell which came back, so that no mail host needs our secrets.

What is not signed as agreed is refused; what is signed is told to the claims under the same ids as
a delivery report, so that whatever comes twice counts once.
"""

from __future__ import annotations

import asyncio
import logging
import urllib.request
from collections.abc import Awaitable, Callable, Iterable, Sequence
from http.client import HTTPException, HTTPMessage
from time import monotonic
from typing import IO

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from cpor.bounces import sendgrid, ses
from cpor.bounces.reports import Report, send_bounced
from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed, ClaimUnknown, MessageRefused, PortalError
from cpor.store import StoreError

log = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
MOST_OF_CERTIFICATE = 16 * 1024
FETCH_LIMIT, FETCH_PAUSE = 5.0, 10.0
"""Seconds, for one certificate and between two."""
Fetch = Callable[[str], Awaitable[bytes]]


def routes(
    claims: ClaimsClient, sendgrid_key: str | None, ses_topic: str | None
) -> Sequence[BaseRoute]:
    """None where no service is set."""
    found: list[BaseRoute] = []
    if sendgrid_key is not None:
        take = SendGrid(claims, sendgrid_key).take
        found.append(Route("/bounces/sendgrid", take, methods=["POST"]))
    if ses_topic is not None:
        found.append(Route("/bounces/ses", Ses(claims, ses_topic).take, methods=["POST"]))
    return found


class KeyUnreadable(ValueError):
    """The key of SendGrid's webhook is none."""


class SendGrid:
    def __init__(self, claims: ClaimsClient, key: str) -> None:
        self._claims = claims
        try:
            self._key = sendgrid.public_key(key)
        except ValueError as error:
            raise KeyUnreadable(str(error)) from None

    async def take(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _said(413)
        if not sendgrid.is_signed(self._key, request.headers, body):
            return _said(403)
        try:
            reports = list(sendgrid.reports(body))
        except (ValueError, RecursionError):
            return _said(400)
        return await _told(self._claims, reports)


class Ses:
    def __init__(self, claims: ClaimsClient, topic: str, fetch: Fetch | None = None) -> None:
        self._claims, self._topic, self._fetch = claims, topic, fetch or _fetched
        self._certificates: dict[str, bytes] = {}
        self._fetch_again_at = 0.0

    async def take(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _said(413)
        try:
            notification = ses.read(body)
            if not await self._is_signed(notification):
                return _said(403)
            if notification["Type"] == "SubscriptionConfirmation":
                return await self._subscribed(notification)
            reports = list(ses.reports(notification))
        except (ValueError, RecursionError):
            return _said(400)
        except (OSError, HTTPException) as error:
            log.warning("Amazon could not be asked: %s", type(error).__name__)
            return _said(503)
        return await _told(self._claims, reports)

    async def _is_signed(self, notification: ses.Notification) -> bool:
        url = ses.certificate_url(notification, self._topic)
        if url is None or notification.get("TopicArn") != self._topic:
            return False
        certificate = self._certificates.get(url) or await self._certificate(url)
        if not ses.is_signed(notification, self._topic, certificate):
            return False
        self._certificates = {url: certificate}
        return True

    async def _certificate(self, url: str) -> bytes:
        """Not often: whoever invents certificates must not have us fetch each of them."""
        if monotonic() < self._fetch_again_at:
            raise TimeoutError("another certificate was fetched a moment ago")
        self._fetch_again_at = monotonic() + FETCH_PAUSE
        return await self._fetch(url)

    async def _subscribed(self, notification: ses.Notification) -> Response:
        url = notification.get("SubscribeURL")
        if not ses.is_amazons(url, self._topic):
            return _said(403)
        await self._fetch(str(url))
        log.info("the topic is subscribed to")
        return _said(200)


async def _told(claims: ClaimsClient, reports: Iterable[Report]) -> Response:
    """503 where one may be told later: the service then sends all of them again."""
    later = False
    for report in reports:
        try:
            await send_bounced(claims, report)
        except (ClaimUnknown, ClaimClosed):
            log.info("a bounce is about a claim that is over, or none")
        except MessageRefused as refused:
            later = later or refused.code == "not_yet"
            log.info("a bounce was refused: %s", refused.code)
        except (PortalError, StoreError) as error:
            later = True
            log.warning("a bounce could not be told: %s", type(error).__name__)
    return _said(503 if later else 200)


async def _body(request: Request) -> bytes | None:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    return body


async def _fetched(url: str) -> bytes:
    return await asyncio.to_thread(_fetch, url)


def _fetch(url: str) -> bytes:
    opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler())
    with opener.open(url, timeout=FETCH_LIMIT) as answer:
        return answer.read(MOST_OF_CERTIFICATE)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Amazon's hosts serve certificates themselves; whatever leads elsewhere is an error."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        return None


def _said(status: int) -> Response:
    return PlainTextResponse("", status, {"Cache-Control": "no-store"})

"""The routes of the page. Reading changes nothing; only the button on the page declines."""

from __future__ import annotations

import logging
import traceback
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed, ClaimUnknown, PortalError
from cpor.links import Invitation, SignedLinks
from cpor.page import claim_status, translations
from cpor.page.claim_status import ClaimStatus
from cpor.page.kept_noes import KeptNoes
from cpor.page.pages import MOST_CHARACTERS, RETRY_AFTER, Pages
from cpor.page.translations import Translation
from cpor.page.wrong_links import WrongLink, WrongLinks
from cpor.rules.characters import JOINERS
from cpor.settings import Settings
from cpor.store import StoreError

log = logging.getLogger(__name__)

MOST_BYTES = 32 * 1024
"""Of a form: the longest reason, with each character encoded as twelve."""
LONG_LINK, LINK = "/decline/{token}", "/{claim_id}/{key}"
"""The first that fits is taken."""
LINE_ENDS = {"Zl": "\n", "Zp": "\n"}


def app(
    claims: ClaimsClient,
    links: SignedLinks,
    settings: Settings,
    count: Callable[[WrongLink], None] = lambda _: None,
    noes: KeptNoes | None = None,
) -> Starlette:
    page = DeclinePage(claims, links, settings, WrongLinks(count), noes or KeptNoes(claims))
    pages = Starlette(
        routes=[
            *(
                Route(path, endpoint, methods=[method])
                for path in (LONG_LINK, LINK)
                for method, endpoint in (("GET", page.show), ("POST", page.decline))
            ),
            Route("/about", page.about),
        ],
        exception_handlers={
            HTTPException: page.http_error,
            ClaimUnknown: page.claim_unknown,
            ClaimClosed: page.claim_terminated,
            PortalError: page.unavailable,
            StoreError: page.unavailable,
        },
        middleware=[Middleware(ErrorMiddleware, page.internal_error)],
    )
    # A redirect would be built from the Host header, which the visitor chooses.
    pages.router.redirect_slashes = False
    return pages


class DeclinePage:
    def __init__(
        self,
        claims: ClaimsClient,
        links: SignedLinks,
        settings: Settings,
        wrong_links: WrongLinks,
        noes: KeptNoes,
    ) -> None:
        self._claims = claims
        self._noes = noes
        self._links = links
        self._wrong_links = wrong_links
        self._pages = Pages(links, settings)

    async def show(self, request: Request) -> Response:
        invitation = self._invitation(request)
        if invitation is None:
            return self._wrong_link(request)
        return self._status(await claim_status.read(self._claims, invitation), invitation, request)

    async def decline(self, request: Request) -> Response:
        invitation = self._invitation(request)
        if invitation is None:
            return self._wrong_link(request)
        form = await _form(request)
        if not self._links.is_confirmed(invitation, form.get("confirmation", "")):
            here = request.url.path.rpartition("/")[2]
            return self._message("unconfirmed", request, 403, again=here)
        note = _cleaned(form.get("note", ""))
        if len(note) > MOST_CHARACTERS:
            status = await claim_status.read(self._claims, invitation)
            return self._status(status, invitation, request, too_long=note)
        try:
            status = await claim_status.decline(self._claims, self._noes, invitation, note)
        except (ClaimUnknown, ClaimClosed):
            raise
        except (PortalError, StoreError) as error:
            self._noes.counted.count("may_be_lost")
            log.warning("%s: a no may be lost: %s", invitation.notice_id, type(error).__name__)
            return self._pages.unknown_result(invitation, note, _for_visitor(request))
        log.info("%s: a no, %s", invitation.notice_id, status.state if status else "unanswered")
        if status is None:
            return self._message("unanswered", request, 202)
        return self._status(status, invitation, request)

    def _invitation(self, request: Request) -> Invitation | None:
        found = request.path_params
        if "token" in found:
            return self._links.read_long(found["token"])
        return self._links.read(found["claim_id"], found["key"])

    def _wrong_link(self, request: Request) -> Response:
        """Each try costs a connection of its own."""
        headers = {"Connection": "close"}
        if self._wrong_links.one_more():
            return self._message("invalid_link", request, 429, {**headers, "Retry-After": "60"})
        return self._message("invalid_link", request, 404, headers)

    async def about(self, request: Request) -> Response:
        return self._pages.about(_for_visitor(request))

    async def http_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        part = {404: "missing", 413: "too_big"}.get(error.status_code, "refused")
        return self._message(part, request, error.status_code, error.headers)

    async def claim_unknown(self, request: Request, error: Exception) -> Response:
        """The link is valid, but the claim and its record are deleted."""
        return self._message("invalid_link", request, 404)

    async def claim_terminated(self, request: Request, error: Exception) -> Response:
        """The workflow was terminated in the engine, and there is no record."""
        return self._message("lost", request, 410)

    async def unavailable(self, request: Request, error: Exception) -> Response:
        log.warning("a claim could not be reached: %s", type(error).__name__)
        return self._message("later", request, 503, {"Retry-After": RETRY_AFTER})

    def internal_error(self, request: Request) -> Response:
        return self._message("later", request, 500)

    def _status(
        self,
        status: ClaimStatus,
        invitation: Invitation,
        request: Request,
        too_long: str | None = None,
    ) -> Response:
        translation = _of_claim(status, invitation, request)
        return self._pages.claim(status, invitation, translation, too_long)

    def _message(
        self,
        part: str,
        request: Request,
        status: int,
        headers: Mapping[str, str] | None = None,
        again: str = "",
    ) -> Response:
        return self._pages.message(part, _for_visitor(request), status, headers, again)


class ErrorMiddleware:
    """Answers after a bug, and logs its place without its text, which may quote a visitor.

    Starlette would pass the error on to the server, whose log has its text.
    """

    def __init__(self, app: ASGIApp, answer: Callable[[Request], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            log.info("a visitor left before the request was complete")
        except Exception as error:
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a bug, %s:\n%s", type(error).__name__, where)
            await self._answer(Request(scope))(scope, receive, send)


def _cleaned(note: str) -> str:
    """The reason as a claim accepts it: without control characters and space around it."""
    lines = note.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(map(_kept, lines)).strip(" \n\t" + JOINERS)


def _kept(char: str) -> str:
    if char.isprintable() or char in "\n\t" + JOINERS:
        return char
    category = unicodedata.category(char)
    return LINE_ENDS.get(category, " ") if category.startswith("Z") else ""


async def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(413, headers={"Connection": "close"})
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=10))
    except ValueError:
        raise HTTPException(400) from None


def _chosen(request: Request) -> Translation | None:
    """By the links at the foot of each page."""
    return translations.for_tag(request.query_params.get("language"))


def _for_visitor(request: Request) -> Translation:
    accepted = request.headers.get("accept-language", "")
    return _chosen(request) or translations.for_browser(accepted)


def _of_claim(status: ClaimStatus, invitation: Invitation, request: Request) -> Translation:
    """As chosen on the page, else the contact's, as the mail.

    A replaced link may be read by another person.
    """
    contact = getattr(status.claim.customer, invitation.contact)
    newest = status.claim.asked.get(invitation.contact)
    is_replaced = newest is not None and newest.notice_id != invitation.notice_id
    if is_replaced or contact is None:
        return _for_visitor(request)
    theirs = translations.for_tag(contact.language)
    return _chosen(request) or theirs or _for_visitor(request)

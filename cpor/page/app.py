"""The routes of the page. Reading changes nothing; only the button on the page declines."""

from __future__ import annotations

import logging
import re
import traceback
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qsl

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed, ClaimUnknown, PortalError
from cpor.languages import dates
from cpor.links import Invitation, SignedLinks
from cpor.page import claim_status, html, translations
from cpor.page.claim_status import ClaimStatus
from cpor.page.kept_noes import KeptNoes
from cpor.page.translations import Translation
from cpor.page.wrong_links import WrongLink, WrongLinks
from cpor.rules.characters import JOINERS
from cpor.rules.views import counts_later, may_be_declined
from cpor.settings import Settings
from cpor.store import StoreError

log = logging.getLogger(__name__)

MOST_CHARACTERS = 1000
"""Of a reason. Even in bytes, that is less than a claim accepts."""
MOST_BYTES = 32 * 1024
"""Of a form: the longest reason, with each character encoded as twelve."""
RETRY_AFTER = "120"
LONG_LINK, LINK = "/decline/{token}", "/{claim_id}/{key}"
"""The first that fits is taken."""
LINE_ENDS = {"Zl": "\n", "Zp": "\n"}


def app(
    claims: ClaimsClient,
    links: SignedLinks,
    settings: Settings,
    count: Callable[[WrongLink], None] = lambda _: None,
) -> Starlette:
    page = DeclinePage(claims, links, settings, WrongLinks(count))
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
    ) -> None:
        self._claims = claims
        self._noes = KeptNoes(claims)
        self._links = links
        self._wrong_links = wrong_links
        vendor, logo = settings.vendor, settings.read_logo()
        self._common: Mapping[str, object] = {
            "reply_to": _no_break(parseaddr(settings.reply_to)[1]),
            "sender": _no_break(parseaddr(settings.sender)[1]),
            "address": _no_break(links.address),
            "about": links.about,
            "vendor": vendor.name,
            "vendor_in_full": vendor.in_full,
            "phone": vendor.check_phone,
            "check_url": vendor.check_url,
            "privacy_url": vendor.privacy_url,
            "imprint_url": vendor.imprint_url,
            "logo": logo and logo.data_url,
            "most": MOST_CHARACTERS,
        }

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
            log.warning("%s: a no may be lost: %s", invitation.notice_id, type(error).__name__)
            return self._unknown_result(invitation, note, request)
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
        return html.render("about", _for_visitor(request), self._common)

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

    def _unknown_result(self, invitation: Invitation, note: str, request: Request) -> Response:
        """It is not known whether the no has arrived. Sending it again is safe."""
        return html.render(
            "unknown_result",
            _for_visitor(request),
            self._common,
            503,
            {"Retry-After": RETRY_AFTER},
            confirmation=self._links.confirmation(invitation),
            note=note,
        )

    def _status(
        self,
        status: ClaimStatus,
        invitation: Invitation,
        request: Request,
        too_long: str | None = None,
    ) -> Response:
        translation = self._translation(status, invitation, request)
        facts = {**self._common, **_facts(status, translation)}
        form: dict[str, Any] = {
            "confirmation": self._links.confirmation(invitation),
            "note": too_long or "",
            "problem": too_long is not None,
        }
        match status.state:
            case "noted":
                assert status.receipt is not None
                return html.render(
                    "receipt",
                    translation,
                    facts,
                    number=_in_parts(status.receipt.id),
                    was_official=status.claim.official_since is not None,
                )
            case "open":
                return html.render(
                    "ask",
                    translation,
                    facts,
                    200 if too_long is None else 422,
                    activity=status.claim.activity,
                    products=_products(status, translation),
                    official=status.is_official,
                    later=counts_later(status.claim),
                    **form,
                )
            case "replaced":
                over = not may_be_declined(status.claim)
                return html.render("replaced", translation, facts, 410, over=over, **form)
            case "late":
                return html.render("late", translation, facts, **form)
            case "objected" | "kept":
                return self._answered(status, translation, facts)
            case closed:
                return html.render(
                    "message", translation, facts, 410, part=closed, again="", reason=""
                )

    def _answered(
        self, status: ClaimStatus, translation: Translation, facts: dict[str, object]
    ) -> Response:
        """A no that a reviewer has to answer, or has answered with a reason."""
        reason = (status.doubt and status.doubt.reason) or ""
        return html.render(
            "message", translation, facts, part=status.state, again="", reason=reason
        )

    def _translation(
        self, status: ClaimStatus, invitation: Invitation, request: Request
    ) -> Translation:
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

    def _message(
        self,
        part: str,
        request: Request,
        status: int,
        headers: Mapping[str, str] | None = None,
        again: str = "",
    ) -> Response:
        translation = _for_visitor(request)
        return html.render(
            "message",
            translation,
            self._common,
            status,
            headers,
            part=part,
            again=again,
            reason="",
        )


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


def _facts(status: ClaimStatus, translation: Translation) -> dict[str, object]:
    claim, clock, receipt = status.claim, status.clock, status.receipt
    until = ended = at = None
    if clock is not None and clock.end is not None:
        end = dates.printed(clock.end)
        until = dates.until(end, clock.zone, translation.language)
        ended = dates.ended(end, clock.zone, translation.language)
    if receipt is not None:
        at = _moment(receipt.at, status, translation)
    return {
        "claim_id": _no_break(claim.claim_id),
        "partner": _isolated(claim.partner.name),
        "partner_contact": _isolated(claim.partner.contact.name),
        "customer": _isolated(claim.customer.name),
        "products": translation.language.listed([product.name for product in claim.products]),
        "until": until,
        "ended": ended,
        "at": at,
    }


def _moment(at: datetime, status: ClaimStatus, translation: Translation) -> str:
    return dates.moment(at, status.clock.zone if status.clock else "UTC", translation.language)


def _products(status: ClaimStatus, translation: Translation) -> list[str | Markup]:
    return [
        translation.say(
            "facts.subscription",
            {"product": product.name, "subscription": product.subscription_id},
        )
        if product.subscription_id
        else product.name
        for product in status.claim.products
    ]


def _isolated(name: str) -> Markup:
    """Text of a person, so that its direction does not change the text around it."""
    return Markup("<bdi>{}</bdi>").format(name)


def _no_break(name: str) -> Markup:
    """Not broken at hyphens where there is room."""
    return Markup('<span class="whole">{}</span>').format(name)


def _in_parts(number: str) -> Markup:
    """Broken after a dot only, where it is too long for a line."""
    return Markup("<wbr>").join(map(_no_break, re.findall(r"[^.]+\.?", number)))


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

"""What the page answers: reading changes nothing, and only the page's own button says no."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qsl

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed, ClaimUnknown, PortalError
from cpor.languages import dates
from cpor.links import Invitation, SignedLinks
from cpor.page import html, translations
from cpor.page.claim_status import Kind, Standing, look, say_no
from cpor.page.error_middleware import Unbroken
from cpor.page.note import tidy
from cpor.page.translations import Voice
from cpor.settings import Settings
from cpor.store import StoreError

log = logging.getLogger(__name__)

MOST_CHARACTERS = 1000
"""Of a reason. In bytes, that is less than a claim takes."""
MOST_BYTES = 32 * 1024
"""Of a form: the longest reason, each character of it written as twelve."""
A_WHILE = "120"
OVER: Mapping[Kind, tuple[str, ...]] = {
    "over": ("text", "write"),
    "ended": ("text",),
    "declined": ("text",),
    "told": ("text",),
    "unkept": ("text",),
}
"""What is said where a link leads to nothing that could be answered."""


def app(claims: ClaimsClient, links: SignedLinks, settings: Settings) -> Starlette:
    page = DeclinePage(claims, links, settings)
    pages = Starlette(
        routes=[
            Route("/decline/{token}", page.show),
            Route("/decline/{token}", page.decline, methods=["POST"]),
            Route("/about", page.about),
        ],
        exception_handlers={
            HTTPException: page.not_so,
            ClaimUnknown: page.not_ours,
            ClaimClosed: page.by_force,
            PortalError: page.not_now,
            StoreError: page.not_now,
        },
        middleware=[Middleware(Unbroken, page.broken)],
    )
    # A redirect would be built from what the visitor says is our name.
    pages.router.redirect_slashes = False
    return pages


class DeclinePage:
    def __init__(self, claims: ClaimsClient, links: SignedLinks, settings: Settings) -> None:
        self._claims = claims
        self._links = links
        self._common: Mapping[str, object] = {
            "reply_to": _whole(parseaddr(settings.reply_to)[1]),
            "sender": _whole(parseaddr(settings.sender)[1]),
            "address": _whole(links.address),
            "about": links.about,
            "most": MOST_CHARACTERS,
        }

    async def show(self, request: Request) -> Response:
        invitation = self._links.read(request.path_params["token"])
        if invitation is None:
            return self._words("forged", ("text",), request, 404)
        return self._standing(await look(self._claims, invitation), invitation, request)

    async def decline(self, request: Request) -> Response:
        invitation = self._links.read(request.path_params["token"])
        if invitation is None:
            return self._words("forged", ("text",), request, 404)
        form = await _form(request)
        if not self._links.is_confirmed(invitation, form.get("confirmation", "")):
            here = request.url.path.rpartition("/")[2]
            return self._words("unconfirmed", ("text",), request, 403, again=here)
        note = tidy(form.get("note", ""))
        if len(note) > MOST_CHARACTERS:
            standing = await look(self._claims, invitation)
            return self._standing(standing, invitation, request, too_long=note)
        try:
            standing = await say_no(self._claims, invitation, note)
        except (ClaimUnknown, ClaimClosed):
            raise
        except (PortalError, StoreError) as error:
            log.warning("%s: a no may be lost: %s", invitation.notice_id, type(error).__name__)
            return self._unsure(invitation, note, request)
        log.info("%s: a no, %s", invitation.notice_id, standing.kind if standing else "taken")
        if standing is None:
            return self._words("taken", ("text",), request, 202)
        return self._standing(standing, invitation, request)

    async def about(self, request: Request) -> Response:
        voice = translations.of(request.query_params.get("language")) or _of_browser(request)
        return html.page("about", voice, self._common)

    async def not_so(self, request: Request, error: Exception) -> Response:
        """No such page, or nothing that can be done with one."""
        assert isinstance(error, HTTPException)
        part = {404: "missing", 413: "too_big"}.get(error.status_code, "refused")
        return self._words(part, ("text",), request, error.status_code, error.headers)

    async def not_ours(self, request: Request, error: Exception) -> Response:
        """A good link of a claim that is kept nowhere any more."""
        return self._words("forged", ("text",), request, 404)

    async def by_force(self, request: Request, error: Exception) -> Response:
        """Somebody has ended the workflow in the engine, and nothing more can be asked of it."""
        return self._words("lost", ("text",), request, 410)

    async def not_now(self, request: Request, error: Exception) -> Response:
        log.warning("a claim could not be reached: %s", type(error).__name__)
        return self._words("later", ("text",), request, 503, {"Retry-After": A_WHILE})

    def broken(self, request: Request) -> Response:
        return self._words("later", ("text",), request, 500)

    def _unsure(self, invitation: Invitation, note: str, request: Request) -> Response:
        """The same again is one no."""
        return html.page(
            "unsure",
            _of_browser(request),
            self._common,
            503,
            {"Retry-After": A_WHILE},
            confirmation=self._links.confirmation(invitation),
            note=note,
        )

    def _standing(
        self,
        standing: Standing,
        invitation: Invitation,
        request: Request,
        too_long: str | None = None,
    ) -> Response:
        voice = self._voice(standing, invitation, request)
        facts = {**self._common, **_facts(standing, voice)}
        form: dict[str, Any] = {
            "confirmation": self._links.confirmation(invitation),
            "note": too_long or "",
            "problem": too_long is not None,
        }
        match standing.kind:
            case "noted":
                assert standing.receipt is not None
                return html.page(
                    "receipt",
                    voice,
                    facts,
                    number=standing.receipt.id,
                    was_official=standing.claim.official_since is not None,
                )
            case "open":
                return html.page(
                    "ask",
                    voice,
                    facts,
                    200 if too_long is None else 422,
                    activity=standing.claim.activity,
                    products=_products(standing, voice),
                    official=standing.is_official,
                    later=standing.counts_later,
                    **form,
                )
            case "older":
                over = standing.is_over
                return html.page("older", voice, facts, 410, over=over, **form)
            case "over" | "ended" | "declined" | "told" | "unkept":
                names = OVER[standing.kind]
                return html.page(
                    "words", voice, facts, 410, part=standing.kind, names=names, again=""
                )

    def _voice(self, standing: Standing, invitation: Invitation, request: Request) -> Voice:
        """The contact's, as in the mail; of an older link the reader may be somebody else."""
        customer = standing.claim.customer
        contact = getattr(customer, invitation.contact)
        if standing.kind in ("older", "told", "unkept") or contact is None:
            return _of_browser(request)
        return translations.of(contact.language) or _of_browser(request)

    def _words(
        self,
        part: str,
        names: tuple[str, ...],
        request: Request,
        status: int,
        headers: Mapping[str, str] | None = None,
        again: str = "",
    ) -> Response:
        return html.page(
            "words",
            _of_browser(request),
            self._common,
            status,
            headers,
            part=part,
            names=names,
            again=again,
        )


def _facts(standing: Standing, voice: Voice) -> dict[str, object]:
    claim, clock, receipt = standing.claim, standing.clock, standing.receipt
    until = ended = at = None
    if clock is not None and clock.end is not None:
        end = dates.printed(clock.end)
        until = dates.until(end, clock.zone, voice.language)
        ended = dates.ended(end, clock.zone, voice.language)
    if receipt is not None:
        at = _moment(receipt.at, standing, voice)
    return {
        "claim_id": _whole(claim.claim_id),
        "partner": _written(claim.partner.name),
        "partner_contact": _written(claim.partner.contact.name),
        "customer": _written(claim.customer.name),
        "products": voice.language.listed([product.name for product in claim.products]),
        "until": until,
        "ended": ended,
        "at": at,
    }


def _moment(at: datetime, standing: Standing, voice: Voice) -> str:
    return dates.moment(at, standing.clock.zone if standing.clock else "UTC", voice.language)


def _products(standing: Standing, voice: Voice) -> list[str | Markup]:
    return [
        voice.say(
            "facts.subscription",
            {"product": product.name, "subscription": product.subscription_id},
        )
        if product.subscription_id
        else product.name
        for product in standing.claim.products
    ]


def _written(name: str) -> Markup:
    """What people wrote keeps to itself, whichever way it is read."""
    return Markup("<bdi>{}</bdi>").format(name)


def _whole(name: str) -> Markup:
    """Not broken at its hyphens, where there is room for all of it."""
    return Markup('<span class="whole">{}</span>').format(name)


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


def _of_browser(request: Request) -> Voice:
    return translations.of_browser(request.headers.get("accept-language", ""))

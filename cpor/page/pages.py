"""What each page shows: facts of the claim, in the words of a language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from cpor.languages import dates
from cpor.links import Invitation, SignedLinks
from cpor.page import html
from cpor.page.claim_status import ClaimStatus
from cpor.page.translations import Translation
from cpor.rules.views import counts_later, may_be_declined
from cpor.settings import Settings

MOST_CHARACTERS = 1000
"""Of a reason. Even in bytes, that is less than a claim accepts."""
RETRY_AFTER = "120"


class Pages:
    def __init__(self, links: SignedLinks, settings: Settings) -> None:
        self._links = links
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

    def about(self, translation: Translation) -> Response:
        return html.render("about", translation, self._common)

    def message(
        self,
        part: str,
        translation: Translation,
        status: int,
        headers: Mapping[str, str] | None = None,
        again: str = "",
    ) -> Response:
        """A page of a few sentences, without facts of a claim."""
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

    def unknown_result(
        self, invitation: Invitation, note: str, translation: Translation
    ) -> Response:
        """It is not known whether the no has arrived. Sending it again is safe."""
        return html.render(
            "unknown_result",
            translation,
            self._common,
            503,
            {"Retry-After": RETRY_AFTER},
            confirmation=self._links.confirmation(invitation),
            note=note,
        )

    def claim(
        self,
        status: ClaimStatus,
        invitation: Invitation,
        translation: Translation,
        too_long: str | None = None,
    ) -> Response:
        """`too_long`: a reason that was not sent, to be shortened."""
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
                return _answered(status, translation, facts)
            case closed:
                return html.render(
                    "message", translation, facts, 410, part=closed, again="", reason=""
                )


def _answered(
    status: ClaimStatus, translation: Translation, facts: Mapping[str, object]
) -> Response:
    """A no that a reviewer has to answer, or has answered with a reason."""
    reason = (status.doubt and status.doubt.reason) or ""
    return html.render("message", translation, facts, part=status.state, again="", reason=reason)


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

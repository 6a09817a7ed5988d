"""The customer's page in each of its states, with names as long as they are, for the preview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

from cpor.links import Invitation, SignedLinks
from cpor.page.claim_status import ClaimStatus, State
from cpor.page.pages import Pages
from cpor.page.translations import Translation
from cpor.rules import views
from cpor.rules.claim import Claim
from cpor.rules.clock_view import ClockView, clock_view
from cpor.rules.deadlines import Clock
from cpor.rules.doubts import Doubt
from cpor.rules.lifecycle import Status
from cpor.rules.messages import Receipt
from cpor.rules.own_ids import decline_id
from cpor.rules.views import ClaimView
from cpor.settings import Settings
from demo.notice_samples import CLAIM, COMMON, DATA, END, LINKS, PROMISE

INVITATION = Invitation(CLAIM, 1, "contact")
SECRET = "of-the-preview, and of nothing else"
SETTINGS = Settings(
    vendor_name=LINKS.vendor.name,
    vendor_address=LINKS.vendor.address,
    vendor_check_url=LINKS.vendor.check_url,
    vendor_check_phone=LINKS.vendor.check_phone,
    vendor_privacy_url=LINKS.vendor.privacy_url,
    vendor_imprint_url=LINKS.vendor.imprint_url,
)
ADDRESS = DATA["links_to_pages"]["about"].removesuffix("/about")
MESSAGES = ("unanswered", "invalid_link", "unconfirmed", "too_big", "later", "lost", "missing")
"""Pages that say nothing of a claim; `refused` is for programs only."""


def shown(translation: Translation) -> Iterator[tuple[str, str]]:
    """Name and HTML of each page."""
    pages = Pages(SignedLinks(ADDRESS, [SECRET]), SETTINGS)
    for state in get_args(State):
        page = pages.claim(_status(state), INVITATION, translation)
        yield state, bytes(page.body).decode()
    long = "We did this ourselves. " * 50
    too_long = pages.claim(_status("open"), INVITATION, translation, long)
    yield "too_long", bytes(too_long.body).decode()
    unknown = pages.unknown_result(INVITATION, "We did this ourselves.", translation)
    yield "unknown_result", bytes(unknown.body).decode()
    for part in MESSAGES:
        again = "#" if part == "unconfirmed" else ""
        yield part, bytes(pages.message(part, translation, 200, again=again).body).decode()
    yield "about", bytes(pages.about(translation).body).decode()


def _status(state: State) -> ClaimStatus:
    receipt = doubt = None
    if state == "noted":
        receipt = Receipt(
            id=decline_id(INVITATION.notice_id),
            outcome="accepted",
            text="",
            status=Status.REJECTED,
            at=END - timedelta(days=1),
        )
    if state == "kept":
        reason = "Page 3 of the statement of work names Fabrikam."
        doubt = Doubt(kind="late_no", at=END, answer="kept", reason=reason)
    return ClaimStatus(state, _claim(state), _window(), receipt, doubt)


def _claim(state: State) -> ClaimView:
    names = {**COMMON, **DATA["sets"]["long_names"]}
    person = {"email": "someone@example.com", "language": "en"}
    claim = Claim.open(
        {
            "claim_id": CLAIM,
            "name": names["claim_name"],
            "program": names["program"],
            "activity": names["activity"],
            "partner": {
                "mpn_id": "4912345",
                "name": names["partner"],
                "country": "DE",
                "contact": {"name": names["partner_contact"], **person},
            },
            "customer": {
                "name": names["customer"],
                "tenant_id": names["tenant_id"],
                "domain": "contoso.example",
                "country": "DE",
                "contact": {"name": "Lars Ek", "title": "CIO", **person},
            },
            "products": [{"name": each["name"]} for each in names["products"]],
            "submit": False,
        },
        END - timedelta(days=20),
    )
    consent = "lapsed" if state == "late" else "pending"
    return views.view(claim.state).model_copy(
        update={"status": Status.APPROVED, "consent": consent, "edition": "2020"}
    )


def _window() -> ClockView:
    clock = Clock(clock="consent", window=PROMISE.window, edition="2020")
    clock.start(END - timedelta(days=7), PROMISE.calendar)
    return clock_view(clock, PROMISE.calendar)

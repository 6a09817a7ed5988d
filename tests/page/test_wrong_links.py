"""Links that are not ours lead nowhere and are counted; however many come, a right one opens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from unittest.mock import ANY

import httpx
import pytest
from itsdangerous import URLSafeSerializer

from cpor.links import Invitation
from cpor.page import wrong_links
from cpor.page.app import app
from cpor.page.wrong_links import MANY, WrongLinks
from tests.page.conftest import SECRET
from tests.page.site import Site, words_of


def visitor(site: Site, count: Callable[[str], None]) -> httpx.AsyncClient:
    page = app(site.claims, site.links, site.world.settings, count)
    return httpx.AsyncClient(transport=httpx.ASGITransport(page), base_url="https://answer.example")


async def test_a_wrong_link_is_counted_and_ends_its_connection(idle_site: Site) -> None:
    counted: list[str] = []
    async with visitor(idle_site, counted.append) as browser:
        for path in ("/CPOR-7Q2M4X/1c-xxxxxxxxxxxxxxxxxxxx", "/CPOR-7Q2M4X/x", "/decline/x"):
            for method in ("GET", "POST"):
                answer = await browser.request(method, path)
                assert answer.status_code == 404
                assert answer.headers["Connection"] == "close"
    assert counted == ["wrong_link"] * 6


async def test_many_wrong_links_are_told_to_come_later_and_a_right_one_still_opens(
    site: Site,
) -> None:
    claim = await site.asked()
    link = site.link(claim)
    for _ in range(MANY):
        assert (await site.browser.get(f"{link[:-1]}u")).status_code == 404
    answer = await site.browser.get(f"{link[:-1]}u")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "This link does not work" in words_of(answer)
    assert (await site.browser.get(link)).status_code == 200
    assert (await site.says_no(link)).status_code == 200
    assert (await site.over(claim))["consent"] == "declined"


def test_wrong_links_of_a_minute_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(wrong_links, "monotonic", lambda: now)
    wrong = WrongLinks(lambda _: None)
    assert not any(wrong.one_more() for _ in range(MANY))
    assert wrong.one_more()
    now = 61.0
    assert not any(wrong.one_more() for _ in range(MANY))
    assert wrong.one_more()


async def test_the_long_link_of_an_older_mail_still_says_no(site: Site) -> None:
    claim = await site.asked()
    serializer = URLSafeSerializer(
        [SECRET], salt="decline link", signer_kwargs={"digest_method": hashlib.sha256}
    )
    token = serializer.dumps((claim.id, Invitation(claim.id, 1, "contact").notice_id, "contact"))
    long = f"{site.links.address}/decline/{token}"
    assert (await site.says_no(long, "Still us.")).status_code == 200
    assert (await site.over(claim))["reasons"] == [ANY]
    shown = [await site.browser.get(link) for link in (long, site.link(claim))]
    assert shown[0].text == shown[1].text

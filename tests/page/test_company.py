"""Each page says whose it is, in the language that its visitor chooses."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from cpor.page.app import app
from cpor.page.translations import codes
from tests.examples import PNG
from tests.page.site import Site, customer, hidden, words_of

PRIVACY, IMPRINT = "https://vendor.example/privacy", "https://vendor.example/imprint"
WORDS = {
    "en": ("Privacy", "Legal notice"),
    "de": ("Datenschutz", "Impressum"),
    "nl": ("Privacy", "Colofon"),
    "sv": ("Integritet", "Juridisk information"),
    "tr": ("Gizlilik", "Künye"),
}


def visitor(site: Site, **changes: object) -> httpx.AsyncClient:
    """Of a page with these settings, of which only the routes are asked."""
    page = app(site.claims, site.links, site.world.settings.model_copy(update=changes))
    return httpx.AsyncClient(transport=httpx.ASGITransport(page), base_url="https://answer.example")


@pytest.mark.parametrize("code", WORDS)
async def test_a_page_names_the_company_and_leads_to_its_pages(idle_site: Site, code: str) -> None:
    changes = {"vendor_privacy_url": PRIVACY, "vendor_imprint_url": IMPRINT}
    async with visitor(idle_site, **changes, vendor_address="1 Example Way") as browser:
        for path in ("/about", "/nothing", "/CPOR-7Q2M4X/1c-x"):
            page = await browser.get(path, params={"language": code})
            assert "<header>\n<p>Microsoft</p>\n</header>" in page.text
            assert "<p>Microsoft, 1 Example Way</p>" in page.text
            for url, word in zip((PRIVACY, IMPRINT), WORDS[code], strict=True):
                assert f'<a href="{url}">{word}</a>' in page.text


async def test_without_them_there_are_no_links_to_them(idle_site: Site) -> None:
    async with visitor(idle_site) as browser:
        page = await browser.get("/about")
    assert "Privacy" not in page.text
    assert "<ul>\n</ul>" not in page.text


async def test_the_logo_is_in_the_page_and_nothing_else_may_be_loaded(
    idle_site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(PNG)
    async with visitor(idle_site, vendor_logo=str(file)) as browser:
        page = await browser.get("/about")
    assert 'alt="Microsoft"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    loaded = re.findall(r'(?:src|rel="icon" href)="([^"]+)"', page.text)
    assert len(loaded) == 2
    assert all(each.startswith("data:image/") for each in loaded)


async def test_every_page_can_be_read_in_every_language_and_the_no_keeps_it(site: Site) -> None:
    claim = await site.asked(customer=customer("sv"))
    link = site.link(claim)
    page = await site.browser.get(link)
    assert page.headers["Content-Language"] == "sv"
    for code in codes():
        page = await site.browser.get(link, params={"language": code})
        assert page.headers["Content-Language"] == code
        others = re.findall(r'href="\?language=(\w+)"', page.text)
        assert sorted([*others, code]) == sorted(codes())
    there = f"{link}?language=tr"
    receipt = await site.browser.post(there, data=hidden(await site.browser.get(there)))
    assert (receipt.status_code, receipt.headers["Content-Language"]) == (200, "tr")
    assert 'href="?language=sv"' in receipt.text
    assert f"decline.{claim.id}.consent.1.contact" in words_of(receipt)


async def test_the_number_of_a_receipt_breaks_between_its_parts_only(site: Site) -> None:
    claim = await site.asked()
    receipt = await site.says_no(site.link(claim))
    parts = ("decline.", f"{claim.id}.", "consent.", "1.", "contact")
    number = "<wbr>".join(f'<span class="whole">{part}</span>' for part in parts)
    assert f"<dd>{number}</dd>" in receipt.text

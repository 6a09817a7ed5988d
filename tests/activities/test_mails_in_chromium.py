"""Mails in a real browser: on a phone and on a desk, by day and by night, and as axe sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from cpor import languages
from demo.notice_samples import SAMPLES, Sample
from tests.axe import violations
from tests.chromium import FOUND, launched

PHONE, DESK = 360, 1000

pytestmark = pytest.mark.skipif(FOUND is None, reason="no Chromium is on the PATH")


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    page = await chromium.new_page()
    yield page
    await page.close()


LONGEST = [sample for sample in SAMPLES if sample.variant == "three-products"]


@pytest.mark.parametrize("code", languages.known())
async def test_axe_finds_nothing_and_nothing_leaves_the_screen(page: Page, code: str) -> None:
    for sample in LONGEST:
        await page.set_content(sample.letter(code).html)
        for width in (PHONE, DESK):
            await page.set_viewport_size({"width": width, "height": 700})
            await page.emulate_media(color_scheme="dark" if width == PHONE else "light")
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            assert await violations(page) == [], f"{sample.name}, {width}"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
async def test_every_mail_has_one_headline_and_fits_a_phone(page: Page, sample: Sample) -> None:
    await page.set_viewport_size({"width": PHONE, "height": 700})
    await page.set_content(sample.letter("de").html)
    assert await page.locator("h1").count() == 1
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert await page.locator("a.button").count() <= 1


async def test_a_mail_loads_nothing(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for sample in LONGEST:
        await page.set_content(sample.letter("en").html)
    assert asked == []

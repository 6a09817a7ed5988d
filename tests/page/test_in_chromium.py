"""The page in a real browser at phone width, without scripts: by click, keyboard and role."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from cpor.page.translations import translation
from demo import page_samples
from tests.axe import violations
from tests.chromium import FOUND, launched
from tests.page.site import Site, customer

WIDTH = 360

pytestmark = pytest.mark.skipif(FOUND is None, reason="no Chromium is on the PATH")

CONTRAST = """
() => {
  const light = (css) => {
    const [r, g, b] = css.match(/[\\d.]+/g).map(Number).map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const css = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$/.test(css)) return css;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("h1,h2,p,dt,dd,a,label,button,textarea,strong")].map((e) => {
    const [a, b] = [getComputedStyle(e).color, ground(e)].map(light).sort();
    return [(b + 0.05) / (a + 0.05), e.tagName];
  }).sort((a, b) => a[0] - b[0])[0];
}
"""
"""The weakest contrast of any text, after WCAG 2, and whose it is."""


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
async def phone_browser(chromium: Browser) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(
        viewport={"width": WIDTH, "height": 740},
        java_script_enabled=False,
        is_mobile=True,
        has_touch=True,
    )
    yield context
    await context.close()


@pytest.fixture
async def phone(phone_browser: BrowserContext) -> AsyncIterator[Page]:
    page = await phone_browser.new_page()
    yield page
    await page.close()


async def looks_right(page: Page) -> None:
    """One heading, a title, nothing beyond the right edge; all can be read by day and by night."""
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await expect(page.get_by_role("main")).to_have_count(1)
    assert await page.title() == await page.get_by_role("heading", level=1).inner_text()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= WIDTH
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)
        weakest, whose = await page.evaluate(CONTRAST)
        assert weakest >= 4.5, f"{whose}, {scheme}"


async def test_declined_by_click_on_a_phone(site: Site, phone: Page) -> None:
    claim = await site.asked()
    await phone.goto(site.link(claim))
    await expect(phone.get_by_role("heading", level=1)).to_have_text(
        "Fabrikam says that it helped Contoso"
    )
    await looks_right(phone)
    reason = phone.get_by_role("textbox", name="Why? (You don't have to say.)")
    await expect(reason).to_have_accessible_description(
        "Fabrikam and the reviewers will read it. At most 1000 characters."
    )
    await reason.fill("We did this ourselves.")
    await phone.get_by_role("button", name="Say no to this claim").click()
    await expect(phone.get_by_role("heading", level=1)).to_have_text("Your no is noted")
    await looks_right(phone)
    over = await site.over(claim)
    assert (over["consent"], over["reasons"][0]["note"]) == ("declined", "We did this ourselves.")


async def test_declined_by_keyboard_alone(site: Site, phone: Page) -> None:
    claim = await site.asked(customer=customer("sv"))
    await phone.goto(site.link(claim))
    await phone.keyboard.press("Tab")
    await expect(phone.get_by_role("textbox")).to_be_focused()
    await phone.keyboard.type("Nej tack.")
    await phone.keyboard.press("Tab")
    button = phone.get_by_role("button")
    await expect(button).to_be_focused()
    assert await button.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_role("heading", level=1)).to_have_text("Ditt nej är noterat")
    assert (await site.over(claim))["reasons"][0]["note"] == "Nej tack."


@pytest.mark.parametrize("code", ["en", "de", "nl", "sv", "tr"])
async def test_each_language_fits_a_phone(site: Site, phone: Page, code: str) -> None:
    claim = await site.asked(customer=customer(code))
    await phone.goto(site.link(claim))
    assert await phone.locator("html").get_attribute("lang") == code
    await looks_right(phone)
    await phone.goto(f"{site.links.about}?language={code}")
    assert await phone.locator("html").get_attribute("lang") == code
    await looks_right(phone)


@pytest.fixture
async def scripted(chromium: Browser) -> AsyncIterator[Page]:
    """Where axe may run, at phone width."""
    page = await chromium.new_page(viewport={"width": WIDTH, "height": 740})
    yield page
    await page.close()


@pytest.mark.parametrize("code", ["en", "de", "nl", "sv", "tr"])
async def test_axe_finds_nothing_in_any_state_of_the_page(scripted: Page, code: str) -> None:
    for state, html in page_samples.shown(translation(code)):
        await scripted.set_content(html)
        await looks_right(scripted)
        if code == "de" or state in ("open", "noted", "about"):
            assert await violations(scripted) == [], state


async def test_every_other_page_fits_too(site: Site, phone: Page) -> None:
    claim = await site.asked_anew()
    for address in (
        site.link(claim, 0),
        f"{site.link(claim, 0)}x",
        f"{site.links.address}/nothing",
    ):
        await phone.goto(address)
        await looks_right(phone)


async def test_the_browser_loads_nothing_beside_the_page(site: Site, phone: Page) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    claim = await site.asked()
    await phone.goto(site.link(claim))
    assert asked == [site.link(claim)]
    ground = await phone.get_by_role("button").evaluate("e => getComputedStyle(e).borderRadius")
    assert ground != "0px", "its own style is let through"

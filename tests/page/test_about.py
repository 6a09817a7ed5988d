"""What a partner can share before it claims: the whole thing, in five languages."""

from __future__ import annotations

import pytest

from cpor.page.translations import codes, translation
from tests.page.site import Site, words_of


@pytest.mark.parametrize("code", ["en", "de", "nl", "sv", "tr"])
async def test_it_explains_itself_in_each_language(idle_site: Site, code: str) -> None:
    about = idle_site.links.about
    page = await idle_site.browser.get(about, params={"language": code})
    assert (page.status_code, page.headers["Content-Language"]) == (200, code)
    assert f'<html lang="{code}">' in page.text
    said = words_of(page)
    for part in translation(code).words["about"]["parts"]:
        assert part["title"] in said
    for fact in ("claims@cpor.example", "no-thanks@cpor.example", idle_site.links.address):
        assert fact in said
    others = [other for other in codes() if f'href="?language={other}"' in page.text]
    assert sorted([*others, code]) == sorted(codes())


async def test_a_browser_gets_its_own_language_and_no_other_where_there_is_none(
    idle_site: Site,
) -> None:
    about = idle_site.links.about
    swedish = await idle_site.browser.get(about, headers={"Accept-Language": "sv"})
    assert swedish.headers["Content-Language"] == "sv"
    unknown = await idle_site.browser.get(
        about, params={"language": "xx"}, headers={"Accept-Language": "nl"}
    )
    assert unknown.headers["Content-Language"] == "nl"


async def test_the_other_pages_lead_there(site: Site) -> None:
    claim = await site.asked()
    page = await site.browser.get(site.link(claim))
    assert f'href="{site.links.about}?language=en"' in page.text

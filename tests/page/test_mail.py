"""The link's way to the customer: into the mail, and into nothing else."""

from __future__ import annotations

import logging

import pytest

from activities import Activities
from cpor.links import Invitation
from tests.examples import REVIEWER
from tests.page.site import Site
from tests.workflows.world import World

LARS = "lars@contoso.example"
OTHERS = ("httpx", "httpcore", "mail.log")
"""The log of the browser and of the mail server, who have the link."""


async def test_the_customers_mail_has_the_link_and_where_it_is_explained(site: Site) -> None:
    claim = await site.asked()
    (mail,) = site.world.mails(claim, "consent")
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert site.link(claim) in body.get_content()
        assert site.links.about in body.get_content()


async def test_each_contact_has_a_link_of_its_own(site: Site) -> None:
    claim = await site.both_asked()
    links = {site.link(claim, 0), site.link(claim, 1)}
    assert len(links) == 2
    invitations = [site.links.read(*link.split("/")[-2:]) for link in links]
    assert {each.contact for each in invitations if each} == {"contact", "technical_contact"}


async def test_no_other_mail_has_one(site: Site) -> None:
    claim = await site.asked()
    await site.says_no(site.link(claim))
    await site.over(claim)
    for mail in site.world.mails(claim):
        if mail["X-Notice"] != "consent":
            assert f"{site.links.address}/{claim.id}" not in mail.as_string()


async def test_the_link_stands_neither_in_the_history_nor_in_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    claim = await site.asked()
    link = site.link(claim)
    signature = link.rpartition("-")[2]
    await site.says_no(link, "No.")
    await site.browser.get(f"{link}/x")
    await site.over(claim)
    history = (await claim.fetch_history()).to_json()
    assert claim.id in history
    assert signature not in history
    ours = [each for each in caplog.records if not each.name.startswith(OTHERS)]
    assert ours
    for record in ours:
        assert signature not in record.getMessage()


async def test_a_mail_server_that_quotes_the_link_spreads_it_no_further(idle_site: Site) -> None:
    site, world = idle_site, idle_site.world
    async with Activities(world.settings) as activities, world.working(activities):
        claim = await world.open()
        link = site.links.decline(Invitation(claim.id, 1, "contact"))
        signature = link.rpartition("-")[2]
        world.post.refuses[LARS] = f"550 5.7.1 bad link {link} in the mail"
        await world.tell(claim, "approve", by=REVIEWER)
        await world.until_claim(claim, consent="held", owed=[])
        said = [each["text"] for each in await world.history(claim)]
        assert any("550 5.7.1 bad link" in text for text in said)
        assert signature not in (await claim.fetch_history()).to_json()
        assert not any(signature in text for text in said)


async def test_without_a_page_the_mail_says_how_to_answer(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, owed=[])
    (mail,) = world.mails(claim, "consent")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "no-thanks@cpor.example" in body.get_content()
    assert "http" not in body.get_content()

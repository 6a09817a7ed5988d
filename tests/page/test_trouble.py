"""When something breaks on the way, the page says neither too much nor too little."""

from __future__ import annotations

from typing import Any

import pytest

from activities import Activities
from cpor import ClaimsClient
from cpor.client.errors import EngineUnreachable, NoAnswer
from cpor.client.transport import Transport
from cpor.monitoring.health import takes_no_noes
from cpor.page import claim_status, kept_noes
from cpor.page.kept_noes import KeptNoes
from cpor.rules.own_ids import decline_id
from cpor.store import Store, StoreError
from tests.examples import PARTNER
from tests.page.site import Counting, Site, customer, hidden, words_of
from tests.patience import wait_for_nobody
from tests.workflows.world import DAY, Handle

# Somebody else uses the id under which the page says no


async def test_a_message_under_the_pages_id_neither_shows_a_receipt_nor_stops_the_no(
    site: Site,
) -> None:
    claim = await site.asked()
    squatted = {"id": f"decline.{claim.id}.consent.1.contact", "by": PARTNER}
    await claim.signal("comment", {**squatted, "text": "Hello."})
    await claim.signal("comment", squatted)
    page = await site.browser.get(site.link(claim))
    assert "Fabrikam says that it helped Contoso" in words_of(page)
    page = await site.browser.post(site.link(claim), data=hidden(page))
    assert (page.status_code, "Your no is noted" in words_of(page)) == (200, True)
    assert (await site.over(claim))["consent"] == "declined"


# The no has arrived, and nothing else can be had


async def test_a_no_that_was_taken_is_taken_though_the_claim_cannot_be_looked_at(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = await site.asked()
    link, form = site.link(claim), hidden(await site.browser.get(site.link(claim)))

    async def away(*_: object) -> Any:
        raise StoreError("the store is away")

    monkeypatch.setattr(claim_status, "read", away)
    page = await site.browser.post(link, data=form)
    assert (page.status_code, "Your no has arrived" in words_of(page)) == (202, True)
    assert (await site.over(claim))["consent"] == "declined"


async def test_a_no_without_an_answer_may_have_arrived_and_its_button_is_there_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = await site.asked()
    link, form = site.link(claim), hidden(await site.browser.get(site.link(claim)))
    update = Transport.update

    async def lost(self: Transport, *said: Any) -> Any:
        await update(self, *said)
        raise EngineUnreachable("Temporal answers no more")

    async def full(*_: object) -> None:
        raise StoreError("the store is full")

    monkeypatch.setattr(Transport, "update", lost)
    monkeypatch.setattr(Store, "keep_no", full)
    page = await site.browser.post(link, data={**form, "note": "Not with us.\r\n<b>"})
    assert (page.status_code, page.headers["Retry-After"]) == (503, "120")
    assert site.counted.outcomes == ["may_be_lost"]
    said = words_of(page)
    assert "We do not know whether your no has arrived" in said
    assert "Nothing has changed" not in said
    monkeypatch.undo()
    again = await site.browser.post(link, data=hidden(page))
    assert (again.status_code, "Your no is noted" in words_of(again)) == (200, True)
    over = await site.over(claim)
    assert over["reasons"][0]["note"] == "Not with us.\n<b>"
    assert site.world.kinds(claim).count("declined") == 3


async def test_a_no_that_temporal_does_not_take_is_kept_and_passed_on_when_it_does(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_noes, "FIRST_PAUSE", 0.1)
    claim = await site.asked()
    link, form = site.link(claim), hidden(await site.browser.get(site.link(claim)))
    update = Transport.update
    times: list[int] = []

    async def away_at_first(self: Transport, *said: Any) -> Any:
        times.append(1)
        if len(times) < 3:
            raise EngineUnreachable("Temporal does not answer")
        return await update(self, *said)

    monkeypatch.setattr(Transport, "update", away_at_first)
    page = await site.browser.post(link, data={**form, "note": "Not with us."})
    assert (page.status_code, "Your no has arrived" in words_of(page)) == (202, True)
    over = await site.over(claim)
    assert (over["consent"], over["reasons"][0]["note"]) == ("declined", "Not with us.")
    assert site.counted.outcomes == ["kept", "passed_on"]


async def test_a_no_that_is_said_twice_while_temporal_is_away_is_counted_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alert compares what was kept with what was passed on."""
    monkeypatch.setattr(kept_noes, "FIRST_PAUSE", 0.1)
    claim = await site.asked()
    link, form = site.link(claim), hidden(await site.browser.get(site.link(claim)))
    update, is_away = Transport.update, True

    async def away(self: Transport, *said: Any) -> Any:
        if is_away:
            raise EngineUnreachable("Temporal does not answer")
        return await update(self, *said)

    monkeypatch.setattr(Transport, "update", away)
    for _ in range(2):
        assert (await site.browser.post(link, data=form)).status_code == 202
    is_away = False
    assert (await site.over(claim))["consent"] == "declined"
    await site.world.until(lambda: site.counted.reached(["kept", "passed_on"]))


async def test_a_claim_that_does_not_answer_keeps_the_noes_of_others_from_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_noes, "FIRST_PAUSE", 0.1)
    claims = [await site.asked(), await site.asked()]
    for claim in claims:
        await site.claims.store.keep_no(claim.id, *a_no(claim))
    stuck = min(claim.id for claim in claims)
    overview, asked = type(site.claims).overview, list[str]()

    async def of_all_but_one(self: ClaimsClient, claim_id: str, *more: Any) -> Any:
        asked.append(claim_id)
        if claim_id == stuck and asked.count(stuck) < 3:
            raise NoAnswer("no worker answers")
        return await overview(self, claim_id, *more)

    monkeypatch.setattr(type(site.claims), "overview", of_all_but_one)
    await KeptNoes(site.claims).take_up()
    for claim in claims:
        assert (await site.over(claim))["consent"] == "declined"


def a_no(claim: Handle) -> tuple[str, dict[str, Any]]:
    """A customer's, by the first mail, as the page keeps it, with its notice."""
    notice = f"{claim.id}.consent.1.contact"
    by = {"role": "customer", "id": "contact"}
    return notice, {"id": decline_id(notice), "by": by, "notice_id": notice}


async def test_a_no_that_a_page_kept_and_did_not_pass_on_is_taken_up_by_the_next_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_noes, "FIRST_PAUSE", 0.1)
    claim, other = await site.asked(), await site.asked()
    assert (await site.says_no(site.link(other))).status_code == 200
    notice, no = a_no(claim)
    await site.claims.store.keep_no(claim.id, notice, no)
    counted = Counting()
    await KeptNoes(site.claims, counted).take_up()
    assert (await site.over(claim))["consent"] == "declined"
    await site.world.until(lambda: counted.reached(["kept", "passed_on"]))


async def test_a_no_that_came_in_time_is_not_passed_on_as_a_late_one(site: Site) -> None:
    claim = await site.asked()
    notice, no = a_no(claim)
    await site.world.pass_time(claim, 8 * DAY)
    await site.world.until_claim(claim, consent="lapsed", owed=[])
    await site.claims.store.keep_no(claim.id, notice, no)
    counted = Counting()
    await KeptNoes(site.claims, counted).take_up()
    assert counted.outcomes == []


async def test_the_page_is_ready_while_store_or_temporal_takes_a_no(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise EngineUnreachable("Temporal does not answer")

    async def full(*_: object) -> None:
        raise StoreError("the store is full")

    assert await takes_no_noes(site.claims) is None
    monkeypatch.setattr(Transport, "describe", away)
    assert await takes_no_noes(site.claims) is None
    monkeypatch.setattr(Store, "read_no", full)
    assert await takes_no_noes(site.claims) is not None
    monkeypatch.undo()
    monkeypatch.setattr(Store, "read_no", full)
    assert await takes_no_noes(site.claims) is None


async def test_a_no_by_an_older_link_that_waits_for_a_worker_promises_no_mail(
    idle_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = idle_site
    async with Activities(site.world.settings) as activities, site.world.working(activities):
        claim = await site.asked_anew()
        link, form = site.link(claim, 0), hidden(await site.browser.get(site.link(claim, 0)))
    wait_for_nobody(site.claims, monkeypatch)
    page = await site.browser.post(link, data=form)
    assert (page.status_code, "by mail" in words_of(page)) == (202, False)
    monkeypatch.undo()
    async with Activities(site.world.settings) as activities, site.world.working(activities):
        page = await site.browser.get(link)
        assert "Your no is kept" in words_of(page)


async def test_a_claim_that_was_ended_by_force_is_not_looked_for_again(site: Site) -> None:
    claim = await site.asked()
    link, form = site.link(claim), hidden(await site.browser.get(site.link(claim)))
    await claim.terminate("by force")
    for page in (await site.browser.get(link), await site.browser.post(link, data=form)):
        assert page.status_code == 410
        assert "The claim cannot be read any more" in words_of(page)
        assert "write to no-thanks@cpor.example" in words_of(page)


# What the log says


async def test_the_log_says_what_became_of_a_no(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    claim = await site.asked_anew()
    await site.says_no(site.link(claim, 0))
    await site.says_no(site.link(claim, 1))
    said = [each.getMessage() for each in caplog.records if each.name == "cpor.page.app"]
    assert said == [
        f"{claim.id}.consent.1.contact: a no, objected",
        f"{claim.id}.consent.2.contact: a no, noted",
    ]


# Visitors who want something else


async def test_a_slash_too_many_leads_nowhere_and_least_of_all_elsewhere(site: Site) -> None:
    claim = await site.asked()
    for address in (f"{site.link(claim)}/", f"{site.links.about}/"):
        for method in ("GET", "POST"):
            answer = await site.browser.request(method, address, headers={"Host": "evil.example"})
            assert answer.status_code == 404
            assert "Location" not in answer.headers
            assert "There is no such page" in words_of(answer)


async def test_a_blank_that_was_typed_stays_one(site: Site) -> None:
    claim = await site.asked(customer=customer("de"))
    typed = "Nein\u00a0danke, 10\u202f%\u2028👨\u200d👩\u200d👧\u0007\u200d"
    assert (await site.says_no(site.link(claim), typed)).status_code == 200
    kept = (await site.over(claim))["reasons"][0]["note"]
    assert kept == "Nein danke, 10 %\n👨\u200d👩\u200d👧"

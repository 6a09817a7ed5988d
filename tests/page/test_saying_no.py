"""The customer's link from mail to receipt: only its own button says no, and only once."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from activities import Activities
from cpor.links import Invitation
from tests.examples import CUSTOMER, PARTNER, REVIEWER, opening
from tests.page.site import Site, customer, hidden, words_of
from tests.patience import wait_for_nobody
from tests.workflows.world import DAY, Handle, at

WEEK = 7 * DAY + timedelta(minutes=1)


async def test_the_page_says_who_asks_for_what_and_until_when(site: Site) -> None:
    claim = await site.asked()
    page = await site.browser.get(site.link(claim))
    assert page.status_code == 200
    said = words_of(page)
    for fact in ("Fabrikam", "Ada Berg", "Contoso", "Teams", "Exchange Online", claim.id):
        assert fact in said
    end = at((await site.world.claim(claim))["deadline"]).astimezone(ZoneInfo("Europe/Stockholm"))
    assert f"until {end:%A} {end.day} {end:%B %Y}, {end:%H:%M} Stockholm time" in said


async def test_the_button_says_no_and_shows_the_receipt(site: Site) -> None:
    claim = await site.asked()
    page = await site.says_no(site.link(claim), "We did this ourselves.\r\nReally.")
    assert page.status_code == 200
    assert f"decline.{claim.id}.consent.1.contact" in words_of(page)
    over = await site.over(claim)
    assert (over["status"], over["consent"]) == ("Rejected", "declined")
    assert over["reasons"][0]["note"] == "We did this ourselves.\nReally."
    assert site.world.kinds(claim).count("declined") == 3


async def test_no_reason_is_needed(site: Site) -> None:
    claim = await site.asked()
    assert (await site.says_no(site.link(claim), "  \r\n ")).status_code == 200
    assert (await site.over(claim))["reasons"][0]["note"] is None


@pytest.mark.parametrize("visit", ["GET", "HEAD", "prefetch"])
async def test_twenty_visits_change_nothing(site: Site, visit: str) -> None:
    claim = await site.asked()
    before = await site.unchanged(claim)
    method = "HEAD" if visit == "HEAD" else "GET"
    headers = {"Sec-Purpose": "prefetch", "Purpose": "prefetch"} if visit == "prefetch" else {}
    for _ in range(20):
        answer = await site.browser.request(method, site.link(claim), headers=headers)
        assert answer.status_code == 200
    assert await site.unchanged(claim) == before


async def test_a_scanner_that_posts_to_the_link_does_nothing(site: Site) -> None:
    claim, other = await site.asked(), await site.asked()
    link, before = site.link(claim), await site.unchanged(claim)
    token = link.rpartition("/")[2]
    others = hidden(await site.browser.get(site.link(other)))
    for form in ({"note": "no"}, {"confirmation": ""}, {"confirmation": token}, others):
        answer = await site.browser.post(link, data=form)
        assert answer.status_code == 403
        assert "Nothing was sent" in words_of(answer)
    assert await site.unchanged(claim) == before


async def test_a_forged_link_leads_nowhere(site: Site) -> None:
    claim = await site.asked()
    link, before = site.link(claim), await site.unchanged(claim)
    good = hidden(await site.browser.get(link))
    another = link.replace("/1c-", "/2c-")
    for forged in (link[:-1], f"{link}x", link.replace("/1c-", "/1c-x"), another, f"{link}/x"):
        for answer in (await site.browser.get(forged), await site.browser.post(forged, data=good)):
            assert answer.status_code == 404
            assert "Fabrikam" not in answer.text
    assert await site.unchanged(claim) == before


async def test_a_good_link_of_a_claim_that_is_gone_leads_nowhere(site: Site) -> None:
    link = site.links.decline(Invitation("GONE-1234", 1, "contact"))
    assert (await site.browser.get(link)).status_code == 404


# A second time


async def test_a_second_time_shows_the_first_receipt(site: Site) -> None:
    claim = await site.asked()
    link = site.link(claim)
    form = hidden(await site.browser.get(link))
    first = await site.browser.post(link, data={**form, "note": "First."})
    again = await site.browser.post(link, data={**form, "note": "Second, and another reason."})
    assert (again.status_code, again.text) == (200, first.text)
    over = await site.over(claim)
    assert over["reasons"][0]["note"] == "First."
    long_after = [await site.browser.get(link), await site.browser.post(link, data=form)]
    assert [(page.status_code, page.text) for page in long_after] == [(200, first.text)] * 2


async def test_when_both_contacts_say_no_the_second_reads_that_it_is_no_already(
    site: Site,
) -> None:
    claim = await site.both_asked()
    both = {mail["To"].addresses[0].username: mail for mail in site.world.mails(claim, "consent")}
    assert both.keys() == {"lars", "tove"}
    first, second = site.link(claim, 0), site.link(claim, 1)
    assert (await site.says_no(first)).status_code == 200
    page = await site.browser.get(second)
    assert page.status_code == 410
    assert "The answer is no already" in words_of(page)
    assert f"Contoso has already said no to claim {claim.id}" in words_of(page)


# Too late


async def test_after_the_window_the_page_says_what_a_no_still_does_and_keeps_it(site: Site) -> None:
    claim = await site.asked()
    link = site.link(claim)
    await site.world.pass_time(claim, WEEK)
    await site.world.until_claim(claim, consent="lapsed", owed=[])
    before = await site.unchanged(claim)
    page = await site.browser.get(link)
    assert page.status_code == 200
    assert "You can still say no" in words_of(page)
    assert "your words are kept and a reviewer looks at them" in words_of(page)
    assert "no-thanks@cpor.example" in words_of(page)
    assert await site.unchanged(claim) == before
    for page in (await site.says_no(link), await site.browser.get(link)):
        assert (page.status_code, "Your no is kept" in words_of(page)) == (200, True)
    known = await site.world.until_claim(claim, owed=[])
    assert (known["status"], known["waiting_for"]) == ("Approved", "reviewer")
    assert len(site.world.mails(claim, "objected")) == 2, "reviewers and lead"
    await site.world.tell(claim, "keep_association", by=REVIEWER, reason="Page 3 <names> them.")
    page = await site.browser.get(link)
    assert "A reviewer has answered your no" in words_of(page)
    assert "Page 3 <names> them." in words_of(page)
    assert "<names>" not in page.text


async def test_when_the_reviewer_ends_it_the_link_says_that_it_is_noted(site: Site) -> None:
    claim = await site.asked()
    link = site.link(claim)
    await site.world.pass_time(claim, WEEK)
    await site.world.until_claim(claim, consent="lapsed", owed=[])
    await site.says_no(link)
    await site.world.tell(claim, "end_association", by=REVIEWER, reason="Not their project.")
    page = await site.browser.get(link)
    assert "Fabrikam is no longer recognised for Teams" in words_of(page)


async def test_where_the_edition_has_it_so_a_no_counts_at_any_time(site: Site) -> None:
    claim = await site.asked(edition="2023")
    await site.world.pass_time(claim, WEEK)
    await site.world.until_claim(claim, consent="lapsed", owed=[])
    page = await site.browser.get(site.link(claim))
    said = words_of(page)
    assert "You can still say no at any time" in said
    assert "What Fabrikam sees" in said
    assert "Fabrikam is no longer recognised for this" in said
    page = await site.says_no(site.link(claim))
    assert page.status_code == 200
    assert "Fabrikam is no longer recognised for Teams" in words_of(page)
    assert (await site.over(claim))["consent"] == "declined"


async def test_of_a_claim_that_was_withdrawn_there_is_nothing_to_decline(site: Site) -> None:
    claim = await site.asked()
    link = site.link(claim)
    form = hidden(await site.browser.get(link))
    await site.world.tell(claim, "withdraw", by=PARTNER, reason="other")
    for answer in (await site.browser.get(link), await site.browser.post(link, data=form)):
        assert answer.status_code == 410
        assert "There is nothing left to say no to" in words_of(answer)


async def test_while_a_notice_has_come_back_its_link_still_says_no(site: Site) -> None:
    claim = await site.asked()
    link = site.link(claim)
    await site.comes_back(claim)
    page = await site.browser.get(link)
    assert (page.status_code, "stands still at the moment" in words_of(page)) == (200, True)
    assert (await site.says_no(link)).status_code == 200
    assert (await site.over(claim))["consent"] == "declined"


# A newer round


async def test_an_older_link_when_the_time_is_over_sends_nobody_to_the_newest_mail(
    site: Site,
) -> None:
    claim = await site.asked_anew(edition="2020")
    await site.world.pass_time(claim, WEEK)
    await site.world.until_claim(claim, consent="lapsed", owed=[])
    said = words_of(await site.browser.get(site.link(claim, 0)))
    assert "the time to say no is over" in said
    assert "a reviewer looks at them" in said
    assert "newest" not in said
    assert "can end the claim" not in said
    page = await site.says_no(site.link(claim, 0))
    assert "Your no is kept" in words_of(page)


async def test_an_older_link_says_where_to_write(site: Site) -> None:
    claim = await site.asked_anew()
    before = await site.unchanged(claim)
    page = await site.browser.get(site.link(claim, 0))
    assert page.status_code == 410
    assert f"write to no-thanks@cpor.example and name claim {claim.id}" in words_of(page)
    assert "Eva" not in page.text
    assert await site.unchanged(claim) == before


async def test_a_former_contacts_no_holds_the_clock_and_the_reviewers_are_told_once(
    site: Site,
) -> None:
    claim = await site.asked_anew()
    for _ in range(2):
        page = await site.browser.post(
            site.link(claim, 0), data={**_confirmed(site, claim, 1), "note": "Never heard of it."}
        )
        assert (page.status_code, "Your no is kept" in words_of(page)) == (200, True)
    known = await site.world.until_claim(claim, owed=[])
    assert (known["status"], known["consent"]) == ("Approved", "held")
    (doubt,) = known["doubts"]
    assert (doubt["contact"], doubt["note"]) == ("contact", "Never heard of it.")
    told = {str(mail["To"]) for mail in site.world.mails(claim, "objected")}
    assert "Reviewers <reviewers@cpor.example>" in told
    assert len(told) == 2
    assert (await site.says_no(site.link(claim, 1))).status_code == 200, "the newest link counts"


async def test_a_round_that_begins_while_somebody_reads_is_noticed(site: Site) -> None:
    claim = await site.asked()
    link, form = site.link(claim), hidden(await site.browser.get(site.link(claim)))
    await site.comes_back(claim)
    await site.world.tell(claim, "retry", by={"role": "operator", "id": "olga"})
    page = await site.browser.post(link, data=form)
    assert (page.status_code, "Your no is kept" in words_of(page)) == (200, True)


# No worker


async def test_without_a_worker_the_page_asks_to_come_back(
    idle_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = idle_site
    wait_for_nobody(site.claims, monkeypatch)
    claim = await site.world.open()
    page = await site.browser.get(_link(site, claim), headers={"Accept-Language": "de-CH, fr"})
    assert (page.status_code, page.headers["Retry-After"]) == (503, "120")
    assert "Bitte versuchen Sie es in einigen Minuten noch einmal" in words_of(page)


async def test_a_no_is_kept_until_a_worker_is_there(
    idle_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = idle_site
    async with Activities(site.world.settings) as activities, site.world.working(activities):
        claim = await site.asked()
    wait_for_nobody(site.claims, monkeypatch)
    page = await site.browser.post(_link(site, claim), data=_confirmed(site, claim, 1))
    assert page.status_code == 202
    assert "This link shows what has become of it" in words_of(page)
    assert "by mail" not in words_of(page)
    at_once = await site.browser.get(_link(site, claim))
    assert (at_once.status_code, "Nothing has changed" in words_of(at_once)) == (503, False)
    assert "told you that your no has arrived, it is kept safe" in words_of(at_once)
    monkeypatch.undo()
    async with Activities(site.world.settings) as activities, site.world.working(activities):
        over = await site.over(claim)
        assert over["consent"] == "declined"
        assert "Your no is noted" in words_of(await site.browser.get(_link(site, claim)))


def _link(site: Site, claim: Handle) -> str:
    return site.links.decline(_invitation(claim, 1))


def _confirmed(site: Site, claim: Handle, round_: int) -> dict[str, str]:
    return {"confirmation": site.links.confirmation(_invitation(claim, round_))}


def _invitation(claim: Handle, round_: int) -> Invitation:
    return Invitation(claim.id, round_, "contact")


async def test_a_bug_of_ours_is_told_without_its_details(
    idle_site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site = idle_site

    words = " ".join(("of", "our", "own", "making"))

    async def broken(*_: object) -> None:
        raise ZeroDivisionError(words)

    monkeypatch.setattr("cpor.page.claim_status.read", broken)
    claim = await site.world.open()
    page = await site.browser.get(_link(site, claim))
    assert page.status_code == 500
    assert "Please try again in a few minutes" in words_of(page)
    assert "of our own making" not in page.text
    assert "of our own making" not in caplog.text
    assert "a bug, ZeroDivisionError" in caplog.text
    assert "in broken" in caplog.text, "where it is can be read"
    _is_private(page)


# How it is said


async def test_the_page_speaks_the_contacts_language_whatever_the_browser_asks(
    site: Site,
) -> None:
    claim = await site.asked(customer=customer("de-AT"))
    page = await site.browser.get(site.link(claim), headers={"Accept-Language": "tr"})
    assert page.headers["Content-Language"] == "de"
    assert "Wenn das alles stimmt und Sie einverstanden sind" in words_of(page)


async def test_a_name_stays_a_name(site: Site) -> None:
    partner = {**opening()["partner"], "name": '"Fabri" & Söhne'}
    claim = await site.asked(partner=partner)
    page = await site.browser.get(site.link(claim))
    assert "&#34;Fabri&#34; &amp; Söhne" in page.text
    assert '"Fabri"' not in page.text


async def test_a_reason_that_is_too_long_is_given_back_to_be_shortened(site: Site) -> None:
    claim = await site.asked()
    before = await site.unchanged(claim)
    reason = "ş" * 1001
    page = await site.says_no(site.link(claim), reason)
    assert page.status_code == 422
    assert "Please shorten it to 1000 characters" in words_of(page)
    assert reason in page.text
    assert await site.unchanged(claim) == before
    assert (await site.says_no(site.link(claim), "😀" * 1000)).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"x" * 40_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"\xff=1", "application/x-www-form-urlencoded", 400),
        (b"&".join([b"a=1"] * 11), "application/x-www-form-urlencoded", 400),
    ],
)
async def test_what_no_form_sends_is_turned_away(
    site: Site, content: bytes, kind: str, status: int
) -> None:
    claim = await site.asked()
    before = await site.unchanged(claim)
    answer = await site.browser.post(
        site.link(claim), content=content, headers={"Content-Type": kind}
    )
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert await site.unchanged(claim) == before


async def test_what_the_page_cannot_do_it_says_kindly(idle_site: Site) -> None:
    site = idle_site
    unknown = await site.browser.get(
        f"{site.links.address}/nothing", headers={"Accept-Language": "sv"}
    )
    assert (unknown.status_code, unknown.headers["Content-Language"]) == (404, "sv")
    put = await site.browser.put(site.links.about)
    assert put.status_code == 405
    assert set(put.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert "That is not possible here" in words_of(put)


async def test_every_answer_keeps_the_link_private(site: Site) -> None:
    claim = await site.asked()
    link = site.link(claim)
    answers = [
        await site.browser.get(link),
        await site.browser.head(link),
        await site.browser.post(link),
        await site.browser.get(f"{link}x"),
        await site.browser.get(f"{link}/"),
        await site.browser.post(f"{site.links.about}/"),
        await site.browser.get(site.links.about),
        await site.browser.get(f"{site.links.address}/nothing"),
        await site.browser.delete(link),
        await site.says_no(link),
    ]
    for answer in answers:
        _is_private(answer)


def _is_private(answer: httpx.Response) -> None:
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "Set-Cookie" not in headers
    assert "Server" not in headers


async def test_said_by_message_is_said_too(site: Site) -> None:
    """A no that came by mail and was entered by hand: the link shows that it is no already."""
    claim = await site.asked()
    await site.world.tell(claim, "decline", by=CUSTOMER)
    page = await site.browser.get(site.link(claim))
    assert (page.status_code, "The answer is no already" in words_of(page)) == (410, True)

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from activities import dates, letters
from activities.letters import Letter, Links
from claims.deadlines import ClockName
from claims.effects import Notice, Recipient
from claims.facts import Activity, FileState, Program
from claims.lifecycle import Told
from claims.messages import RejectReason, RequestReason, WithdrawReason
from settings import Settings
from tests.activities.facts import CLAIM, KINDS, LIKELY, RECIPIENTS, TENANT, notice, sparse

END = datetime(2026, 11, 27, 9, 14, tzinfo=UTC)
PEOPLE_TYPE = ("claim_name", "partner", "partner_contact", "customer", "text", "note")
TYPED = 'x"><a href="https://evil.example/y">click</a>\r\nBcc: all@evil.example {{ 7*7 }} &amp;'


def written(told: Notice, settings: Settings | None = None) -> Letter:
    return letters.write(told, Links.of(settings or Settings(), CLAIM), END)


@pytest.mark.parametrize("recipient", RECIPIENTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_notice_can_be_written_to_anyone_with_many_facts_or_few(
    kind: Told, recipient: Recipient
) -> None:
    for told in (notice(kind, recipient), sparse(kind, recipient)):
        letter = written(told)
        assert CLAIM in letter.subject + letter.text
        assert CLAIM in letter.html
        for part in (letter.subject, letter.text, letter.html):
            assert "None" not in part
            assert "Undefined" not in part
        assert "<" not in letter.text
        assert "\n" not in letter.subject


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_typed_becomes_a_header_a_link_or_markup(kind: Told) -> None:
    typed: dict[str, Any] = dict.fromkeys(PEOPLE_TYPE, TYPED)
    for recipient in LIKELY[kind]:
        letter = written(notice(kind, recipient, **typed))
        plain = written(notice(kind, recipient))
        assert letter.subject.isprintable() or letters.ZERO_WIDTH_SPACE in letter.subject
        assert not re.search(r"[\r\n]", letter.subject)
        assert letter.html.count("<a ") == plain.html.count("<a ")
        for part in (letter.subject, letter.text, letter.html):
            assert "https://evil" not in part
            assert "evil.example" not in part
            assert "@evil" not in part
            assert "49" not in part


def test_text_and_html_say_the_same() -> None:
    for kind, recipients in LIKELY.items():
        for recipient in recipients:
            letter = written(notice(kind, recipient))
            body = re.sub(r"<(head|style)>.*?</\1>|<[^>]+>", " ", letter.html, flags=re.DOTALL)
            for mark in ("&#39;", "&amp;"):
                body = body.replace(mark, {"&#39;": "'", "&amp;": "&"}[mark])
            said = set(re.findall(r"\w+", letter.text))
            assert said - set(re.findall(r"\w+", body)) <= {"1", "2", "3"}, kind


def test_the_customer_reads_all_that_makes_consent_fair() -> None:
    text = " ".join(written(notice("consent", "contact")).text.split())
    for needed in (
        "Fabrikam",
        "Teams and Exchange Online",
        "Microsoft recognises partner companies",
        "how many seats",
        "Nothing else",
        "advise you and manage it",
        "until Friday 27 November 2026, 09:14 UTC",
        "no-thanks@cpor.example",
        "is not recognised",
        "silence counts as consent",
        "need do nothing",
        "Is this mail real?",
        "Ada Berg",
    ):
        assert needed in text


def test_the_partner_reads_each_reason_with_its_product_and_until_when() -> None:
    letter = written(notice("info_requested"))
    text = " ".join(letter.text.split())
    assert "by Thursday 26 November" in letter.subject
    assert "until" not in letter.subject
    assert "the end of Thursday 26 November 2026 (UTC)" in text
    assert "Teams: The proof does not name this product." in text
    assert "or remove the product" in text
    assert "Exchange Online: The proof does not name this product. Please remove" in text
    assert "submit the claim again" in text


def test_an_answer_that_changed_nothing_says_so_to_the_reviewers() -> None:
    letter = written(notice("to_review", "reviewers", answer=True, changes=[]))
    assert "Nothing was changed since the request." in letter.text


def test_approved_says_that_it_is_not_paid() -> None:
    assert "Approved is not paid" in written(notice("approved")).text
    assert "still not paid" in written(notice("handed_off")).text


def test_a_revenue_association_is_promised_no_money() -> None:
    text = written(notice("official", activity="revenue-association")).text
    assert "no incentive" in text
    assert "incentive engine" not in text


def test_the_reason_of_a_withdrawal_is_not_the_customers_to_read() -> None:
    text = written(notice("withdrawn", "contact")).text
    assert "two locations" not in text
    assert "MPN" not in text


def test_a_result_names_what_to_look_for_in_the_earnings_report() -> None:
    assert TENANT in written(notice("eligibility")).text
    products = [{"name": "Sales", "subscription_id": "sub-1"}]
    assert "sub-1" in written(notice("eligibility", products=products)).text


def test_a_rejection_that_may_be_disputed_says_until_when() -> None:
    until = {"at": "2026-12-26T10:00:00Z", "zone": "UTC", "rule": "30 days"}
    text = " ".join(written(notice("rejected", dispute_until=until)).text.split())
    assert "dispute the claim by Saturday 26 December 2026, 10:00 UTC" in text


def test_links_are_those_of_the_settings_and_left_out_otherwise() -> None:
    linked = Settings(
        claim_page_url="https://portal.example/claims/{claim_id}",
        evidence_guidelines_url="https://portal.example/proof",
    )
    letter = written(notice("info_requested"), linked)
    for part in (letter.text, letter.html):
        assert f"https://portal.example/claims/{CLAIM}" in part
        assert "https://portal.example/proof" in part
    assert "portal.example/claims" not in written(notice("consent", "contact"), linked).html
    assert "http" not in written(notice("info_requested")).html


def test_a_partner_who_cannot_be_written_to_is_the_reviewers_to_find() -> None:
    letter = written(notice("undeliverable", "reviewers", contact="partner"))
    assert "The partner cannot be reached" in letter.subject
    assert "customer's" not in letter.text


def test_every_code_has_its_words() -> None:
    words = letters._environment("plain").globals["words"]  # pyright: ignore[reportPrivateUsage]  # the one place they are loaded
    for table, codes in {
        "programs": get_args(Program),
        "activities": get_args(Activity),
        "helped": get_args(Activity),
        "requests": get_args(RequestReason),
        "rejections": (*get_args(RejectReason), "no_partner_response", "customer_decline"),
        "withdrawals": get_args(WithdrawReason),
        "clocks": get_args(ClockName),
        "files": get_args(FileState),
    }.items():
        assert set(codes) <= set(words[table]), table  # type: ignore[index]  # jinja types globals as its own functions only


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-27T09:14:22Z", "Friday 27 November 2026, 09:14 UTC"),
        ("2026-11-27T00:00:00Z", "the end of Thursday 26 November 2026 (UTC)"),
        ("2027-01-01T00:00:00Z", "the end of Thursday 31 December 2026 (UTC)"),
    ],
)
def test_a_day_that_ends_at_midnight_is_named_itself(at: str, said: str) -> None:
    assert dates.until(datetime.fromisoformat(at)) == said


def test_midnight_is_that_of_the_readers_zone() -> None:
    at = datetime(2026, 11, 26, 23, tzinfo=UTC)
    assert (
        dates.until(at, "Europe/Berlin") == "the end of Thursday 26 November 2026 (Europe/Berlin)"
    )
    assert dates.last_day(at, "Europe/Berlin") == "Thursday 26 November"


def test_the_names_of_proof_files_can_be_copied() -> None:
    assert letters.guarded("sow.pdf") == "sow.pdf"
    assert letters.guarded("evil.com/sow.pdf") != "evil.com/sow.pdf"

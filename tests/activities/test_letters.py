from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, cast, get_args

import pytest

from activities.mail import letters
from activities.mail.letters import Letter, Links
from cpor import languages
from cpor.languages import ENGLISH
from cpor.rules.deadlines import ClockName
from cpor.rules.effects.notice import Notice
from cpor.rules.facts import Activity, FileState, Program
from cpor.rules.grounds import RejectReason, RequestReason
from cpor.rules.lifecycle import Recipient, Status, Told
from cpor.rules.messages import WithdrawReason
from cpor.settings import Settings
from tests.activities.facts import (
    CLAIM,
    DUE,
    KINDS,
    LIKELY,
    RECIPIENTS,
    TENANT,
    every,
    notice,
    sparse,
)
from tests.activities.reading import END, text_of, written

PEOPLE_TYPE = {
    *("claim_name", "partner", "partner_contact", "customer", "text", "note", "comment"),
    *("justification", "details", "not_by", "reviewer", "problems", "changes"),
}
TEAMS = {"name": "Teams", "subscription_id": None}
TYPED = 'x"><a href="https://evil.example/y">click</a>\r\nBcc: all@evil.example {{ 7*7 }} &amp;'


def all_typed(facts: Any, names: Collection[str]) -> Any:
    """The same facts, where everything that people wrote was written by somebody evil."""
    if isinstance(facts, Mapping):
        mapping = cast("Mapping[str, Any]", facts)
        return {
            name: _typed(value) if name in names else all_typed(value, names)
            for name, value in mapping.items()
        }
    if isinstance(facts, list):
        return [all_typed(each, names) for each in cast("list[Any]", facts)]
    return facts


def _typed(value: Any) -> Any:
    if isinstance(value, list):
        return [TYPED for _ in cast("list[Any]", value)]
    return value and TYPED


@pytest.mark.parametrize("recipient", RECIPIENTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_notice_can_be_written_to_anyone_with_many_facts_or_few(
    kind: Told, recipient: Recipient
) -> None:
    for told in (notice(kind, recipient), sparse(kind, recipient)):
        is_well_written(written(told))


@cache
def all_written(language: str) -> Sequence[tuple[Notice, Letter]]:
    return [(told, written(told, language=language)) for told in every()]


@pytest.mark.parametrize("language", languages.known())
def test_every_shape_of_a_notice_can_be_written_to_whom_it_goes(language: str) -> None:
    for _, letter in all_written(language):
        is_well_written(letter, language)


def is_well_written(letter: Letter, language: str = ENGLISH) -> None:
    assert CLAIM in letter.subject + letter.text
    assert CLAIM in letter.html
    for part in (letter.subject, letter.text, letter.html):
        assert "None" not in part
        assert "Undefined" not in part
    assert "<" not in letter.text
    assert "\n" not in letter.subject
    assert f'<html lang="{language}">' in letter.html
    odd = re.search(r"[a-z][.:,][A-Z]|\w [.,:;](\s|$)", letter.text)
    assert not odd, f"lost or odd spaces: {odd}"


@pytest.mark.parametrize("language", languages.known())
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_typed_becomes_a_header_a_link_or_markup(kind: Told, language: str) -> None:
    names = {*PEOPLE_TYPE, "reason"} if kind == "disassociated" else PEOPLE_TYPE
    for told, plain in all_written(language):
        if told.kind != kind:
            continue
        facts = all_typed(told.facts, names)
        letter = written(told.model_copy(update={"facts": facts}), language=language)
        assert letter.subject.isprintable() or letters.ZERO_WIDTH_SPACE in letter.subject
        assert not re.search(r"[\r\n]", letter.subject)
        assert letter.html.count("<a ") == plain.html.count("<a ")
        for part in (letter.subject, letter.text, letter.html):
            assert "https://evil" not in part
            assert "evil.example" not in part
            assert "@evil" not in part
            assert "49" not in part


@pytest.mark.parametrize("language", languages.known())
def test_text_and_html_say_the_same(language: str) -> None:
    for told, letter in all_written(language):
        body = re.sub(r"<(head|style)>.*?</\1>|<[^>]+>", " ", letter.html, flags=re.DOTALL)
        for mark in ("&#39;", "&amp;"):
            body = body.replace(mark, {"&#39;": "'", "&amp;": "&"}[mark])
        said = set(re.findall(r"\w+", letter.text))
        assert said - set(re.findall(r"\w+", body)) <= {"1", "2", "3"}, told.kind


def test_a_customer_with_a_link_says_no_there_or_else_by_mail() -> None:
    told = notice("consent", "contact")
    links = Links.of(Settings(getting_started_url="https://portal.example/start"), CLAIM)
    page = "https://answer.example/CPOR-7Q2M4X/s3cr3t"
    linked = replace(links, decline=page, about="https://answer.example/about")
    letter = letters.written_in(ENGLISH, told, linked, END)
    assert f"\n{page}\n" in letter.text
    assert f'<a href="{page}">{page}</a>' in letter.html
    assert letter.text.index(page) < letter.text.index("Or reply to this mail")
    assert "Opening it alone changes nothing" in " ".join(letter.text.split())
    assert "https://answer.example/about" in letter.text
    assert "https://portal.example/start" not in letter.text
    by_mail = letters.written_in(ENGLISH, told, links, END).text
    assert "How to say no. Reply to this mail" in by_mail
    assert "https://portal.example/start" in by_mail


def test_a_customer_who_may_say_no_at_any_time_reads_so() -> None:
    later = "Even after that you can say no at any time"
    assert later in text_of(notice("consent", "contact", any_time=True))
    assert later not in text_of(notice("consent", "contact", any_time=False))


def test_the_partner_reads_each_reason_with_its_product_and_until_when() -> None:
    letter = written(notice("info_requested"))
    text = " ".join(letter.text.split())
    assert "by Thursday 26 November" in letter.subject
    assert "until" not in letter.subject
    assert "the end of Thursday 26 November 2026 (UTC)" in text
    assert "Teams: The proof of execution does not name this product." in text
    assert "or remove the product" in text
    assert (
        "Exchange Online: The proof of execution does not name this product. Please remove" in text
    )
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


def test_an_answer_says_what_changed_or_that_nothing_did() -> None:
    changed = notice("to_review", "reviewers", because="answer", unchanged=False)
    assert "Changed since the request: - File added" in text_of(changed)
    assert "Nothing was changed" not in text_of(changed)
    same = notice("to_review", "reviewers", because="answer", unchanged=True, changes=[])
    assert "Nothing was changed since the request." in text_of(same)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Decide again"),
        ("de", "Neu entscheiden"),
        ("sv", "Besluta på nytt"),
        ("nl", "Beslis opnieuw"),
        ("tr", "Yeniden karar verin"),
    ],
)
def test_a_claim_that_lost_its_items_is_not_called_new(language: str, words: str) -> None:
    lost = notice("to_review", "reviewers", because="award_lost")
    assert written(lost, language=language).subject.startswith(f"{words}, ")


def test_an_ended_association_tells_each_what_it_means_for_them() -> None:
    partner = text_of(notice("disassociated", "partner"))
    assert "has ended. You are no longer recognised" in partner
    assert "to the incentive engine is recalled" in partner
    assert "you need a new claim" in partner
    reviewers = text_of(notice("disassociated", "reviewers"))
    assert "Our contract has ended." in reviewers
    assert "“Rejected final”" in reviewers
    for recipient in ("contact", "technical_contact"):
        customer = text_of(notice("disassociated", recipient))
        assert "It is no longer recognised for these products" in customer
        assert "You don't have to do anything" in customer


def test_a_hand_off_that_was_never_made_is_not_recalled() -> None:
    for recipient in ("partner", "reviewers"):
        assert "recalled" not in text_of(notice("disassociated", recipient, recalled=False))


def test_the_reason_of_a_disassociation_is_not_the_customers_to_read() -> None:
    for recipient in ("contact", "technical_contact"):
        letter = written(notice("disassociated", recipient))
        assert "contract" not in letter.subject + letter.text + letter.html


def test_a_no_after_the_association_was_official_ends_it() -> None:
    for recipient in LIKELY["declined"]:
        text = text_of(notice("declined", recipient, was_official=True))
        assert "has ended" in text or "has now ended" in text
        assert "has ended" not in text_of(notice("declined", recipient))
    for recipient in ("partner", "reviewers"):
        assert "is recalled" in text_of(notice("declined", recipient, was_official=True))
        for told in (
            notice("declined", recipient, was_official=True, activity="revenue-association"),
            notice("declined", recipient, was_official=True, recalled=False),
        ):
            assert "recalled" not in text_of(told)


def test_a_reminder_says_what_and_until_when() -> None:
    told = notice("reminder", "partner", last_day=False, unsent=False)
    assert written(told).subject.startswith("Reminder, please answer by Thursday 26 November:")
    text = text_of(told)
    assert "Please answer by the end of Thursday 26 November 2026 (UTC)" in text
    assert "Teams: The proof of execution does not name this product." in text
    assert "have not sent" not in text
    for clock, what in {
        "wait_for_review": "start the review",
        "review": "decide",
        "dispute_answer": "decide the dispute",
    }.items():
        told = notice("reminder", "reviewers", clock=clock, last_day=False)
        assert f"please {what} by Thursday 26 November" in written(told).subject
        assert f"Please {what} by the end of Thursday 26 November 2026 (UTC)" in text_of(told)


def test_a_reminder_on_the_last_day_says_so_in_its_subject() -> None:
    for recipient in LIKELY["reminder"]:
        last = written(notice("reminder", recipient, last_day=True)).subject
        assert "today is the last day" in last
        assert "(Thursday 26 November)" in last
        assert "last day" not in written(notice("reminder", recipient, last_day=False)).subject


def test_the_day_of_a_reminder_is_that_of_whom_the_clock_binds() -> None:
    due = {**DUE, "at": "2026-11-27T08:00:00Z", "zone": "America/Los_Angeles"}
    told = notice("reminder", "reviewers", due=due)
    assert "(Thursday 26 November)" in written(told).subject
    assert "the end of Thursday 26 November 2026 (Los Angeles time)" in text_of(told)


def test_a_partner_who_changed_things_but_did_not_send_them_is_told_so() -> None:
    text = text_of(notice("reminder", "partner", unsent=True))
    assert "You changed things but have not sent them. To send them, submit the claim again" in text


def test_a_refused_submission_says_why_and_what_to_do() -> None:
    told = notice("submission_refused", problems=["This tenant is unknown.", "No such location."])
    text = text_of(told)
    assert "the vendor's directory did not confirm its details" in text
    assert "It says: - This tenant is unknown. - No such location." in text
    assert "a draft again" in text
    assert "no deadline runs" in text
    assert "the customer's tenant id and domain" in text
    assert "Then submit the claim again." in text


def test_a_bounce_of_another_notice_than_consent_moves_no_clock() -> None:
    told = notice("undeliverable", "reviewers", contact="partner", notice="info_requested")
    assert "The partner cannot be reached" in written(told).subject
    text = text_of(told)
    assert "came back. It said what more we need" in text
    assert "No deadline changes because of this; the next one runs out at the end of Thurs" in text


def test_a_bounce_of_the_consent_notice_holds_the_customers_clock() -> None:
    told = notice("undeliverable", "reviewers", contact="technical_contact", notice="consent")
    text = text_of(told)
    assert "customer's technical contact did not arrive" in text
    assert "the customer's time stands still" in text


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
    words = languages.language(ENGLISH).words
    for table, codes in {
        "programs": get_args(Program),
        "activities": get_args(Activity),
        "helped": get_args(Activity),
        "requests": get_args(RequestReason),
        "rejections": (
            *get_args(RejectReason),
            *("no_partner_response", "customer_decline", "disassociated", "dispute_lost"),
            "association_ended",
        ),
        "withdrawals": get_args(WithdrawReason),
        "statuses": (*Status, "Disputed", "Rejected final"),
        "clocks": (*get_args(ClockName), "dispute", "dispute_answer"),
        "todo": ("wait_for_review", "review", "answer", "dispute_answer"),
        "told": KINDS,
        "files": get_args(FileState),
    }.items():
        assert set(codes) <= set(words[table]), table


@pytest.mark.parametrize(
    "typed",
    [
        *("evil.com", "evil。com", "evil．com", "evil｡com", "http:evil.com", "s3://evil"),
        *("tel:+4912345", "sms:+4912345", "callto:+49", "sip:lars", "mailto:lars", "a@evil"),
        *("\\\\host\\x", "1.2.3.4/x", "127.1/x", "evil.भारत", "हिन्दी.com", "i❤.ws", "//evil/x"),
        *("h323:evil", "ñ:x", "e\u0301vil.com", "a＠evil", "x.pdf.com"),
    ],
)
def test_no_mail_program_finds_a_link_in_what_was_typed(typed: str) -> None:
    assert letters.guarded(typed) != typed
    assert str(letters.guarded(typed)).replace(letters.ZERO_WIDTH_SPACE, "") == typed


@pytest.mark.parametrize(
    "told",
    ["2026-03-02T09:14:00Z", "2026-03-02T09:14:00.123+02:00", "statement-of-work.pdf", "No."],
)
def test_instants_names_of_files_and_ends_of_sentences_stay_as_they_are(told: str) -> None:
    assert letters.guarded(told) == told


def test_numbers_in_a_mail_are_not_called() -> None:
    html = written(notice("consent", "contact")).html
    assert '<meta name="format-detection" content="telephone=no">' in html


def test_the_customers_contacts_read_that_the_no_was_the_customers_and_how_to_object() -> None:
    for recipient in ("contact", "technical_contact"):
        told = notice("declined", recipient)
        assert written(told).subject == f"Contoso has said no to Fabrikam (claim {CLAIM})"
        objection = "If nobody at Contoso said this, reply to this mail or write to no-thanks@"
        assert objection in text_of(told)


def test_one_of_two_contacts_reads_whom_else_we_write_to_and_from_when_the_time_runs() -> None:
    text = text_of(notice("consent", "contact", other_recipients=True))
    assert "We are writing to the other contact that Fabrikam named at Contoso, too" in text
    assert "The time runs from the first of the two mails that arrives" in text
    assert "the other contact" not in text_of(notice("consent", "contact", other_recipients=False))


def test_the_partner_reads_which_mail_opens_the_customers_time() -> None:
    both = text_of(notice("approved", both_contacts=True))
    assert "both contacts of the customer" in both
    assert "begins when the first of our two mails has arrived" in both
    assert "the customer's contact, who may" in text_of(notice("approved", both_contacts=False))


@pytest.mark.parametrize("language", languages.known())
def test_mail_and_page_tell_in_the_same_words_what_the_partner_says(language: str) -> None:
    for activity in get_args(Activity):
        sentence = languages.language(language).words["helped"][activity]
        names = {"partner": "Fabrikam", "customer": "Contoso"}
        said = sentence.format(**names, products=languages.language(language).listed(["Teams"]))
        told = notice("consent", "contact", activity=activity, products=[TEAMS])
        assert said in " ".join(written(told, language=language).text.split())


def test_the_names_of_proof_files_can_be_copied() -> None:
    assert letters.guarded("sow.pdf") == "sow.pdf"
    assert letters.guarded("evil.com/sow.pdf") != "evil.com/sow.pdf"

"""Editions: dated sets of the rules, never changed once released, checked when they are read."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from cpor.rules.deadlines import ClockName
from cpor.rules.editions import BASE, FOLDER, Edition, edition, flat, load, names
from cpor.rules.errors import EditionError
from cpor.rules.lifecycle import Status

RELEASED = {
    "2020": "961d60afdf6c52acbddf003e9411418e337d2fdb873f3dc304d9ca5b1a66e982",
    "2020-intro": "d863e770b0dd94038d79b922011e9f0372b096413e7bd2b7a49882a788f4c3dd",
    "2023": "105574b79d70057b9fabd045fd6c7cf77051fc406da1b89349c58271b5345a42",
}
"""The SHA-256 of each file. A new edition adds a line; no line is ever changed."""


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.toml").read_text("utf-8")


def window(name: str, clock: ClockName) -> str | None:
    """In words, with whose calendar."""
    found = edition(name).windows[clock]
    return f"{found} of the {found.side}" if found else None


# Released is released


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_edition_is_never_edited(name: str) -> None:
    digest = sha256((FOLDER / f"{name}.toml").read_bytes()).hexdigest()
    assert digest == RELEASED[name], (
        f"{name}.toml was edited, but claims run under it: a correction gets a new name"
    )


def test_every_edition_there_is_has_its_digest_here() -> None:
    assert names() == sorted(RELEASED), "an edition that is released gets a line in RELEASED"


# What is wrong in a file is named: the file, the key, the problem

MISTAKES = {
    "an unknown key": (
        "decline_after_consent = false",
        "decline_after_consent = false\ncolour = 'red'",
        "wrong.toml: colour: is not a known field",
    ),
    "an unknown key inside": (
        'at = "09:00"',
        'at = "09:00"\nvoice = "loud"',
        "wrong.toml: reminders.voice: is not a known field",
    ),
    "a missing window": (
        'dispute = { amount = 30, unit = "days", side = "partner" }\n',
        "",
        "wrong.toml: windows.dispute: is needed",
    ),
    "a window that no edition may do without": (
        'answer = { amount = 5, unit = "business days", side = "partner" }',
        'answer = "none"',
        "wrong.toml: windows.answer: must be a window; only overall may be none",
    ),
    "a negative window": (
        "consent = { amount = 7,",
        "consent = { amount = -7,",
        "wrong.toml: windows.consent.amount: ",
    ),
    "a window of no days": (
        "consent = { amount = 7,",
        "consent = { amount = 0,",
        "wrong.toml: windows.consent.amount: ",
    ),
    "a reminder after the last day": (
        "business_days_before = [2, 0]",
        "business_days_before = [2, -1]",
        "wrong.toml: reminders.business_days_before.1: ",
    ),
    "an unknown unit": (
        'consent = { amount = 7, unit = "days"',
        'consent = { amount = 7, unit = "weeks"',
        "wrong.toml: windows.consent.unit: must be 'business days' or 'days'",
    ),
    "an unknown clock": (
        "[windows]\n",
        '[windows]\nnap = { amount = 1, unit = "days", side = "partner" }\n',
        "wrong.toml: windows.nap",
    ),
    "an unknown status": (
        '"Under review" = []\n"Disputed"',
        '"Under review" = []\n"Asleep" = []\n"Disputed"',
        "wrong.toml: editable.Asleep",
    ),
    "a status left out": (
        '"Disputed" = []\n',
        "",
        "wrong.toml: editable.Disputed: is needed",
    ),
    "an unknown field": (
        '"Disputed" = []',
        '"Disputed" = ["colour"]',
        "wrong.toml: editable.Disputed.0: must be ",
    ),
    "a fork that leads elsewhere": (
        'submit = "Under review"',
        'submit = "Approved"',
        "wrong.toml: leads_to.submit: must be Under review or Submitted",
    ),
    "a fork left out": (
        'disassociate = "Rejected"\n',
        "",
        "wrong.toml: leads_to.disassociate: must be Rejected or Rejected final",
    ),
    "a fork where the table has none": (
        'submit = "Under review"',
        'submit = "Under review"\napprove = "Approved"',
        "wrong.toml: leads_to.approve: is not a known field",
    ),
    "an unknown role": (
        'draft = ["incentives_admin", "incentives_user"]',
        'draft = ["incentives_admin", "intern"]',
        "wrong.toml: partner_roles.draft.1: must be ",
    ),
    "no time of day": (
        'at = "09:00"',
        'at = "early"',
        "wrong.toml: reminders.at: ",
    ),
    "no TOML": (
        "[windows]",
        "[windows",
        "wrong.toml: not readable as TOML: ",
    ),
    "a name that does not fit the file": (
        'name = "wrong"',
        'name = "2021"',
        "wrong.toml: name: must be 'wrong', not '2021'",
    ),
}


def written(folder: Path, right: str, wrong: str) -> Path:
    """The base edition under the name `wrong`, with one mistake."""
    text = text_of(BASE).replace(f'name = "{BASE}"', 'name = "wrong"')
    assert right in text
    file = folder / "wrong.toml"
    file.write_text(text.replace(right, wrong, 1), "utf-8")
    return file


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_file_and_key(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    with pytest.raises(EditionError) as refused:
        load(written(tmp_path, right, wrong))
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_mistakes_are_named_together(tmp_path: Path) -> None:
    file = written(tmp_path, 'at = "09:00"', 'at = "early"\nvoice = "loud"')
    with pytest.raises(EditionError, match=r"reminders\.at: .*; reminders\.voice: "):
        load(file)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(EditionError, match=r"^wrong\.toml: "):
        load(file)


@pytest.mark.parametrize("name", ["2099", "../editions/2020", "", "2020.toml"])
def test_an_edition_that_is_not_there_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(EditionError, match="is not known; there are 2020, 2020-intro, 2023"):
        edition(name)


# What all share: a draft follows the base edition, before the claim has one of its own


@pytest.mark.parametrize("name", RELEASED)
def test_drafts_are_the_same_in_every_edition(name: str) -> None:
    mine, base = edition(name), edition(BASE)
    assert mine.editable_in(Status.EDITING) == base.editable_in(Status.EDITING)
    assert mine.partner_roles.draft == base.partner_roles.draft


@pytest.mark.parametrize("name", RELEASED)
def test_whoever_may_write_a_draft_may_say_all_that_a_draft_hears(name: str) -> None:
    roles = edition(name).partner_roles
    for message in ("edit", "add_evidence", "submit", "withdraw"):
        assert roles.may(message, Status.EDITING) == ("incentives_admin", "incentives_user")
        assert roles.may(message, Status.SUBMITTED) == (
            "incentives_admin",
            "billing_admin",
            "global_admin",
        )
    assert len(roles.may("comment", Status.EDITING)) == 4


# 2020, as it is printed

WINDOWS_OF_2020 = {
    "wait_for_review": "5 business days of the reviewer",
    "review": "5 business days of the reviewer",
    "overall": "10 business days of the reviewer",
    "answer": "5 business days of the partner",
    "consent": "7 days of the customer",
    "dispute": "30 days of the partner",
    "dispute_answer": "5 business days of the reviewer",
}


def windows_of(name: str) -> dict[str, str | None]:
    return {clock: window(name, clock) for clock in edition(name).windows}


def changed_since_2020(name: str) -> set[str]:
    """The keys whose rule is another one, windows apart."""
    before, after = flat(edition("2020")), flat(edition(name))
    different = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return {key for key in different if key != "name" and not key.startswith("windows.")}


def test_the_windows_of_2020() -> None:
    assert windows_of("2020") == WINDOWS_OF_2020


def test_in_2020_an_answer_goes_back_to_whoever_asked_and_a_window_over_is_over() -> None:
    rules = edition("2020")
    assert rules.leads_to == {
        "submit": "Under review",
        "disassociate": "Rejected",
        "displaced": "Rejected",
        "end_association": "Rejected",
    }
    assert rules.decline_after_consent is False


def test_2020_intro_differs_in_the_customers_window_only() -> None:
    assert windows_of("2020-intro") == {
        **WINDOWS_OF_2020,
        "consent": "5 business days of the customer",
    }
    assert changed_since_2020("2020-intro") == set()


def test_in_2023_reviewers_and_partner_have_14_business_days_and_there_is_no_overall_limit() -> (
    None
):
    assert windows_of("2023") == {
        "wait_for_review": "14 business days of the reviewer",
        "review": "14 business days of the reviewer",
        "overall": None,
        "answer": "14 business days of the partner",
        "consent": "7 days of the customer",
        "dispute": "30 days of the partner",
        "dispute_answer": "14 business days of the reviewer",
    }


def test_in_2023_the_customer_may_decline_also_when_the_window_is_over() -> None:
    assert edition("2023").decline_after_consent is True


def test_in_2023_an_answer_goes_back_to_submitted_and_an_ended_association_is_final() -> None:
    assert edition("2023").leads_to == {
        "submit": "Submitted",
        "disassociate": "Rejected final",
        "displaced": "Rejected final",
        "end_association": "Rejected final",
    }


def test_in_2023_fields_and_evidence_wait_for_a_request() -> None:
    rules, base = edition("2023"), edition("2020")
    assert base.editable_in(Status.SUBMITTED) == base.editable_in(Status.PARTNER_ACTION)
    assert rules.editable_in(Status.SUBMITTED) == ()
    for status in (Status.PARTNER_ACTION, Status.APPROVED):
        assert rules.editable_in(status) == base.editable_in(status)


def test_2023_differs_in_nothing_else() -> None:
    assert changed_since_2020("2023") == {
        "decline_after_consent",
        "editable.Submitted",
        "leads_to.submit",
        "leads_to.disassociate",
        "leads_to.displaced",
        "leads_to.end_association",
    }


@pytest.mark.parametrize("name", RELEASED)
def test_whoever_must_act_is_reminded_and_the_customer_never_is(name: str) -> None:
    rules: Edition = edition(name)
    assert rules.reminders.business_days_before == (2, 0)
    assert {rules.window(clock).side for clock in rules.reminders.clocks} == {
        "partner",
        "reviewer",
    }

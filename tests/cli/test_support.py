"""`starter.py support`: the six facts of a support request, whatever the claim's status is."""

from __future__ import annotations

import json

import pytest

from cpor.cli.output import support
from cpor.rules import views
from cpor.rules.views import ClaimView
from tests.examples import PARTNER, dynamics_opening
from tests.rules.play import (
    Play,
    asked,
    asked_in_dispute,
    consent_running,
    declined,
    disputed,
    draft,
    handed_off,
    held,
    lost,
    rejected,
    submitted,
    under_review,
    withdrawn,
)
from tests.shell import Shell, write_claim

FACTS = ["MPN ID", "Program", "Claim ID", "Workloads", "Tenant ID", "Details"]
OBJECTION = "Page 3 names the product."


def view(play: Play) -> ClaimView:
    """As a client gets it."""
    return ClaimView.model_validate_json(views.view(play.claim.state).model_dump_json())


def details(play: Play) -> str:
    return support.text(view(play)).partition("\nDetails: ")[2]


def test_the_six_facts_of_a_dispute() -> None:
    assert support.text(view(disputed())).splitlines() == [
        "MPN ID: 4912345",
        "Program: Online Services Usage, Microsoft 365 (osu-m365)",
        "Claim ID: CPOR-7Q2M4X",
        "Workloads: Teams; Exchange Online",
        "Tenant ID: 5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
        "Details: Page 3 names the product.",
    ]


def test_business_applications_come_with_their_subscriptions() -> None:
    said = support.text(view(Play(dynamics_opening()))).splitlines()
    assert said[1] == (
        "Program: Online Services Usage, Business Applications (osu-business-applications)"
    )
    assert said[3] == "Products: Sales, subscription 0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c01"


STANDS = {
    "a draft": (draft, "The claim's status is Editing."),
    "submitted": (submitted, "The claim's status is Submitted."),
    "under review": (under_review, "The claim's status is Under review."),
    "asked for more": (
        asked,
        "The claim's status is Partner action required; asked for: missing all poe.",
    ),
    "asked for more in a dispute": (asked_in_dispute, OBJECTION),
    "approved": (
        consent_running,
        "The claim's status is Approved; the customer's consent: pending.",
    ),
    "held": (held, "The claim's status is Approved; the customer's consent: held."),
    "handed off": (
        handed_off,
        "The claim's status is Approved; the customer's consent: lapsed; eligibility: sent.",
    ),
    "rejected": (
        rejected,
        "The claim's status is Rejected; rejected for: insufficient poe.",
    ),
    "declined": (
        declined,
        "The claim's status is Rejected; the customer's consent: declined; "
        "rejected for: customer decline.",
    ),
    "withdrawn": (withdrawn, "The claim's status is Rejected; rejected for: partner request."),
    "a lost dispute": (lost, "The claim's status is Rejected final; rejected for:"),
}


@pytest.mark.parametrize("name", STANDS)
def test_where_nobody_says_what_it_is_about_it_says_how_the_claim_stands(name: str) -> None:
    so_far, said = STANDS[name]
    play = so_far()
    assert details(play).startswith(said)
    assert [line.partition(":")[0] for line in support.text(view(play)).splitlines()] == FACTS


def test_a_reason_comes_with_its_product_and_note() -> None:
    play = under_review()
    ground = {"reason": "missing_products", "product": "Teams", "note": "Page 3 is blank."}
    play.tell("reject", reasons=[ground])
    assert details(play).endswith("rejected for: missing products (Teams), Page 3 is blank.")


def test_a_dispute_by_proof_alone_has_no_words_of_its_own() -> None:
    play = rejected()
    play.tell(
        "dispute",
        evidence=[{"sha256": "c" * 64, "name": "b.eml", "media_type": "message/rfc822", "size": 7}],
    )
    assert details(play).startswith("The claim's status is Disputed")


def test_what_somebody_says_goes_first_also_over_several_lines() -> None:
    said = "Teams is missing\nin the earnings report."
    assert support.text(view(disputed()), said).endswith(f"\nDetails: {said}")


def test_no_person_is_named() -> None:
    said = support.text(view(asked())) + json.dumps(support.facts(view(asked())))
    for person in ("Ada", "Berg", "Lars", "Ek", "@", "kim"):
        assert person not in said


def test_programs_get_them_under_the_names_that_reviewers_get() -> None:
    assert support.facts(view(disputed())) == {
        "mpn_id": "4912345",
        "program": "osu-m365",
        "claim_id": "CPOR-7Q2M4X",
        "products": [
            {"name": "Teams", "subscription_id": None},
            {"name": "Exchange Online", "subscription_id": None},
        ],
        "tenant_id": "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
        "details": OBJECTION,
    }


@pytest.mark.thorough
def test_a_running_claim_and_one_that_is_over_and_a_forgotten_one(shell: Shell) -> None:
    shell.worker()
    assert shell.starter("start", str(write_claim(shell.folder))).returncode == 0
    running = shell.starter("support", "CPOR-7Q2M4X", "--details", "Where is it?")
    assert running.returncode == 0, running.stderr
    assert running.stdout.endswith("\nDetails: Where is it?\n")

    shell.json("send", "CPOR-7Q2M4X", "withdraw", json.dumps({"by": PARTNER, "reason": "other"}))
    record = shell.folder / "var/store/records/CPOR-7Q2M4X/record.json"
    shell.until(record.exists)
    over = shell.json("support", "CPOR-7Q2M4X", "--json")
    assert over["details"] == "The claim's status is Rejected; rejected for: partner request."

    forgotten = shell.folder / "var/store/records/CPOR-OLD"
    forgotten.mkdir()
    (forgotten / "record.json").write_text(record.read_text().replace("CPOR-7Q2M4X", "CPOR-OLD"))
    assert shell.json("support", "CPOR-OLD", "--json") == {**over, "claim_id": "CPOR-OLD"}

    unknown = shell.starter("support", "CPOR-NEVER")
    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert unknown.stderr == "CPOR-NEVER is known neither to Temporal nor to the store\n"
    assert shell.starter("support", "no id").returncode == 2

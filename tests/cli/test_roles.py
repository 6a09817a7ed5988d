"""A claim lived by those who type: partner, reviewers, operator; and what each of them looks up."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError

from tests.examples import PROOF, opening
from tests.forked import Running
from tests.shell import LIMIT, ROOT, Shell, shell_in

CLAIM, COPY = "CPOR-7Q2M4X", "CPOR-8B3D5F"
NO_ENGINE = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell_in(tmp_path_factory.mktemp("roles")) as shell:
        yield shell


def said(shell: Shell, *words: str) -> str:
    done = shell.starter(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_partner_reviewers_and_operator_bring_a_claim_to_its_approval(shell: Shell) -> None:
    shell.worker()
    (shell.folder / "sow.pdf").write_bytes(PROOF)
    (shell.folder / "more.pdf").write_bytes(b"an acknowledgement")
    draft = opening(CLAIM, evidence=[{"file": "sow.pdf"}], submit=False)
    (shell.folder / "claim.json").write_text(json.dumps(draft))
    said(shell, "start", "claim.json")

    ada, kim = ("--by", "ada"), ("--by", "kim")
    email = "customer_contact.email=lars.ek@contoso.example"
    changed = said(shell, "edit", CLAIM, "--set", email, "--product", "Teams", *ada)
    assert changed.startswith(f"{CLAIM}  Changed: ")
    known = shell.json("show", CLAIM, "--json")
    lars = known["customer"]["contact"]
    assert (lars["email"], lars["title"]) == ("lars.ek@contoso.example", "CIO")
    assert [product["code"] for product in known["products"]] == ["teams"]

    receipt = shell.json("submit", CLAIM, "--id", "s-1", "--json", *ada)
    assert (receipt["id"], receipt["status"]) == ("s-1", "Submitted")
    assert shell.json("submit", CLAIM, "--id", "s-1", "--json", *ada) == receipt, "said once"

    free = shell.until(lambda: CLAIM in said(shell, "inbox", "kim") and said(shell, "inbox", "kim"))
    assert "For kim: no claims" in free
    assert "For any reviewer: 1 claim: 1 due later" in free
    said(shell, "assign", CLAIM.lower(), "kim", "--by", "olga")
    shell.until(lambda: "For kim: 1 claim" in said(shell, "inbox", "kim"))
    said(shell, "start-review", CLAIM, *kim)
    said(shell, "comment", CLAIM, "Who is this?", "--internal", *kim)
    request = said(shell, "request-info", CLAIM, "--from-sheet")
    assert request.startswith(f"uv run starter.py request-info {CLAIM} \\\n  --ask ")
    assert "missing_products:Teams=Teams is not clear in the proof" in request
    rejection = said(shell, "reject", CLAIM, "--from-sheet")
    assert "--because missing_products:Teams=" in rejection.replace("'", "")
    assert shell.json("show", CLAIM, "--json")["status"] == "Under review", "nothing was sent"
    asked = ("--ask", "missing_customer_acknowledgement", "--drop", "Teams=Or prove it.")
    said(shell, "request-info", CLAIM, *asked, *kim)
    (about_all, about_teams) = shell.json("show", CLAIM, "--json")["requests"]
    assert about_all["reason"] == "missing_customer_acknowledgement"
    assert (about_teams["product"], about_teams["remove"], about_teams["note"]) == (
        *("Teams", True),
        "Or prove it.",
    )

    extended = said(shell, "extend", CLAIM, "2", "--why", "A holiday.", "--by", "olga")
    assert extended == f"{CLAIM}  Extended by 2 business days.\n"
    said(shell, "add-evidence", CLAIM, "more.pdf", *ada)
    said(shell, "submit", CLAIM, "--comment", "Here it is.", *ada)
    stale = shell.starter("approve", CLAIM, "--seen", "1", *kim)
    assert (stale.returncode, stale.stderr.partition(":")[0]) == (3, "changed_since")
    seen = shell.json("history", CLAIM, "--json")[-1]["seq"]
    approved = said(shell, "approve", CLAIM, "--seen", str(seen), *kim)
    assert (
        approved
        == f"{CLAIM}  Approved. Customer and partner are told once the claim has its items.\n"
    )


def test_each_side_sees_its_own_history(shell: Shell) -> None:
    assert "Who is this?" in said(shell, "history", CLAIM)
    assert "Who is this?" not in said(shell, "history", CLAIM, "--side", "partner")
    wrong = shell.starter("history", CLAIM, "--side", "king")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "invalid: --side king: must be one of partner, reviewer, customer\n",
    )


def test_show_names_what_the_claim_is_about_and_contacts_to_those_who_may_see(
    shell: Shell,
) -> None:
    shown = said(shell, "show", CLAIM)
    for words in (
        "partner: MPN ID 4912345, DE",
        "customer: tenant 5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11, contoso.example, SE",
        "customer contact: Lars Ek, CIO <lars.ek@contoso.example>",
        "proof: sow.pdf (sealed)",
        "reviewer: kim",
    ):
        assert words in shown
    customers = said(shell, "show", CLAIM, "--side", "customer")
    assert ("@" in customers, "sow.pdf" in customers) == (False, False)


def test_a_claim_whose_start_was_refused_says_why_when_it_is_shown(shell: Shell) -> None:
    asyncio.run(_start_straight(shell, {**opening("CPOR-REFUSED"), "edition": "1999"}))
    done = shell.starter("show", "CPOR-REFUSED")
    assert done.returncode == 2
    assert "edition '1999' is not known" in done.stderr


async def _start_straight(shell: Shell, data: dict[str, Any]) -> None:
    """As a client might that knows nothing of the rules."""
    client = await Client.connect(shell.engine["address"])
    claim = await client.start_workflow("Claim", data, id=data["claim_id"], task_queue="claims")
    with pytest.raises(WorkflowFailureError):
        await claim.result()


def test_a_new_draft_is_made_of_an_old_claim_with_its_files(shell: Shell) -> None:
    assert said(shell, "copy", CLAIM, COPY, "--by", "ada").startswith(f"{COPY} is a draft")
    copied, old = shell.json("show", COPY, "--json"), shell.json("show", CLAIM, "--json")
    for field in ("name", "program", "partner", "customer", "products"):
        assert copied[field] == old[field]
    assert (copied["status"], copied["edition"]) == ("Editing", None)
    said(shell, "submit", COPY, "--by", "ada")
    shell.until(
        lambda: {file["state"] for file in shell.json("evidence", COPY, "--json")} == {"sealed"}
    )


def test_of_several_claims_each_is_told_and_the_worst_answer_is_the_exit_code(
    shell: Shell,
) -> None:
    done = shell.starter("assign", "CPOR-NEVER", CLAIM, COPY, "lee", "--by", "olga")
    assert (done.returncode, done.stdout) == (3, f"{COPY}  Assigned to lee.\n")
    unknown, approved = done.stderr.splitlines()
    assert unknown == "CPOR-NEVER is known neither to Temporal nor to the store"
    assert approved.startswith(f"{CLAIM}  wrong_status: assign is not possible in Approved;")


def test_a_partner_sees_everything_it_ever_claimed(shell: Shell) -> None:
    said(shell, "withdraw", COPY, "--reason", "wrong_customer", "--by", "ada")
    listed = ("list", "--partner", "4912345")
    shell.until(lambda: [one["running"] for one in shell.json(*listed, "--json")] == [True, False])
    table = said(shell, *listed)
    assert table.index(CLAIM) < table.index(COPY), "what is due first"
    assert "2 claims" in table
    rows = list(csv.DictReader(io.StringIO(said(shell, *listed, "--csv"))))
    assert [(row["claim_id"], row["status"]) for row in rows] == [
        (CLAIM, "Approved"),
        (COPY, "Rejected"),
    ]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--status", "approved"], [CLAIM]),
        (["--waiting-for", "customer"], [CLAIM]),
        (["--product", "teams", "--running"], [CLAIM]),
        (["--reviewer", "kim", "--customer", "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"], [CLAIM]),
        (["--due-before", "2001-01-01"], []),
        (["--overdue"], []),
        (["--partner", "1111"], []),
        (["--newest"], [COPY, CLAIM]),
    ],
)
def test_a_list_is_narrowed(shell: Shell, options: list[str], found: list[str]) -> None:
    assert [one["claim_id"] for one in shell.json("list", *options, "--json")] == found


def test_a_mistake_in_a_filter_is_named_by_its_option(shell: Shell) -> None:
    wrong = shell.starter("list", "--status", "Aproved", "--product", "Teems")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("invalid: --status: must be ")
    assert "--product: 'Teems' is not in the product catalogue; nearest: " in wrong.stderr


def test_one_damaged_record_is_named_and_hides_no_claim(shell: Shell) -> None:
    damaged = shell.folder / "var/store/records/CPOR-BAD1/record.json"
    damaged.parent.mkdir(parents=True)
    damaged.write_text('{"claim_id": "CPOR-BAD1"}')
    try:
        done = shell.starter("list", "--json")
        table = shell.starter("list")
    finally:
        damaged.unlink()
    assert {one["claim_id"] for one in json.loads(done.stdout)} == {CLAIM, COPY}
    assert "2 claims" in table.stdout
    for each in (done, table):
        assert each.returncode == 1
        assert each.stderr.startswith("CPOR-BAD1: ")
        assert "Traceback" not in each.stderr


def test_proof_is_not_saved_where_no_folder_can_be(shell: Shell) -> None:
    done = shell.starter("evidence", CLAIM, "--save", "claim.json")
    assert (done.returncode, done.stderr) == (2, "invalid: --save claim.json: File exists\n")


def test_who_watches_sees_what_happens(shell: Shell) -> None:
    words = ("watch", CLAIM, "--json")
    watching = Running(ROOT / "starter.py", words, shell.folder, shell.environment)
    try:
        seen = [json.loads(watching.stdout.readline())["what"]]
        said(shell, "comment", CLAIM, "One more thing.", "--as-partner", "--by", "ada")
        while seen[-1] != "comment" or seen.count("comment") < 2:
            seen.append(json.loads(watching.stdout.readline())["what"])
        assert seen[0] == "opened"
    finally:
        watching.terminate()
        watching.wait(LIMIT)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["edit", CLAIM, "--set", "colour=red"], "--set colour=red: must be FIELD=VALUE"),
        (["edit", CLAIM], "changes: must name at least one field"),
        (
            ["edit", CLAIM, "--set", "customer=foo", "--set", "customer.name=Contoso"],
            "--set customer.name=Contoso: customer is set whole as well",
        ),
        (
            ["edit", CLAIM, "--set", "customer_contact.email=", "--set", "customer_contact="],
            "--set customer_contact.email=: customer_contact is set whole as well",
        ),
        (["request-info", CLAIM, "--ask", "tea"], "--ask tea: must be 'missing_all_poe'"),
        (
            ["reject", CLAIM, "--because", "other"],
            "--because other: the reason 'other' needs",
        ),
        (["withdraw", CLAIM, "--reason", "rain"], "--reason rain: must be 'wrong_mpn'"),
        (["extend", CLAIM, "99", "--why", "Rain."], "DAYS 99: "),
        (
            ["eligibility-result", CLAIM, "rich"],
            "OUTCOME rich: must be 'eligible' or",
        ),
        (["add-evidence", CLAIM, "nowhere.pdf"], "nowhere.pdf cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_it_is_sent(
    shell: Shell, words: list[str], problem: str
) -> None:
    who = [] if words[0] == "eligibility-result" else ["--by", "ada"]
    done = shell.starter(*words, *who)
    assert done.returncode == 2, done
    assert problem in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_an_engine_every_command_ends_with_its_exit_code(shell: Shell) -> None:
    for words in (["list"], ["inbox", "kim"], ["watch", CLAIM], ["approve", CLAIM]):
        assert shell.starter(*words, **NO_ENGINE).returncode == 4, words


def test_help_stands_under_the_role_that_needs_it_and_comes_at_once(tmp_path: Path) -> None:
    done = Shell(tmp_path).new_starter("--help")
    headings = [line for line in done.stdout.splitlines() if line and not line.startswith(" ")]
    assert headings[1:] == [
        "Options:",
        "For everybody:",
        "For partners:",
        "For reviewers:",
        "For customers:",
        "For operators:",
        "Proofs:",
        "Many claims:",
        "The rules:",
        "To try things:",
    ]
    heavy = "{'temporalio', 'pydantic', 'obstore'} & sys.modules.keys()"
    loaded = [sys.executable, "-c", f"import sys, starter; print({heavy})"]
    assert subprocess.check_output(loaded, cwd=ROOT, text=True) == "set()\n"

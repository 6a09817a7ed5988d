"""Every refusal code of the contract, provoked by what somebody types: what is wrong, what to do.

No mail server answers here, so that a claim that is over still owes a mail and can be spoken to.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from subprocess import CompletedProcess
from typing import Any, get_args

import pytest
from temporalio.envconfig import ClientConnectConfig

from cpor import ClaimsClient
from cpor.exits import REFUSED, WRONG_INPUT
from cpor.local_temporal import Where, connect
from cpor.rules.errors import Code
from cpor.store import Store
from tests.examples import (
    PARTNER,
    PROOF,
    REVIEWER,
    SYSTEM,
    opening,
    proof,
)
from tests.shell import LIMIT, Shell, shell_in

NOBODY_THERE = {
    "CLAIMS_SMTP_HOST": "127.0.0.1",
    "CLAIMS_SMTP_PORT": "1",
    "CLAIMS_SMTP_TLS": "none",
}
AT_ONCE = 3

INSUFFICIENT = {"by": REVIEWER, "reasons": [{"reason": "insufficient_poe"}]}
OBJECTION = {"by": PARTNER, "justification": "Page 3 names the product."}
FULL = [proof(f"page {number}".encode(), f"{number}.pdf") for number in range(20)]
ONE_MORE = {"by": PARTNER, "evidence": [proof(b"one page more", "more.pdf")]}

Said = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Refusal:
    code: Code
    said: Said
    text: str
    """Begins with what is wrong …"""
    hint: str = ""
    """… and says what to do, or what would be possible."""
    after: tuple[Said, ...] = ()
    """What brings the claim there."""
    opening: Mapping[str, Any] = field(default_factory=dict[str, Any])


REFUSALS = {
    "a message without a sender": Refusal(
        "invalid",
        ("approve", {}),
        "by: is needed",
    ),
    "an id used before for other words": Refusal(
        "invalid",
        ("comment", {"id": "m-1", "by": PARTNER, "text": "Page 4."}),
        "id: was used before for another message",
        "use a new one",
        after=(("comment", {"id": "m-1", "by": PARTNER, "text": "Page 3."}),),
    ),
    "a partner who approves": Refusal(
        "wrong_role",
        ("approve", {"by": PARTNER}),
        "approve is for reviewer, not partner",
    ),
    "an association ended that is none yet": Refusal(
        "wrong_status",
        ("disassociate", {"by": PARTNER, "reason": "We part."}),
        "disassociate is not possible in Submitted",
        "withdraw (partner)",
    ),
    "a field edited while reviewers read": Refusal(
        "not_editable",
        ("edit", {"by": PARTNER, "changes": {"mpn_id": "7654321"}}),
        "mpn_id cannot be edited in Under review",
        after=(("start_review", {"by": REVIEWER}),),
    ),
    "a proof file added while reviewers read": Refusal(
        "not_editable",
        ("add_evidence", ONE_MORE),
        "no evidence may be added in Submitted",
        opening={"edition": "2023"},
    ),
    "a draft submitted without proof": Refusal(
        "nothing_to_review",
        ("submit", {"by": PARTNER}),
        "at least one proof file is needed to submit",
        opening={"submit": False, "evidence": []},
    ),
    "a report on a mail that is still being sent": Refusal(
        "not_yet",
        (
            "bounced",
            {
                "by": SYSTEM,
                "notice_id": "{claim}.consent.1.contact",
                "token": "0123456789-ABCDEF_abcd",
                "detail": "550 unknown",
            },
        ),
        "this notice is being sent",
        "say it again in a few minutes",
        after=(("approve", {"by": REVIEWER}),),
    ),
    "a file more than a claim may have": Refusal(
        "too_much",
        ("add_evidence", ONE_MORE),
        "at most 20 files a claim",
        opening={"evidence": FULL},
    ),
    "a decision made before the partner's last words were read": Refusal(
        "changed_since",
        ("approve", {"by": REVIEWER, "seen": 2}),
        "the partner has changed or said something since entry 2",
        "read the history up to entry",
        after=(("comment", {"by": PARTNER, "text": "Page 3 names the product."}),),
    ),
    "a rejection disputed that the partner asked for": Refusal(
        "not_disputable",
        ("dispute", OBJECTION),
        "a rejection for this cannot be disputed: partner request",
        after=(("withdraw", {"by": PARTNER, "reason": "wrong_customer"}),),
    ),
    "a dispute on top of a dispute": Refusal(
        "already_disputed",
        ("dispute", OBJECTION),
        "a dispute is under way",
        "a second reviewer decides",
        after=(("reject", INSUFFICIENT), ("dispute", OBJECTION)),
    ),
    "a dispute decided by whoever rejected": Refusal(
        "same_reviewer",
        ("approve", {"by": REVIEWER}),
        "kim decided before",
        "a dispute needs somebody else",
        after=(("reject", INSUFFICIENT), ("dispute", OBJECTION)),
    ),
}
CLAIMS = {name: f"CPOR-REFUSED-{number}" for number, name in enumerate(REFUSALS, 1)}

Answers = Mapping[str, "Future[CompletedProcess[str]]"]


@pytest.fixture(scope="module")
async def answers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Answers]:
    """All claims brought there side by side, with one engine and one worker; then what is typed."""
    with (
        shell_in(tmp_path_factory.mktemp("refusals")) as shell,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        shell.worker(**NOBODY_THERE)
        start_all(shell)
        place = Where(ClientConnectConfig(target_host=shell.engine["address"]))
        store = Store.open(str(shell.folder / "var/store"))
        client = ClaimsClient(await connect(place), store)
        await asyncio.gather(*(bring_there(client, name) for name in REFUSALS))
        yield {name: pool.submit(refused, shell, name) for name in REFUSALS}


def start_all(shell: Shell) -> None:
    (shell.folder / "sow.pdf").write_bytes(PROOF)
    for name, claim in CLAIMS.items():
        data = {**opening(claim, evidence=[{"file": "sow.pdf"}]), **REFUSALS[name].opening}
        (shell.folder / f"{claim}.json").write_text(json.dumps(data))
    started = shell.starter("start", *(f"{claim}.json" for claim in CLAIMS.values()))
    assert started.returncode == 0, started.stderr


async def bring_there(client: ClaimsClient, name: str) -> None:
    claim = CLAIMS[name]
    for what, message in REFUSALS[name].after:
        answer = await client.send(claim, what, json.loads(words(message, claim)))
        assert answer.outcome == "accepted", f"{what} was not answered"
        async with asyncio.timeout(LIMIT):
            while (await client.claim(claim)).awaits_award:
                await asyncio.sleep(0.1)


def refused(shell: Shell, name: str) -> CompletedProcess[str]:
    claim, (what, message) = CLAIMS[name], REFUSALS[name].said
    return shell.starter("send", claim, what, words(message, claim))


def words(message: Mapping[str, Any], claim: str) -> str:
    return json.dumps(message).replace("{claim}", claim)


@pytest.mark.parametrize("name", REFUSALS)
def test_it_is_refused_in_words(answers: Answers, name: str) -> None:
    refusal, done = REFUSALS[name], answers[name].result()
    assert done.stderr.startswith(f"{refusal.code}: {refusal.text}")
    assert refusal.hint in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert done.returncode == (WRONG_INPUT if refusal.code == "invalid" else REFUSED)


def test_every_code_of_the_contract_is_provoked() -> None:
    """But for these, which need keys or rivals: tests/workflows and tests/rules have them."""
    elsewhere = {"unsigned", "held_by_rival", "new_proof_needed"}
    assert {refusal.code for refusal in REFUSALS.values()} == set(get_args(Code)) - elsewhere

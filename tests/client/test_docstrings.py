"""What the docstrings of the client and `docs/portal.md` show is what happens, on a real engine.

The examples are run in the order of a claim's life.
"""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import cpor
from cpor import ClaimsClient, ClaimView, Opening, engine
from cpor.proofs import Signer, keys
from cpor.rules.messages import MESSAGES
from tests.examples import CUSTOMER, OPERATOR, PARTNER, PROOF, REVIEWER, opening
from tests.workflows.world import World

SHOWN_ID, SHOWN_PARTNER = "CPOR-7Q2M4X", "4912345"
SHOWN_TOKEN = "0123456789-ABCDEF_abcd"
CUSTOMER_IS_TOLD = "the customer's server takes the notice"
CONSENT_LAPSES = "nobody says no"
CONTACT_CHANGES = "the partner names another contact"
LATE_NO = "the customer says no, late"
EVA = {"name": "Eva Ek", "email": "eva@contoso.example"}

LIVES: Mapping[str, Sequence[str]] = {
    "read": [
        *(
            "open",
            "ClaimsClient",
            "claim",
            "history",
            "deadlines",
            "events",
            "sheet",
            "receipt",
            "overview",
            "signing",
        ),
        *("search", "next_due", "watch"),
    ],
    "asked for more": [
        *("open", "upload", "Assign", "Extend", "Comment", "retry", "StartReview"),
        *("RequestInfo", "AddEvidence", "WithdrawEvidence", "Edit", "Submit"),
    ],
    "rejected": ["open", "Reject", "Dispute"],
    "taken back": ["open", "Withdraw"],
    "declined": ["open", "Approve", CUSTOMER_IS_TOLD, "Bounced", "Decline"],
    "judged": [
        *("open", "say", CUSTOMER_IS_TOLD, CONSENT_LAPSES),
        *("EligibilityResult", "Disassociate"),
    ],
    "confirmed": ["open", CONTACT_CHANGES, "ConfirmContact"],
    "restored": ["open", "ReportConflict", "ResolveConflict"],
    "kept": ["open", "Approve", CUSTOMER_IS_TOLD, CONSENT_LAPSES, LATE_NO, "KeepAssociation"],
    "ended": ["open", "Approve", CUSTOMER_IS_TOLD, CONSENT_LAPSES, LATE_NO, "EndAssociation"],
}
IN_JSON = {"send", "signal"}
MESSAGE_TYPES = {kind.__name__ for kind in MESSAGES.values()} - {"Retry"}
"""`Retry` has a method of its own."""
PAGE = (Path(__file__).parents[2] / "docs/portal.md").read_text("utf-8")
FOR_OPERATORS_COMMANDS = {"start", "is_there", "owed", "owed_by", "tries", "try_late"}
FOR_THE_PAGE = {"signed", "pass_on"}


def example_of(name: str) -> list[doctest.Example]:
    """Of a method, from its docstring; of a message, from the page."""
    if name in MESSAGE_TYPES:
        text = "".join(part for part in re.split(r"\n\n|```", PAGE) if f"{name}(by=" in part)
    else:
        thing = ClaimsClient if name == "ClaimsClient" else getattr(ClaimsClient, name)
        text = inspect.cleandoc(thing.__doc__ or "")
    return doctest.DocTestParser().get_examples(text)


def test_every_method_and_message_has_an_example_and_every_example_is_run() -> None:
    methods = inspect.getmembers(ClaimsClient, inspect.isfunction)
    public = {name for name, _ in methods if not name.startswith("_")}
    without = {name for name in public if not example_of(name)}
    assert without == IN_JSON | FOR_OPERATORS_COMMANDS | FOR_THE_PAGE
    lived = {name for life in LIVES.values() for name in life}
    assert (public - without) | MESSAGE_TYPES <= lived
    assert all(example_of(name) for name in MESSAGE_TYPES)


@pytest.mark.parametrize("life", LIVES)
async def test_each_example_is_true(
    life: str,
    world: World,
    claims: ClaimsClient,
    temporal: engine.Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", world.client.namespace)
    monkeypatch.setenv("CLAIMS_STORE_URL", world.settings.store_url)
    monkeypatch.chdir(world.folder)
    for name in ("sow.pdf", "more.pdf"):
        Path(name).write_bytes(PROOF if name == "sow.pdf" else b"more proof")
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    own = {SHOWN_ID: claim_id, SHOWN_PARTNER: f"{abs(hash(claim_id)) % 10**12:012}"}
    known = {
        **{name: getattr(cpor, name) for name in dir(cpor)},
        "claims": ClaimsClient(world.skipper.client, claims.store, world.task_queue),
        "opening": Opening.model_validate_json(_renamed(json.dumps(opening()), own)),
        "Path": Path,
        "portal": Signer(keys.new("portal")),
        **{who["id"]: cpor.By.model_validate(who) for who in (PARTNER, REVIEWER, OPERATOR)},
    }
    # A claim skips time when it was started so, and then only when it is told to.
    with world.skipper.with_time_skipping_disabled():
        await _is_true("open", known, own)
    await _until(claims, claim_id, lambda claim: not claim.owed)
    for step in LIVES[life][1:]:
        if step == CUSTOMER_IS_TOLD:
            await _until(claims, claim_id, lambda claim: claim.notice_accepted_at is not None)
            handle = world.client.get_workflow_handle(claim_id)
            own[SHOWN_TOKEN] = world.token_of(handle, f"{claim_id}.consent.1.contact")
        elif step == CONSENT_LAPSES:
            await world.pass_time(world.client.get_workflow_handle(claim_id), timedelta(days=40))
            await _until(claims, claim_id, lambda claim: claim.handed_off_at is not None)
        elif step == CONTACT_CHANGES:
            edit = {"by": PARTNER, "changes": {"customer_contact": EVA}}
            await claims.send(claim_id, "edit", edit)
        elif step == LATE_NO:
            await claims.send(claim_id, "decline", {"by": CUSTOMER})
        else:
            await _is_true(step, known, own)


async def _is_true(name: str, known: dict[str, Any], own: Mapping[str, str]) -> None:
    for example in example_of(name):
        printed = await _run(_renamed(example.source, own), known)
        wanted = _renamed(example.want, own)
        assert printed == wanted, f"{name}: {example.source}"


async def _run(source: str, known: dict[str, Any]) -> str:
    """As an interpreter that awaits: what is printed, and the value of an expression."""
    tree = ast.parse(source)
    value = isinstance(tree.body[-1], ast.Expr)
    if value:
        last = tree.body[-1]
        assert isinstance(last, ast.Expr)
        tree.body[-1] = ast.Assign([ast.Name("_", ast.Store())], last.value, lineno=1)
    code = compile(
        ast.fix_missing_locations(tree), "<docstring>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    )
    known["_"] = None
    with redirect_stdout(io.StringIO()) as printed:
        result = eval(code, known)
        if inspect.iscoroutine(result):
            await result
    shown = "" if known["_"] is None else f"{known['_']!r}\n"
    return printed.getvalue() + shown


async def _until(claims: ClaimsClient, claim_id: str, holds: Callable[[ClaimView], bool]) -> None:
    async with asyncio.timeout(120):
        while not holds(await claims.claim(claim_id)):
            await asyncio.sleep(0.05)


def _renamed(text: str, own: Mapping[str, str]) -> str:
    for shown, real in own.items():
        text = text.replace(shown, real)
    return text

"""A claim that was talked full: it answers, and leaves its long history behind without a loss."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from cpor.rules.claim import Claim
from cpor.rules.messages import Receipt
from tests.examples import CUSTOMER, PARTNER, REVIEWER
from tests.workflows.world import LONG_HISTORY, Handle, World, ask

AT_ONCE = 100
SDK_PATIENCE = 2.0
"""After so many seconds the SDK takes a workflow task for a deadlock, unless it is told not to."""


def comment(number: int) -> dict[str, Any]:
    return {"id": f"m-{number}", "by": PARTNER, "text": f"Page {number} names the product. " * 40}


async def told_too_much(claim: Handle) -> None:
    """Comments until there is no room, then what is refused and counted."""

    async def comments(first: int) -> None:
        for number in range(first, LONG_HISTORY, AT_ONCE):
            await claim.signal("comment", comment(number))

    await asyncio.gather(*(comments(first) for first in range(AT_ONCE)))


async def refusal_of_a_long_comment(claim: Handle) -> str | None:
    try:
        await claim.execute_update("comment", {"by": PARTNER, "text": "x" * 3900})
    except WorkflowUpdateFailedError as error:
        return error.cause.type if isinstance(error.cause, ApplicationError) else repr(error)
    return None


@pytest.mark.thorough
async def test_a_claim_with_all_room_used_goes_on_in_a_new_run_and_loses_no_receipt(
    world: World,
) -> None:
    claim = await world.open(edition="2023")
    await told_too_much(claim)

    async def begun_anew() -> bool:
        described = await world.client.get_workflow_handle(claim.id).describe()
        return described.run_id != claim.first_execution_run_id

    await world.until(begun_anew)
    claim = world.client.get_workflow_handle(claim.id)
    known = await world.until_claim(claim, owed=[])
    assert (known["status"], known["edition"]) == ("Submitted", "2023")
    assert [clock["clock"] for clock in await ask(claim, "deadlines")] == ["wait_for_review"]
    for side in ("partner", "reviewer", "customer"):
        await world.history(claim, side)
    receipts = [await ask(claim, "receipt", f"m-{number}") for number in range(AT_ONCE)]
    first = next(
        number for number, receipt in enumerate(receipts) if receipt["outcome"] == "accepted"
    )
    again = await claim.execute_update("comment", comment(first), result_type=dict)
    assert again == receipts[first]
    while (refused := await refusal_of_a_long_comment(claim)) is None:
        await world.until_claim(claim, owed=[])
    assert refused == "too_much"
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.tell(claim, "decline", by=CUSTOMER)
    await claim.result()
    record = json.loads((world.folder / f"store/records/{claim.id}/record.json").read_text())
    outcomes = Counter(receipt["outcome"] for receipt in record["receipts"])
    whats = Counter(entry["what"] for entry in record["history"])
    assert outcomes["accepted"] == whats["comment"] + whats["approve"] + whats["decline"]
    assert outcomes["refused"] == whats["refused"]
    assert whats["comment"] > 30


async def test_a_message_that_takes_longer_than_the_sdk_likes_is_taken_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine any may. An interrupted task would be tried, and interrupted, for ever."""

    def slowly(claim: Claim, *said: Any) -> Receipt:
        until = time.monotonic() + SDK_PATIENCE + 0.5
        while time.monotonic() < until:
            pass
        return take(claim, *said)

    claim = await world.open()
    take = Claim.take
    monkeypatch.setattr(Claim, "take", slowly)
    await claim.signal("start_review", {"by": REVIEWER})
    await world.until_claim(claim, status="Under review")

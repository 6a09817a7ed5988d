"""Claims from beginning to end on the stack that people deploy."""

from __future__ import annotations

import pytest

from cpor.rules.lifecycle import Status
from tests.examples import PROOF, PROOF_SHA256
from tests.stack.people import People

pytestmark = pytest.mark.thorough


async def test_a_customer_gets_the_mail_says_no_on_the_page_and_nothing_is_handed_off(
    people: People,
) -> None:
    link = await people.asked(claim := "STACK-DECLINED")
    told = await people.mail(claim, "submitted")
    assert told["To"][0]["Address"] == "ada@fabrikam.example"
    answer = await people.says_no(link)
    assert answer.status_code == 200
    known = await people.over(claim)
    assert (known.status, known.consent) == (Status.REJECTED, "declined")
    record = await people.portal.store.read_record(claim)
    assert record is not None
    assert (record["status"], record["consent"]) == ("Rejected", "declined")
    assert people.events_of(claim) == []


async def test_a_silent_customers_claim_is_handed_off_once_and_its_proof_is_in_the_store(
    people: People,
) -> None:
    await people.asked(claim := "STACK-SILENT")
    await people.let_the_window_end(claim)
    known = await people.until_paid_up(claim)
    assert (known.consent, known.eligibility) == ("lapsed", "sent")
    (event,) = people.events_of(claim)
    assert event.startswith(f"{claim}.ready.1")
    pieces = [piece async for piece in people.portal.store.read(claim, PROOF_SHA256)]
    assert b"".join(pieces) == PROOF
    bucket = people.stack.services.native("store").volume("/data") / "claims"
    assert [each.read_bytes() for each in bucket.glob(f"evidence/{claim}/{PROOF_SHA256}")] == [
        PROOF
    ]

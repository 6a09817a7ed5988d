"""The disaster drill of docs/deploying.md: an older database is put back, the store is not.

Between dump and restore customers say no, and one claim goes its way. Workers then begin with
CLAIMS_AFTER_RESTORE.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from cpor.rules.lifecycle import Status
from tests.examples import OPERATOR
from tests.stack.people import People, until
from tests.stack.services import PAGE, TEMPORAL, WORKERS

pytestmark = pytest.mark.thorough

BY_PAGE, BY_TELEPHONE, SILENT = "DRILL-PAGE", "DRILL-TELEPHONE", "DRILL-SILENT"
LONG = timedelta(days=60)
"""Whatever window of a customer there is has ended then."""
TOLD = {"by": OPERATOR, "contact": "contact", "came_by": "telephone"}


async def test_no_claim_that_was_declined_before_a_restore_is_handed_off_after_it(
    people: People,
) -> None:
    stack = people.stack
    link, *_ = await asyncio.gather(*map(people.asked, (BY_PAGE, BY_TELEPHONE, SILENT)))
    saved_at = datetime.now(UTC)
    await stack.saved(stack.folder / "backup")

    assert (await people.says_no(link)).status_code == 200
    await people.operators.send(BY_TELEPHONE, "decline", TOLD)
    for claim in (BY_PAGE, BY_TELEPHONE):
        assert (await people.over(claim)).consent == "declined"

    await stack.end(*WORKERS, PAGE)
    await stack.end(TEMPORAL)
    await stack.restored(stack.folder / "backup")
    stack.services.settings |= {
        "CLAIMS_AFTER_RESTORE": f"{saved_at:%Y-%m-%dT%H:%M:%SZ}",
        "CLAIMS_SIGNING_KEY": str(stack.key("operators")),
    }
    await stack.start_part(TEMPORAL)
    await asyncio.gather(*map(stack.start_part, (*WORKERS, PAGE)))

    for claim, consent in ((BY_PAGE, "declined"), (BY_TELEPHONE, "pending")):
        stopped = await until(lambda claim=claim: people.in_conflict(claim))
        assert stopped.consent == consent
    await people.let_the_window_end(SILENT)
    await people.pass_time(BY_TELEPHONE, LONG)
    assert (await people.until_paid_up(SILENT)).eligibility == "sent"
    assert [people.events_of(each) for each in (BY_PAGE, BY_TELEPHONE)] == [[], []]

    said = await asyncio.to_thread(stack.services.typed_by_operators, "reconcile", "--dry-run")
    assert said == "", "what stands still already is left alone"
    await people.operators.send(
        BY_PAGE, "resolve_conflict", {"by": OPERATOR, "why": "Both say no."}
    )
    in_its_time = people.portal.signing(stack.signer("operators", ahead=LONG))
    await in_its_time.send(BY_TELEPHONE, "decline", TOLD)
    for claim in (BY_PAGE, BY_TELEPHONE):
        known = await people.over(claim)
        assert (known.status, known.consent) == (Status.REJECTED, "declined")
        assert people.events_of(claim) == []
        assert await versions(people, claim) == ["declined", "declined"]
    assert len(people.events_of(SILENT)) == 1
    ids = {mail["MessageID"] for mail in await people.stack.mails()}
    assert len(ids) == len({each.partition("+")[0] for each in ids}), "one id for each notice"


async def versions(people: People, claim: str) -> list[str]:
    """What each version of its record says of the consent: the old one stands beside the new."""
    store = people.portal.store
    found = [await store.read_record(claim, number) for number in (1, 2)]
    return [record["consent"] for record in found if record]

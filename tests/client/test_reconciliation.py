"""After a restore: what the store knows and claims do not, and what is done about it."""

from __future__ import annotations

from typing import Any

from cpor import ClaimsClient
from cpor.client.reconciliation import Disagreement, disagreements, settle
from cpor.rules.chain import sealed
from cpor.rules.own_ids import decline_id
from tests.examples import PARTNER, REVIEWER
from tests.workflows.world import Handle, World


async def asked(world: World) -> Handle:
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, owed=[])
    return claim


async def of(claims: ClaimsClient, claim: Handle) -> list[Disagreement]:
    return [each async for each in disagreements(claims) if each.claim_id == claim.id]


async def test_a_no_that_the_claim_has_forgotten_is_passed_on_as_it_came(
    world: World, claims: ClaimsClient
) -> None:
    claim = await asked(world)
    notice = f"{claim.id}.consent.1.contact"
    no: dict[str, Any] = {
        "id": decline_id(notice),
        "by": {"role": "customer", "id": "contact"},
        "notice_id": notice,
        "note": "Never.",
    }
    await claims.store.keep_no(claim.id, notice, no)
    (found,) = await of(claims, claim)
    assert found.remedy == "pass the no on"
    await settle(claims, found, "olga")
    assert (await claims.claim(claim.id)).consent == "declined"
    assert await of(claims, claim) == []


async def test_a_claim_whose_record_it_does_not_know_is_stopped(
    world: World, claims: ClaimsClient
) -> None:
    claim = await asked(world)
    history = [{"seq": 1, "what": "opened", "text": "in another past"}]
    partner = {"mpn_id": "4912345"}
    record = {"run": "run-1", "version": 1, "consent": "declined", "partner": partner}
    await claims.store.write_record(claim.id, sealed({**record, "history": history}))
    (found,) = await of(claims, claim)
    assert found.remedy == "stop the claim"
    assert (await claims.claim(claim.id)).owed == []
    await settle(claims, found, "olga")
    (owed,) = (await claims.claim(claim.id)).owed
    assert (owed.kind, owed.state) == ("conflict", "parked")
    assert "consent declined" in str(owed.last_answer)
    assert await of(claims, claim) == []


async def test_a_claim_and_its_own_record_agree(world: World, claims: ClaimsClient) -> None:
    claim = await world.open()
    await world.tell(claim, "withdraw", by=PARTNER, reason="wrong_customer")
    await claim.result()
    assert await claims.store.read_record(claim.id) is not None
    assert await of(claims, claim) == []

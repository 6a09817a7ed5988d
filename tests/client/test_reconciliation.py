"""After a restore: what the store knows and claims do not, and what is done about it."""

from __future__ import annotations

from typing import Any

import pytest

from cpor import ClaimsClient
from cpor.client.errors import EngineUnreachable
from cpor.client.reconciliation import Disagreement, disagreements, settle
from cpor.client.transport import Transport
from cpor.links import Invitation
from cpor.page import claim_status
from cpor.page.kept_noes import KeptNoes
from cpor.rules.chain import sealed
from cpor.rules.own_ids import decline_id
from tests.examples import PARTNER, REVIEWER
from tests.proofs.keys import signer
from tests.workflows.proving import Proving, proving
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
    no = {**no_to(claim), "note": "Never."}
    await claims.store.keep_no(claim.id, no["notice_id"], no)
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


async def asked_with_proofs(proven: Proving) -> Handle:
    claim = await proven.open()
    await proven.tell(claim, "reviewers", "approve", id="m-1", by=REVIEWER)
    await proven.world.until_claim(claim, owed=[])
    return claim


def no_to(claim: Handle) -> dict[str, Any]:
    notice = f"{claim.id}.consent.1.contact"
    by = {"role": "customer", "id": "contact"}
    return {"id": decline_id(notice), "by": by, "notice_id": notice}


async def test_where_proofs_are_required_a_kept_no_is_passed_on_with_the_proof_of_the_page(
    idle_world: World, claims_of_nobody: ClaimsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise EngineUnreachable("Temporal does not answer")

    operators = claims_of_nobody.signing(signer("reviewers"))
    page = claims_of_nobody.signing(signer("page"))
    async with proving(idle_world) as proven:
        claim = await asked_with_proofs(proven)
        with monkeypatch.context() as patch:
            patch.setattr(Transport, "update", away)
            link = Invitation(claim.id, 1, "contact")
            assert await claim_status.decline(page, KeptNoes(page), link, "Never.") is None
        (found,) = await of(operators, claim)
        await settle(operators, found, "olga")
        assert (await operators.claim(claim.id)).consent == "declined"
        entries = await operators.history(claim.id)
        assert [each.signed_by for each in entries if each.what == "decline"] == ["page"]


async def test_a_kept_no_that_nobody_may_pass_on_any_more_stops_the_claim(
    idle_world: World, claims_of_nobody: ClaimsClient
) -> None:
    operators = claims_of_nobody.signing(signer("reviewers"))
    async with proving(idle_world) as proven:
        claim = await asked_with_proofs(proven)
        no = no_to(claim)
        await operators.store.keep_no(claim.id, no["notice_id"], no)
        (found,) = await of(operators, claim)
        assert found.remedy == "pass the no on"
        assert "stands still" in (await settle(operators, found, "olga")).text
        (owed,) = (await operators.claim(claim.id)).owed
        assert f"a no of the customer to {no['notice_id']}" in str(owed.last_answer)


async def test_a_claim_and_its_own_record_agree(world: World, claims: ClaimsClient) -> None:
    claim = await world.open()
    await world.tell(claim, "withdraw", by=PARTNER, reason="wrong_customer")
    await claim.result()
    assert await claims.store.read_record(claim.id) is not None
    assert await of(claims, claim) == []

"""What is owed is paid, or stays visible until it is."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from pydantic import SecretStr

from activities import Activities
from tests.activities.servers import HttpReceiver, SmtpServer
from tests.examples import OPERATOR, PARTNER, PROOF, REVIEWER, opening, proof
from tests.workflows.world import DAY, World

ADA = "ada@fabrikam.example"


async def test_a_mail_refused_for_good_is_parked_and_goes_out_on_retry(world: World) -> None:
    world.post.refuses[ADA] = "550 5.1.1 no such person"
    claim = await world.open()

    async def parked() -> bool:
        owed = (await world.claim(claim))["owed"]
        return [debt["state"] for debt in owed] == ["parked"]

    await world.until(parked)
    assert (await claim.describe()).typed_search_attributes
    assert world.kinds(claim).count("undeliverable") == 1
    corrected = {"name": "Ada Berg", "email": "ada.berg@fabrikam.example"}
    await world.tell(claim, "edit", by=PARTNER, changes={"partner_contact": corrected})
    await world.tell(claim, "retry", by=OPERATOR)
    await world.until_claim(claim, owed=[])
    (submitted,) = world.mails(claim, "submitted")
    assert str(submitted["To"]) == "Ada Berg <ada.berg@fabrikam.example>"


async def test_a_parked_mail_holds_an_ended_claim_for_thirty_days_and_no_longer(
    world: World,
) -> None:
    world.post.refuses[ADA] = "550 5.1.1 no such person"
    claim = await world.open()
    await world.tell(claim, "reject", by=REVIEWER, reasons=[{"reason": "insufficient_poe"}])
    await world.pass_time(claim, 29 * DAY)
    assert (await world.claim(claim))["owed"]
    result = await world.until_over(claim)
    assert result["owed"] == []


async def test_a_missing_file_is_told_and_cannot_be_approved(world: World) -> None:
    claim_id = world.new_id()
    claim = await world.start(claim_id, opening(claim_id))
    known = await world.until_claim(claim, owed=[])
    assert [file["state"] for file in known["evidence"]] == ["missing"]
    assert world.kinds(claim).count("evidence_problem") == 2
    assert (await world.refused(claim, "approve", {"by": REVIEWER}))[0] == "nothing_to_review"
    world.keep_proof(claim_id)
    await world.tell(claim, "add_evidence", by=PARTNER, evidence=[proof()])
    known = await world.until_claim(claim, owed=[])
    assert [file["state"] for file in known["evidence"]] == ["sealed"]
    await world.tell(claim, "approve", by=REVIEWER)


async def test_a_changed_file_is_told(world: World) -> None:
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    place = world.folder / "store/incoming" / claim_id / proof()["sha256"]
    place.write_bytes(PROOF.replace(b"signed", b"forged"))
    claim = await world.start(claim_id, opening(claim_id))
    known = await world.until_claim(claim, owed=[])
    assert [file["state"] for file in known["evidence"]] == ["changed"]


async def test_a_store_that_cannot_be_written_is_a_visible_debt(world: World) -> None:
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    (world.folder / "store/evidence").write_text("a file where a folder should be")
    claim = await world.start(claim_id, opening(claim_id))
    await world.pass_time(claim, timedelta(minutes=16))
    (debt,) = (await world.claim(claim))["owed"]
    assert (debt["kind"], debt["state"]) == ("seal", "late")
    (world.folder / "store/evidence").unlink()
    await world.pass_time(claim, timedelta(hours=1))
    await world.until_claim(claim, owed=[])


async def test_a_wrong_password_for_the_mail_server_is_a_visible_debt(idle_world: World) -> None:
    world = idle_world
    async with SmtpServer(password="right") as server:
        wrong = {"smtp_port": server.port, "smtp_user": "claims", "smtp_password": SecretStr("x")}
        settings = world.settings.model_copy(update=wrong)
        async with Activities(settings) as activities, world.working(activities):
            claim = await world.open()
            await world.pass_time(claim, timedelta(minutes=16))
            owed = (await world.claim(claim))["owed"]
            assert {debt["state"] for debt in owed if debt["kind"] == "notice"} == {"late"}
            assert "log" in owed[0]["last_answer"].lower()


async def test_a_hand_off_refused_for_good_waits_for_an_operator(idle_world: World) -> None:
    world = idle_world
    async with HttpReceiver("400 Bad Request") as engine_of_incentives:
        settings = world.settings.model_copy(update={"hand_off_url": engine_of_incentives.url})
        async with Activities(settings) as activities, world.working(activities):
            claim = await world.open()
            await world.tell(claim, "approve", by=REVIEWER)
            await world.until_claim(claim, owed=[])
            await world.pass_time(claim, 8 * DAY)

            async def parked() -> bool:
                owed = (await world.claim(claim))["owed"]
                return [(debt["kind"], debt["state"]) for debt in owed] == [("hand_off", "parked")]

            await world.until(parked)
            engine_of_incentives.status = "202 Accepted"
            await world.tell(claim, "retry", by=OPERATOR)
            await world.until_claim(claim, eligibility="sent", owed=[])
            keys = {headers["idempotency-key"] for headers, _ in engine_of_incentives.requests}
            assert keys == {f"{claim.id}.ready.1"}


async def test_a_decision_that_comes_together_with_its_timer_wins(idle_world: World) -> None:
    """No worker is there when the partner's time ends; the answer came before one is back."""
    world = idle_world
    claim = await world.open()
    async with Activities(world.settings) as activities, world.working(activities):
        ask = [{"reason": "missing_or_old_dates"}]
        await world.tell(claim, "request_info", by=REVIEWER, requests=ask)
        await world.until_claim(claim, owed=[])
    passing = asyncio.create_task(world.skipper.fast_forward(claim, 9 * DAY))
    await world.until(lambda: _timer_fired(world, claim.id))
    await claim.signal("submit", {"by": PARTNER})
    async with Activities(world.settings) as activities, world.working(activities):
        known = await world.until_claim(claim, owed=[])
        assert known["status"] == "Under review"
        await passing


async def _timer_fired(world: World, claim_id: str) -> bool:
    handle = world.client.get_workflow_handle(claim_id)
    return any(
        event.HasField("timer_fired_event_attributes")
        for event in (await handle.fetch_history()).events
    )

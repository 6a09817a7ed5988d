"""Many claims about few items, while workers are killed: each item ends with one holder or none.

    uv run python -m tests.reliability.rivals [--claims 200] [--items 20] [--partners 10] [--seed N]

Each claim is opened, reviewed, and approved, put aside, withdrawn or declined as its dice say.
Workers die at boundaries that the seed chooses. In the end every claim that is approved holds all
its items and no other holds any, each loser says why, and what was handed off is recalled once.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
import uuid
from argparse import ArgumentParser
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from cpor import exits
from cpor.rules import catalogue
from cpor.rules.associations.telling import workflow_id_of
from tests import engines
from tests.examples import CUSTOMER, PARTNER, REVIEWER, opening
from tests.reliability.kills import PatientWorld, a_patient_world, patiently
from tests.reliability.mortal import NEVER, SOON_MISSED, Place, started
from tests.workflows.world import DAY, Handle, ask

OF_A_TENANT = 10
"""Items; where there are more, there are more tenants."""
AT_ONCE = 12
VERY_PATIENT = 900
"""Tries. Where many workers die, Temporal says for a while that a workflow is not ready."""
WORKERS = 2
TRIES = 3
"""How often a reviewer comes back to a claim that another one keeps from being approved."""
NOTE = "Their contract ended."
LIMIT = 900.0
"""Seconds, for one claim and for all to settle."""


@dataclass(frozen=True)
class Plan:
    seed: int
    claims: int = 200
    items: int = 20
    partners: int = 10
    lives: tuple[int, int] = (150, 1500)
    """A worker dies after so many boundaries, by the dice. Where they die much sooner, workers do
    little else than begin."""


@dataclass
class Found:
    counts: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])


@dataclass
class Market:
    plan: Plan
    world: PatientWorld
    tenants: Sequence[str]
    claims: dict[str, Handle] = field(default_factory=dict[str, Handle])
    found: Found = field(default_factory=Found)

    async def live(self, number: int) -> None:
        try:
            async with asyncio.timeout(LIMIT):
                await self._lives(number)
        except TimeoutError:
            self.found.wrong.append(f"claim {number} did not come to its end in {LIMIT:.0f} s")

    async def _lives(self, number: int) -> None:
        dice = Random(f"{self.plan.seed}: claim {number}")
        claim = await self._opened(number, dice)
        await self._until_heard(claim)
        for _ in range(TRIES):
            if dice.random() < 0.1:
                await self.world.tell(claim, "withdraw", by=PARTNER, reason="other")
                return
            if await self._is_approved(claim, displace=dice.random() < 0.4):
                break
        else:
            return
        known = await self._until_heard(claim)
        if known["status"] != "Approved":
            return
        match dice.randrange(4):
            case 0:
                await self._may_be_too_late(claim, "decline", by=CUSTOMER)
            case 1:
                await self._may_be_too_late(claim, "withdraw", by=PARTNER, reason="other")
            case 2:
                await self._becomes_official(claim)
            case _:
                pass

    async def _opened(self, number: int, dice: Random) -> Handle:
        claim_id = f"RIVAL-{uuid.uuid4().hex[:8].upper()}-{number:03}"
        self.world.keep_proof(claim_id)
        known, tenant = opening(), self.tenants[number % len(self.tenants)]
        workloads = [each.name for each in catalogue.products() if "osu-m365" in each.programs]
        items = min(self.plan.items // len(self.tenants), len(workloads))
        wanted = dice.sample(workloads[:items], dice.choice((1, 1, 2)) if items > 1 else 1)
        data = opening(
            claim_id,
            customer={**known["customer"], "tenant_id": tenant},
            partner={**known["partner"], "mpn_id": f"49000{number % self.plan.partners:02}"},
            products=[{"name": each} for each in wanted],
        )
        claim = await self.world.client.start_workflow(
            "Claim",
            data,
            id=claim_id,
            task_queue=self.world.task_queue,
            task_timeout=SOON_MISSED,
        )
        self.claims[claim_id] = claim
        return claim

    async def _until_heard(self, claim: Handle) -> dict[str, Any]:
        """Its calls are answered, and it has its mails."""

        async def heard() -> dict[str, Any]:
            known = await self.world.claim(claim)
            return {} if known["edition"] is None or known["owed"] else known

        while not (known := await heard()):
            await asyncio.sleep(0.3)
        return known

    async def _is_approved(self, claim: Handle, displace: bool) -> bool:
        more = {"displace": True, "note": NOTE} if displace else {}
        try:
            await self.world.tell(claim, "approve", by=REVIEWER, **more)
        except WorkflowUpdateFailedError as error:
            self.found.counts[f"refused: {_code(error)}"] += 1
            return False
        return True

    async def _may_be_too_late(self, claim: Handle, name: str, **message: Any) -> None:
        """Another claim may have its items meanwhile."""
        try:
            await self.world.tell(claim, name, **message)
        except WorkflowUpdateFailedError as error:
            self.found.counts[f"too late: {_code(error)}"] += 1

    async def _becomes_official(self, claim: Handle) -> None:
        """Unless another one has its items before that, and it ends."""
        await patiently(partial(self.world.skipper.fast_forward, claim, 8 * DAY), tries=1)

    async def settled(self) -> None:
        """Nothing is owed any more, and each claim has heard what became of its items."""
        async with asyncio.timeout(LIMIT):
            while await self._is_busy():
                await asyncio.sleep(0.5)

    async def _is_busy(self) -> bool:
        holders = await self.holders()
        for claim in self.claims.values():
            known = await self.world.claim(_latest(self.world, claim))
            if known["owed"] or (_counts(known) != (claim.id in holders.values())):
                return True
        return False

    async def holders(self) -> dict[tuple[str, str], str]:
        """By tenant and item."""
        found: dict[tuple[str, str], str] = {}
        for tenant in self.tenants:
            handle = self.world.client.get_workflow_handle(workflow_id_of(tenant))
            items = await self.world.patiently(partial(_items_of, handle))
            for each in items:
                if each["holder"]:
                    found[tenant, each["item"]] = each["holder"]["claim_id"]
        return found

    async def look(self) -> None:
        """What must hold in the end."""
        holders, counts = await self.holders(), self.found.counts
        for claim in self.claims.values():
            known = await self.world.claim(_latest(self.world, claim))
            entries = await self.world.history(_latest(self.world, claim))
            tenant = known["customer"]["tenant_id"]
            wanted = {(tenant, f"workload:{each['code']}") for each in known["products"]}
            held = {item for item, holder in holders.items() if holder == claim.id}
            if held != (wanted if _counts(known) else set()):
                self._is_wrong(claim, f"is {known['status']} and holds {sorted(held)}")
            self._look_at_the_end(claim, known, [each["text"] for each in entries])
            counts["claims"] += 1
            counts["approved in the end"] += _counts(known)
        counts["items held in the end"] = len(holders)

    def _look_at_the_end(self, claim: Handle, known: dict[str, Any], said: list[str]) -> None:
        counts = self.found.counts
        lost = sum(each.startswith("the approval is taken back") for each in said)
        awarded = sum(each.startswith("the claim is approved and holds") for each in said)
        displaced = sum(each.startswith("another partner is the partner") for each in said)
        counts["awarded"] += awarded
        counts["races lost"] += lost
        counts["displaced"] += displaced
        by_rival = any(each["reason"] == "displaced_by_rival" for each in known["reasons"])
        if by_rival != (displaced == 1) or displaced > awarded:
            self._is_wrong(claim, f"was told {displaced} times that it is displaced")
        handed_off = known["handed_off_at"] is not None
        recalls = len([*self.world.outbox.glob(f"{claim.id}.recalled.*")])
        counts["handed off"] += handed_off
        counts["recalled"] += recalls
        if recalls != (handed_off and not _counts(known)):
            self._is_wrong(claim, f"was recalled {recalls} times")

    def _is_wrong(self, claim: Handle, text: str) -> None:
        self.found.wrong.append(f"{claim.id} {text}")


async def _items_of(associations: Handle) -> list[dict[str, Any]]:
    """None where nobody holds or asks for anything: they have ended."""
    try:
        return await ask(associations, "items")
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return []


def _counts(known: dict[str, Any]) -> bool:
    return known["status"] == "Approved" and not known["awaits_award"]


def _latest(world: PatientWorld, claim: Handle) -> Handle:
    """It may go on in a new run."""
    return world.client.get_workflow_handle(claim.id)


def _code(error: WorkflowUpdateFailedError) -> str:
    return (error.cause.type or "") if isinstance(error.cause, ApplicationError) else "?"


@asynccontextmanager
async def mortal_workers(
    place: Place, log: Path, plan: Plan, found: Found
) -> AsyncGenerator[asyncio.Event]:
    """Whoever dies is followed by another one; from the event on they live on."""
    dice, calm = Random(f"{plan.seed}: workers"), asyncio.Event()
    workers = [started(place, log, dice.randint(*plan.lives)) for _ in range(WORKERS)]

    async def others_follow() -> None:
        while True:
            for index, worker in enumerate(workers):
                if not worker.is_alive():
                    found.counts["workers killed"] += 1
                    dies_at = NEVER if calm.is_set() else dice.randint(*plan.lives)
                    workers[index] = started(place, log, dies_at)
            await asyncio.sleep(0.1)

    following = asyncio.create_task(others_follow())
    try:
        yield calm
    finally:
        following.cancel()
        for each in workers:
            each.kill()
            each.join(10)


async def played(client: Client, folder: Path, plan: Plan) -> Found:
    async with a_patient_world(client, folder) as world:
        settings = world.settings.model_copy(update={"one_holder": True})
        patient = PatientWorld(
            client, settings, world.task_queue, world.post, folder, tries=VERY_PATIENT
        )
        count = max(1, plan.items // OF_A_TENANT)
        market = Market(plan, patient, [str(uuid.uuid4()) for _ in range(count)])
        address = client.service_client.config.target_host
        place = Place(address, client.namespace, world.task_queue, settings)
        places = asyncio.Semaphore(AT_ONCE)

        async def lives(number: int) -> None:
            async with places:
                await market.live(number)

        async with mortal_workers(place, folder / "boundaries", plan, market.found) as calm:
            await asyncio.gather(*map(lives, range(plan.claims)))
            calm.set()
            try:
                await market.settled()
            except TimeoutError:
                market.found.wrong.append("not all was settled in time")
            await market.look()
        return market.found


async def main(plan: Plan) -> int:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        async with engines.that_skips_time() as client:
            found = await played(client, Path(folder) / f"r{plan.seed}", plan)
    took = time.monotonic() - begun
    counts = ", ".join(f"{name} {count}" for name, count in sorted(found.counts.items()))
    sys.stdout.write(f"seed {plan.seed}: {counts}; {took:.0f} s; {len(found.wrong)} wrong\n")
    sys.stdout.writelines(f"{each}\n" for each in found.wrong)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    parser = ArgumentParser(prog="tests.reliability.rivals")
    parser.add_argument("--claims", type=int, default=Plan.claims)
    parser.add_argument("--items", type=int, default=Plan.items)
    parser.add_argument("--partners", type=int, default=Plan.partners)
    parser.add_argument("--seed", type=int, default=Random().randrange(10**6))
    wanted = parser.parse_args()
    exits.run(main(Plan(wanted.seed, wanted.claims, wanted.items, wanted.partners)))

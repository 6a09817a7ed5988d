"""`starter.py reconcile`: what an operator sees and does after a restore."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from subprocess import CompletedProcess

from temporalio.client import Client

from cpor import exits
from cpor.rules.chain import sealed
from cpor.rules.own_ids import decline_id
from cpor.store import Store
from tests.engines import NAMESPACE
from tests.examples import REVIEWER
from tests.shell import Shell
from tests.workflows.world import Handle, World


async def reconcile(
    world: World, client: Client, shell: Shell, *words: str
) -> CompletedProcess[str]:
    """This test is the worker of the command."""
    where = {
        "TEMPORAL_ADDRESS": client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": NAMESPACE,
        "CLAIMS_STORE_URL": world.settings.store_url,
    }
    return await asyncio.to_thread(shell.starter, "reconcile", "--by", "olga", *words, **where)


async def asked(world: World) -> Handle:
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, owed=[])
    return claim


async def with_a_forgotten_no(world: World) -> Handle:
    claim = await asked(world)
    notice = f"{claim.id}.consent.1.contact"
    by = {"role": "customer", "id": "contact"}
    no = {"id": decline_id(notice), "by": by, "notice_id": notice}
    await Store.open(world.settings.store_url).keep_no(claim.id, notice, no)
    return claim


async def with_a_forgotten_record(world: World) -> Handle:
    claim = await asked(world)
    history = [{"seq": 1, "what": "opened", "text": "in another past"}]
    record = {"run": "run-1", "version": 1, "status": "Rejected", "consent": "declined"}
    whole = {**record, "partner": {"mpn_id": "4912345"}, "history": history}
    await Store.open(world.settings.store_url).write_record(claim.id, sealed(whole))
    return claim


async def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    world: World, client: Client, shell: Shell
) -> None:
    await asked(world)
    no, record = await with_a_forgotten_no(world), await with_a_forgotten_record(world)
    for _ in range(2):
        done = await reconcile(world, client, shell, "--dry-run")
        assert done.returncode == exits.BROKEN
        assert sorted(done.stdout.splitlines()) == sorted(
            [
                f"{no.id}  the store has a no of the customer to {no.id}.consent.1.contact; "
                "to do: pass the no on",
                f"{record.id}  the store has version 1 of the record (status Rejected, consent "
                "declined; 1 entries); to do: stop the claim",
            ]
        )
    assert (await world.claim(no))["consent"] == "pending"
    assert (await world.claim(record))["owed"] == []


async def test_it_passes_the_no_on_stops_the_other_and_then_finds_nothing(
    world: World, client: Client, shell: Shell
) -> None:
    no, record = await with_a_forgotten_no(world), await with_a_forgotten_record(world)
    done = await reconcile(world, client, shell)
    assert (done.returncode, done.stderr) == (exits.DONE, "")
    said = dict(line.split("  ", 1) for line in done.stdout.splitlines())
    assert said[no.id].endswith("Your no is noted. The partner is not recognised and sees no data.")
    assert said[record.id].endswith("The claim stands still until you decide.")
    assert (await world.claim(no))["consent"] == "declined"
    (debt,) = (await world.claim(record))["owed"]
    assert debt["kind"] == "conflict"
    again = await reconcile(world, client, shell, "--dry-run")
    assert (again.returncode, again.stdout) == (exits.DONE, "")


async def test_what_the_store_learned_before_the_backup_is_left_out(
    world: World, client: Client, shell: Shell
) -> None:
    claim = await with_a_forgotten_no(world)
    (kept,) = (world.folder / "store/records" / claim.id).glob("no.*")
    long_ago = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    os.utime(kept, (long_ago, long_ago))
    done = await reconcile(world, client, shell, "--dry-run", "--since", "2026-01-02T00:00:00")
    assert (done.returncode, done.stdout) == (exits.DONE, "")

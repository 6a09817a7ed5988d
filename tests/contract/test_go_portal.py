"""A whole life signed by three keys: portal and reviewer speak in Go, the incentive engine here."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cpor.proofs import verify
from cpor.proofs.keys import save_private
from tests.examples import SYSTEM
from tests.proofs.keys import OWN
from tests.workflows.proving import proving
from tests.workflows.world import DAY, World

ROOT = Path(__file__).parents[2]
CLAIM = "CPOR-GO-PORTAL"
ENOUGH = 300.0


@pytest.mark.thorough
@pytest.mark.skipif(not shutil.which("go"), reason="there is no `go` on PATH")
async def test_a_claim_lives_its_life_signed_in_go_and_in_python(
    idle_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The claim's days are skipped, those of who signs are not.
    monkeypatch.setattr(verify, "OLDEST", 30 * DAY)
    store = str(idle_world.folder / "var/store")
    settings = idle_world.settings.model_copy(update={"store_url": store})
    world = replace(idle_world, settings=settings, task_queue="claims")
    portal = await built(world.folder)
    for kid in ("portal", "reviewers"):
        save_private(OWN[kid], world.folder / f"{kid}.key.json")
    async with proving(world) as proven:
        said = await run(
            world.folder,
            *[portal, "-store", store, CLAIM, str(ROOT / "examples/statement-of-work.txt")],
            PORTAL_KEY="portal.key.json",
            REVIEWERS_KEY="reviewers.key.json",
            TEMPORAL_ADDRESS=world.client.service_client.config.target_host,
            TEMPORAL_NAMESPACE=world.client.namespace,
        )
        assert f"{CLAIM} is Approved and waits for the customer" in said
        claim = world.client.get_workflow_handle(CLAIM)
        await world.until_claim(claim, consent="pending", owed=[])
        await world.pass_time(claim, 8 * DAY)
        await world.until_claim(claim, eligibility="sent", owed=[])
        await proven.tell(
            claim, "engine", "eligibility_result", id="m-1", by=SYSTEM, outcome="eligible"
        )
        signers = {
            (each["what"], each["signed_by"])
            for each in await world.history(claim)
            if each["signed_by"]
        }
    assert signers == {
        ("opened", "portal"),
        ("submit", "portal"),
        ("start_review", "reviewers"),
        ("approve", "reviewers"),
        ("eligibility_result", "engine"),
    }


async def built(folder: Path) -> str:
    sources = shutil.copytree(ROOT / "examples/portal-go", folder / "portal-go")
    program = str(folder / "portal")
    await run(sources, "go", "build", "-o", program, ".")
    return program


async def run(folder: Path, *command: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(ENOUGH):
        out, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return out.decode()

"""Claims to try a client with."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client

from cpor import By, ClaimsClient, Withdraw, engine
from cpor.contract import search_attributes
from cpor.plugin import ClaimsPlugin
from tests.examples import opening
from tests.workflows.world import World

ADA = By(role="partner", id="ada")
KIM = By(role="reviewer", id="kim")


async def opened(world: World, claims: ClaimsClient, **changes: object) -> str:
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    return await claims.open(opening(claim_id, **changes))


async def ended(world: World, claims: ClaimsClient) -> str:
    claim_id = await opened(world, claims)
    await claims.say(claim_id, Withdraw(id="the-end", by=ADA, reason="other"))
    await world.until(lambda: is_over(claims, claim_id))
    return claim_id


async def is_over(claims: ClaimsClient, claim_id: str) -> bool:
    return [found.running async for found in claims.search() if found.claim_id == claim_id] == [
        False
    ]


async def emptied(world: World) -> Client:
    """Of the same engine, a namespace without claims: it stands for one that has forgotten them."""
    address = world.client.service_client.config.target_host
    client = await Client.connect(address, namespace="forgetful", plugins=[ClaimsPlugin()])
    await engine.register(client, retention=timedelta(days=1), attributes=search_attributes.ALL)
    return client

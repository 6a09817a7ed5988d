"""A copy is a new draft, with what proof there still is."""

from __future__ import annotations

import pytest

from cpor import ClaimsClient
from cpor.cli.drafts import copy
from cpor.store import FileRefused
from tests.client.lives import opened
from tests.examples import PARTNER, PROOF_SHA256, opening, proof
from tests.workflows.world import World

MORE = b"more proof"


async def test_a_file_that_has_left_the_store_is_left_out_of_a_copy(
    world: World, claims: ClaimsClient
) -> None:
    old, new = world.new_id(), world.new_id()
    world.keep_proof(old)
    world.keep_proof(old, MORE)
    gone = proof(MORE, "more.pdf")
    await claims.open(opening(old, evidence=[proof(), gone]))
    await world.until(lambda: is_sealed(claims, old))
    for place in (world.folder / "store").rglob(gone["sha256"]):
        place.unlink()
    await copy(claims, old, new, PARTNER)
    copied = await claims.claim(new)
    assert [file.sha256 for file in copied.evidence] == [PROOF_SHA256]


@pytest.mark.parametrize("new", ["x", "../x"])
async def test_nothing_is_copied_for_what_is_no_claim_id(
    world: World, claims: ClaimsClient, new: str
) -> None:
    old = await opened(world, claims)
    with pytest.raises(FileRefused, match="is no claim id: must be 4 to 40 characters"):
        await copy(claims, old, new, PARTNER)
    incoming = world.folder / "store/incoming"
    assert [place.name for place in incoming.iterdir()] == [old]


async def is_sealed(claims: ClaimsClient, claim_id: str) -> bool:
    return all(file.state == "sealed" for file in (await claims.claim(claim_id)).evidence)

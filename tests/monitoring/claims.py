"""A claim for a worker that runs in a process of its own."""

from __future__ import annotations

from temporalio.envconfig import ClientConnectConfig

from cpor.client.client import ClaimsClient
from cpor.local_temporal import Where, connect
from cpor.store import Store
from tests.examples import PROOF, opening
from tests.shell import Shell


async def open_claim(shell: Shell, claim_id: str) -> ClaimsClient:
    """Open a good claim; the client that did."""
    options = ClientConnectConfig(target_host=shell.engine["address"])
    claims = ClaimsClient(
        await connect(Where(options)), Store.open(str(shell.folder / "var/store"))
    )
    proof = shell.folder / "sow.pdf"
    proof.write_bytes(PROOF)
    await claims.upload(claim_id, proof)
    await claims.open(opening(claim_id))
    return claims

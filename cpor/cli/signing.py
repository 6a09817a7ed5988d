"""Who signs what a command sends: the key that the settings name, if any."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpor.client.client import ClaimsClient
    from cpor.proofs import Signer


def own_signer(key: Path | str | None = None) -> Signer | None:
    """With the given key, else with that of the settings; None where there is none."""
    from cpor.settings import Settings

    file = key or Settings.load().signing_key
    if file is None:
        return None
    from cpor.proofs import Signer

    return Signer.from_file(file)


async def speaking_to(
    claim_id: str, claims: ClaimsClient, message: Mapping[str, Any]
) -> ClaimsClient:
    """A client whose signature also says for which partner: a command speaks for the claim's."""
    match message:
        case {"by": {"role": "partner"}} if signer := own_signer():
            partner = (await claims.claim(claim_id)).partner
            return claims.signing(signer.for_partner(partner.mpn_id))
        case _:
            return claims


def check(name: str, message: Mapping[str, Any]) -> None:
    """Raises what the shape of the message refuses, before anybody signs it."""
    from cpor.rules import messages

    messages.read(name, [message])

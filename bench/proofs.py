"""What the happy journey is signed with, and a worker that requires it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from activities.proofs import FollowedKeys, ProofActivity
from bench import happy
from cpor.proofs import Signer, keys
from cpor.proofs.trust import Trust
from cpor.rules.proof import OPEN

_KEYS = {role: keys.new(role) for role in ("partner", "reviewer")}
_TRUST = Trust.read(
    json.dumps({"keys": [{**keys.public(_KEYS[role]), "roles": [role]} for role in _KEYS]})
)
PORTAL, REVIEWERS = (Signer(_KEYS[role]) for role in _KEYS)


def signed_opening(claim_id: str) -> Mapping[str, Any]:
    return PORTAL.sign(claim_id, OPEN, happy.opening(claim_id))


def required_proofs() -> ProofActivity:
    trusted = FollowedKeys(None)
    trusted.trust = _TRUST
    return ProofActivity("require", trusted)

"""Keys of the tests: one for each who speaks, and what a worker is told to believe of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cpor.proofs import Signer, keys
from cpor.proofs.trust import Trust
from cpor.proofs.verify import judge
from cpor.rules.proof import ProofMode, ProofQuestion, Verdict

Jwk = dict[str, Any]

LIMITS: Mapping[str, Mapping[str, Any]] = {
    "portal": {"roles": ["partner"], "mpn_ids": ["4912345"]},
    "reviewers": {"roles": ["reviewer", "operator"]},
    "page": {"roles": ["customer"], "messages": ["decline"]},
    "mail": {"roles": ["system"], "messages": ["bounced"]},
    "engine": {"roles": ["system"], "messages": ["eligibility_result"]},
}
OWN: Mapping[str, Jwk] = {kid: keys.new(kid) for kid in LIMITS}
MPN_ID = "4912345"


def now() -> datetime:
    return datetime.now(UTC)


def signer(kid: str, at: Callable[[], datetime] = now) -> Signer:
    return Signer(OWN[kid], MPN_ID if kid == "portal" else None, at)


def trust(*more: Mapping[str, Any], **changed: Mapping[str, Any]) -> Trust:
    """In all keys of the tests; what is changed of one is given by its name."""
    known = [{**keys.public(OWN[kid]), **LIMITS[kid], **changed.get(kid, {})} for kid in LIMITS]
    return Trust.read(json.dumps({"keys": [*known, *more]}))


class TestsJudge:
    """As a worker has it, with keys that a test can change while claims are open."""

    __test__ = False

    def __init__(self, mode: ProofMode, trusted: Trust | None = None) -> None:
        self.mode: ProofMode = mode
        self.trust = trusted or trust()

    def judge(self, question: ProofQuestion) -> Verdict:
        return judge(question, self.trust)


def ago(**time: float) -> Callable[[], datetime]:
    return lambda: now() - timedelta(**time)

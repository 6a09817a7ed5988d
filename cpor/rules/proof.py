"""What a claim knows of a proof: who signed a message, or why nobody is known to have.

Signatures are checked elsewhere. The claim is told the verdict and decides what follows from it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from pydantic import BaseModel

from cpor.rules.characters import stripped
from cpor.rules.errors import Refused
from cpor.rules.facts import Instant

ProofMode = Literal["off", "warn", "require"]
"""Not asked for; asked for, and its lack is shown; needed."""

JUDGE_PROOF = "judge_proof"
"""The activity."""
OPEN = "open"
"""The name under which an opening is signed."""
UNSIGNED = "unsigned"


class Verdict(BaseModel, frozen=True):
    """Which key proved who speaks; without one, what is wrong with the proof."""

    key: str | None = None
    problem: str | None = None

    @property
    def signed_by(self) -> str:
        return self.key or UNSIGNED

    @property
    def remark(self) -> str | None:
        return None if self.key else ": ".join(filter(None, (UNSIGNED, self.problem)))


NO_PROOF = Verdict(problem="by.proof is missing")


class ProofQuestion(BaseModel):
    """Whether this proof is one for this message to this claim, at that time."""

    proof: str
    claim_id: str
    name: str
    message: Mapping[str, Any]
    mpn_ids: list[str]
    """The claim's own first, then one that it is to be changed to."""
    at: Instant
    opened: Instant | None = None
    """When the claim was opened. What was signed before was for another one of the same id."""


def question(
    claim_id: str,
    mpn_id: str,
    name: str,
    payloads: Sequence[object],
    at: Instant,
    opened: Instant | None = None,
) -> ProofQuestion | None:
    """None: there is no proof to be judged."""
    proof, message = proof_in(payloads), _object(payloads[0]) if payloads else {}
    if proof is None:
        return None
    wanted = _object(message.get("changes")).get("mpn_id")
    mpn_ids = [mpn_id, *([stripped(wanted)] if isinstance(wanted, str) else [])]
    return ProofQuestion.model_construct(
        proof=proof,
        claim_id=claim_id,
        name=name,
        message=message,
        mpn_ids=mpn_ids,
        at=at,
        opened=opened,
    )


def opening_question(payloads: Sequence[object], at: Instant) -> ProofQuestion | None:
    opening = _object(payloads[0]) if payloads else {}
    claim_id, mpn_id = opening.get("claim_id"), _object(opening.get("partner")).get("mpn_id")
    if not isinstance(claim_id, str) or not isinstance(mpn_id, str):
        return None
    return question(stripped(claim_id), stripped(mpn_id), OPEN, payloads, at)


def proof_in(payloads: Sequence[object]) -> str | None:
    if len(payloads) != 1:
        return None
    proof = _object(_object(payloads[0]).get("by")).get("proof")
    return proof if isinstance(proof, str) and proof else None


def without_proof(message: Mapping[str, Any]) -> dict[str, Any]:
    """What is signed: all of the message but the signature."""
    by = message.get("by")
    if not isinstance(by, dict) or "proof" not in by:
        return dict(message)
    sender = cast("dict[str, Any]", by)
    return {**message, "by": {name: sender[name] for name in sender if name != "proof"}}


def key_named_in(proof: str) -> str:
    """Which key a proof says it is by. It is believed of a proof that has been judged."""
    head = proof.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError:
        return UNSIGNED
    return str(_object(header).get("kid", UNSIGNED))


def unsigned(verdict: Verdict) -> Refused:
    why = f": {verdict.problem}" if verdict.problem else ""
    return Refused("unsigned", f"this claim takes only what is signed by a trusted key{why}")


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

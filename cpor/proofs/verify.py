"""Judges a proof: whether a trusted key signed this very message, and may say such a thing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import jwt

from cpor.proofs import jwk as jwks
from cpor.proofs.canonical import digest
from cpor.proofs.errors import Unproven
from cpor.proofs.trust import Trust, TrustedKey
from cpor.rules.errors import quoted
from cpor.rules.proof import OPEN, ProofQuestion, Verdict
from cpor.rules.shapes import MOST_PROOF

OLDEST = timedelta(days=7)
"""Messages wait in the engine while no worker runs. What is bound to one message of one claim does
no harm when it is said again, so a long outage should not make a customer's no void."""
AHEAD = timedelta(minutes=5)
"""Clocks differ."""

_ACCEPTED = sorted(set(jwks.ALGORITHMS.values()))
_jws = jwt.PyJWS(algorithms=_ACCEPTED)


def judge(question: ProofQuestion, trust: Trust) -> Verdict:
    try:
        return Verdict(key=_proven(question, trust))
    except Unproven as error:
        return Verdict(problem=str(error))


def _proven(question: ProofQuestion, trust: Trust) -> str:
    header = _header(question.proof)
    if header.get("alg") not in _ACCEPTED:
        raise Unproven(f"its alg must be {', '.join(_ACCEPTED)}, and is not")
    key = trust.key(str(header.get("kid")))
    signed = _signed(question.proof, key)
    key.check_time(question.at)
    _check_age(signed, question)
    _check_same(signed, question)
    key.check_may(str(signed.get("role")), question.name, question.mpn_ids)
    return key.kid


def _header(proof: str) -> Mapping[str, Any]:
    if len(proof) > MOST_PROOF:
        raise Unproven(f"it has more than {MOST_PROOF} characters")
    try:
        return _jws.get_unverified_header(proof)
    except (jwt.PyJWTError, ValueError) as error:
        raise Unproven(f"it is no JWS in compact form: {error}") from None


def _signed(proof: str, key: TrustedKey) -> Mapping[str, Any]:
    try:
        found: object = json.loads(_jws.decode(proof, key.key.key, algorithms=[key.algorithm]))
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Unproven(f"its signature is not one of key {key.kid}") from None
    if not isinstance(found, dict):
        raise Unproven("what it signs is no JSON object")
    return cast("dict[str, Any]", found)


def _check_age(signed: Mapping[str, Any], question: ProofQuestion) -> None:
    issued, now = signed.get("iat"), question.at.timestamp()
    if not isinstance(issued, int) or isinstance(issued, bool):
        raise Unproven("its iat must be a number of seconds")
    if issued < now - OLDEST.total_seconds():
        raise Unproven(f"it expired: it was signed more than {OLDEST.days} days ago")
    if question.opened and issued < question.opened.timestamp() - AHEAD.total_seconds():
        raise Unproven("it was signed before this claim was opened")
    if issued > now + AHEAD.total_seconds():
        raise Unproven("it was signed in the future: look at the clock of who signs")


def _check_same(signed: Mapping[str, Any], question: ProofQuestion) -> None:
    for name, value in _expected(question).items():
        if signed.get(name) != value:
            raise Unproven(f"it is for another {_WORDS[name]}")


def _expected(question: ProofQuestion) -> Mapping[str, Any]:
    message, by = question.message, cast("dict[str, Any]", question.message["by"])
    if question.name != OPEN and not isinstance(message.get("id"), str):
        raise Unproven("the message needs an id, so that it can be taken only once")
    try:
        sha256 = digest(message)
    except (ValueError, RecursionError) as error:
        raise Unproven(f"the message has no canonical form: {quoted(str(error))}") from None
    expected = {
        "claim": question.claim_id,
        "message": question.name,
        "id": question.claim_id if question.name == OPEN else message["id"],
        "role": by.get("role"),
        "sub": by.get("id"),
    }
    if by.get("role") == "partner":
        expected |= {"mpn_id": question.mpn_ids[0], "partner_role": by.get("partner_role")}
    return {**expected, "sha256": sha256}


_WORDS = {
    "claim": "claim",
    "message": "kind of message",
    "id": "message id",
    "role": "role",
    "sub": "sender",
    "sha256": "content: the message was changed, or its canonical form is a different one",
    "mpn_id": "partner than the claim's",
    "partner_role": "partner role",
}

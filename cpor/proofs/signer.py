"""Signs messages, so that a claim knows who speaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import jwt

from cpor.proofs import jwk as jwks
from cpor.proofs.canonical import digest
from cpor.proofs.errors import KeyUnusable
from cpor.rules.proof import OPEN, without_proof

_jws = jwt.PyJWS()


def _now() -> datetime:
    return datetime.now(UTC)


class Signer:
    """A private key, and the partner for whom it speaks now, if any.

    >>> signer = Signer.from_file("portal.key.json")
    >>> message = signer.for_partner("4912345").sign("CPOR-7Q2M4X", "submit", message)
    """

    def __init__(
        self,
        jwk: Mapping[str, Any],
        mpn_id: str | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.kid = jwks.name_of(jwk).removeprefix("key ")
        if "d" not in jwk:
            raise KeyUnusable(f"key {self.kid} cannot sign: it is a public one")
        self._jwk, self._mpn_id, self._clock = jwk, mpn_id, clock
        self._key = jwks.loaded(jwk)

    @classmethod
    def from_file(cls, file: Path | str) -> Self:
        """From a private JSON Web Key, as `starter.py keys new` makes one."""
        return cls(jwks.read(file))

    def for_partner(self, mpn_id: str) -> Self:
        """For messages of partners: on behalf of which one their person speaks."""
        return type(self)(self._jwk, mpn_id, self._clock)

    def sign(self, claim_id: str, name: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """The message with its proof in it. An opening has the name `open`."""
        body = without_proof(message)
        try:
            if name == OPEN and not body.get("by"):
                body["by"] = {"role": "partner", "id": body["partner"]["mpn_id"]}
            claims = self._claims(claim_id, name, body)
        except (KeyError, TypeError):
            raise KeyUnusable(f"{name} cannot be signed: it needs id, by.role and by.id") from None
        header = {"kid": self.kid, "typ": "JWT"}
        algorithm = jwks.algorithm_of(self._jwk)
        proof = _jws.encode(json.dumps(claims).encode(), self._key.key, algorithm, header)
        return {**body, "by": {**body["by"], "proof": proof}}

    def _claims(self, claim_id: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        by, mpn_id = body["by"], self._mpn_id
        if name == OPEN:
            mpn_id = mpn_id or body["partner"]["mpn_id"]
        of_partner: dict[str, Any] = {}
        if by["role"] == "partner":
            if mpn_id is None:
                raise KeyUnusable(
                    f"key {self.kid} cannot sign {name}: say for which partner, "
                    "with signer.for_partner(mpn_id)"
                )
            of_partner = {"mpn_id": mpn_id, "partner_role": by.get("partner_role")}
        try:
            sha256 = digest(body)
        except ValueError as error:
            raise KeyUnusable(f"{name} cannot be signed: {error}") from None
        return {
            "claim": claim_id,
            "message": name,
            "id": claim_id if name == OPEN else body["id"],
            "sha256": sha256,
            "role": by["role"],
            "sub": by["id"],
            **{field: value for field, value in of_partner.items() if value is not None},
            "iat": int(self._clock().timestamp()),
        }

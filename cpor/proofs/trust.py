"""Whose signature is believed, for what, and from when until when: a JSON Web Key Set.

Each key in it has, beside the members of a JSON Web Key, `roles` (needed), `messages`, `mpn_ids`,
`valid_from` and `valid_until`. What is left out does not limit the key; a key without roles speaks
for nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Self, cast

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from cpor.proofs import jwk as jwks
from cpor.proofs.errors import KeyUnusable, Unproven
from cpor.rules.facts import Instant, Role, problems
from cpor.rules.messages import MESSAGES
from cpor.rules.proof import OPEN


class TrustedKey(BaseModel):
    """A public key, and for what it is believed."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kid: str
    roles: list[Role]
    messages: list[str] | None = None
    mpn_ids: list[str] | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None

    @cached_property
    def key(self) -> jwt.PyJWK:
        return jwks.loaded(self.model_extra_and_kid)

    @property
    def model_extra_and_kid(self) -> dict[str, Any]:
        return {**(self.model_extra or {}), "kid": self.kid}

    @cached_property
    def algorithm(self) -> str:
        return jwks.algorithm_of(self.model_extra_and_kid)

    def check_time(self, at: datetime) -> None:
        if self.valid_from and at < self.valid_from:
            raise Unproven(f"key {self.kid} is trusted only from {self.valid_from.isoformat()} on")
        if self.valid_until and at >= self.valid_until:
            raise Unproven(f"key {self.kid} is trusted no more: until {_text(self.valid_until)}")

    def check_may(self, role: str, name: str, mpn_ids: list[str]) -> None:
        if role not in self.roles:
            raise Unproven(f"key {self.kid} may speak for {' or '.join(self.roles)}, not {role}")
        if self.messages is not None and name not in self.messages:
            raise Unproven(f"key {self.kid} may sign {' or '.join(self.messages)}, not {name}")
        if role == "partner" and self.mpn_ids is not None:
            for mpn_id in mpn_ids:
                if mpn_id not in self.mpn_ids:
                    raise Unproven(f"key {self.kid} may not speak for this partner")


@dataclass(frozen=True)
class Trust:
    keys: Mapping[str, TrustedKey] = field(default_factory=dict[str, TrustedKey])

    @classmethod
    def read(cls, text: str) -> Self:
        """From the text of a key set; `KeyUnusable` says which key is wrong, and how."""
        try:
            data: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise KeyUnusable(f"it is not JSON: {error}") from None
        found = cast("dict[str, object]", data).get("keys") if isinstance(data, dict) else None
        if not isinstance(found, list):
            raise KeyUnusable('it must be a JSON Web Key Set: {"keys": [...]}')
        keys: dict[str, TrustedKey] = {}
        for number, each in enumerate(cast("list[object]", found), 1):
            key = _key(number, each)
            if key.kid in keys:
                raise KeyUnusable(f"key {key.kid} is there twice: each needs a kid of its own")
            keys[key.kid] = key
        return cls(keys)

    def key(self, kid: str) -> TrustedKey:
        if kid not in self.keys:
            raise Unproven("its key is not a trusted one")
        return self.keys[kid]

    def key_or_unusable(self, kid: str) -> TrustedKey:
        if kid not in self.keys:
            known = ", ".join(sorted(self.keys)) or "none"
            raise KeyUnusable(f"no key {kid} is trusted; there are: {known}")
        return self.keys[kid]


def _key(number: int, data: object) -> TrustedKey:
    try:
        key = TrustedKey.model_validate(data)
    except ValidationError as error:
        found = "; ".join(str(problem) for problem in problems(error))
        raise KeyUnusable(f"key number {number} cannot be used: {found}") from None
    jwks.name_of(key.model_extra_and_kid)
    if secret := [name for name in jwks.PRIVATE if name in (key.model_extra or {})]:
        raise KeyUnusable(f"key {key.kid} is a private one ({secret[0]}): put the public one here")
    unknown = [name for name in key.messages or () if name not in MESSAGES and name != OPEN]
    if unknown:
        raise KeyUnusable(f"key {key.kid} has messages that do not exist: {', '.join(unknown)}")
    _ = key.key  # read now, so that what is wrong is said now
    return key


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"

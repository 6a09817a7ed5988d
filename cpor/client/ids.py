"""Claim ids as people type them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cpor.client.errors import MessageRefused
from cpor.rules.errors import Problem, problems
from cpor.rules.facts import ClaimId

_CLAIM_ID: TypeAdapter[str] = TypeAdapter(ClaimId)


def checked(claim_id: str) -> str:
    """The id, if it is valid: it becomes part of addresses and paths."""
    try:
        return _CLAIM_ID.validate_python(claim_id)
    except ValidationError as error:
        found = Problem(repr(claim_id), problems(error)[0].text)
        raise MessageRefused("invalid", str(found), [found]) from None


def with_id(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message with an id of its own, if it has none."""
    return {**message, "id": message.get("id") or uuid.uuid4().hex}

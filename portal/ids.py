"""Claim ids as people type them."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from claims.errors import Problem
from claims.facts import ClaimId, problems
from portal.errors import MessageRefused

_CLAIM_ID: TypeAdapter[str] = TypeAdapter(ClaimId)


def checked(claim_id: str) -> str:
    """The id, if it can be one: it becomes part of addresses and paths."""
    try:
        return _CLAIM_ID.validate_python(claim_id)
    except ValidationError as error:
        found = Problem(repr(claim_id), problems(error)[0].text)
        raise MessageRefused("invalid", str(found), [found]) from None

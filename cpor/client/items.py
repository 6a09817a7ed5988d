"""The items of a tenant: who holds each, who asks for it, and which claims came before."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cpor.client.errors import EngineUnreachable, MessageRefused, NoAnswer
from cpor.rules.associations.telling import workflow_id_of
from cpor.rules.associations.views import ItemInFull, ItemInShort
from cpor.rules.errors import Problem
from cpor.rules.shapes import Guid

ANSWER_TIMEOUT = timedelta(seconds=10)
_GUID: TypeAdapter[str] = TypeAdapter(Guid)


async def items(client: Client, tenant_id: str) -> list[ItemInFull]:
    """All that an open claim holds or asks for; nothing where nobody does."""
    try:
        known = _GUID.validate_python(tenant_id)
    except ValidationError:
        found = Problem(repr(tenant_id), "must be a tenant id, a GUID")
        raise MessageRefused("invalid", str(found), [found]) from None
    associations = client.get_workflow_handle(workflow_id_of(known))
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT.total_seconds()):
            listed = await associations.query("items", result_type=list[ItemInShort])
            return [
                await associations.query("item", each.item, result_type=ItemInFull)
                for each in listed
            ]
    except TimeoutError:
        raise NoAnswer("no worker answered; start one with: uv run worker.py") from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []
        if error.status is RPCStatusCode.FAILED_PRECONDITION:
            raise NoAnswer("no worker answered; start one with: uv run worker.py") from None
        raise EngineUnreachable(f"Temporal did not answer: {error.message}") from error

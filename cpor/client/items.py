"""The items of a tenant: who holds each, who asks for it, and which claims came before."""

from __future__ import annotations

from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cpor.client import asking
from cpor.client.errors import MessageRefused, NoAnswer
from cpor.client.transport import namespace_not_found, refused_by_temporal
from cpor.rules.associations.telling import workflow_id_of
from cpor.rules.associations.views import ItemInFull, ItemInShort
from cpor.rules.errors import Problem
from cpor.rules.shapes import Guid

_GUID: TypeAdapter[str] = TypeAdapter(Guid)


async def items(client: Client, tenant_id: str, answer_timeout: timedelta) -> list[ItemInFull]:
    """All that an open claim holds or asks for; nothing where nobody does."""
    try:
        known = _GUID.validate_python(tenant_id)
    except ValidationError:
        found = Problem(repr(tenant_id), "must be a tenant id, a GUID")
        raise MessageRefused("invalid", str(found), [found]) from None
    of = client.get_workflow_handle(workflow_id_of(known))
    try:
        listed = await asking.ask(of, "items", list[ItemInShort], (), answer_timeout)
        return [
            await asking.ask(of, "item", ItemInFull, (each.item,), answer_timeout)
            for each in listed
        ]
    except RPCError as error:
        if asking.lacks_namespace(error):
            raise await namespace_not_found(client) from error
        if error.status is RPCStatusCode.NOT_FOUND:
            return []
        if asking.is_unanswered(error):
            raise NoAnswer("no worker answered; start one with: uv run worker.py") from error
        raise refused_by_temporal(error) from error

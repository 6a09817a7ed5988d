"""The namespace and the search attributes that workflows need."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import (
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType as AttributeType
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from cpor.engine.errors import NamespaceMissing, RegistrationFailed
from cpor.engine.probe import RPC_LIMIT, started, until_success

Attributes = Collection[SearchAttributeKey[Any]]

SAMPLES: Final[Mapping[AttributeType, Any]] = {
    AttributeType.TEXT: "probe",
    AttributeType.KEYWORD: "probe",
    AttributeType.INT: 0,
    AttributeType.DOUBLE: 0.5,
    AttributeType.BOOL: False,
    AttributeType.DATETIME: datetime(2020, 1, 1, tzinfo=UTC),
    AttributeType.KEYWORD_LIST: ["probe"],
}
SETTLING_LIMIT: Final = 60.0
"""Seconds; a new namespace is known everywhere after a few."""


@dataclass(frozen=True)
class AttributeProblem:
    """A search attribute that is missing, or there with another type."""

    namespace: str
    name: str
    wanted: AttributeType
    found: AttributeType | None

    @property
    def command(self) -> str:
        """What an operator types to put it right."""
        this = f"--namespace {self.namespace} --name {self.name}"
        command = f"temporal operator search-attribute create {this} --type {spoken(self.wanted)}"
        if self.found is None:
            return command
        return f"temporal operator search-attribute remove {this} --yes && {command}"

    def __str__(self) -> str:
        if self.found is None:
            return f"search attribute {self.name} is missing: {self.command}"
        return (
            f"search attribute {self.name} is {spoken(self.found)}, "
            f"not {spoken(self.wanted)}: {self.command}"
        )


async def missing_attributes(client: Client, attributes: Attributes) -> Sequence[AttributeProblem]:
    """What an operator must fix in the client's namespace on a Temporal that is not ours."""
    try:
        return await _problems(client, attributes)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise NamespaceMissing(
                f"Temporal has no namespace {client.namespace!r}: "
                f"temporal operator namespace create --namespace {client.namespace} "
                "--retention 90d"
            ) from error
        raise RegistrationFailed(
            f"The search attributes of namespace {client.namespace!r} can't be read: {error}"
        ) from error


async def register(client: Client, *, retention: timedelta, attributes: Attributes) -> None:
    """Create the client's namespace and the attributes on an engine of our own. Idempotent.

    Afterwards workflows can start.
    """
    try:
        await _ensure_namespace(client, retention)
        await _ensure_attributes(client, attributes)
        await until_success(lambda: _try_out(client, attributes), SETTLING_LIMIT)
    except (RPCError, OSError) as error:
        raise RegistrationFailed(
            f"Namespace {client.namespace!r} can't be made ready for workflows: {error}"
        ) from error


async def _ensure_namespace(client: Client, retention: timedelta) -> None:
    service, namespace = client.workflow_service, client.namespace
    wanted = Duration()
    wanted.FromTimedelta(retention)
    try:
        await service.register_namespace(
            RegisterNamespaceRequest(
                namespace=namespace, workflow_execution_retention_period=wanted
            ),
            timeout=RPC_LIMIT,
        )
    except RPCError as error:
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            raise
        config = NamespaceConfig(workflow_execution_retention_ttl=wanted)
        await service.update_namespace(
            UpdateNamespaceRequest(namespace=namespace, config=config), timeout=RPC_LIMIT
        )


async def _ensure_attributes(client: Client, attributes: Attributes) -> None:
    # A new namespace is not known to every part of the engine at once.
    problems = await until_success(lambda: _problems(client, attributes), SETTLING_LIMIT)
    for problem in problems:
        if problem.found is not None:
            # Changing a type would delete the values.
            raise RegistrationFailed(f"On the embedded engine the {problem}")
    if problems:
        await until_success(lambda: _add(client, problems), SETTLING_LIMIT)


async def _add(client: Client, missing: Sequence[AttributeProblem]) -> None:
    types = {each.name: IndexedValueType.ValueType(each.wanted) for each in missing}
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types),
            timeout=RPC_LIMIT,
        )
    except RPCError as error:
        # Another process, or an earlier attempt whose answer was lost.
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            raise


async def _try_out(client: Client, attributes: Attributes) -> None:
    samples = [SearchAttributePair(key, SAMPLES[key.indexed_value_type]) for key in attributes]
    async with started(client, TypedSearchAttributes(samples)):
        if attributes:
            query = " AND ".join(f"`{key.name}` IS NULL" for key in attributes)
            await client.count_workflows(query, rpc_timeout=RPC_LIMIT)


async def _problems(client: Client, attributes: Attributes) -> Sequence[AttributeProblem]:
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=RPC_LIMIT
    )
    found = {name: AttributeType(type_) for name, type_ in answer.custom_attributes.items()}
    return [
        AttributeProblem(client.namespace, key.name, key.indexed_value_type, found.get(key.name))
        for key in attributes
        if found.get(key.name) != key.indexed_value_type
    ]


def spoken(type_: AttributeType) -> str:
    """As the `temporal` command writes it: KEYWORD_LIST is KeywordList."""
    return type_.name.title().replace("_", "")

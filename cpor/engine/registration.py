"""The namespace and the search attributes that workflows need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType as AttributeType
from temporalio.service import RPCError, RPCStatusCode

from cpor.engine.errors import NamespaceMissing, RegistrationFailed
from cpor.engine.probe import RPC_LIMIT, started
from cpor.engine.retry import until_success

Attributes = Mapping[str, int]
"""Names with `SearchAttributeIndexedValueType`s, or the API's `IndexedValueType`s."""

ApiType = IndexedValueType.ValueType

SAMPLES: Final = {
    type_: Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value).encode())
    for type_, value in {
        AttributeType.TEXT: "probe",
        AttributeType.KEYWORD: "probe",
        AttributeType.INT: 0,
        AttributeType.DOUBLE: 0.5,
        AttributeType.BOOL: False,
        AttributeType.DATETIME: "2020-01-01T00:00:00Z",
        AttributeType.KEYWORD_LIST: ["probe"],
    }.items()
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


async def missing_attributes(
    client: Client, namespace: str, attributes: Attributes
) -> Sequence[AttributeProblem]:
    """What an operator must fix on a Temporal that is not ours."""
    try:
        return await _problems(client, namespace, attributes)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise NamespaceMissing(
                f"Temporal has no namespace {namespace!r}: "
                f"temporal operator namespace create --namespace {namespace}"
            ) from error
        raise RegistrationFailed(
            f"The search attributes of namespace {namespace!r} can't be read: {error}"
        ) from error


async def register(
    client: Client, *, namespace: str, retention: timedelta, attributes: Attributes
) -> None:
    """Register both on an engine of our own. Afterwards workflows can start. Idempotent."""
    try:
        await _ensure_namespace(client, namespace, retention)
        await _ensure_attributes(client, namespace, attributes)
        await until_success(lambda: _try_out(client, namespace, attributes), SETTLING_LIMIT)
    except (RPCError, OSError) as error:
        raise RegistrationFailed(
            f"Namespace {namespace!r} can't be made ready for workflows: {error}"
        ) from error


async def _ensure_namespace(client: Client, namespace: str, retention: timedelta) -> None:
    service = client.workflow_service
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
        described = await service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace), retry=True, timeout=RPC_LIMIT
        )
        if described.config.workflow_execution_retention_ttl.ToTimedelta() != retention:
            config = NamespaceConfig(workflow_execution_retention_ttl=wanted)
            await service.update_namespace(
                UpdateNamespaceRequest(namespace=namespace, config=config), timeout=RPC_LIMIT
            )


async def _ensure_attributes(client: Client, namespace: str, attributes: Attributes) -> None:
    # A new namespace is not known to every part of the engine at once.
    problems = await until_success(lambda: _problems(client, namespace, attributes), SETTLING_LIMIT)
    for problem in problems:
        if problem.found is not None:
            # Changing a type would delete the values.
            raise RegistrationFailed(f"On the embedded engine the {problem}")
    if problems:
        missing = {problem.name: _api_type(problem.wanted) for problem in problems}
        await until_success(lambda: _add(client, namespace, missing), SETTLING_LIMIT)


async def _add(client: Client, namespace: str, missing: Mapping[str, ApiType]) -> None:
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=missing),
            timeout=RPC_LIMIT,
        )
    except RPCError as error:
        # Somebody else, or an attempt of ours whose answer was lost.
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            raise


async def _try_out(client: Client, namespace: str, attributes: Attributes) -> None:
    samples = {name: SAMPLES[AttributeType(type_)] for name, type_ in attributes.items()}
    async with started(client, namespace, attributes=samples):
        if attributes:
            query = " AND ".join(f"`{name}` IS NULL" for name in attributes)
            await client.workflow_service.count_workflow_executions(
                CountWorkflowExecutionsRequest(namespace=namespace, query=query),
                timeout=RPC_LIMIT,
            )


async def _problems(
    client: Client, namespace: str, attributes: Attributes
) -> Sequence[AttributeProblem]:
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=namespace), timeout=RPC_LIMIT
    )
    found = {name: AttributeType(type_) for name, type_ in answer.custom_attributes.items()}
    wanted = {name: AttributeType(type_) for name, type_ in attributes.items()}
    return [
        AttributeProblem(namespace, name, type_, found.get(name))
        for name, type_ in wanted.items()
        if found.get(name) != type_
    ]


def _api_type(type_: AttributeType) -> ApiType:
    return ApiType(int(type_))


def spoken(type_: AttributeType) -> str:
    """As the `temporal` command writes it: KEYWORD_LIST is KeywordList."""
    return type_.name.title().replace("_", "")

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType as AttributeType
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)

from cpor import engine

ATTRIBUTES: Sequence[SearchAttributeKey[Any]] = (
    SearchAttributeKey.for_text("OfText"),
    SearchAttributeKey.for_keyword("OfKeyword"),
    SearchAttributeKey.for_int("OfInt"),
    SearchAttributeKey.for_float("OfFloat"),
    SearchAttributeKey.for_bool("OfBool"),
    SearchAttributeKey.for_datetime("OfDatetime"),
    SearchAttributeKey.for_keyword_list("OfKeywordList"),
)


@pytest.fixture
async def client(real_engine: engine.Engine) -> Client:
    return await Client.connect(real_engine.address, namespace="registered")


async def register(
    client: Client, days: int = 3, attributes: Sequence[SearchAttributeKey[Any]] = ATTRIBUTES
) -> None:
    await engine.register(client, retention=timedelta(days=days), attributes=attributes)


async def retention_of(client: Client) -> timedelta:
    request = DescribeNamespaceRequest(namespace="registered")
    described = await client.workflow_service.describe_namespace(request)
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def test_once_registered_a_workflow_starts_with_its_attributes_at_once(
    client: Client,
) -> None:
    await register(client)
    status = SearchAttributeKey.for_keyword("OfKeyword")
    await client.start_workflow(
        "Nobody",
        id="registered-1",
        task_queue="nobody",
        search_attributes=TypedSearchAttributes([SearchAttributePair(status, "open")]),
    )
    assert (await client.count_workflows("OfKeyword = 'open'")).count >= 0


async def test_registering_again_changes_nothing(client: Client) -> None:
    await register(client)
    await register(client)
    assert await retention_of(client) == timedelta(days=3)
    assert await engine.missing_attributes(client, ATTRIBUTES) == []


async def test_another_retention_is_taken_over(client: Client) -> None:
    await register(client)
    await register(client, days=5)
    assert await retention_of(client) == timedelta(days=5)


async def test_new_attributes_join_those_that_are_there(client: Client) -> None:
    await register(client)
    wanted = [*ATTRIBUTES, SearchAttributeKey.for_keyword("Another")]
    await register(client, attributes=wanted)
    assert await engine.missing_attributes(client, wanted) == []


async def test_registering_leaves_no_workflow_behind(client: Client) -> None:
    empty = await Client.connect(client.service_client.config.target_host, namespace="empty")
    await register(empty)

    async with asyncio.timeout(120):  # what was deleted leaves the list a little later
        while (await empty.count_workflows()).count:
            await asyncio.sleep(0.05)


async def test_a_missing_attribute_is_reported_with_the_command_that_makes_it(
    client: Client,
) -> None:
    await register(client)
    absent = SearchAttributeKey.for_keyword_list("Absent")
    (problem,) = await engine.missing_attributes(client, [absent, *ATTRIBUTES])
    assert (problem.name, problem.wanted, problem.found) == (
        "Absent",
        AttributeType.KEYWORD_LIST,
        None,
    )
    assert problem.command == (
        "temporal operator search-attribute create "
        "--namespace registered --name Absent --type KeywordList"
    )
    assert problem.command in str(problem)


async def test_an_attribute_of_another_type_is_reported_with_the_commands_that_change_it(
    client: Client,
) -> None:
    await register(client)
    of_text = SearchAttributeKey.for_keyword("OfText")
    (problem,) = await engine.missing_attributes(client, [of_text])
    assert problem.found == AttributeType.TEXT
    assert problem.command == (
        "temporal operator search-attribute remove --namespace registered --name OfText --yes && "
        "temporal operator search-attribute create "
        "--namespace registered --name OfText --type Keyword"
    )
    assert str(problem).startswith("search attribute OfText is Text, not Keyword: ")


async def test_an_attribute_of_another_type_is_never_changed_by_registering(
    client: Client,
) -> None:
    await register(client)
    with pytest.raises(engine.RegistrationFailed, match="OfText is Text, not Keyword"):
        await register(client, attributes=[SearchAttributeKey.for_keyword("OfText")])


async def test_a_missing_namespace_is_reported_with_the_command_that_makes_it(
    client: Client,
) -> None:
    nowhere = await Client.connect(client.service_client.config.target_host, namespace="nowhere")
    with pytest.raises(engine.NamespaceMissing, match="namespace create --namespace nowhere"):
        await engine.missing_attributes(nowhere, ATTRIBUTES)

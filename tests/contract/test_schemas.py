"""The published schemas are what the program takes and gives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cpor.contract import schemas
from cpor.contract.schemas import FOLDER, THINGS, Thing
from cpor.rules.effects import hand_off, portal_event, result
from cpor.rules.messages import MESSAGES

MAKE = "make them anew with: uv run python -m cpor.contract.schemas"

each_thing = pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.name)


def published(thing: Thing) -> dict[str, Any]:
    return json.loads(thing.file.read_text("utf-8"))


def objects(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The object itself and those it is made of."""
    yield from (
        each for each in [schema, *schema.get("$defs", {}).values()] if "properties" in each
    )


def test_the_files_are_what_the_models_make_of_them() -> None:
    wanted = dict(schemas.texts())
    assert set(FOLDER.glob("*.json")) == set(wanted), MAKE
    changed = [file.name for file, text in wanted.items() if file.read_text("utf-8") != text]
    assert not changed, MAKE


@each_thing
def test_a_schema_is_one_and_names_itself_without_promising_a_host(thing: Thing) -> None:
    schema = published(thing)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:cpor-claims:contract:{thing.name}"
    assert schema["title"] == thing.name
    assert schema["examples"]


@each_thing
def test_every_object_and_every_field_says_what_it_is(thing: Thing) -> None:
    schema = published(thing)
    parts = schema.get("$defs", {})

    def is_explained(field: Mapping[str, Any]) -> bool:
        part = parts.get(field.get("$ref", "").removeprefix("#/$defs/"), {})
        inner = [*field.get("anyOf", []), *filter(None, [field.get("items")]), part]
        says = {"description", "enum", "const"} & set(field)
        return bool(says) or any(is_explained(each) for each in inner if each)

    silent = [
        f"{each['title']}.{name}"
        for each in objects(schema)
        for name, field in each["properties"].items()
        if not is_explained(field)
    ]
    assert not silent
    assert all(each.get("description") for each in objects(schema))


@each_thing
def test_what_is_sent_has_no_other_fields_and_what_comes_back_may_have(thing: Thing) -> None:
    closed = [each.get("additionalProperties") is False for each in objects(published(thing))]
    assert all(closed) if thing.is_sent else not any(closed)


def test_every_message_has_a_schema() -> None:
    named = {thing.name for thing in THINGS if thing.name.startswith("message.")}
    assert named == {f"message.{name}" for name in MESSAGES}


def test_every_event_has_a_schema() -> None:
    sent = {
        hand_off.READY,
        hand_off.RECALLED,
        result.ASKED_AGAIN,
        portal_event.CHANGED,
        portal_event.OFFICIAL,
        portal_event.ENDED,
    }
    described = {
        published(thing)["properties"]["type"]["const"]
        for thing in THINGS
        if thing.name.startswith("event.")
    }
    assert described == sent

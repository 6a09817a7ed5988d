"""The JSON of each message in one line, made from its model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from cpor.rules.lifecycle import senders_of
from cpor.rules.messages import MESSAGES

_NOT_LISTED = ("id", "by")
"""`id` is optional in every message, and `by` is written first."""
_WORDS = {"string": "text", "integer": "number", "boolean": "true or false"}


@cache
def form_of(name: str) -> str:
    """`{"by": {"role": "reviewer", "id": text}, "note"?: text}`: what has a `?` may be left out."""
    schema = MESSAGES[name].model_json_schema()
    by = f'"by": {{"role": {_one_of(senders_of(name))}, "id": text}}'
    return f"{{{', '.join([by, *_fields(schema, schema)])}}}"


def _fields(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[str]:
    needed = schema.get("required", ())
    for field, kind in schema["properties"].items():
        if schema is not whole or field not in _NOT_LISTED:
            mark = "" if field in needed else "?"
            yield f'"{field}"{mark}: {_kind(kind, whole)}'


def _kind(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _kind(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in schema:
        (kind,) = (each for each in schema["anyOf"] if each.get("type") != "null")
        return _kind(kind, whole)
    if "enum" in schema:
        return _one_of(schema["enum"])
    match schema["type"]:
        case "array":
            return f"[{_kind(schema['items'], whole)}, …]"
        case "object":
            return f"{{{', '.join(_fields(schema, whole))}}}"
        case kind:
            return _WORDS[kind]


def _one_of(values: Iterable[str]) -> str:
    return " or ".join(map(json.dumps, values))

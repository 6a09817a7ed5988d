"""What the claim asks beyond the shape of each field, written as keywords of JSON Schema.

Only keywords that generators of types pass over (`if`, `dependentSchemas`, `not`) say what goes
together, so that the types stay plain. What can't be written down is marked `x-not-in-schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cpor.rules.editions import names
from cpor.rules.facts import ACTIVITIES, needs_technical_contact
from cpor.rules.history import WHAT
from cpor.rules.messages import MESSAGES

Schema = dict[str, Any]

NOT_IN_SCHEMA = "x-not-in-schema"


def _needs(field: str) -> Schema:
    """It is there, and not null."""
    return {"required": [field], "properties": {field: {"not": {"type": "null"}}}}


def _is(field: str, value: object) -> Schema:
    return {"required": [field], "properties": {field: {"const": value}}}


def _program(program: str) -> Schema:
    fields: Schema = {"activity": {"enum": [*ACTIVITIES[program]]}}
    if needs_technical_contact(program):
        fields["customer"] = _needs("technical_contact")
        fields["products"] = {"items": _needs("subscription_id")}
    else:
        fields["products"] = {"items": {"properties": {"subscription_id": {"type": "null"}}}}
    return {"properties": fields}


def _by_program() -> Schema:
    """One condition within the other: each program is its own case."""
    made: Schema = {}
    for program in ACTIVITIES:
        made = {"if": _is("program", program), "then": _program(program), "else": made}
    return made


_WHY: Schema = {
    "if": _is("reason", "other"),
    "then": _needs("note"),
    "else": {"if": _is("reason", "missing_products"), "then": _needs("product")},
    "dependentSchemas": {
        "subscription_id": {"if": _needs("subscription_id"), "then": _needs("product")},
        "remove": {"if": _is("remove", True), "then": _needs("product")},
    },
}
_OPENING: Schema = {
    **_by_program(),
    "not": {"not": _is("submit", False), "properties": {"evidence": {"maxItems": 0}}},
}
_DISPUTE: Schema = {
    "if": {"not": _needs("justification")},
    "then": {"required": ["evidence"], "properties": {"evidence": {"minItems": 1}}},
}
_APPROVE: Schema = {"if": _is("contacts_confirmed", True), "then": _needs("seen")}
_PAIR: Schema = {
    "type": "array",
    "minItems": 2,
    "maxItems": 2,
    "description": "Before and after; null where there was, or is, nothing.",
}
_ENTRY: Schema = {
    "if": _is("what", "refused"),
    "else": {"properties": {"changes": {"additionalProperties": _PAIR}}},
}
_OF_MODELS: Mapping[str, Schema] = {
    "Opening": _OPENING,
    "Dispute": _DISPUTE,
    "Approve": _APPROVE,
    "Request": _WHY,
    "Reason": _WHY,
    "EntryView": _ENTRY,
    "WrittenEntry": _ENTRY,
}
"""By the name of the model."""
_OF_FIELDS: Mapping[tuple[str, str], Schema] = {
    ("Opening", "edition"): {"enum": [*names(), None]},
    ("Opening", "products"): {NOT_IN_SCHEMA: "two names of one product name it twice"},
    ("Changes", "products"): {NOT_IN_SCHEMA: "two names of one product name it twice"},
    ("NamedProduct", "name"): {
        NOT_IN_SCHEMA: "which names there are, in upper or lower case, says docs/catalogue.json",
    },
    ("Request", "product"): {NOT_IN_SCHEMA: "it must be one of the claim's own"},
    ("Reason", "product"): {NOT_IN_SCHEMA: "it must be one of the claim's own"},
    ("Bounced", "notice_id"): {NOT_IN_SCHEMA: "it must be one of the claim's own"},
    **{(model, "what"): {"enum": [*MESSAGES, *WHAT]} for model in ("EntryView", "WrittenEntry")},
}


def refined(model: str, schema: Schema) -> Schema:
    """The schema of a model with what its claim asks beyond each field's shape."""
    fields = {
        name: {**field, **_OF_FIELDS.get((model, name), {})}
        for name, field in schema.get("properties", {}).items()
    }
    return {**schema, **({"properties": fields} if fields else {}), **_OF_MODELS.get(model, {})}


def bounded(items: Schema) -> Schema:
    """A list's upper bound in words that no generator makes a type of twenty places from."""
    if "maxItems" not in items:
        return items
    most = items.pop("maxItems")
    return {**items, "not": {"minItems": most + 1}}

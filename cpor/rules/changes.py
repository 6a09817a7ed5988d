"""What the partner changes of its claim by an edit: only the fields that are named."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ConfigDict, model_validator

from cpor.rules.facts import (
    Activity,
    Contact,
    Customer,
    Fact,
    Line,
    MpnId,
    NamedProducts,
    Partner,
    Program,
)


def _at_least_one_and_none_null(schema: dict[str, Any]) -> None:
    schema["minProperties"] = 1
    for name, field in schema["properties"].items():
        if name != "technical_contact":
            field["anyOf"].remove({"type": "null"})


class Changes(Fact):
    """Only what is sent is changed; only a technical contact can be taken away."""

    model_config = ConfigDict(json_schema_extra=_at_least_one_and_none_null)

    mpn_id: MpnId | None = None
    """Where the partner's location was the wrong one."""
    products: NamedProducts | None = None
    """All of them, in place of those before."""
    customer_contact: Contact | None = None
    technical_contact: Contact | None = None
    """Null takes it away."""
    partner_contact: Contact | None = None
    name: Line | None = None
    """Only in Editing, as the four below."""
    program: Program | None = None
    activity: Activity | None = None
    partner: Partner | None = None
    """All of it, in place of what was before."""
    customer: Customer | None = None
    """All of it, in place of what was before."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must name at least one field")
        for field in sorted(self.model_fields_set - {"technical_contact"}):
            if getattr(self, field) is None:
                raise ValueError(f"{field} must not be null")
        return self

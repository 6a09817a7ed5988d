"""The contract as JSON Schemas, made from the models: `docs/contract/*.schema.json`.

Written anew by `uv run python -m cpor.contract.schemas`; a test holds the files to what is made
here.
What is sent to a claim may have no other fields; what comes back may have more some day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from cpor.contract import events
from cpor.contract.docstrings import below_fields
from cpor.contract.overview import Overview
from cpor.contract.refinements import bounded, refined
from cpor.rules.facts import By, Opening
from cpor.rules.history import BOTH_SIDES, Sight
from cpor.rules.messages import MESSAGES, Receipt
from cpor.rules.news import News
from cpor.rules.proof_sheet import LookedInto
from cpor.rules.views import ClaimView, ClockView, EntryView, HistoryQuestion

FOLDER = Path(__file__).parents[2] / "docs/contract"


class WrittenEntry(EntryView):
    """An entry as the record has it: what is not said is left out."""

    changes: Mapping[str, Any] = Field(default_factory=dict)
    """By field, before and after."""
    sight: tuple[Sight, ...] = BOTH_SIDES
    """Who may see it."""


class Record(ClaimView):
    """What is kept of a claim in the store when the engine has forgotten it."""

    run: str
    """Tells it from the record of another claim that took this id."""
    history: list[WrittenEntry]
    """All of it, in order."""
    receipts: list[Receipt]
    """For each message that was answered, and each signal that was refused."""
    deadlines: list[ClockView]
    """Every clock there was."""
    events: list[News]
    """Every event for the portal, as the query `events` has them."""
    notices: Mapping[str, Any]
    """When each mail was accepted, by its id."""
    last: str
    """The hash of the last entry of the history."""
    sha256: str
    """The hash of all other fields."""


class _Sent(GenerateJsonSchema):
    """Without titles made of names, and without `"default": null`."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {key: value for key, value in made.items() if (key, value) != ("default", None)}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        below = below_fields(schema["cls"])
        for name, shown in made.get("properties", {}).items():
            shown.update({"description": below[name]} if name in below else {})
        if "description" in made:
            made["description"] = " ".join(made["description"].split())
        return refined(schema["cls"].__name__, made)

    def list_schema(self, schema: core_schema.ListSchema) -> JsonSchemaValue:
        return bounded(super().list_schema(schema))

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """In the order of the models."""
        return value


class _Returned(_Sent):
    """All fields are required, and others may be added."""

    in_short: ClassVar[tuple[type[BaseModel], ...]] = ()
    """Of these, fields with a default may be missing."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("additionalProperties", None)
        if schema["cls"] not in self.in_short and "properties" in made:
            made["required"] = list(made["properties"])
        return made


class _Kept(_Returned):
    in_short = (WrittenEntry, By)


@dataclass(frozen=True)
class Thing:
    """An object of the contract: one that is sent to a claim, or comes from it."""

    name: str
    kind: type[BaseModel]
    made_by: type[_Sent] = _Returned

    @property
    def is_sent(self) -> bool:
        return self.made_by is _Sent

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.schema.json"

    @property
    def examples(self) -> Path:
        return FOLDER / "examples" / self.name

    def schema(self) -> dict[str, Any]:
        made = self.kind.model_json_schema(
            schema_generator=self.made_by,
            mode="validation" if self.is_sent else "serialization",
        )
        parts = made.pop("$defs", None)
        return {
            "$schema": GenerateJsonSchema.schema_dialect,
            "$id": f"urn:cpor-claims:contract:{self.name}",
            "title": self.name,
            "description": made.pop("description"),
            **{key: value for key, value in made.items() if key != "title"},
            "examples": [_read(file) for file in sorted(self.examples.glob("valid-*.json"))[:1]],
            **({"$defs": parts} if parts else {}),
        }


THINGS: tuple[Thing, ...] = (
    Thing("start", Opening, _Sent),
    *(Thing(f"message.{name}", kind, _Sent) for name, kind in MESSAGES.items()),
    Thing("history-question", HistoryQuestion, _Sent),
    Thing("receipt", Receipt),
    Thing("claim", ClaimView),
    Thing("entry", EntryView),
    Thing("deadline", ClockView),
    Thing("news", News),
    Thing("overview", Overview),
    Thing("sheet", LookedInto),
    Thing("record", Record, _Kept),
    Thing("event.ready-for-eligibility", events.ReadyForEligibility),
    Thing("event.asked-again", events.AskedAgain),
    Thing("event.recalled", events.Recalled),
    Thing("event.changed", events.Changed),
    Thing("event.official", events.Official),
    Thing("event.ended", events.Ended),
)


def texts() -> Iterator[tuple[Path, str]]:
    """Each schema file and its text."""
    for thing in THINGS:
        yield thing.file, json.dumps(thing.schema(), indent=2, ensure_ascii=False) + "\n"


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for stale in FOLDER.glob("*.schema.json"):
        stale.unlink()
    for file, text in texts():
        file.write_text(text, "utf-8")

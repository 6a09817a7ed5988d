"""A sample of each mail, with facts as a claim would have them: for the preview and its tests."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from activities.mail import letters
from activities.mail.letters import Letter, Links
from cpor.rules.deadlines import Calendar, Window
from cpor.rules.effects.notice import Address, Notice, Promise
from cpor.rules.lifecycle import Recipient, Told
from cpor.settings import Vendor

END = datetime(2026, 11, 27, 8, 14, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """One mail: who gets it, and what it is about; `notice_samples.toml` has them all."""

    kind: Told
    recipient: Recipient
    facts: Mapping[str, Any]
    variant: str
    links: Links

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Sample:
        facts: dict[str, Any] = {}
        for name in entry.get("with", ()):
            facts |= DATA["sets"][name]
        facts |= entry["facts"]
        for name in {"requests", "reasons"} & facts.keys():
            facts[name] = [{**DATA["ground"], **ground} for ground in facts[name]]
        links = replace(LINKS, **DATA["links_to_pages"]) if entry.get("page") else LINKS
        return cls(entry["kind"], entry["recipient"], facts, entry.get("variant", ""), links)

    @property
    def name(self) -> str:
        return "-".join(filter(None, (self.kind, self.variant)))

    def letter(self, language: str) -> Letter:
        """The mail in this language, even if its recipients read English."""
        name = DATA["names"].get(self.recipient)
        notice = Notice(
            notice_id=f"{CLAIM}.{self.kind}.1.{self.recipient}",
            claim_id=CLAIM,
            kind=self.kind,
            recipient=self.recipient,
            to=Address(name=name, email="someone@example.com") if name else None,
            facts={**COMMON, **self.facts},
            promise=PROMISE if self.kind == "consent" else None,
        )
        return letters.written_in(language, notice, self.links, END)


def _without_empty_texts(value: Any) -> Any:
    """None for each of them, since TOML has no null."""
    match value:
        case "":
            return None
        case dict():
            known = cast("dict[str, Any]", value)
            return {name: _without_empty_texts(each) for name, each in known.items()}
        case list():
            return [_without_empty_texts(each) for each in cast("list[Any]", value)]
        case _:
            return value


DATA = _without_empty_texts(tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")))
COMMON: Mapping[str, Any] = DATA["common"]
CLAIM, ZONE = COMMON["claim_id"], COMMON["zone"]
LINKS = Links(vendor=Vendor(**DATA["vendor"]), **DATA["links"])
PROMISE = Promise(
    window=Window(amount=7, unit="days", side="customer"), calendar=Calendar(zone=ZONE)
)
SAMPLES = tuple(map(Sample.read, DATA["samples"]))

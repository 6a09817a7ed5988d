"""The template of an import file: two example claims, and the meaning of each column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cpor.bulk import csv_table, layout, ndjson

_CLAIM: Mapping[str, Any] = {
    "key": "2026-0001",
    "name": "Teams roll-out at Contoso",
    "program": "osu-m365",
    "activity": "usage",
    "partner": {
        "mpn_id": "4912345",
        "name": "Fabrikam",
        "country": "DE",
        "contact": {"name": "Ada Berg", "email": "ada@fabrikam.example", "language": "de"},
    },
    "customer": {
        "name": "Contoso",
        "tenant_id": "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
        "domain": "contoso.example",
        "country": "SE",
        "contact": {
            "name": "Lars Ek",
            "title": "CIO",
            "email": "lars@contoso.example",
            "language": "sv",
        },
    },
    "products": [{"name": "Teams"}, {"name": "Exchange Online"}],
    "evidence": [{"file": "sow.pdf"}],
    "submit": True,
}
EXAMPLES: tuple[Mapping[str, Any], ...] = (
    _CLAIM,
    {
        **_CLAIM,
        "key": "2026-0002",
        "name": "Sales at Contoso",
        "program": "osu-business-applications",
        "customer": {
            **_CLAIM["customer"],
            "technical_contact": {"name": "Tove Lind", "email": "tove@contoso.example"},
        },
        "products": [{"name": "Sales", "subscription_id": "0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c01"}],
        "evidence": [],
        "submit": False,
    },
)

_CONTACT = {
    "name": "a person's name",
    "email": "where the mails go",
    "title": "the person's title",
    "language": "of the mails: `en`, `de`, `sv`, `nl`, `tr`; English otherwise",
}
MEANINGS: Mapping[str, str] = {
    "key": "the row's own key, such as a number in your system; the claim's id is made from it",
    "claim_id": "in place of `key`: the claim's id itself, 4 to 40 of `A-Z 0-9 -`",
    "name": "what the claim is called",
    "program": "`osa-sell`, `osu-m365` or `osu-business-applications`",
    "activity": "`presales`, `usage` or `revenue-association`",
    "partner.mpn_id": "the partner's location number, 4 to 12 digits",
    "partner.name": "the partner's name",
    "partner.country": "two letters, such as `DE`",
    **{f"partner.contact.{name}": text for name, text in _CONTACT.items()},
    "customer.name": "the customer's name",
    "customer.tenant_id": "the customer's directory, a GUID",
    "customer.domain": "such as `contoso.example`",
    "customer.country": "two letters, such as `SE`",
    **{f"customer.contact.{name}": text for name, text in _CONTACT.items()},
    **{
        f"customer.technical_contact.{name}": f"{text} (needed for Business Applications)"
        if name in ("name", "email")
        else text
        for name, text in _CONTACT.items()
    },
    "products": "names or codes, separated by `;` or `|`; with a subscription: `Sales=GUID`",
    "evidence": "proof files beside the import file, separated by `;` or `|`; or, for files "
    "already uploaded, a JSON list of what `starter.py upload` prints",
    "comment": "a remark to the reviewers",
    "edition": "of the rules, such as `2020`; the usual one otherwise",
    "submit": "`yes` or `no`; `no` leaves the claim a draft; `yes` otherwise",
    "by.role": "who opens it: `partner`; with it `by.id` is needed",
    "by.id": "that person's account",
    "by.name": "that person's name",
    "by.partner_role": "`incentives_admin`, `incentives_user`, `billing_admin`, `global_admin`",
}


def as_table() -> bytes:
    rows = [list(layout.COLUMNS), *(list(layout.cells(each).values()) for each in EXAMPLES)]
    return b"".join(csv_table.line(row) for row in rows)


def as_objects() -> bytes:
    return b"".join(ndjson.line(each) for each in EXAMPLES)


def columns() -> str:
    """Every column as a Markdown table, as it stands in the documentation."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| column | needed | what stands there |"
    yield "| --- | --- | --- |"
    for column in layout.COLUMNS.values():
        yield f"| `{column.name}` | {_needed(column)} | {MEANINGS[column.name]} |"


def _needed(column: layout.Column) -> str:
    if column.name in ("key", "claim_id"):
        return "one of them"
    return "yes" if column.needed else ""

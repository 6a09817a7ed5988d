"""What `docs/contract.md` lists and the code knows: the table of permissions in the page itself,
the page `docs/contract-tables.md`, and the catalogue as JSON.

`uv run python -m docs.generate.contract` writes them anew; a test holds them to what is made here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from cpor.rules import catalogue, facts, messages, room, views
from cpor.rules.deadlines import MOST_EXTENDED
from cpor.rules.editions import edition, names
from cpor.rules.facts import Role
from cpor.rules.history import WHAT
from cpor.rules.lifecycle import Row, Status, lifecycle, rows_for
from docs.generate.lifecycle import table
from docs.generate.marks import Marks

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "contract.md"
TABLES = DOCS / "contract-tables.md"
CATALOGUE = DOCS / "catalogue.json"
MARKS = Marks("<!-- permissions: made by docs.generate.contract -->\n", "<!-- permissions end -->")

HEAD = """\
# Tables of the contract

Made from the code by `uv run python -m docs.generate.contract`; do not edit.
[The contract](contract.md) says what they are for."""


def page(text: str) -> str:
    """`docs/contract.md` with the table of permissions as it is today."""
    return MARKS.filled(text, f"{permissions()}\n")


def tables() -> str:
    parts = [
        HEAD,
        "## What an entry of the history is about",
        "`what` of an entry is the name of an accepted message, or one of these. A `reject` by\n"
        "`claim` is the claim's own, for want of an answer.",
        table(("what", "it means"), [(f"`{name}`", text) for name, text in WHAT.items()]),
        "## Limits",
        "What goes beyond one is refused: as `too_much` where the claim has no room for it, else\n"
        "as `invalid`.",
        table(("limit", "value"), list(_limits())),
        "## The product catalogue",
        "A product may be named by any of these, in upper or lower case. The same as JSON:\n"
        "[catalogue.json](catalogue.json).",
        table(("program", "code", "name", "also known as"), list(_products())),
    ]
    return "\n\n".join(parts) + "\n"


def catalogue_json() -> str:
    products = [
        {
            "code": product.code,
            "name": product.name,
            "aliases": list(product.aliases),
            "programs": list(product.programs),
        }
        for product in catalogue.products()
    ]
    return json.dumps({"products": products}, indent=2, ensure_ascii=False) + "\n"


def permissions() -> str:
    rows = [
        (f"`{name}`", role, who, ", ".join(statuses))
        for name in messages.MESSAGES
        for role in get_args(Role)
        for who, statuses in _allowed(name, role).items()
    ]
    return table(("message", "role", "of a partner's people", "in status"), rows)


def _allowed(name: str, role: str) -> dict[str, list[str]]:
    """The statuses in which it may be said, by who of the partner's people may."""
    found: dict[str, list[str]] = {}
    for status in Status:
        rows = [row for row in rows_for(status, name) if role in row.sources]
        if rows:
            who = _partners_people(name, status) if role == "partner" else ""
            found.setdefault(who, []).append(_where(status, rows))
    if all(row.status is None for row in lifecycle().rows if row.hears == name):
        return {who: ["any"] for who in found}
    return found


def _where(status: Status, rows: Sequence[Row]) -> str:
    """Where one row has no proviso, the others do not matter."""
    provisos = [row.provided for row in rows]
    return status.value if "" in provisos else f"{status.value} ({' or '.join(provisos)})"


def _partners_people(name: str, status: Status) -> str:
    by_edition = {each: edition(each).partner_roles.may(name, status) for each in names()}
    if len(set(by_edition.values())) == 1:
        return ", ".join(f"`{role}`" for role in by_edition[names()[0]])
    return "; ".join(f"{each}: {', '.join(roles)}" for each, roles in by_edition.items())


def _limits() -> Iterator[tuple[str, str]]:
    text = int(facts.in_force(facts.MOST_TEXT_BYTES, facts.RULES))
    yield "a line: names, titles, ids of messages and accounts", "255 characters"
    yield "a text: comments, notes, justifications", f"{text:,} bytes in UTF-8"
    yield "a claim's id", "4 to 40 characters"
    yield "products of a claim", f"1 to {facts.MOST_PRODUCTS}"
    yield "proof files of a claim", f"{facts.MOST_FILES}"
    yield "a proof file", f"1 to {facts.MOST_FILE_BYTES:,} bytes"
    yield "`requests` of `request_info`, `reasons` of `reject`", f"1 to {messages.MOST_REQUESTS}"
    yield "business days of one `extend`; of all on one clock", f"1 to 30; {MOST_EXTENDED}"
    yield "entries that one query `history` returns", f"1 to {views.MOST_ENTRIES:,}"
    yield "all edits, proof, comments and requests of a claim", _kib(room.ROOM_FOR_TALK)
    yield "the same with all else but what ends or decides a claim", _kib(room.ROOM)
    yield "refused signals that a claim remembers", _kib(room.ROOM_FOR_REFUSALS)


def _kib(size: int) -> str:
    return f"{size // 1024} KiB"


def _products() -> Iterator[tuple[str, ...]]:
    for product in catalogue.products():
        programs = ", ".join(f"`{each}`" for each in product.programs)
        yield programs, f"`{product.code}`", product.name, ", ".join(product.aliases)


def written() -> Iterator[tuple[Path, str]]:
    """Each file and its text."""
    yield PAGE, page(PAGE.read_text("utf-8"))
    yield TABLES, tables()
    yield CATALOGUE, catalogue_json()


if __name__ == "__main__":
    for file, text in written():
        file.write_text(text, "utf-8")

"""The page `docs/lifecycle.md`: the table read status by status, with what the editions make of it.

`uv run python -m docs.generate.lifecycle` writes it anew; a test holds it to what is made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cpor.cli.output.edition_tables import lines
from cpor.rules.deadlines import ClockName
from cpor.rules.editions import Edition, edition, flat, names
from cpor.rules.lifecycle import Proviso, Row, Status, diagram, lifecycle, runs_out

PAGE = Path(__file__).parents[1] / "lifecycle.md"

HEAD = """\
# The life of a claim, status by status

This page is made from [`cpor/rules/lifecycle.md`](../cpor/rules/lifecycle.md) and the
[editions](../cpor/rules/editions); do not edit it. Make it anew with

    uv run python -m docs.generate.lifecycle

What is not listed in a status is refused there. Of two lines that hear the same, the first whose
condition holds is taken. "→" is where it leads; where there is none, the status stays. A clock that
a status does not name ends when the claim enters it; one for which an edition has no window never
runs there, and that of Rejected only where the rejection may be disputed."""

CONDITIONS: Mapping[Proviso, str] = {
    "consent open": "the customer is being asked, and may still say no",
    "official": "the customer's window is over, and the association counts",
    "no still counts": "official, in an edition in which the customer may decline later, too",
    "handed off": "the hand-off was sent, or is on its way",
    "disputable": "the window for a dispute is open",
    "in dispute": "the partner has disputed, and nobody has decided yet",
    "first submission": "nobody has asked for more yet, and the reviewers have not been told",
    "objected": "somebody at the customer said no after the time or by an older link, unanswered",
    "doubted": "the customer, the directory or the store raised a doubt that nobody has answered",
    "unconfirmed": "a contact of the customer has to be confirmed by a reviewer",
    "proof unchecked": "the store has not yet looked at the proof that the approval rests on",
    "in conflict": "the store knows what the claim does not, and no operator has decided yet",
    "out of a dispute": "the partner had disputed a rejection, and a second reviewer approved",
    "dispute unchecked": "the same, and the approval came out of a dispute",
}


def page() -> str:
    editions = [edition(name) for name in names()]
    parts = [
        HEAD,
        f"```mermaid\n{diagram()}\n```",
        *(part for status in Status for part in _status(status, editions)),
        "## In every status",
        _steps([row for row in lifecycle().rows if row.status is None], editions),
        "## Conditions",
        table(("if", "it means"), list(CONDITIONS.items())),
        "## What the editions say differently",
        _differences(editions),
    ]
    return "\n\n".join(parts) + "\n"


def _status(status: Status, editions: Sequence[Edition]) -> Iterator[str]:
    rows = [row for row in lifecycle().rows if row.status is status]
    said = [row for row in rows if row.roles and _where_possible(row, editions)]
    happens = [row for row in rows if not row.roles]
    yield f"## {status.value}"
    if said:
        yield "Who may say what:"
        yield _steps(said, editions)
    if any(row.hears == "edit" for row in said):
        while_untold = ", contacts while no notice has arrived" * (status is Status.APPROVED)
        yield f"Fields that the partner may edit{while_untold}:"
        yield "\n".join(_editable(status, editions))
    if happens:
        yield "What happens by itself:"
        yield _steps(happens, editions)
    if clocks := list(_clocks(status, rows, editions)):
        yield "Clocks:"
        headings = ("clock", "here it", *(each.name for each in editions), "at its end")
        yield table(headings, clocks)
    else:
        yield "No clock runs or stands still here."


def _steps(rows: Sequence[Row], editions: Sequence[Edition]) -> str:
    headings = ("what", "from", "if", "→", "told")
    return table(
        headings,
        [
            (
                row.hears,
                ", ".join(row.sources),
                _condition(row, editions),
                _way(row, editions),
                _told(row),
            )
            for row in rows
        ],
    )


def _where_possible(row: Row, editions: Sequence[Edition]) -> list[str]:
    """The editions in which there is something to edit, where the row is about that."""
    if row.status is None or row.hears not in ("edit", "add_evidence", "withdraw_evidence"):
        return [each.name for each in editions]
    status, is_edit = row.status, row.hears == "edit"
    return [
        each.name
        for each in editions
        if any((field == "evidence") is not is_edit for field in each.editable_in(status))
    ]


def _condition(row: Row, editions: Sequence[Edition]) -> str:
    possible = _where_possible(row, editions)
    if len(possible) < len(editions):
        return ", ".join(filter(None, (row.provided, f"in {' and '.join(possible)}")))
    if row.provided != "no still counts":
        return row.provided
    where = [each.name for each in editions if each.decline_after_consent]
    return f"{row.provided} ({', '.join(where) or 'in no edition'})"


def _way(row: Row, editions: Sequence[Edition]) -> str:
    """Where the editions lead to different places, each with those that lead there."""
    if len(row.becomes) < 2:
        return "".join(row.becomes)
    return _by_edition(editions, lambda each: each.leads_to[row.hears].value)


def _told(row: Row) -> str:
    return "; ".join(f"{audience}: {told}" for told, audience in row.tells)


def _editable(status: Status, editions: Sequence[Edition]) -> Iterator[str]:
    for fields, who in _grouped(editions, lambda each: ", ".join(each.editable_in(status))):
        if fields:
            yield f"- {', '.join(who)}: {fields}"


def _clocks(
    status: Status, rows: Sequence[Row], editions: Sequence[Edition]
) -> Iterator[tuple[str, ...]]:
    clocks = lifecycle().clocks[status]
    for name in clocks.runs:
        yield name, "runs", *_windows(name, editions), _at_the_end(name, rows, editions)
    for name in clocks.stand_still:
        yield name, "stands still", *_windows(name, editions), ""


def _windows(name: ClockName, editions: Sequence[Edition]) -> Iterator[str]:
    return (flat(each)[f"windows.{name}"] for each in editions)


def _at_the_end(name: ClockName, rows: Sequence[Row], editions: Sequence[Edition]) -> str:
    ends = [_end(row, editions) for row in rows if row.hears == runs_out(name)]
    return "; otherwise ".join(ends)


def _end(row: Row, editions: Sequence[Edition]) -> str:
    condition = f"{row.provided}: " if row.provided else ""
    way = f"→ {_way(row, editions)}" if row.becomes else ""
    what = "; ".join(filter(None, (way, _told(row))))
    return f"{condition}{what or 'the claim is over'}"


def _differences(editions: Sequence[Edition]) -> str:
    rows = [(line.key, *line.values) for line in lines(editions) if line.differs]
    return table(("rule", *(each.name for each in editions)), rows)


def _by_edition(editions: Sequence[Edition], of: Callable[[Edition], str]) -> str:
    return ", ".join(f"{value} ({', '.join(who)})" for value, who in _grouped(editions, of))


def _grouped(
    editions: Sequence[Edition], of: Callable[[Edition], str]
) -> Iterable[tuple[str, list[str]]]:
    """Each value with the editions that have it."""
    found: dict[str, list[str]] = {}
    for each in editions:
        found.setdefault(of(each), []).append(each.name)
    return found.items()


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

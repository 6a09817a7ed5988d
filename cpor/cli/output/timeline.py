"""What happened to a claim as a page that prints well. It has no script and loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from cpor.rules.views import ClaimView, EntryView

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0 }
tr { border-top: 1px solid #ccc; break-inside: avoid }
td:first-child { white-space: nowrap }
blockquote { margin: .2rem 0 0; color: #444; white-space: pre-wrap; overflow-wrap: anywhere }
"""


def page(claim: ClaimView, history: Sequence[EntryView], now: str) -> str:
    title = escape(f"{claim.claim_id}: {claim.name}")
    return "\n".join(
        [
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>",
            f"<style>{STYLE}</style><h1>{title}</h1>",
            f"<p>{escape(claim.partner.name)} for {escape(claim.customer.name)}. "
            f"{escape(claim.status.value)}, as it was known on {escape(now)}.</p>",
            "<table><tr><th>When (UTC)<th>Who<th>What",
            *map(_row, history),
            "</table>",
        ]
    )


def _row(entry: EntryView) -> str:
    who = f"{entry.by.role} {entry.by.id}"
    said = "".join(_remark(entry))
    return f"<tr><td>{entry.at:%Y-%m-%d %H:%M:%S}<td>{escape(who)}<td>{escape(entry.text)}{said}"


def _remark(entry: EntryView) -> Iterator[str]:
    if entry.remark and entry.remark not in entry.text:
        yield f"<blockquote>{escape(entry.remark)}</blockquote>"

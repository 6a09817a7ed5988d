"""What the demo shows: a table while it runs, then histories and the files it has made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from cpor.cli.output.words import instant
from demo.stage import Stage
from demo.stories import Story


def table(stories: Sequence[Story]) -> RenderableType:
    rows = Table(title="Four claims", expand=True)
    for heading in ("claim", "status", "waiting for", "deadline", "last event"):
        rows.add_column(heading, overflow="fold")
    for story in stories:
        view = story.view
        last = story.history[-1] if story.history else None
        rows.add_row(
            f"{story.plot}\n[dim]{story.claim_id}[/dim]",
            view.status.value if view else "…",
            view.waiting_for if view else "",
            instant(view.deadline) if view and view.deadline else "",
            f"{last.at:%a %d %b}: {last.text}" if last else "",
        )
    return rows


def histories(stories: Sequence[Story]) -> RenderableType:
    return Group(*map(_history, stories))


def files(stage: Stage, stories: Sequence[Story], keep: bool) -> Iterator[str]:
    yield "Mails:"
    for story in stories:
        yield from (f"  {path}" for path in sorted(stage.mailbox.glob(f"*-{story.claim_id}.*.eml")))
    yield "Handed off:"
    for story in stories:
        yield from (f"  {path}" for path in sorted(stage.outbox.glob(f"{story.claim_id}.*")))
    yield "In the Temporal UI:" if keep else "In the Temporal UI (with --keep it stays up):"
    yield from (f"  {stage.temporal.page_of(story.claim_id)}" for story in stories)
    if keep:
        yield f"The customer's page: {stage.settings.decline_url}/about"
        yield "Everything stays up until Ctrl-C."


def _history(story: Story) -> Table:
    rows = Table(title=f"{story.plot} ({story.claim_id})", title_justify="left", expand=True)
    rows.add_column("when", no_wrap=True)
    rows.add_column("who", no_wrap=True)
    rows.add_column("what")
    for entry in story.history:
        rows.add_row(instant(entry.at), entry.by.id, entry.text)
    return rows

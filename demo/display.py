"""What the demo shows: a table while it runs, then how each claim ended and where to look.

Rows and columns keep their size from frame to frame, so that the eye can rest on one claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cpor.cli.output.words import counted
from cpor.mailbox_pages import INDEX
from cpor.rules.lifecycle import Status
from demo.stage import Stage
from demo.stories import Story

TITLE = "Partner claims that are never lost: {} claims, several weeks, half a minute"
COLOURS = {
    Status.EDITING: "cyan",
    Status.SUBMITTED: "blue",
    Status.UNDER_REVIEW: "blue",
    Status.PARTNER_ACTION: "yellow",
    Status.APPROVED: "green",
    Status.REJECTED: "red",
    Status.DISPUTED: "magenta",
    Status.REJECTED_FINAL: "red",
}
DAY_WIDTH, STATUS_WIDTH = len("Mon 30 Nov"), len(Status.PARTNER_ACTION.value)


def frame(stories: Sequence[Story], began: datetime) -> RenderableType:
    table = Table(expand=True, box=None, padding=(0, 2, 1, 0), pad_edge=False)
    table.add_column("day", width=DAY_WIDTH, no_wrap=True)
    table.add_column("status", width=STATUS_WIDTH, no_wrap=True)
    table.add_column("claim", ratio=1, no_wrap=True, overflow="ellipsis")
    for story in stories:
        table.add_row(_clock(story, began), _status(story), _plot(story))
    return Group(Text(TITLE.format(len(stories)), "bold"), Text(), table)


def end(stage: Stage, stories: Sequence[Story], keep: bool) -> Iterator[Text]:
    yield Text("How they ended:", "bold")
    for story in stories:
        yield Text.assemble("  ", (f"{story.plot}: ", "bold"), _ending(story))
    mails = sum(len(list(stage.mailbox.glob(f"*-{each.claim_id}.*.eml"))) for each in stories)
    yield Text(f"{counted(mails, 'mail')} to read in a browser: {stage.mailbox / INDEX}")
    yield Text(f"What was handed on to be judged: {stage.outbox}")
    if not keep:
        yield Text("To open them in Temporal's UI, and to answer as a customer: demo --keep")


def to_visit(stage: Stage, best: Story, waiting: Story) -> Iterator[Text]:
    """Links that work as long as everything stays up."""
    story = stage.temporal.page_of(best.claim_id, best.run_id)
    yield Text(f"In Temporal's UI, {best.plot}: {story}")
    yield Text("Its days lie ahead of your clock there: an engine can skip time forward only.")
    yield Text(f"You as the customer of one claim more: {waiting.link}")
    yield Text("Everything stays up until Ctrl-C.", "bold")


def _clock(story: Story, began: datetime) -> Text:
    """The day of the claim, and how long its life is by now."""
    if story.today is None:
        return Text("–\n")
    passed = counted((story.today - began + timedelta(hours=1)).days, "day")
    return Text.assemble(f"{story.today:%a %d %b}\n", (f"+{passed}", "dim"))


def _status(story: Story) -> Text:
    if story.view is None:
        return Text("…\n")
    status, waiting = story.view.status, story.view.waiting_for
    waits = "nobody has to act" if waiting == "nobody" else f"waits for {waiting}"
    return Text.assemble((f"{status.value}\n", f"bold {COLOURS[status]}"), (waits, "dim"))


def _plot(story: Story) -> Text:
    return Text.assemble((f"{story.plot}\n", "bold"), story.step or "is about to begin")


def _ending(story: Story) -> Text:
    if story.view is None or not story.history:
        return Text("not begun")
    status = story.view.status
    what = "handed on to be judged" if story.view.handed_off_at else _why_it_ended(story)
    days = counted((story.history[-1].at - story.history[0].at).days, "day")
    return Text.assemble((status.value, COLOURS[status]), f", {what}, after {days}")


def _why_it_ended(story: Story) -> str:
    assert story.view is not None
    reasons = [each.reason.replace("_", " ") for each in story.view.reasons]
    return ", ".join(reasons) or "nobody has decided yet"

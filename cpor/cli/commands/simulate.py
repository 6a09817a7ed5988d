"""The command that plays a year of claims."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Annotated

from typer import Exit, Option, Typer

from cpor.cli.console import print_line, print_result
from cpor.cli.options import AsJson
from cpor.exits import BROKEN, WRONG_INPUT, fail

app = Typer()


@app.command()
def simulate(
    claims: Annotated[
        int, Option("--claims", min=1, max=10_000_000, help="Number of claims.")
    ] = 1000,
    seed: Annotated[
        int, Option("--seed", min=0, help="The same seed gives the same year again.")
    ] = 0,
    days: Annotated[
        int, Option("--days", min=1, max=365, help="Days over which claims are opened.")
    ] = 365,
    reviewers: Annotated[
        int | None,
        Option(
            "--reviewers",
            min=1,
            max=1000,
            help="Number of reviewers.",
            show_default="as many as needed",
        ),
    ] = None,
    reviews: Annotated[
        int, Option("--reviews-a-day", min=1, max=200, help="Reviews of each reviewer a day.")
    ] = 12,
    editions: Annotated[
        list[str] | None,
        Option(
            "--edition",
            help="Edition of the rules; repeat it to compare several.",
            metavar="EDITION",
            show_default="2020",
        ),
    ] = None,
    luck: Annotated[
        str, Option("--luck", help="How much goes wrong: fair or hostile.", metavar="LUCK")
    ] = "fair",
    plots: Annotated[
        Path | None, Option("--plots", metavar="FOLDER", help="Also draw two plots, as SVG.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play a year of claims in minutes, and check each step. Works without Temporal.

    It plays the rules alone: people answer late or twice, mails come back, systems fail, workers
    die. If a claim breaks a rule, the command prints the shortest story that breaks it and ends
    with 1.

    Example: uv run starter.py simulate --claims 5000 --reviewers 4 --edition 2020 --edition 2023
    """
    from cpor.cli.typed import nearest
    from cpor.rules.editions import edition
    from cpor.rules.errors import EditionError
    from cpor.simulation import plots as drawn
    from cpor.simulation import report, story
    from cpor.simulation.life import Broken
    from cpor.simulation.luck import LUCK
    from cpor.simulation.year import Plan, Year

    if not __debug__:
        text = "invalid: python -O leaves out the checks that this command makes; run it without"
        raise Exit(fail(text, WRONG_INPUT))
    if luck not in LUCK:
        known = " or ".join(LUCK)
        text = f"invalid: --luck {luck}: must be {known}{nearest(luck, LUCK)}"
        raise Exit(fail(text, WRONG_INPUT))
    try:
        names = [edition(name).name for name in editions or ["2020"]]
    except EditionError as error:
        raise Exit(fail(f"invalid: --edition: {error}", WRONG_INPUT)) from None
    if plots is not None:
        _make(plots)
    gc.set_threshold(100_000, 50, 100)  # little of a year is garbage, and much is alive
    years: list[Year] = []
    for name in names:
        plan = Plan(claims, seed, days, reviewers or 0, reviews, name, LUCK[luck])
        year = Year(plan)
        try:
            year.play()
        except Broken as broken:
            raise Exit(fail(story.told(broken), BROKEN)) from None
        years.append(year)
    found = [report.data(year) for year in years]
    print_result(found if len(found) > 1 else found[0], lambda: report.text(years), as_json)
    if plots is not None:
        for name, drawing in (("queue", drawn.queue(years)), ("decided", drawn.decided(years))):
            (plots / f"{name}.svg").write_text(drawing, "utf-8")
        if not as_json:
            print_line(f"Plots: {plots / 'queue.svg'} and {plots / 'decided.svg'}")


def _make(plots: Path) -> None:
    """Before the year is played, which takes long."""
    if plots.exists() and not plots.is_dir():
        raise Exit(fail(f"invalid: --plots {plots}: is no folder", WRONG_INPUT))
    try:
        plots.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"invalid: --plots {plots}: cannot be made: {error.strerror}"
        raise Exit(fail(why, WRONG_INPUT)) from None
    if not os.access(plots, os.W_OK):
        raise Exit(fail(f"invalid: --plots {plots}: cannot be written to", WRONG_INPUT))

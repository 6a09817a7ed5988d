"""What came of a year, as data and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from cpor.simulation.figures import Figures
from cpor.simulation.year import Year

DAY = timedelta(days=1)


def data(year: Year) -> dict[str, Any]:
    """For programs. The same plan gives the same, to the last figure."""
    figures, plan = year.figures, year.plan
    return {
        "edition": plan.edition,
        "seed": plan.seed,
        "claims": plan.claims,
        "days": plan.days,
        "reviewers": year.reviewers,
        "reviews_a_day": plan.reviews_a_day,
        "steps": figures.steps,
        "decided": len(figures.decided_after),
        "decided_in_time": figures.decided_in_time,
        "days_to_decision": {
            "median": _days(figures, 0.5),
            "95 of 100": _days(figures, 0.95),
            "longest": _days(figures, 1),
        },
        "longest_queue": max(figures.queue.values(), default=0),
        "queue": {str(day): count for day, count in figures.queue.items()},
        "ends": _sorted(figures.ends),
        "messages": _sorted(figures.answers),
        "paid": _sorted(figures.paid),
        "copies": _sorted(figures.copies),
        "workers_that_died": figures.deaths,
    }


def text(years: Sequence[Year]) -> str:
    """Side by side, an edition in each column."""
    shown = [data(year) for year in years]
    rows: list[tuple[str, list[str]]] = [
        ("edition", [each["edition"] for each in shown]),
        ("claims", [f"{each['claims']:,}" for each in shown]),
        ("reviewers", [str(each["reviewers"]) for each in shown]),
        ("decided in time", [_share(each) for each in shown]),
        ("days to the first decision, median", [_one(each, "median") for each in shown]),
        ("  95 of 100 within", [_one(each, "95 of 100") for each in shown]),
        ("longest queue", [f"{each['longest_queue']:,}" for each in shown]),
    ]
    for title, key in (("How claims ended", "ends"), ("Messages", "messages"), ("Paid", "paid")):
        names = dict.fromkeys(name for each in shown for name in each[key])
        rows.append((title, [""] * len(shown)))
        rows += [(f"  {name}", [f"{each[key].get(name, 0):,}" for each in shown]) for name in names]
    rows += [
        ("workers that died", [f"{each['workers_that_died']:,}" for each in shown]),
        ("copies under the same id", [f"{sum(each['copies'].values()):,}" for each in shown]),
        ("steps, each looked at", [f"{each['steps']:,}" for each in shown]),
    ]
    width = max(len(name) for name, _ in rows) + 2
    return "\n".join(
        f"{name:<{width}}{''.join(f'{each:>18}' for each in row)}".rstrip() for name, row in rows
    )


def _share(shown: Mapping[str, Any]) -> str:
    if not shown["decided"]:
        return "none decided"
    return f"{100 * shown['decided_in_time'] / shown['decided']:.1f} %"


def _one(shown: Mapping[str, Any], name: str) -> str:
    days = shown["days_to_decision"][name]
    return "none decided" if days is None else f"{days:.1f}"


def _days(figures: Figures, share: float) -> float | None:
    after = sorted(figures.decided_after)
    if not after:
        return None
    return round(after[min(len(after) - 1, int(share * len(after)))] / DAY, 2)


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))

"""What stands in a list: on a narrow terminal, in a spreadsheet, with ids that look like markup."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from rich.text import Text

from cpor import ClaimsClient, Found, NoAnswer
from cpor.cli import searches
from cpor.cli.output import claim_list
from cpor.client.next_due import due_first
from cpor.rules import views
from cpor.rules.doubts import Doubt
from cpor.rules.four_eyes import check_reviewer
from cpor.rules.lifecycle import Status
from cpor.rules.state import Dispute
from cpor.rules.views import ClaimView
from tests.rules.play import submitted

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
LONG = "CPOR-2026-EUROPE-SWEDEN-000004711"
KIM = "kim.lindqvist@reviewers.example"


def found(claim_id: str = "CPOR-7Q2M4X", **changes: Any) -> Found:
    known: dict[str, Any] = {
        "running": True,
        "status": "Partner action required",
        "waiting_for": "partner",
        "deadline": datetime(2026, 11, 27, 23, tzinfo=UTC),
        "reviewer": "kim",
        "partner": "4912345",
        "customer": "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
        "products": ["teams", "exchange-online"],
    }
    return Found(claim_id=claim_id, **{**known, **changes})


def said(**changes: Any) -> ClaimView:
    """What a claim says of itself."""
    known = views.view(submitted(name="Teams roll-out at Contoso").claim.state)
    return known.model_copy(update=changes)


def lines_of(shown: str) -> list[str]:
    """As a terminal shows them."""
    return Text.from_ansi(shown).plain.splitlines()


@pytest.mark.parametrize("claim_id", [LONG, "CPOR-" + "X" * 35])
def test_on_80_columns_no_list_loses_the_claim_its_hour_or_what_is_left(claim_id: str) -> None:
    lines = lines_of(claim_list.inbox(KIM, [found(claim_id, reviewer=KIM), found()], NOW, 80))
    assert max(map(len, lines)) <= 80
    (line,) = [line for line in lines if line.startswith(claim_id)]
    for cell in ("Fri 27 Nov 23:00", "6 d", "Partner"):
        assert cell in line


def test_a_long_id_of_a_reviewer_goes_on_in_the_next_line_where_there_is_room() -> None:
    _, heading, *lines = lines_of(claim_list.table([found(LONG, reviewer=KIM)], NOW, 92))
    assert lines[0].startswith(LONG)
    column = slice(heading.index("reviewer"), None)
    assert "".join(line[column].strip() for line in lines) == KIM


def test_what_there_is_no_room_for_is_left_out_with_its_heading() -> None:
    _, heading, *_ = lines_of(claim_list.table([found(LONG, reviewer=KIM)], NOW, 80))
    assert heading.split() == ["claim", "due", "(UTC)", "left", "status"]


def test_on_the_narrowest_terminal_the_claims_id_is_folded_and_whole() -> None:
    _, _, *lines = lines_of(claim_list.table([found(LONG)], NOW, 40))
    assert max(map(len, lines)) <= 40
    assert "Fri 27 Nov 23:00" in lines[0]
    assert "".join(line.split(" ")[0] for line in lines) == LONG


def test_where_no_terminal_cuts_each_claim_has_one_line_with_all_there_is() -> None:
    some = [found(LONG, reviewer=KIM), found()]
    count, _, line, _ = claim_list.table(some, NOW, None, wide=True).splitlines()
    for cell in (LONG, KIM, "Partner action required", "teams exchange-online", "5f1c6d3e-8c0b"):
        assert cell in line
    assert count == "2 claims: 2 due later"


@pytest.mark.parametrize("reviewer", ["[/kim]", "[red]kim", ":smile:kim"])
def test_a_reviewers_id_is_no_markup(reviewer: str) -> None:
    some = [found(reviewer=reviewer)]
    assert reviewer in claim_list.table(some, NOW, None)
    assert reviewer in claim_list.inbox(reviewer, some, NOW, 120)


def test_no_terminal_obeys_what_is_listed() -> None:
    assert "\x1b[2J" not in claim_list.table([found(reviewer="\x1b[2Jkim")], NOW, None)


@pytest.mark.parametrize("reviewer", ['=HYPERLINK("http://x.example")', "+1", "@kim", "-kim"])
def test_no_spreadsheet_runs_a_cell_of_a_list(reviewer: str) -> None:
    (row,) = csv.DictReader(claim_list.as_csv([found(reviewer=reviewer)]))
    assert row["reviewer"] == f"'{reviewer}"
    assert row["claim_id"] == "CPOR-7Q2M4X"


def test_programs_read_of_claims_only() -> None:
    (known,) = claim_list.as_data([found()])
    assert "problem" not in known
    assert list(known) == next(claim_list.as_csv([])).split(",")


def test_under_each_claim_stands_what_it_is_about_and_all_fits_80_columns() -> None:
    known = {"CPOR-7Q2M4X": said()}
    count, heading, line, about, *_ = lines_of(claim_list.table([found()], NOW, 80, known))
    assert count == "1 claim: 1 due later"
    assert heading.split() == ["claim", "due", "(UTC)", "left", "status", "reviewer"]
    assert line.startswith("CPOR-7Q2M4X")
    assert about == "  Teams roll-out at Contoso · Fabrikam → Contoso"
    assert max(map(len, (heading, line, about))) <= 80


def test_a_long_name_is_cut_and_takes_no_third_line() -> None:
    known = {"CPOR-7Q2M4X": said(name="Teams " * 30)}
    *_, about = lines_of(claim_list.table([found()], NOW, 80, known))
    assert len(about) <= 80
    assert about.endswith("…")


def test_ids_of_parties_and_products_are_for_those_who_ask() -> None:
    some = [found()]
    for width in (None, 200):
        short, wide = (claim_list.table(some, NOW, width, wide=each) for each in (False, True))
        for cell in ("4912345", "5f1c6d3e-8c0b", "teams exchange-online"):
            assert cell in wide
            assert cell not in short


def test_what_is_overdue_comes_first_in_red_with_how_late_it_is() -> None:
    late = found("CPOR-LATE", overdue=True, deadline=None)
    some = due_first([found(), late])
    known = {"CPOR-LATE": said(late_since=NOW - timedelta(days=2, hours=3))}
    count, _, line, *_ = claim_list.table(some, NOW, 80, known).splitlines()
    assert count == "2 claims: 1 overdue, 1 due later"
    assert line.startswith("\x1b[1;31mCPOR-LATE")
    assert "2 d late" in line


def test_a_claim_is_marked_where_somebody_has_to_look_at_it() -> None:
    doubt = Doubt(kind="late_no", at=NOW)
    known = {"CPOR-7Q2M4X": said(doubts=[doubt], consent="held")}
    assert "contested, held" in claim_list.table([found()], NOW, 120, known)


def test_what_the_reviewer_does_not_know_yet_is_marked_with_its_day() -> None:
    known = {"CPOR-7Q2M4X": said(changed_since=NOW - timedelta(days=2))}
    assert "changed 19 Nov" in claim_list.table([found()], NOW, 120, known)
    assert "changed" not in claim_list.table([found()], NOW, 120, {"CPOR-7Q2M4X": said()})


def test_the_senders_own_key_is_for_those_who_ask() -> None:
    known = {"CPOR-7Q2M4X": said(key="2026-0001")}
    short, wide = (
        claim_list.table([found()], NOW, 200, known, wide=each) for each in (False, True)
    )
    assert "2026-0001" in wide
    assert "2026-0001" not in short


@pytest.mark.parametrize(
    ("left", "cell"),
    [
        (timedelta(days=6, hours=14), "6 d"),
        (timedelta(days=1), "1 d"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(hours=5, minutes=1), "5 h"),
        (timedelta(minutes=40), "40 min"),
        (timedelta(0), "0 min"),
        (-timedelta(seconds=1), "past"),
        (None, "–"),
    ],
)
def test_what_is_left_is_told_in_days_then_hours_then_minutes(
    left: timedelta | None, cell: str
) -> None:
    deadline = None if left is None else NOW + left
    _, heading, line = lines_of(claim_list.table([found(deadline=deadline)], NOW, 80))
    start = heading.index("left")
    assert line[start : heading.index("status")].strip() == cell


def test_a_dispute_stands_apart_in_the_inbox_of_whoever_decided_before() -> None:
    known = {"CPOR-7Q2M4X": said(dispute=Dispute(not_by="Kim"), status=Status.DISPUTED)}
    free = found(reviewer=None, status="Disputed")
    kims = claim_list.inbox("kim", [free], NOW, 80, known)
    assert "For any reviewer: no claims" in kims
    assert "For others than kim, who decided them before: 1 claim" in kims
    assert "For any reviewer: 1 claim" in claim_list.inbox("lee", [free], NOW, 80, known)


def test_the_inbox_takes_for_one_reviewer_whom_the_rules_take_for_one() -> None:
    first = Dispute(not_by="strauß")
    played = submitted().claim.state.model_copy(update={"dispute": first})
    check_reviewer(played, "strauss")
    known = {"CPOR-7Q2M4X": said(dispute=first, status=Status.DISPUTED)}
    free = found(reviewer=None, status="Disputed")
    shown = claim_list.inbox("strauss", [free], NOW, 80, known)
    assert "For any reviewer: 1 claim" in shown


def test_what_a_limit_leaves_out_is_counted() -> None:
    count, *_ = claim_list.table([found()], NOW, 80, more=4).splitlines()
    assert count == "1 claim: 1 due later; 4 more with --limit 5"


class OfThese:
    """Stands for a client: of these claims it knows, and no worker answers for others."""

    def __init__(self, *known: ClaimView) -> None:
        self._known = {each.claim_id: each for each in known}

    async def claim(self, claim_id: str) -> ClaimView:
        if claim_id not in self._known:
            raise NoAnswer("nobody answers")
        return self._known[claim_id]


async def test_what_no_worker_answers_for_is_listed_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    some, client = [found(), found("CPOR-SILENT")], cast("ClaimsClient", OfThese(said()))
    known = await searches.known_of(client, some)
    assert list(known) == ["CPOR-7Q2M4X"]
    assert capsys.readouterr().err.startswith("1 claim could not be asked")
    assert "CPOR-SILENT" in claim_list.table(some, NOW, 80, known)

"""The editions on the command line, side by side and one against another. No engine is needed."""

from __future__ import annotations

from typing import get_args

import pytest

from cpor.cli.output import edition_tables
from cpor.rules.editions import Edition, edition, flat, names
from cpor.rules.grounds import RejectReason, RequestReason
from cpor.rules.messages import WithdrawReason
from tests.shell import Shell

NOWHERE = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}


def both(*names: str) -> tuple[Edition, Edition]:
    before, after = map(edition, names)
    return before, after


def test_the_editions_stand_side_by_side(shell: Shell) -> None:
    shown = shell.starter("editions", **NOWHERE)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0] == "How long"
    assert lines[1].split() == names()
    assert max(map(len, lines)) <= 100
    assert [line for line in lines if line in edition_tables.CHAPTERS.values()] == [
        *edition_tables.CHAPTERS.values()
    ]


def test_a_mark_stands_where_the_editions_differ() -> None:
    shown = edition_tables.side_by_side(edition_tables.all_editions()).splitlines()
    marked = [line for line in shown if line.startswith("≠")]
    assert (
        len(marked)
        == sum(line.differs for line in edition_tables.lines(edition_tables.all_editions()))
        > 0
    )
    assert any("the partner answers" in line for line in marked)
    assert not any("the partner may" in line for line in marked)


def test_no_rule_of_an_edition_is_left_out() -> None:
    editions = edition_tables.all_editions()
    shown = {line.key for line in edition_tables.lines(editions)}
    assert shown == {key for each in editions for key in flat(each)} - {"name"}
    assert all(line.words for line in edition_tables.lines(editions))


def test_on_a_terminal_the_tables_are_drawn_and_as_wide_as_it_is() -> None:
    shown = edition_tables.side_by_side(edition_tables.all_editions(), terminal_width=120)
    assert "╭" in shown


def test_for_programs_each_edition_is_as_its_file_has_it(shell: Shell) -> None:
    shown = shell.json("editions", "--json")
    assert sorted(shown) == names()
    assert shown["2020"]["windows"]["consent"] == {
        "amount": 7,
        "unit": "days",
        "side": "customer",
    }
    assert shown["2023"]["windows"]["overall"] is None


def test_what_differs_is_said_in_plain_words(shell: Shell) -> None:
    said = shell.starter("editions", "diff", "2020", "2020-intro", **NOWHERE)
    assert said.returncode == 0
    assert said.stdout == (
        "What 2020-intro says otherwise than 2020:\n"
        "\n"
        "How long\n"
        "  the customer may decline: 5 business days instead of 7 days\n"
    )


def test_what_2023_says_otherwise_than_2020() -> None:
    said = edition_tables.what_differs(*both("2020", "2023"))
    assert "  the first decision is made: none instead of 10 business days\n" in said
    assert "  counts when the window is over: yes instead of no\n" in said
    assert "  disassociate: Rejected final instead of Rejected\n" in said
    assert "  Submitted: nothing instead of MPN ID, products," in said
    assert "Reminders" not in said
    assert max(map(len, said.splitlines())) <= 100


def test_the_other_way_round_what_was_lost_is_gained() -> None:
    assert "  Submitted: also MPN ID, products," in edition_tables.what_differs(
        *both("2023", "2020")
    )


def test_an_edition_does_not_differ_from_itself() -> None:
    assert edition_tables.what_differs(*both("2020", "2020")) == "2020 and 2020 say the same."


def test_for_programs_only_what_differs_is_there_by_key(shell: Shell) -> None:
    assert shell.json("editions", "diff", "2020", "2020-intro", "--json") == {
        "windows.consent": {
            "2020": {"amount": 7, "unit": "days", "side": "customer"},
            "2020-intro": {"amount": 5, "unit": "business days", "side": "customer"},
        }
    }


@pytest.mark.parametrize("words", [("2020", "2099"), ("2099", "2020"), ("2099", "2020", "--json")])
def test_an_unknown_edition_is_told_with_those_there_are(
    shell: Shell, words: tuple[str, ...]
) -> None:
    done = shell.starter("editions", "diff", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "edition '2099' is not known; there are 2020, 2020-intro, 2023\n"


@pytest.mark.parametrize(
    ("command", "codes"),
    [("reject", RejectReason), ("request-info", RequestReason), ("withdraw", WithdrawReason)],
)
def test_the_help_of_a_command_names_every_reason_it_takes(
    shell: Shell, command: str, codes: object
) -> None:
    said = shell.starter(command, "--help").stdout
    assert not [each for each in get_args(codes) if each not in said]

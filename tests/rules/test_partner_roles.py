"""Which of the partner's people may do what; where no role is given, the history says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cpor.rules.errors import Refused
from cpor.rules.lifecycle import Status
from tests.examples import CUSTOMER, OPERATOR, PARTNER, REVIEWER, SYSTEM, opening, without
from tests.rules.editions import in_each_edition
from tests.rules.play import Play, approved, asked, draft, handed_off, rejected, submitted

ALL = ("incentives_admin", "incentives_user", "billing_admin", "global_admin")
WRITE = ("incentives_admin", "incentives_user")
MANAGE = ("incentives_admin", "billing_admin", "global_admin")
MANAGED = (
    (asked, "edit"),
    (asked, "add_evidence"),
    (asked, "withdraw_evidence"),
    (asked, "submit"),
    (asked, "withdraw"),
    (submitted, "withdraw"),
    (approved, "withdraw"),
    (approved, "add_evidence"),
    (rejected, "dispute"),
    (handed_off, "disassociate"),
)
NOT_CHECKED = "the partner's role was not given and not checked"


def somebody(role: str) -> Mapping[str, str]:
    return {**PARTNER, "partner_role": role}


def says(play: Play, name: str, role: str, may: tuple[str, ...]) -> None:
    """Accepted from those who may, refused from the others."""
    if role in may:
        assert play.tell(name, by=somebody(role)).outcome == "accepted"
    else:
        play.refuses("wrong_role", name, by=somebody(role))


@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize(
    "name", ["edit", "add_evidence", "withdraw_evidence", "submit", "withdraw"]
)
def test_a_draft_is_for_incentives_people(name: str, role: str) -> None:
    says(draft(), name, role, WRITE)


@in_each_edition
@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize(("so_far", "name"), MANAGED)
def test_what_was_submitted_is_managed_by_admins(
    so_far: Callable[..., Play], name: str, role: str, edition: str
) -> None:
    says(so_far(edition=edition), name, role, MANAGE)


@in_each_edition
@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize("so_far", [draft, submitted, asked, approved, rejected, handed_off])
def test_all_of_them_may_comment(so_far: Callable[..., Play], role: str, edition: str) -> None:
    says(so_far(edition=edition), "comment", role, ALL)


def test_a_refusal_says_whose_it_is() -> None:
    refused = asked().refuses("wrong_role", "submit", by=somebody("incentives_user"))
    assert "incentives_admin or billing_admin or global_admin" in refused.text


def test_a_role_that_there_is_not_is_invalid() -> None:
    asked().refuses("invalid", "submit", by=somebody("intern"))


# At the opening


def opens(by: Mapping[str, str], submit: bool) -> Status:
    return Play(opening(by=dict(by), submit=submit)).claim.state.status


@pytest.mark.parametrize("submit", [True, False])
@pytest.mark.parametrize("role", WRITE)
def test_incentives_people_open_claims(role: str, submit: bool) -> None:
    assert opens(somebody(role), submit) is (Status.SUBMITTED if submit else Status.EDITING)


@pytest.mark.parametrize("role", ["billing_admin", "global_admin"])
def test_others_do_not_submit_at_the_opening(role: str) -> None:
    with pytest.raises(Refused) as refused:
        opens(somebody(role), submit=True)
    assert refused.value.code == "wrong_role"


@pytest.mark.parametrize("role", ["billing_admin", "global_admin"])
def test_others_do_not_create_a_draft_either(role: str) -> None:
    with pytest.raises(Refused) as refused:
        opens(somebody(role), submit=False)
    assert refused.value.code == "wrong_role"


@pytest.mark.parametrize("by", [REVIEWER, CUSTOMER, OPERATOR, SYSTEM])
def test_only_partners_submit_at_the_opening(by: Mapping[str, str]) -> None:
    with pytest.raises(Refused):
        opens(by, submit=True)


# Where no role is given


@pytest.mark.parametrize(("so_far", "name"), [*MANAGED, (draft, "submit"), (draft, "comment")])
def test_without_a_role_nothing_is_checked_and_the_history_says_so(
    so_far: Callable[[], Play], name: str
) -> None:
    play = so_far()
    play.tell(name)
    (entry,) = [each for each in play.entries(name) if each.by.partner_role is None]
    assert entry.remark == NOT_CHECKED


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        (without(opening(), "by"), NOT_CHECKED),
        (opening(by=PARTNER), NOT_CHECKED),
        (opening(), None),
    ],
)
def test_so_it_does_at_the_opening(data: dict[str, Any], remark: str | None) -> None:
    play = Play(data)
    assert play.entries("opened")[0].remark == play.entries("submit")[0].remark == remark


def test_a_role_that_was_checked_needs_no_remark_nor_does_a_reviewer() -> None:
    play = asked()
    play.tell("comment", by=somebody("global_admin"))
    play.tell("comment", by=REVIEWER, text="Thanks.")
    assert [entry.remark for entry in play.entries("comment")] == [None, None]

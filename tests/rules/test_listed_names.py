"""Mails call the partner what the vendor's directory calls its MPN ID, where that is known."""

from __future__ import annotations

from typing import Any

from cpor.rules.effects.directory import DirectoryResult
from tests.rules.play import Play

LISTED = "Fabrikam GmbH"


def answered(play: Play, **answer: Any) -> Play:
    """The directory's answer, by hand."""
    (debt,) = (each for each in play.claim.state.debts if each.kind == "directory")
    result = DirectoryResult(outcome="confirmed", at=play.now, **answer)
    play.claim.begin(debt, "run")
    play.claim.paid(debt.id, result, play.now)
    return play


def named_in_mails(play: Play) -> set[str]:
    play.pay()
    play.tell("approve")
    return {
        play.claim.begin(debt, "run").model_dump()["facts"]["partner"]
        for debt in play.claim.state.debts
        if debt.kind == "notice"
    }


def asked() -> Play:
    return Play(directory=True)


def test_mails_say_the_name_that_the_directory_gives() -> None:
    play = answered(asked(), mpn_id="4912345", partner_name=LISTED)
    assert named_in_mails(play) == {LISTED}


def test_without_one_they_say_the_partners_own() -> None:
    assert named_in_mails(answered(asked(), mpn_id="4912345")) == {"Fabrikam"}


def test_the_name_of_another_mpn_id_is_not_taken() -> None:
    play = answered(asked(), mpn_id="7654321", partner_name=LISTED)
    assert named_in_mails(play) == {"Fabrikam"}


def test_with_another_mpn_id_the_name_is_forgotten() -> None:
    play = answered(asked(), mpn_id="4912345", partner_name=LISTED)
    play.tell("edit", changes={"mpn_id": "7654321"})
    assert play.claim.state.listed_name is None

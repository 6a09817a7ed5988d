"""The signature tells who says no, and nothing else does."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from cpor.links import Invitation, SignedLinks

NEW, OLD = "n" * 32, "o" * 32
LARS = Invitation("CPOR-7Q2M4X", "CPOR-7Q2M4X.consent.1.contact", "contact")
OTHERS = [
    replace(LARS, claim_id="CPOR-OTHER"),
    replace(LARS, notice_id="CPOR-7Q2M4X.consent.2.contact"),
    replace(LARS, contact="technical_contact"),
]


def signed(*secrets: str) -> SignedLinks:
    return SignedLinks("https://company.example/cpor", secrets)


def test_a_link_is_bound_to_claim_notice_and_contact() -> None:
    links = signed(NEW)
    assert links.read(links.token(LARS)) == LARS
    assert len({links.token(each) for each in (LARS, *OTHERS)}) == 4


def test_it_begins_with_the_public_address_and_fits_into_a_path() -> None:
    links = signed(NEW)
    link = links.decline(links.token(LARS))
    address, _, token = link.rpartition("/")
    assert address == "https://company.example/cpor/decline"
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()


def test_it_does_not_begin_with_a_dot_which_many_proxies_hide() -> None:
    long = Invitation("TEST-" * 8, "TEST-" * 8 + ".consent.1.contact", "contact")
    assert not signed(NEW).token(long).startswith(".")


def test_it_names_no_address() -> None:
    payload = signed(NEW).token(LARS).partition(".")[0]
    said = base64.urlsafe_b64decode(payload + "==").decode()
    assert said == '["CPOR-7Q2M4X","CPOR-7Q2M4X.consent.1.contact","contact"]'


def test_every_character_of_a_token_counts() -> None:
    links = signed(NEW)
    token = links.token(LARS)
    for place, char in enumerate(token[:-1]):
        other = "A" if char != "A" else "B"
        assert links.read(token[:place] + other + token[place + 1 :]) is None


@pytest.mark.parametrize("token", ["", ".", "x", "a.b", "\0", "ü.ü", "." * 1000])
def test_what_is_no_token_is_nobodys(token: str) -> None:
    assert signed(NEW).read(token) is None


def test_another_secrets_token_is_forged() -> None:
    assert signed(NEW).read(signed(OLD).token(LARS)) is None


def test_while_the_secret_is_changed_the_newest_signs_and_both_are_believed() -> None:
    both = signed(NEW, OLD)
    assert both.token(LARS) == signed(NEW).token(LARS)
    assert both.read(signed(OLD).token(LARS)) == LARS


def test_whoever_has_the_link_cannot_make_the_confirmation_of_it() -> None:
    links = signed(NEW)
    assert links.is_confirmed(LARS, links.confirmation(LARS))
    assert not links.is_confirmed(LARS, links.token(LARS))
    assert links.read(links.confirmation(LARS)) is None


@pytest.mark.parametrize("other", OTHERS)
def test_the_confirmation_of_one_link_is_none_of_another(other: Invitation) -> None:
    links = signed(NEW)
    assert not links.is_confirmed(LARS, links.confirmation(other))

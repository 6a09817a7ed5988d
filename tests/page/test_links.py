"""The signature tells who says no, and nothing else does."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from itsdangerous import URLSafeSerializer

from cpor.links import ALPHABET, Invitation, SignedLinks

NEW, OLD = "n" * 32, "o" * 32
CLAIM = "CPOR-7Q2M4X"
LARS = Invitation(CLAIM, 1, "contact")
OTHERS = [
    replace(LARS, claim_id="CPOR-OTHER"),
    replace(LARS, round=2),
    replace(LARS, round=11),
    replace(LARS, contact="technical_contact"),
]


def signed(*secrets: str) -> SignedLinks:
    return SignedLinks("https://company.example/cpor", secrets)


def long_token(secret: str, *content: object) -> str:
    """What mails held before links were short."""
    serializer = URLSafeSerializer(
        [secret], salt="decline link", signer_kwargs={"digest_method": hashlib.sha256}
    )
    return str(serializer.dumps(content))


@pytest.mark.parametrize("invitation", [LARS, *OTHERS])
def test_a_link_is_bound_to_claim_round_and_contact(invitation: Invitation) -> None:
    links = signed(NEW)
    key = links.key(invitation)
    assert links.read(invitation.claim_id, key) == invitation
    for other in {LARS, *OTHERS} - {invitation}:
        signature = key.partition("-")[2]
        assert links.read(other.claim_id, f"{other.in_short}-{signature}") is None


def test_a_link_is_short_enough_for_a_line_and_to_be_read_aloud() -> None:
    address, claim_id, key = signed(NEW).decline(LARS).rsplit("/", 2)
    assert (address, claim_id) == ("https://company.example/cpor", CLAIM)
    number, _, signature = key.partition("-")
    assert number == "1c"
    assert len(signature) == 20
    assert set(signature) <= set(ALPHABET)
    assert len(signed(NEW).decline(LARS)) < 72


@pytest.mark.parametrize("claim_id", ["----", "0-0-", "ABOUT", "DECLINE", "2C-K", "X" * 40])
def test_any_id_that_a_claim_can_have_makes_a_link_that_can_be_read(claim_id: str) -> None:
    links, asked = signed(NEW), Invitation(claim_id, 999, "technical_contact")
    assert links.read(*links.decline(asked).split("/")[-2:]) == asked


def test_a_link_is_that_of_the_notice_it_comes_with() -> None:
    assert Invitation.of("CPOR-7Q2M4X.consent.1.contact") == LARS
    assert LARS.notice_id == "CPOR-7Q2M4X.consent.1.contact"
    for other in ("CPOR-7Q2M4X.approved.1.contact", "CPOR-7Q2M4X.consent.1.partner", "", "x.y"):
        assert Invitation.of(other) is None


def test_a_link_may_be_typed() -> None:
    links = signed(NEW)
    key = links.key(LARS)
    for typed in (
        *(key.upper(), f" {key} ", f"{key[:9]} {key[9:]}", f"{key[:9]}\n{key[9:]}"),
        *(f"{key}.", f"{key}>", f"{key}),"),
    ):
        assert links.read(CLAIM.lower(), typed) == LARS
    number, _, signature = key.partition("-")
    alike = signature.replace("1", "l").replace("0", "O")
    assert links.read(CLAIM, f"{number}-{alike}") == LARS


def test_every_character_of_a_key_counts() -> None:
    links = signed(NEW)
    key = links.key(LARS)
    for place, char in enumerate(key):
        other = "a" if char != "a" else "b"
        assert links.read(CLAIM, key[:place] + other + key[place + 1 :]) is None
        assert links.read(CLAIM, key[:place] + key[place + 1 :]) is None
        assert links.read(CLAIM, key[:place] + "0" + key[place:]) is None


@pytest.mark.parametrize("key", ["", "-", "1c", "1c-", "1c-" + "0" * 20, "\0", "ü-ü", "-" * 1000])
def test_what_is_no_key_is_nobodys(key: str) -> None:
    assert signed(NEW).read(CLAIM, key) is None
    assert signed(NEW).read_long(key) is None


@pytest.mark.parametrize("digit", ["\u00b9", "\u0661", "\uff11"])
def test_a_digit_of_another_script_is_none(digit: str) -> None:
    links = signed(NEW)
    assert links.read(CLAIM, digit + links.key(LARS)[1:]) is None


def test_another_secrets_key_is_forged() -> None:
    assert signed(NEW).read(CLAIM, signed(OLD).key(LARS)) is None


def test_while_the_secret_is_changed_the_newest_signs_and_both_are_believed() -> None:
    both = signed(NEW, OLD)
    assert both.key(LARS) == signed(NEW).key(LARS)
    assert both.read(CLAIM, signed(OLD).key(LARS)) == LARS
    assert both.is_confirmed(LARS, signed(OLD).confirmation(LARS))


def test_a_long_link_of_an_older_mail_counts_as_long_as_its_secret_does() -> None:
    token = long_token(OLD, CLAIM, LARS.notice_id, LARS.contact)
    assert signed(OLD).read_long(token) == LARS
    assert signed(NEW, OLD).read_long(token) == LARS
    assert signed(NEW).read_long(token) is None
    assert signed(OLD).read_long(token[:-2]) is None


@pytest.mark.parametrize(
    "content",
    [
        [CLAIM, LARS.notice_id, "technical_contact"],
        ["CPOR-OTHER", LARS.notice_id, LARS.contact],
        [CLAIM, f"{CLAIM}.approved.1.contact", LARS.contact],
        [CLAIM, 7, LARS.contact],
        [CLAIM],
        [],
    ],
)
def test_a_long_link_that_contradicts_itself_is_nobodys(content: list[object]) -> None:
    assert signed(OLD).read_long(long_token(OLD, *content)) is None


def test_whoever_has_the_link_cannot_make_the_confirmation_of_it() -> None:
    links = signed(NEW)
    assert links.is_confirmed(LARS, links.confirmation(LARS))
    assert not links.is_confirmed(LARS, links.key(LARS).partition("-")[2])
    assert links.read(CLAIM, f"{LARS.in_short}-{links.confirmation(LARS)}") is None
    assert not links.is_confirmed(LARS, "ü")


@pytest.mark.parametrize("other", OTHERS)
def test_the_confirmation_of_one_link_is_none_of_another(other: Invitation) -> None:
    links = signed(NEW)
    assert not links.is_confirmed(LARS, links.confirmation(other))

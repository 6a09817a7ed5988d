"""What proves who speaks, and what does not."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any, cast

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from cpor.proofs import KeyUnusable, Signer, keys
from cpor.proofs.canonical import digest
from cpor.proofs.trust import Trust
from cpor.proofs.verify import judge
from cpor.rules.proof import ProofQuestion, Verdict, opening_question, question
from tests.examples import CUSTOMER, PARTNER, REVIEWER, SYSTEM, opening
from tests.proofs.keys import LIMITS, MPN_ID, OWN, ago, now, signer, trust

CLAIM = "CPOR-7Q2M4X"
APPROVE = {"id": "m-1", "by": REVIEWER, "note": "Alles dâ, 100 %"}
ADA = {**PARTNER, "partner_role": "incentives_admin"}


def asked(
    message: dict[str, Any], name: str = "approve", claim: str = CLAIM, mpn_id: str = MPN_ID
) -> ProofQuestion:
    found = question(claim, mpn_id, name, [message], now())
    assert found is not None
    return found


def why(asking: ProofQuestion, trusted: Trust | None = None) -> str:
    verdict = judge(asking, trusted or trust())
    assert verdict.key is None
    return verdict.problem or ""


def by_hand(message: dict[str, Any], jwk: Any, header: dict[str, Any], **claims: Any) -> Any:
    """Signed like `Signer` does, but for what is given."""
    good = signer("reviewers").sign(CLAIM, "approve", message)
    body = jwt.decode(good["by"]["proof"], options={"verify_signature": False})
    proof = jwt.PyJWS().encode(
        json.dumps({**body, **claims}).encode(), jwk, header.pop("alg", "EdDSA"), header
    )
    return {**good, "by": {**good["by"], "proof": proof}}


def test_who_signs_with_a_trusted_key_is_who_speaks() -> None:
    signed = signer("reviewers").sign(CLAIM, "approve", APPROVE)
    assert judge(asked(signed), trust()) == Verdict(key="reviewers")


def test_an_opening_is_signed_like_a_message_also_where_it_names_nobody() -> None:
    for unsigned in (opening(CLAIM), opening(CLAIM, by=None)):
        asking = opening_question([signer("portal").sign(CLAIM, "open", unsigned)], now())
        assert asking is not None
        assert judge(asking, trust()) == Verdict(key="portal")


def test_a_proof_is_good_for_one_claim_one_message_one_id_and_one_content() -> None:
    signed = signer("reviewers").sign(CLAIM, "approve", APPROVE)
    assert "another claim" in why(asked(signed, claim="CPOR-OTHER"))
    assert "another kind of message" in why(asked(signed, "start_review"))
    assert "another message id" in why(asked({**signed, "id": "m-2"}))
    assert "another content" in why(asked({**signed, "note": "Nothing is there"}))
    assert "another content" in why(asked({**signed, "seen": 3}))


def test_a_proof_is_good_for_one_sender_in_one_role() -> None:
    signed = signer("reviewers").sign(CLAIM, "approve", APPROVE)
    by = signed["by"]
    assert "another sender" in why(asked({**signed, "by": {**by, "id": "lee"}}))
    assert "another role" in why(asked({**signed, "by": {**by, "role": "operator"}}))


def test_a_partners_proof_is_good_for_its_mpn_id_and_partner_role() -> None:
    signed = signer("portal").sign(CLAIM, "submit", {"id": "m-1", "by": ADA})
    other = {**signed, "by": {**signed["by"], "partner_role": "global_admin"}}
    assert "another partner than the claim's" in why(asked(signed, "submit", mpn_id="4900001"))
    assert "another partner role" in why(asked(other, "submit"))


def test_a_portals_key_is_believed_for_its_partners_only() -> None:
    elsewhere = signer("portal").for_partner("4900001")
    signed = elsewhere.sign(CLAIM, "submit", {"id": "m-1", "by": ADA})
    assert "may not speak for this partner" in why(asked(signed, "submit", mpn_id="4900001"))
    moved = {"id": "m-1", "by": ADA, "changes": {"mpn_id": "4900001"}}
    signed = signer("portal").sign(CLAIM, "edit", moved)
    assert "may not speak for this partner" in why(asked(signed, "edit"))


def test_a_portals_key_is_not_believed_for_reviewers() -> None:
    signed = signer("portal").sign(CLAIM, "approve", APPROVE)
    assert why(asked(signed)) == "key portal may speak for partner, not reviewer"


@pytest.mark.parametrize(
    ("kid", "name", "by"),
    [
        ("page", "withdraw", ADA),
        ("mail", "eligibility_result", SYSTEM),
        ("engine", "bounced", SYSTEM),
        ("page", "eligibility_result", SYSTEM),
        ("reviewers", "decline", CUSTOMER),
    ],
)
def test_each_key_is_limited_to_its_messages(kid: str, name: str, by: dict[str, Any]) -> None:
    signing = signer(kid).for_partner(MPN_ID)
    signed = signing.sign(CLAIM, name, {"id": "m-1", "by": by})
    assert why(asked(signed, name)).startswith(f"key {kid} may ")


def test_a_message_without_an_id_could_be_taken_twice_so_it_proves_nothing() -> None:
    signed = signer("reviewers").sign(CLAIM, "approve", APPROVE)
    del signed["id"]
    assert "needs an id" in why(asked(signed))


def test_a_proof_expires_and_cannot_be_made_for_later() -> None:
    for at, text in (
        (ago(days=7, minutes=1), "expired"),
        (ago(minutes=-6), "in the future"),
    ):
        assert text in why(asked(signer("reviewers", at).sign(CLAIM, "approve", APPROVE)))
    for at in (ago(days=6, hours=23), ago(minutes=-4)):
        signed = signer("reviewers", at).sign(CLAIM, "approve", APPROVE)
        assert judge(asked(signed), trust()).key == "reviewers"


def test_a_key_is_believed_from_its_first_instant_until_before_its_last() -> None:
    signed = signer("reviewers").sign(CLAIM, "approve", APPROVE)
    asking = asked(signed)
    at = asking.at.isoformat()
    assert judge(asking, trust(reviewers={"valid_from": at})).key == "reviewers"
    assert "trusted no more" in why(asking, trust(reviewers={"valid_until": at}))
    later = (asking.at + timedelta(seconds=1)).isoformat()
    assert judge(asking, trust(reviewers={"valid_until": later})).key == "reviewers"
    assert "only from" in why(asking, trust(reviewers={"valid_from": later}))


@pytest.mark.parametrize("by", [None, "kim", {}, {"role": "reviewer"}, {"id": "kim"}])
def test_what_names_nobody_cannot_be_signed(by: object) -> None:
    with pytest.raises(KeyUnusable, match=r"approve cannot be signed: it needs id, by.role and by"):
        signer("reviewers").sign(CLAIM, "approve", {"id": "m-1", "by": by})


def test_a_key_that_is_not_there_is_not_believed() -> None:
    assert "not a trusted one" in why(
        asked(signer("reviewers").sign(CLAIM, "approve", APPROVE)), Trust()
    )


def test_nobody_is_believed_without_a_signature() -> None:
    header = {"alg": "none", "kid": "reviewers"}
    message = by_hand(APPROVE, None, dict(header))
    assert "alg must be" in why(asked(message))


def test_a_public_key_is_no_password() -> None:
    """HS256 with the public key as its secret is the oldest trick there is."""
    public = base64.urlsafe_b64decode(OWN["reviewers"]["x"] + "=")
    message = by_hand(APPROVE, public, {"alg": "HS256", "kid": "reviewers"})
    assert "alg must be" in why(asked(message))


def test_a_name_of_a_key_is_not_the_key() -> None:
    other = Signer({**keys.new("other"), "kid": "reviewers"})
    assert "not one of key reviewers" in why(asked(other.sign(CLAIM, "approve", APPROVE)))


def test_an_algorithm_is_the_keys_and_not_the_messages() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    message = by_hand(APPROVE, private, {"alg": "ES256", "kid": "reviewers"})
    assert "not one of key reviewers" in why(asked(message))


@pytest.mark.parametrize("extra", [{"crit": ["exp"], "exp": 1}, {"b64": False, "crit": ["b64"]}])
def test_an_extension_that_nobody_understands_is_not_passed_over(extra: dict[str, Any]) -> None:
    key = jwt.PyJWK(OWN["reviewers"]).key
    message = by_hand(APPROVE, key, {"kid": "reviewers"})
    head, body, _ = message["by"]["proof"].split(".")
    header = {**json.loads(base64.urlsafe_b64decode(head + "==")), **extra}
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    mark = key.sign(f"{head}.{body}".encode())
    tail = base64.urlsafe_b64encode(mark).rstrip(b"=").decode()
    message["by"]["proof"] = f"{head}.{body}.{tail}"
    assert why(asked(message))


@pytest.mark.parametrize("proof", ["x", "a.b.c", "e30.e30.e30", "..", "x" * 5000])
def test_what_is_no_jws_proves_nothing(proof: str) -> None:
    assert why(asked({**APPROVE, "by": {**REVIEWER, "proof": proof}}))


def test_a_message_without_a_role_proves_nothing() -> None:
    by = {"id": REVIEWER["id"]}
    good = signer("reviewers").sign(CLAIM, "approve", APPROVE)["by"]["proof"]
    body = jwt.decode(good, options={"verify_signature": False})
    claims = {**body, "sha256": digest({**APPROVE, "by": by})}
    del claims["role"]
    key, header = jwt.PyJWK(OWN["reviewers"]).key, {"kid": "reviewers"}
    proof = jwt.PyJWS().encode(json.dumps(claims).encode(), key, "EdDSA", header)
    assert "may speak for" in why(asked({**APPROVE, "by": {**by, "proof": proof}}))


def test_what_it_signs_must_be_whole() -> None:
    key = jwt.PyJWK(OWN["reviewers"]).key
    for claims in ({"iat": None}, {"iat": True}, {"iat": "1"}, {"sha256": None}, {"claim": None}):
        assert why(asked(by_hand(APPROVE, key, {"kid": "reviewers"}, **claims)))


def test_a_message_that_cannot_be_written_canonically_proves_nothing() -> None:
    signed = signer("reviewers").sign(CLAIM, "approve", APPROVE)
    for value in (2**53, float("inf"), "\ud800"):
        assert "no canonical form" in why(asked({**signed, "note": value}))


def test_keys_of_p_256_and_of_rsa_sign_too() -> None:
    for private, algorithm in (
        (ec.generate_private_key(ec.SECP256R1()), ECAlgorithm),
        (rsa.generate_private_key(65537, 2048), RSAAlgorithm),
    ):
        jwk = {**cast("Any", algorithm).to_jwk(private, as_dict=True), "kid": "new"}
        jwk.pop("key_ops", None)
        trusted = trust({**keys.public(jwk), "roles": ["reviewer"]})
        signed = Signer(jwk).sign(CLAIM, "approve", APPROVE)
        assert judge(asked(signed), trusted) == Verdict(key="new")


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({**OWN["mail"], **LIMITS["mail"]}, "is a private one"),
        ({**keys.public(OWN["mail"]), "roles": [], "dp": "AQ"}, r"is a private one \(dp\)"),
        ({**keys.public(OWN["mail"])}, "roles: is needed"),
        ({**keys.public(OWN["mail"]), "roles": ["king"]}, "roles.0"),
        ({**keys.public(OWN["mail"]), "roles": [], "messages": ["bless"]}, "do not exist: bless"),
        ({"kty": "oct", "kid": "k", "roles": []}, "must be of Ed25519"),
        ({**keys.public(OWN["mail"]), "crv": ["Ed25519"], "roles": []}, "must be of Ed25519"),
        ({**keys.public(OWN["mail"]), "alg": "HS256", "roles": []}, "must have alg EdDSA"),
        ({**keys.public(OWN["mail"]), "kid": "unsigned", "roles": []}, "needs a kid"),
        ({**keys.public(OWN["mail"]), "x": "AAAA", "roles": []}, "cannot be read"),
        (
            {**keys.public(OWN["mail"]), "roles": [], "valid_until": "2026-01-01T00:00:00"},
            "valid_until",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_named_with_what_is_wrong(
    entry: dict[str, Any], text: str
) -> None:
    with pytest.raises(KeyUnusable, match=text):
        Trust.read(json.dumps({"keys": [entry]}))


def test_weak_and_unknown_kinds_of_keys_are_not_taken() -> None:
    weak = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key(), as_dict=True)
    other = OKPAlgorithm.to_jwk(ed448.Ed448PrivateKey.generate().public_key(), as_dict=True)
    for jwk, text in ((weak, "at least 2048 bits"), (other, "must be of Ed25519")):
        with pytest.raises(KeyUnusable, match=text):
            Trust.read(json.dumps({"keys": [{**jwk, "kid": "k", "roles": []}]}))


def test_a_key_is_there_once() -> None:
    entry = {**keys.public(OWN["mail"]), **LIMITS["mail"]}
    with pytest.raises(KeyUnusable, match="there twice"):
        Trust.read(json.dumps({"keys": [entry, entry]}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": {}}', "[" * 100000])
def test_what_is_no_key_set_is_refused(text: str) -> None:
    with pytest.raises(KeyUnusable):
        Trust.read(text)

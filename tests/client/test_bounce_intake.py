"""Services that send mails tell of bounces over HTTP, signed; nothing else is believed."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.routing import Route

from cpor import ClaimsClient
from cpor.bounces import sendgrid, ses
from cpor.bounces.intake import KeyUnreadable, Ses, routes
from tests.client.reports import NOTICE, TOKEN
from tests.examples import REVIEWER
from tests.workflows.world import Handle, World

TOPIC = "arn:aws:sns:eu-west-1:123456789012:claims-bounces"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
SENDGRID = ec.generate_private_key(ec.SECP256R1())
AMAZON = rsa.generate_private_key(65537, 2048)
NAMES = {
    "Notification": ("Message", "MessageId", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}


def shown(key: ec.EllipticCurvePrivateKey) -> str:
    """As SendGrid shows the key of a webhook."""
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b64encode(public).decode()


def certificate(key: rsa.RSAPrivateKey = AMAZON) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def event(message_id: str, what: str = "bounce") -> dict[str, str]:
    return {
        "email": "lars@contoso.example",
        "event": what,
        "smtp-id": message_id,
        "status": "5.1.1",
        "reason": "550 lars@contoso.example: Lars is unknown",
    }


def by_sendgrid(
    *events: Mapping[str, str], key: ec.EllipticCurvePrivateKey = SENDGRID
) -> tuple[bytes, dict[str, str]]:
    body, at = json.dumps(events).encode(), "1795873624"
    signature = b64encode(key.sign(at.encode() + body, ec.ECDSA(SHA256()))).decode()
    return body, {sendgrid.SIGNATURE: signature, sendgrid.TIMESTAMP: at}


def by_ses(message: object, key: rsa.RSAPrivateKey = AMAZON, **changed: str) -> dict[str, str]:
    said = {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Message": json.dumps(message),
        "Timestamp": "2026-11-28T14:00:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
        **changed,
    }
    lines = "".join(f"{name}\n{said[name]}\n" for name in NAMES[said["Type"]])
    return {**said, "Signature": b64encode(key.sign(lines.encode(), PKCS1v15(), SHA256())).decode()}


def bounce(
    message_id: str, kind: str = "Permanent", subtype: str = "General", **more: str
) -> dict[str, Any]:
    recipient = {
        "emailAddress": "lars@contoso.example",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 Lars is unknown",
        **more,
    }
    return {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": subtype,
            "bouncedRecipients": [recipient],
        },
        "mail": {"commonHeaders": {"messageId": message_id}},
    }


@dataclass
class Site:
    """The intake, and what it fetched."""

    claims: ClaimsClient
    fetched: list[str] = field(default_factory=list[str])

    async def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        return certificate()

    async def posts(self, path: str, body: bytes, **headers: str) -> int:
        app = Starlette(routes=[*routes(self.claims, shown(SENDGRID), None)])
        take = Ses(self.claims, TOPIC, self.fetch).take
        app.router.routes.append(Route("/bounces/ses", take, methods=["POST"]))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            return (await client.post(path, content=body, headers=headers)).status_code

    async def from_ses(self, said: Mapping[str, str]) -> int:
        return await self.posts("/bounces/ses", json.dumps(said).encode())


@pytest.fixture
def site(claims_of_nobody: ClaimsClient) -> Site:
    return Site(claims_of_nobody)


async def asked(world: World) -> tuple[Handle, str]:
    """A claim whose customer has a mail, and its Message-ID."""
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    (mail,) = world.mails(claim, "consent")
    return claim, mail["Message-ID"]


async def test_what_sendgrid_signed_reaches_the_claim_without_an_address(
    world: World, claims: ClaimsClient
) -> None:
    claim, message_id = await asked(world)
    body, headers = by_sendgrid(event(message_id, "delivered"), event(message_id))
    for _ in range(2):
        assert await Site(claims).posts("/bounces/sendgrid", body, **headers) == 200
    await world.until_claim(claim, consent="held")
    (entry,) = [each for each in await world.history(claim) if each["what"] == "bounced"]
    assert "contoso" not in entry["text"]
    assert "is unknown" in entry["text"]


async def test_what_ses_signed_reaches_the_claim(world: World, claims: ClaimsClient) -> None:
    claim, message_id = await asked(world)
    site = Site(claims)
    assert await site.from_ses(by_ses(bounce(message_id, "Transient"))) == 200
    assert (await world.claim(claim))["consent"] == "pending"
    assert await site.from_ses(by_ses(bounce(message_id))) == 200
    await world.until_claim(claim, consent="held")
    assert set(site.fetched) == {CERTIFICATE}


@pytest.mark.parametrize(
    ("kind", "subtype", "more", "is_lost"),
    [
        ("Permanent", "General", {}, True),
        ("Undetermined", "Undetermined", {}, True),
        ("Transient", "MailboxFull", {}, True),
        ("Transient", "MessageTooLarge", {}, True),
        ("Transient", "General", {"action": "failed"}, True),
        ("Transient", "General", {}, False),
    ],
)
def test_a_bounce_of_ses_counts_unless_it_may_be_an_automatic_answer(
    kind: str, subtype: str, more: dict[str, str], is_lost: bool
) -> None:
    said = by_ses(bounce(f"<{NOTICE}+{TOKEN}@cpor.example>", kind, subtype, **more))
    assert [each.is_lost for each in ses.reports(said)] == [is_lost]


async def test_what_another_key_signed_or_nobody_is_refused(site: Site) -> None:
    body, headers = by_sendgrid(event(f"<{NOTICE}+{TOKEN}@cpor.example>"))
    _, forged = by_sendgrid(event("x"), key=ec.generate_private_key(ec.SECP256R1()))
    for wrong in (forged, {}, {**headers, sendgrid.TIMESTAMP: "1"}):
        assert await site.posts("/bounces/sendgrid", body, **wrong) == 403
    assert await site.posts("/bounces/sendgrid", body + b" ", **headers) == 403
    said = by_ses(bounce("x"))
    stranger = rsa.generate_private_key(65537, 2048)
    for wrong in (
        by_ses(bounce("x"), key=stranger),
        {**said, "Message": "{}"},
        {**said, "SignatureVersion": "1"},
        {**said, "Signature": "nothing"},
        by_ses(bounce("x"), TopicArn=TOPIC + "-2"),
    ):
        assert await site.from_ses(wrong) == 403


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-01234567.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef.pem",
        "https://u@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com/bucket/SimpleNotificationService-0123456789.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem?x=1",
        "https://169.254.169.254/SimpleNotificationService-0123456789abcdef.pem",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
async def test_a_certificate_is_fetched_from_amazons_host_of_that_region_alone(
    site: Site, url: str
) -> None:
    assert await site.from_ses(by_ses(bounce("x"), SigningCertURL=url)) == 403
    assert site.fetched == []


async def test_a_subscription_to_our_topic_is_confirmed_at_amazon_alone(site: Site) -> None:
    def asking(url: str) -> dict[str, str]:
        return by_ses("x", Type="SubscriptionConfirmation", Token="t", SubscribeURL=url)

    here = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    assert await site.from_ses(asking(here)) == 200
    assert site.fetched == [CERTIFICATE, here]
    there = "https://evil.example/?Action=ConfirmSubscription"
    assert await site.from_ses(asking(there)) == 403
    assert there not in site.fetched


async def test_what_cannot_be_told_now_is_asked_for_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cpor.client.errors import EngineUnreachable
    from cpor.client.transport import Transport

    async def away(*_: object) -> None:
        raise EngineUnreachable("Temporal does not answer")

    monkeypatch.setattr(Transport, "update", away)
    body, headers = by_sendgrid(event(f"<{NOTICE}+{TOKEN}@cpor.example>"))
    assert await site.posts("/bounces/sendgrid", body, **headers) == 503


async def test_what_is_about_no_mail_of_ours_or_too_long_does_no_harm(site: Site) -> None:
    body, headers = by_sendgrid(event("<somebody@else.example>"), event(""))
    assert await site.posts("/bounces/sendgrid", body, **headers) == 200
    assert await site.posts("/bounces/sendgrid", b"x" * 2_000_000, **headers) == 413
    assert await site.from_ses(by_ses({"notificationType": "Received"})) == 200
    for junk in (b"", b"[]", b"junk"):
        assert await site.posts("/bounces/ses", junk) == 400


async def test_certificates_that_somebody_invents_are_not_all_fetched(site: Site) -> None:
    fetching = Ses(site.claims, TOPIC, site.fetch)
    for number in range(5):
        url = CERTIFICATE.replace("0123456789abcdef", f"{number:016x}")
        said = by_ses(bounce("x"), rsa.generate_private_key(65537, 2048), SigningCertURL=url)
        app = Starlette(routes=[Route("/", fetching.take, methods=["POST"])])
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            answer = await client.post("/", content=json.dumps(said))
        assert answer.status_code == (403 if number == 0 else 503)
    assert len(site.fetched) == 1


def test_only_the_newer_signature_is_believed() -> None:
    assert ses.is_signed(by_ses({}), TOPIC, certificate())
    assert not ses.is_signed({**by_ses({}), "SignatureVersion": "1"}, TOPIC, certificate())


async def test_what_is_nested_without_end_is_refused_before_its_signature_is_looked_at(
    site: Site,
) -> None:
    assert await site.posts("/bounces/ses", b"[" * 1_000_000) == 400
    body = b"[" * 1_000_000
    stamp = "1"
    signature = SENDGRID.sign(stamp.encode() + body, ec.ECDSA(SHA256()))
    headers = {
        sendgrid.SIGNATURE: b64encode(signature).decode(),
        sendgrid.TIMESTAMP: stamp,
    }
    assert await site.posts("/bounces/sendgrid", body, **headers) == 400


def test_what_is_no_key_of_sendgrid_is_said_to_be_none(claims_of_nobody: ClaimsClient) -> None:
    with pytest.raises(KeyUnreadable):
        routes(claims_of_nobody, b64encode(b"x" * 91).decode(), None)

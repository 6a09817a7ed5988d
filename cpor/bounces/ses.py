"""Amazon SES by SNS, whose messages are signed with a certificate that they name.

The certificate is fetched from Amazon's own hosts only, whatever the message names.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from cpor.bounces.reports import Report, of_notice

_TOPIC = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]{5,30}):[0-9]{12}:[A-Za-z0-9_-]+")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{8,64}\.pem")
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
Notification = Mapping[str, Any]


def read(body: bytes) -> Notification:
    """Raises `ValueError` where it is no notification."""
    found: object = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    return cast("Notification", found)


def is_amazons(url: object, topic: str) -> bool:
    """Whether it leads to the host of the topic's own region, by https and nothing else."""
    known = _TOPIC.fullmatch(topic)
    if known is None or not isinstance(url, str):
        return False
    partition, region = known.groups()
    host = f"sns.{region}.amazonaws.com" + (".cn" if partition == "aws-cn" else "")
    try:
        parts = urlsplit(url)
        return (parts.scheme, parts.netloc) == ("https", host)
    except ValueError:
        return False


def certificate_url(notification: Notification, topic: str) -> str | None:
    """None: it names a certificate that is none of Amazon's for this topic."""
    url = notification.get("SigningCertURL")
    if not isinstance(url, str) or not is_amazons(url, topic):
        return None
    parts = urlsplit(url)
    is_one = _CERTIFICATE.fullmatch(parts.path) and not parts.query and not parts.fragment
    return url if is_one else None


def is_signed(notification: Notification, topic: str, certificate: bytes) -> bool:
    """By SHA-256 (SignatureVersion 2); the older version rests on SHA-1 and is not believed."""
    names = SIGNED.get(str(notification.get("Type")), ())
    if not names or notification.get("TopicArn") != topic:
        return False
    if notification.get("SignatureVersion") != "2":
        return False
    lines = [f"{name}\n{notification[name]}\n" for name in names if notification.get(name)]
    try:
        key = load_pem_x509_certificate(certificate).public_key()
        signature = b64decode(str(notification.get("Signature")), validate=True)
        if not isinstance(key, RSAPublicKey):
            return False
        key.verify(signature, "".join(lines).encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def reports(notification: Notification) -> Iterator[Report]:
    """Of our mails only. Raises `ValueError`."""
    told: object = json.loads(str(notification.get("Message")))
    match told:
        case {"mail": {"commonHeaders": {"messageId": str(message_id)}}}:
            pass
        case _:
            return
    told = cast("dict[str, Any]", told)
    match told:
        case {"bounce": {"bouncedRecipients": [one, *_], **bounce}}:
            action = "delayed" if _may_be_an_answer(bounce, one) else "failed"
        case {"deliveryDelay": {"delayedRecipients": [one, *_]}}:
            action = "delayed"
        case _:
            return
    recipient: dict[str, Any] = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
    said = f"{recipient.get('status', '')} {recipient.get('diagnosticCode', '')}".strip()
    local_part = str(recipient.get("emailAddress", "")).partition("@")[0]
    if report := of_notice(message_id, action, said, local_part):
        yield report


def _may_be_an_answer(bounce: Mapping[str, object], recipient: object) -> bool:
    """Amazon reports a program that answers for somebody on holiday as such a bounce, too. Any
    other bounce, also of a full mailbox, says that Amazon has given up: nobody has the mail."""
    kind = bounce.get("bounceType"), bounce.get("bounceSubType", "General")
    match recipient:
        case {"action": "failed"}:
            return False
        case _:
            return kind == ("Transient", "General")

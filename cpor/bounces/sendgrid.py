"""SendGrid's "Signed Event Webhook": events of mails, signed with ECDSA."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from cpor.bounces.reports import Report, of_notice

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
ACTIONS = {"bounce": "failed", "dropped": "failed", "deferred": "delayed"}


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """From the settings of the webhook; raises `ValueError`."""
    key = load_der_public_key(b64decode(text, validate=True))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("it is no ECDSA key")
    return key


def is_signed(key: ec.EllipticCurvePublicKey, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        signature = b64decode(headers.get(SIGNATURE, ""), validate=True)
        key.verify(signature, headers.get(TIMESTAMP, "").encode() + body, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def reports(body: bytes) -> Iterator[Report]:
    """Of our mails only; what else the service tells is of no use here. Raises `ValueError`."""
    found: object = json.loads(body)
    for event in cast("list[Any]", found) if isinstance(found, list) else []:
        match event:
            case {"event": str(what), "smtp-id": str(message_id)} if what in ACTIONS:
                said = f"{event.get('status', '')} {event.get('reason', '')}".strip()
                local_part = str(event.get("email", "")).partition("@")[0]
                if report := of_notice(message_id, ACTIONS[what], said, local_part):
                    yield report
            case _:
                pass

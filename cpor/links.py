"""The customer's link: its signature tells who says no; whether in time, the claim decides.

A token holds claim, notice and which of the two contacts, never an address. Whoever has the link
can say no, so it goes into the mail and nowhere else: into no log and no history.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any, Literal, Self, cast, get_args

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_encode

from cpor.settings import Settings

Contact = Literal["contact", "technical_contact"]


@dataclass(frozen=True)
class Invitation:
    """Whom a link speaks for."""

    claim_id: str
    notice_id: str
    contact: Contact


class SignedLinks:
    def __init__(self, address: str, secrets: Sequence[str]) -> None:
        """`secrets`: the newest first; it signs, and all are believed."""
        self.address = address
        self._link = _serializer("decline link", secrets)
        self._form = _serializer("decline form", secrets)

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """None where the settings name no page."""
        if settings.decline_url is None or settings.link_secret is None:
            return None
        return cls(settings.decline_url, settings.link_secret.get_secret_value().split())

    @property
    def about(self) -> str:
        return f"{self.address}/about"

    def token(self, invitation: Invitation) -> str:
        return str(self._link.dumps(astuple(invitation)))

    def decline(self, token: str) -> str:
        return f"{self.address}/decline/{token}"

    def read(self, token: str) -> Invitation | None:
        """None where it is forged, damaged, or signed with a secret given up since."""
        return _read(self._link, token)

    def confirmation(self, invitation: Invitation) -> str:
        """What only the page's own form holds: whoever merely has the link does not know it."""
        return str(self._form.dumps(astuple(invitation)))

    def is_confirmed(self, invitation: Invitation, confirmation: str) -> bool:
        return _read(self._form, confirmation) == invitation


class _Serializer(URLSafeSerializer):
    """Never compressed: that would begin with a dot, and many proxies serve no such path."""

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(self.serializer.dumps(obj, **self.serializer_kwargs))


def _serializer(salt: str, secrets: Sequence[str]) -> URLSafeSerializer:
    return _Serializer(
        list(reversed(secrets)), salt=salt, signer_kwargs={"digest_method": hashlib.sha256}
    )


def _read(serializer: URLSafeSerializer, token: str) -> Invitation | None:
    try:
        claim_id, notice_id, contact = cast("list[str]", serializer.loads(token))
    except (BadData, TypeError, ValueError):
        return None
    if contact not in get_args(Contact):
        return None
    return Invitation(claim_id, notice_id, cast("Contact", contact))

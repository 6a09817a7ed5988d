"""The customer's link: its signature proves who declines; the claim decides whether in time.

A token holds the claim, the notice and which of the two contacts, never an address. Everybody who
has the link can decline, so it is only in the mail: in no log and in no history.
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
    """The notice and the contact that a link belongs to."""

    claim_id: str
    notice_id: str
    contact: Contact


class SignedLinks:
    def __init__(self, address: str, secrets: Sequence[str]) -> None:
        """`secrets`: the first one signs; signatures of all are accepted."""
        self.address = address
        self._link = _serializer("decline link", secrets)
        self._form = _serializer("decline form", secrets)

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """None if no page is configured."""
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
        """None if it is forged, damaged, or signed with a secret that is no longer configured."""
        return _read(self._link, token)

    def confirmation(self, invitation: Invitation) -> str:
        """A token in the page's form, which cannot be derived from the link."""
        return str(self._form.dumps(astuple(invitation)))

    def is_confirmed(self, invitation: Invitation, confirmation: str) -> bool:
        return _read(self._form, confirmation) == invitation


class _Serializer(URLSafeSerializer):
    """Without compression, which would begin with a dot: many proxies reject such a path."""

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

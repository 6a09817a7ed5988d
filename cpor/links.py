"""The customer's link: its signature proves who declines; the claim decides whether in time.

A link names the claim, the round and which of the two contacts, never an address. Everybody who
has the link can decline, so it is only in the mail: in no log and in no history.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self, cast

from itsdangerous import BadData, URLSafeSerializer

from cpor.settings import Settings

Contact = Literal["contact", "technical_contact"]

LINK, FORM = "customer's link", "form of the customer's page"
"""What a signature is for: one of a link is none of a form."""
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Of Crockford's base32, in which no two characters look alike."""
READ_AS = str.maketrans("ilo", "110")
BEHIND = ".,;:!?)]>'\""
CHARACTERS = 20
"""Of a signature, 5 bits each: nobody finds one by trying."""
_KEY = re.compile(rf"([1-9][0-9]{{0,5}})([ct])-([{ALPHABET}]{{{CHARACTERS}}})")
_NOTICE = re.compile(r"([A-Z0-9-]+)\.consent\.([1-9][0-9]{0,5})\.(contact|technical_contact)")
_CONTACTS: dict[str, Contact] = {"c": "contact", "t": "technical_contact"}


@dataclass(frozen=True)
class Invitation:
    """What a link belongs to: one of a claim's consent notices."""

    claim_id: str
    round: int
    contact: Contact

    @classmethod
    def of(cls, notice_id: str) -> Self | None:
        """None: this notice asks no customer."""
        found = _NOTICE.fullmatch(notice_id)
        if found is None:
            return None
        claim_id, number, contact = found.groups()
        return cls(claim_id, int(number), cast("Contact", contact))

    @property
    def notice_id(self) -> str:
        return f"{self.claim_id}.consent.{self.round}.{self.contact}"

    @property
    def in_short(self) -> str:
        """Round and contact: 2c"""
        return f"{self.round}{self.contact[0]}"


class SignedLinks:
    def __init__(self, address: str, secrets: Sequence[str]) -> None:
        """`secrets`: the first one signs; signatures of all are accepted."""
        self.address = address
        self._secrets = tuple(secrets)
        self._long = URLSafeSerializer(
            list(reversed(secrets)),
            salt="decline link",
            signer_kwargs={"digest_method": hashlib.sha256},
        )

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """None if no page is configured."""
        if settings.decline_url is None or settings.link_secret is None:
            return None
        return cls(settings.decline_url, settings.link_secret.get_secret_value().split())

    @property
    def about(self) -> str:
        return f"{self.address}/about"

    def decline(self, invitation: Invitation) -> str:
        return f"{self.address}/{invitation.claim_id}/{self.key(invitation)}"

    def key(self, invitation: Invitation) -> str:
        """The end of the link, and its secret."""
        return f"{invitation.in_short}-{_signature(self._secrets[0], LINK, invitation)}"

    def read(self, claim_id: str, key: str) -> Invitation | None:
        """None if it is forged, damaged, or signed with a secret that is no longer configured.

        A link may be typed: in any case, with i for 1, with the blanks of a broken line and with
        what a sentence puts behind it.
        """
        number, dash, typed = "".join(key.split()).rstrip(BEHIND).lower().partition("-")
        found = _KEY.fullmatch(number + dash + typed.translate(READ_AS))
        if found is None:
            return None
        contact = _CONTACTS[found[2]]
        invitation = Invitation("".join(claim_id.split()).upper(), int(found[1]), contact)
        return invitation if self._is_signed(invitation, LINK, found[3]) else None

    def read_long(self, token: str) -> Invitation | None:
        """What a mail held before links were short; it counts as long as its secret does."""
        try:
            claim_id, notice_id, contact = cast("list[str]", self._long.loads(token))
            invitation = Invitation.of(notice_id)
        except (BadData, TypeError, ValueError):
            return None
        fits = invitation and (invitation.claim_id, invitation.contact) == (claim_id, contact)
        return invitation if fits else None

    def confirmation(self, invitation: Invitation) -> str:
        """What the page's form holds, which cannot be derived from the link."""
        return _signature(self._secrets[0], FORM, invitation)

    def is_confirmed(self, invitation: Invitation, confirmation: str) -> bool:
        return self._is_signed(invitation, FORM, confirmation)

    def _is_signed(self, invitation: Invitation, purpose: str, signature: str) -> bool:
        """Compared with that of each secret, in a time that tells nothing."""
        given = signature.encode()
        same = [
            hmac.compare_digest(_signature(secret, purpose, invitation).encode(), given)
            for secret in self._secrets
        ]
        return any(same)


def _signature(secret: str, purpose: str, invitation: Invitation) -> str:
    signed = f"{purpose}\n{invitation.claim_id}\n{invitation.in_short}"
    digest = hmac.digest(secret.encode(), signed.encode(), "sha256")
    number = int.from_bytes(digest)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(CHARACTERS))

"""Among the mails that were sent, the one that a test is about."""

from __future__ import annotations

from collections.abc import Sequence

from cpor.rules.effects.notice import Notice


def one(mails: Sequence[Notice], kind: str, recipient: str) -> Notice:
    (found,) = [mail for mail in mails if (mail.kind, mail.recipient) == (kind, recipient)]
    return found

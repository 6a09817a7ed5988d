"""What goes wrong with the local mailbox; apart from it, since few who handle it run one."""

from __future__ import annotations


class MailboxError(Exception):
    """The mailbox cannot listen or keep mails; the text is one sentence."""

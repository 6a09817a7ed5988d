"""A mail in bytes. Its headers are ours alone, whatever people typed into names and subjects.

The library would decode what looks like an encoded word (RFC 2047), line ends included, and drops
quotes and breaks headers off where long names are folded. So it writes the body only: headers are
encoded here, and what was written is read once more.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from contextlib import suppress
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, compat32
from email.utils import parseaddr

import idna

from activities.mail.letters import ZERO_WIDTH_SPACE, Letter

END = "\r\n"
FOLD = f"{END} "
MOST_IN_LINE = 60
"""Of a text, so that a header's name and the marks of an encoded word fit on the same line."""
SPECIALS = set('()<>[]:;@\\,."')
"""What a name in a header needs quotes for."""


class Tampered(ValueError):
    """What was written has other headers than ours. It quotes none of them."""


def mailbox(text: str) -> Address:
    name, email = parseaddr(text)
    return address(email, name)


def address(email: str, name: str) -> Address:
    """A domain of any script is written as the DNS knows it, which every server can read."""
    local_part, _, domain = email.rpartition("@")
    with suppress(idna.IDNAError):
        domain = idna.encode(domain, uts46=True).decode()
    return Address(" ".join(name.split()), local_part, domain)


def in_bytes(headers: Mapping[str, str | Address], letter: Letter) -> bytes:
    body = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    body.set_content(letter.text)
    body.add_alternative(letter.html, subtype="html")
    head = "".join(f"{name}: {_value(value)}{END}" for name, value in headers.items())
    written = head.encode() + body.as_bytes()
    read = BytesHeaderParser(policy=compat32).parsebytes(written)
    if read.keys() != [*headers, *body.keys()]:
        raise Tampered("its headers are not ours alone")
    if read.get_content_type() != body.get_content_type():
        raise Tampered("its content is not ours")
    return written


def _value(value: str | Address) -> str:
    if isinstance(value, str):
        return _folded(value) if _is_plain(value) else _encoded(value)
    if not value.display_name:
        return value.addr_spec
    name = _name(value.display_name)
    between = " " if len(name) <= MOST_IN_LINE else FOLD
    return f"{name}{between}<{value.addr_spec}>"


def _name(name: str) -> str:
    if not _is_plain(name) or len(name) > MOST_IN_LINE:
        return _encoded(name)
    if SPECIALS.isdisjoint(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_plain(text: str) -> bool:
    """It can stand in a header as it is."""
    return text.isascii() and text.isprintable() and "=?" not in text


def _folded(text: str) -> str:
    """At its blanks only: a long id stays whole."""
    return FOLD.join(
        textwrap.wrap(text, MOST_IN_LINE, break_long_words=False, break_on_hyphens=False)
    )


def _encoded(text: str) -> str:
    """Some programs decode what they have decoded: what looks like an encoded word is parted."""
    parted = " ".join(text.split()).replace("=?", f"={ZERO_WIDTH_SPACE}?")
    return Header(parted, "utf-8", MOST_IN_LINE).encode(linesep=END)

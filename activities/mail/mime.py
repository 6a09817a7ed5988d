"""A mail in bytes. Its headers are ours alone, whatever people typed into names and subjects.

The library would decode what looks like an encoded word (RFC 2047), line ends included, and drops
quotes and breaks headers off where long names are folded; and it takes most of the time that a mail
costs. So all is written here, and the headers are read once more.
"""

from __future__ import annotations

import textwrap
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.headerregistry import Address
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parseaddr
from functools import lru_cache

import idna

from activities.mail.letters import ZERO_WIDTH_SPACE, Letter
from cpor.settings.logo import Logo

END = "\r\n"
FOLD = f"{END} "
EMPTY_LINE = 2 * END.encode()
"""Ends the headers."""
MOST_IN_LINE = 60
"""Of a text, so that a header's name and the marks of an encoded word fit on the same line."""
MOST_BYTES_IN_LINE = 36
"""In base64, with the marks of an encoded word, they are as many characters."""
SPECIALS = set('()<>[]:;@\\,."')
"""What a name in a header needs quotes for."""


ALTERNATIVES, PICTURED = "=_text_or_html", "=_html_and_logo"
"""Between the parts of a body. What is encoded never has "=_" in it."""
LOGO_ID = "logo"
"""By which the HTML names the logo."""


class Tampered(ValueError):
    """What was written has other headers than ours. It quotes none of them."""


def mailbox(text: str) -> Address:
    name, email = parseaddr(text)
    return address(email, name)


def address(email: str, name: str) -> Address:
    """A domain of any script is written as the DNS knows it, which every server can read."""
    local_part, _, domain = email.rpartition("@")
    return Address(" ".join(name.split()), local_part, _for_the_dns(domain))


@lru_cache(maxsize=1000)
def _for_the_dns(domain: str) -> str:
    with suppress(idna.IDNAError):
        return idna.encode(domain, uts46=True).decode()
    return domain


def in_bytes(
    headers: Mapping[str, str | Address], letter: Letter, logo: Logo | None = None
) -> bytes:
    html = _text("html", letter.html)
    if logo is not None:
        html = _parts("related", PICTURED, html, _picture(logo))
    body = _parts("alternative", ALTERNATIVES, _text("plain", letter.text), html)
    head = "".join(f"{name}: {_value(value)}{END}" for name, value in headers.items())
    head += f"MIME-Version: 1.0{END}"
    written = head.encode() + body
    read = BytesHeaderParser(policy=compat32).parsebytes(written.partition(EMPTY_LINE)[0])
    if read.keys() != [*headers, "MIME-Version", "Content-Type"]:
        raise Tampered("its headers are not ours alone")
    if read.get_content_type() != "multipart/alternative":
        raise Tampered("its content is not ours")
    return written


def _parts(kind: str, boundary: str, *parts: bytes) -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{END}{END}'
    between = f"--{boundary}{END}".encode()
    written = b"".join(between + part + END.encode() for part in parts)
    return head.encode() + written + f"--{boundary}--{END}".encode()


def _text(kind: str, text: str) -> bytes:
    lines = text.replace(END, "\n").replace("\r", "\n")
    encoded = b2a_qp(lines.encode(), istext=True).replace(b"\n", END.encode())
    return _part(f"text/{kind}; charset=utf-8", "quoted-printable", encoded)


def _picture(logo: Logo) -> bytes:
    more = f"Content-ID: <{LOGO_ID}>", f"Content-Disposition: inline; filename=logo.{logo.kind}"
    encoded = encodebytes(logo.content).replace(b"\n", END.encode())
    return _part(f"image/{logo.kind}", "base64", encoded, *more)


def _part(content_type: str, encoding: str, content: bytes, *more: str) -> bytes:
    head = (f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}", *more)
    return END.join((*head, "", "")).encode() + content


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
    if len(text) <= MOST_IN_LINE:
        return text.strip(" ")
    return FOLD.join(
        textwrap.wrap(text, MOST_IN_LINE, break_long_words=False, break_on_hyphens=False)
    )


def _encoded(text: str) -> str:
    """Some programs decode what they have decoded: what looks like an encoded word is parted."""
    parted = " ".join(text.split()).replace("=?", f"={ZERO_WIDTH_SPACE}?")
    words = (f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in _pieces(parted))
    return FOLD.join(words)


def _pieces(text: str) -> Iterator[bytes]:
    """Short enough for a line each; no character is cut in two."""
    piece = b""
    for char in map(str.encode, text):
        if len(piece) + len(char) > MOST_BYTES_IN_LINE:
            yield piece
            piece = b""
        piece += char
    yield piece

"""The shapes of single values: how each is checked, what is said of it, how the contract shows it.

Where a check can't be written as a JSON Schema for all languages alike, what is shown lets more
through than the check, and the claim has the last word. Only blanks around a line count there for
its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from cpor.rules import catalogue
from cpor.rules.characters import (
    BLANKS,
    JOINERS,
    WHITESPACE,
    is_letter_or_digit,
    is_printable,
    lower,
    stripped,
)
from cpor.rules.errors import quoted

IN_TEXTS = frozenset("\n\r\t" + BLANKS + JOINERS)
"""What texts may have that is not printed. U+2028 and U+2029 end a line in few programs only."""


class Check:
    """A check of a value, and the keywords that show it in a JSON Schema."""

    def __init__(self, check: Callable[..., Any], **shown: Any) -> None:
        self._check = AfterValidator(check)
        self._shown = shown

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return self._check.__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), **self._shown}


def _shape(pattern: str, text: str, *, most: int, **shown: Any) -> Check:
    """Characters beyond ASCII must be letters or digits, whatever the pattern says of them."""
    # What Python takes for a blank may change some day; what our table says does not.
    compiled = re.compile(pattern.replace(r"\s", WHITESPACE))

    def check(value: str) -> str:
        fits = len(value) <= most and compiled.fullmatch(value) and is_printable(value)
        if not fits or not _is_of_letters(value):
            raise ValueError(text)
        return value

    return Check(check, pattern=f"^{pattern}$", maxLength=most, **shown)


def _is_of_letters(value: str) -> bool:
    domain = value.rpartition("@")[2]
    return domain.isascii() or all(char.isascii() or is_letter_or_digit(char) for char in domain)


def any_case(ending: str) -> str:
    """A pattern for it that needs no flag."""
    return "".join(f"[{char.upper()}{char}]" for char in ending)


def _line(value: str) -> str:
    value = stripped(value)
    if not value:
        raise ValueError("must not be empty")
    if len(value) > 255:
        raise ValueError("must have at most 255 characters")
    if not is_printable(value):
        raise ValueError("must be one line of printable characters")
    return value


def _message_id(value: str) -> str:
    value = stripped(value)
    if not is_message_id(value):
        raise ValueError("must be 1 to 64 printable ASCII characters")
    return value


def is_message_id(value: str) -> bool:
    return value.isascii() and 0 < len(value) <= 64 and is_printable(value)


def _guid(value: str) -> str:
    if not re.fullmatch(_GUID, value):
        raise ValueError("must be a GUID such as 5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11")
    return lower(value)


def _product(value: str) -> str:
    if catalogue.find(value) is None:
        near = catalogue.nearest(value)
        hint = f"; nearest: {', '.join(near)}" if near else ""
        raise ValueError(f"{quoted(value)} is not in the product catalogue{hint}")
    return value


def _proof(value: str) -> str:
    if not _COMPACT_JWS.fullmatch(value):
        raise ValueError(f"must be a JWS in its compact form, {MOST_PROOF} characters at most")
    return value


def _in_utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else at.astimezone(UTC)


MOST_PROOF = 4096
_COMPACT_JWS = re.compile(rf"(?=.{{1,{MOST_PROOF}}}\Z)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){{2}}")
_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_MAILBOX = r'[^\s@<>()\[\],:;"\\\x00-\x1f\x7f]+'

# Every programming language can read this: anything but the signs of ASCII.
_LABEL = r"[^\x00-/:-@\[-`{-\x7f](?:[^\x00-,./:-@\[-^`{-\x7f]{0,61}[^\x00-/:-@\[-`{-\x7f])?"
_DOMAIN = rf"(?:{_LABEL}\.)+{_LABEL}"

Line = Annotated[
    str,
    Check(
        _line,
        minLength=1,
        maxLength=255,
        pattern=r"^\s*[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?\s*$",
        description="One line of text; blanks around it are cut off.",
    ),
]
MessageId = Annotated[
    str,
    Check(
        _message_id,
        minLength=1,
        pattern=r"^\s*[!-~](?:[ -~]{0,62}[!-~])?\s*$",
        description="1 to 64 printable ASCII characters; blanks around them are cut off.",
        examples=["0f8b6c1e-5d0a-4a43-b7a9-3f1de9d1a5c2"],
    ),
]
NoticeId = Annotated[
    str,
    _shape(
        r"[!-~]+",
        "must be 1 to 96 printable ASCII characters",
        most=96,
        description="The id of a mail: its Message-ID, before the @.",
        examples=["CPOR-7Q2M4X.consent.1.contact"],
    ),
]
ActorId = Annotated[
    str,
    _shape(
        r"[A-Za-z0-9._@+-]+",
        "must be 1 to 64 characters of A-Z, a-z, 0-9 and . _ @ + -",
        most=64,
        description="The account of a person or program; upper and lower case are the same.",
        examples=["kim"],
    ),
]
Instant = Annotated[
    AwareDatetime,
    Check(_in_utc, description="RFC 3339, in UTC.", examples=["2026-03-02T09:14:00Z"]),
]
Guid = Annotated[
    str,
    Check(
        _guid,
        pattern=f"^{_GUID}$",
        description="A GUID; answers have it in lower case.",
        examples=["5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"],
    ),
]
ClaimId = Annotated[
    str,
    _shape(
        r"[A-Z0-9-]{4,40}",
        "must be 4 to 40 characters of A-Z, 0-9 and -",
        most=40,
        description="The claim's id, chosen by the portal, used once; also the workflow id.",
        examples=["CPOR-7Q2M4X"],
    ),
]
Sha256 = Annotated[
    str,
    _shape(
        r"[0-9a-f]{64}",
        "must be a SHA-256 in 64 lower-case hex digits",
        most=64,
        description="SHA-256 of the file's bytes, in lower-case hex digits.",
        examples=["b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"],
    ),
]
Email = Annotated[
    str,
    _shape(
        rf"{_MAILBOX}@{_DOMAIN}",
        "must be an e-mail address such as name@company.example",
        most=254,
        description="An e-mail address.",
        examples=["ada@fabrikam.example"],
    ),
]
Domain = Annotated[
    str,
    _shape(
        _DOMAIN,
        "must be a domain such as company.example",
        most=253,
        description="A domain of the customer's tenant.",
        examples=["contoso.example"],
    ),
]
Country = Annotated[
    str,
    _shape(
        r"[A-Z]{2}",
        "must be a two-letter country code such as DE",
        most=2,
        description="ISO 3166-1, two letters. Its calendar counts the working days of this side.",
        examples=["DE"],
    ),
]
Region = Annotated[
    str,
    _shape(
        r"[A-Z]{2}-[A-Z0-9]{1,3}",
        "must be a region such as US-WA: the country's code, and the region's behind a hyphen",
        most=6,
        description="ISO 3166-2. Its holidays count, and days end in its most populous time zone.",
        examples=["US-WA"],
    ),
]
TimeZone = Annotated[
    str,
    _shape(
        r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,32}){0,2}",
        "must be the name of a time zone such as Europe/Berlin",
        most=64,
        description="A name of the IANA time zone database. Days end there.",
        examples=["America/Los_Angeles"],
    ),
]
Language = Annotated[
    str,
    _shape(
        r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*",
        "must be a language tag such as en or de-AT",
        most=255,
        description="BCP 47. Mails are written in it where they can be, else in English.",
        examples=["de", "de-AT"],
    ),
]
MpnId = Annotated[
    str,
    _shape(
        r"[0-9]{4,12}",
        "must be an MPN ID of 4 to 12 digits",
        most=12,
        description="The number of the partner's location.",
        examples=["4912345"],
    ),
]
ProductName = Annotated[
    Line,
    Check(
        _product,
        description="A name, code or alias of the product catalogue, in upper or lower case.",
        examples=["Teams", "exchange-online"],
    ),
]
Proof = Annotated[
    str,
    Check(
        _proof,
        maxLength=MOST_PROOF,
        pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){2}$",
        description="A JWS in its compact form.",
    ),
]

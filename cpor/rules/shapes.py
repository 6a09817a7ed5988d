"""The shapes of single values: how each is checked, what is said of it, how the contract shows it.

Where a check can't be written as a JSON Schema for all languages alike, what is shown lets more
through than the check, and the claim has the last word. Only blanks around a line count there for
its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
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
        if len(value) > most or not compiled.fullmatch(value) or not _is_of_letters(value):
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

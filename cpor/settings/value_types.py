"""The types of settings, each with a check whose error says what is wrong."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import getaddresses
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import NoDecode

from cpor.rules import editions
from cpor.rules.facts import Country, Email

_email: TypeAdapter[str] = TypeAdapter(Email)


def _mailbox(value: str) -> str:
    found = getaddresses([value])
    name, address = found[0] if len(found) == 1 else ("", "")
    bracketed = f"<{address}>"
    # The library drops what does not fit without an error.
    whole = value.strip().endswith(bracketed) if name else value.strip() in (address, bracketed)
    try:
        _email.validate_python(address if whole else "")
    except ValidationError:
        raise ValueError("must be an address such as Claims <claims@company.example>") from None
    if not address.isascii() or not name.isprintable():
        raise ValueError("must have an address in plain ASCII, on one line")
    return value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not value.isprintable():
        raise ValueError("must be an address such as https://company.example/page")
    return value


def _one_line(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("must be text on one line, without control characters")
    return value.strip()


def _public_address(value: str) -> str:
    parts = urlsplit(_web_address(value))
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in value or "#" in value:
        raise ValueError("must be an address without a login, and nothing may follow ? or #")
    return value.rstrip("/")


def _link_secrets(value: SecretStr) -> SecretStr:
    secrets = value.get_secret_value().split()
    if len(secrets) not in (1, 2) or not all(re.fullmatch(r"[!-~]{32,}", each) for each in secrets):
        raise ValueError(
            "must be one or two secrets, newest first: at least 32 plain ASCII characters each"
        )
    return value


def _worker_keys(value: SecretStr) -> SecretStr:
    keys = value.get_secret_value().split()
    if not keys or not all(re.fullmatch(r"[!-~]{32,}", each) for each in keys):
        raise ValueError("must be secrets of at least 32 plain ASCII characters each, newest first")
    return value


def _listen_address(value: str) -> str:
    host, _, port = value.rpartition(":")
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
        fits = (":" in host) == (host.startswith("[") and host.endswith("]"))
    except ValueError:
        fits = False
    if not fits or not _is_port(port):
        raise ValueError("must be an IP address and a port such as 127.0.0.1:9464 or [::1]:9464")
    return value


def _host_or_socket(value: str) -> str:
    host, _, port = value.rpartition(":")
    is_host = re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]", host)
    if not value.startswith("/") and not (is_host and _is_port(port)):
        raise ValueError(
            "must be a host and a port such as 127.0.0.1:3310, or the path of a socket such as "
            "/run/clamav/clamd.ctl"
        )
    return value


def _is_port(value: str) -> bool:
    return bool(re.fullmatch(r"[1-9][0-9]{0,4}", value)) and int(value) <= 65535


def _claim_page(value: str) -> str:
    if "{claim_id}" not in value:
        raise ValueError("must have {claim_id} where the claim's id belongs")
    return _web_address(value)


def _token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise ValueError("must be one word of plain ASCII characters")
    return value


def _signing_keys(value: SecretStr) -> SecretStr:
    keys = value.get_secret_value().split()
    try:
        sizes = [len(b64decode(key.removeprefix("whsec_"), validate=True)) for key in keys]
    except ValueError:
        sizes = []
    if len(sizes) not in (1, 2) or not all(24 <= size <= 64 for size in sizes):
        raise ValueError("must be one or two secrets: whsec_ and then 24 to 64 bytes in base64")
    return value


def _key_set(value: str) -> str:
    if "://" in value and urlsplit(_web_address(value)).scheme != "https":
        raise ValueError("must be a file, or an address that begins with https://")
    return value


def _full_host_name(value: str) -> str:
    label = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if len(value) > 253 or not re.fullmatch(rf"{label}(?:\.{label})+", value):
        raise ValueError("must be the full name of a host such as claims.company.example")
    return value


def _ecdsa_key(value: str) -> str:
    try:
        fits = len(b64decode(value, validate=True)) == 91
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("must be a public key as SendGrid shows it: P-256, in base64")
    return value


def _sns_topic(value: str) -> str:
    arn = r"arn:(aws|aws-cn|aws-us-gov):sns:[a-z0-9-]{5,30}:[0-9]{12}:[A-Za-z0-9_-]+"
    if not re.fullmatch(arn, value):
        raise ValueError(
            "must be a topic such as arn:aws:sns:eu-west-1:123456789012:claims-bounces"
        )
    return value


def _instant_in_utc(value: object) -> object:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        fits = isinstance(found, datetime) and found.utcoffset() == timedelta()
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("must be an instant in UTC such as 2026-11-28T06:00:00Z")
    return value


def _build_id(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}", value):
        raise ValueError("must be letters, digits and . _ + -, 100 at most, such as 0.1.0")
    return value


def _known_edition(value: str) -> str:
    if value not in editions.names():
        raise ValueError(f"must be one of {', '.join(editions.names())}")
    return value


def _json_object(content: str) -> BeforeValidator:
    def parsed(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError(f"must be a JSON object with {content}") from None

    return BeforeValidator(parsed)


def _addresses_of_reviewers(value: Mapping[str, str]) -> Mapping[str, str]:
    for reviewer, mailbox in value.items():
        if not reviewer or reviewer != reviewer.strip():
            raise ValueError("must name each reviewer by an id without blanks around it")
        try:
            fits = _mailbox(mailbox).isprintable()
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"must have for {reviewer!r} an address in plain ASCII, on one line, "
                "such as Kim <kim@company.example>"
            )
    return value


def _existing_zone(value: str) -> str:
    # Imported late, here and below: slow, and only needed where such a setting is set.
    from cpor import calendars

    try:
        calendars.time_zone(value)
    except calendars.UnknownPlace as error:
        raise ValueError(f"cannot be used: {error}") from None
    return value


def _existing_subdivisions(value: Mapping[str, str]) -> Mapping[str, str]:
    for country, subdivision in value.items():
        existing_place(country, subdivision)
    return value


def existing_place(country: str, subdivision: str | None) -> None:
    from cpor import calendars

    try:
        calendars.check(country, subdivision)
    except calendars.UnknownPlace as error:
        raise ValueError(f"cannot be used: {error}") from None


TlsMode = Literal["none", "starttls", "tls"]
KeySet = Annotated[str, AfterValidator(_key_set)]
NonEmpty = Annotated[str, Field(min_length=1)]
OneLine = Annotated[str, AfterValidator(_one_line)]
EcdsaKey = Annotated[str, AfterValidator(_ecdsa_key)]
SnsTopic = Annotated[str, AfterValidator(_sns_topic)]
FullHostName = Annotated[str, AfterValidator(_full_host_name)]
InstantInUtc = Annotated[datetime, BeforeValidator(_instant_in_utc)]
BuildId = Annotated[str, AfterValidator(_build_id)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
PublicAddress = Annotated[str, AfterValidator(_public_address)]
ListenAddress = Annotated[str, AfterValidator(_listen_address)]
HostOrSocket = Annotated[str, AfterValidator(_host_or_socket)]
Seconds = Annotated[float, Field(gt=0, le=100)]
"""For one answer: an attempt has two minutes for all it does."""
Days = Annotated[int, Field(gt=0, le=36500)]
DaysOrNever = Annotated[int, Field(ge=0, le=90)]
Port = Annotated[int, Field(ge=0, le=65535)]
CachedClaims = Annotated[int, Field(ge=1, le=1_000_000)]
ZoneName = Annotated[str, AfterValidator(_existing_zone)]
ClaimPage = Annotated[str, AfterValidator(_claim_page)]
EditionName = Annotated[str, AfterValidator(_known_edition)]
Subdivisions = Annotated[
    Mapping[Country, str],
    NoDecode,
    _json_object("a value for each country code"),
    AfterValidator(_existing_subdivisions),
]
Zones = Annotated[
    Mapping[Country, ZoneName], NoDecode, _json_object("a value for each country code")
]
ReviewerEmails = Annotated[
    Mapping[str, str],
    NoDecode,
    _json_object("an address for each reviewer's id"),
    AfterValidator(_addresses_of_reviewers),
]
Token = Annotated[SecretStr, AfterValidator(_token)]
SigningKeys = Annotated[SecretStr, AfterValidator(_signing_keys)]
LinkSecrets = Annotated[SecretStr, AfterValidator(_link_secrets)]
WorkerKeys = Annotated[SecretStr, AfterValidator(_worker_keys)]

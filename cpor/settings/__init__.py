"""The settings: environment variables that begin with CLAIMS_."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from cpor.rules.errors import problems
from cpor.settings import secret_files
from cpor.settings.fields import SettingsFields
from cpor.settings.logo import Logo, NoLogo
from cpor.settings.value_types import TlsMode, existing_place

PREFIX = secret_files.OURS
LOOPBACK = "127.0.0.1"

USUAL_PORTS: dict[TlsMode, int] = {"none": 25, "starttls": 587, "tls": 465}


class SettingsError(Exception):
    """Settings that cannot be used; the text has one sentence for each problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class MailServer:
    """How to reach the mail server."""

    host: str
    port: int
    tls: TlsMode = "none"
    user: str | None = None
    password: SecretStr | None = None
    timeout: float = 30.0
    ehlo: str | None = None
    """What we call ourselves there; None: this host's full name."""


@dataclass(frozen=True)
class Vendor:
    """Who "we" are in what customers read, and where they can check it without the partner."""

    name: str
    address: str | None = None
    check_url: str | None = None
    check_phone: str | None = None
    privacy_url: str | None = None
    imprint_url: str | None = None
    has_logo: bool = False

    @property
    def in_full(self) -> str:
        return ", ".join(filter(None, (self.name, self.address)))

    @property
    def can_be_asked(self) -> bool:
        """Whether we say where; otherwise customers have to look it up."""
        return bool(self.check_url or self.check_phone)


class Settings(SettingsFields):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    @classmethod
    def load(cls) -> Self:
        """Read environment and secret files; `SettingsError` has everything that is wrong."""
        known = [_variable(name) for name in cls.model_fields]
        found = [*secret_files.take(os.environ, known), *_misspelt(known)]
        try:
            settings = cls()
        except ValidationError as error:
            found += _sentences(error)
        else:
            if not found:
                return settings
        raise SettingsError(found)

    @property
    def mail_server(self) -> MailServer:
        """The configured one, else the local mailbox."""
        if self.smtp_host is None:
            return MailServer(LOOPBACK, self.mailbox_port, timeout=self.smtp_timeout)
        return MailServer(
            self.smtp_host,
            self.smtp_port or USUAL_PORTS[self.smtp_tls],
            self.smtp_tls,
            self.smtp_user,
            self.smtp_password,
            self.smtp_timeout,
            self.smtp_ehlo,
        )

    @property
    def vendor(self) -> Vendor:
        return Vendor(
            self.vendor_name,
            self.vendor_address,
            self.vendor_check_url,
            self.vendor_check_phone,
            self.vendor_privacy_url,
            self.vendor_imprint_url,
            self.vendor_logo is not None,
        )

    def read_logo(self) -> Logo | None:
        """None if none is set; `SettingsError` if it cannot be shown."""
        if self.vendor_logo is None:
            return None
        try:
            return Logo.read(self.vendor_logo)
        except NoLogo as error:
            raise SettingsError([f"CLAIMS_VENDOR_LOGO: {error}."]) from None

    @model_validator(mode="before")
    @classmethod
    def _default_place_is_for_us_only(cls, given: Mapping[str, object]) -> Mapping[str, object]:
        if given.get("reviewers_country", "US") == "US":
            return given
        return {"reviewers_subdivision": None, "reviewers_zone": None, **given}

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if contradiction := next(_contradictions(self), None):
            raise ValueError(contradiction)
        return self


def _contradictions(settings: Settings) -> Iterator[str]:
    """What each setting alone permits, but not the settings together."""
    yield from _reviewers_place(settings)
    for secret in ("directory_token", "hand_off_keys", "portal_events_keys"):
        url = f"{secret.rpartition('_')[0]}_url"
        if getattr(settings, secret) is not None and getattr(settings, url) is None:
            yield f"{_variable(secret)} needs {_variable(url)}, which is not set"
    for one, other in (("decline_url", "link_secret"), ("smtp_user", "smtp_password")):
        if (getattr(settings, one) is None) != (getattr(settings, other) is None):
            yield f"{_variable(one)} and {_variable(other)} go together: set both or neither"
    if host := _unencrypted_host(settings.decline_url):
        yield f"CLAIMS_DECLINE_URL would let others read the links to {host}: use https"
    yield from _mail_server(settings)
    if settings.proofs != "off" and settings.trusted_keys is None:
        yield (
            f"CLAIMS_PROOFS={settings.proofs} needs CLAIMS_TRUSTED_KEYS, which is not set: "
            "else nobody would be believed"
        )
    if _share_a_port(settings.metrics_address, settings.health_address):
        yield (
            "CLAIMS_METRICS_ADDRESS and CLAIMS_HEALTH_ADDRESS are the same port: "
            "set one of them to another"
        )
    if "@" in urlsplit(settings.directory_url or "").netloc:
        yield "CLAIMS_DIRECTORY_URL must not hold a login: use CLAIMS_DIRECTORY_TOKEN"
    if settings.directory_token and (host := _unencrypted_host(settings.directory_url)):
        yield f"CLAIMS_DIRECTORY_URL would send the token readable to {host}: use https"


def _reviewers_place(settings: Settings) -> Iterator[str]:
    if settings.model_fields_set & {"reviewers_country", "reviewers_subdivision"}:
        try:
            existing_place(settings.reviewers_country, settings.reviewers_subdivision)
        except ValueError as error:
            yield f"CLAIMS_REVIEWERS_COUNTRY with CLAIMS_REVIEWERS_SUBDIVISION {error}"


def _mail_server(settings: Settings) -> Iterator[str]:
    host = settings.smtp_host
    if host is None:
        if settings.smtp_user is not None:
            yield "CLAIMS_SMTP_USER needs CLAIMS_SMTP_HOST, which is not set"
    elif settings.smtp_tls == "none" and not _is_loopback(host):
        what = "the password" if settings.smtp_user else "mails"
        sent = f"CLAIMS_SMTP_TLS=none would send {what} readable to {host}: use starttls or tls"
        if settings.smtp_user:
            yield sent
        elif not settings.smtp_plain_allowed:
            yield f"{sent}, or set CLAIMS_SMTP_PLAIN_ALLOWED=true where nobody listens in"


def _share_a_port(*addresses: str | None) -> bool:
    shown = [each.rpartition(":") for each in addresses if each]
    hosts = {ip_address(host.strip("[]")) for host, _, _ in shown}
    apart = len(hosts) == len(shown) and not any(host.is_unspecified for host in hosts)
    return not apart and len({port for _, _, port in shown}) < len(shown)


def _unencrypted_host(url: str | None) -> str:
    """The host that this URL reaches over a network without encryption; empty if there is none."""
    parts = urlsplit(url or "")
    host = parts.hostname or ""
    return host if parts.scheme == "http" and not _is_loopback(host) else ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _misspelt(known: Collection[str]) -> Iterator[str]:
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = secret_files.nearest(name, known)
            yield f"{name} is not a setting; the nearest is {near}."


def _sentences(error: ValidationError) -> Iterator[str]:
    for problem in problems(error):
        name = f"{_variable(problem.field.partition('.')[0])} " if problem.field else ""
        yield f"{name}{problem.text.removesuffix('.')}."


def _variable(field: str) -> str:
    return PREFIX + field.upper()

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

from cpor.rules.facts import problems
from cpor.settings import secret_files
from cpor.settings.fields import SettingsFields
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


class Settings(SettingsFields):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    @classmethod
    def load(cls) -> Self:
        """Read environment and secret files; `SettingsError` has everything that is wrong."""
        known = [PREFIX + name.upper() for name in cls.model_fields]
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
        )

    @model_validator(mode="before")
    @classmethod
    def _default_place_is_for_us_only(cls, given: Mapping[str, object]) -> Mapping[str, object]:
        if given.get("reviewers_country", "US") == "US":
            return given
        return {"reviewers_subdivision": None, "reviewers_zone": None, **given}

    @model_validator(mode="after")
    def _reviewers_place_exists(self) -> Self:
        if self.model_fields_set & {"reviewers_country", "reviewers_subdivision"}:
            try:
                existing_place(self.reviewers_country, self.reviewers_subdivision)
            except ValueError as error:
                raise ValueError(
                    f"CLAIMS_REVIEWERS_COUNTRY with CLAIMS_REVIEWERS_SUBDIVISION {error}"
                ) from None
        return self

    @model_validator(mode="after")
    def _secrets_need_a_url(self) -> Self:
        for secret in ("directory_token", "hand_off_keys", "portal_events_keys"):
            url = f"{secret.rpartition('_')[0]}_url"
            if getattr(self, secret) is not None and getattr(self, url) is None:
                missing = f"{PREFIX}{secret.upper()} needs {PREFIX}{url.upper()}"
                raise ValueError(f"{missing}, which is not set")
        return self

    @model_validator(mode="after")
    def _decline_page_fits(self) -> Self:
        if (self.decline_url is None) != (self.link_secret is None):
            raise ValueError(
                "CLAIMS_DECLINE_URL and CLAIMS_LINK_SECRET go together: set both or neither"
            )
        parts = urlsplit(self.decline_url or "")
        if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
            raise ValueError(
                f"CLAIMS_DECLINE_URL would let others read the links to {parts.hostname}: use https"
            )
        return self

    @model_validator(mode="after")
    def _mail_server_fits(self) -> Self:
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError(
                "CLAIMS_SMTP_USER and CLAIMS_SMTP_PASSWORD go together: set both or neither"
            )
        if self.smtp_host is None:
            if self.smtp_user is not None:
                raise ValueError("CLAIMS_SMTP_USER needs CLAIMS_SMTP_HOST, which is not set")
        elif self.smtp_tls == "none" and not _is_loopback(self.smtp_host):
            if self.smtp_user:
                raise ValueError(
                    f"CLAIMS_SMTP_TLS=none would send the password readable to {self.smtp_host}: "
                    "use starttls or tls"
                )
            if not self.smtp_plain_allowed:
                raise ValueError(
                    f"CLAIMS_SMTP_TLS=none would send mails readable to {self.smtp_host}: use "
                    "starttls or tls, or set CLAIMS_SMTP_PLAIN_ALLOWED=true where nobody listens in"
                )
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        shown = [
            each.rpartition(":") for each in (self.metrics_address, self.health_address) if each
        ]
        hosts = {ip_address(host.strip("[]")) for host, _, _ in shown}
        apart = len(hosts) == len(shown) and not any(host.is_unspecified for host in hosts)
        if not apart and len({port for _, _, port in shown}) < len(shown):
            raise ValueError(
                "CLAIMS_METRICS_ADDRESS and CLAIMS_HEALTH_ADDRESS are the same port: "
                "set one of them to another"
            )
        return self

    @model_validator(mode="after")
    def _directory_fits(self) -> Self:
        parts = urlsplit(self.directory_url or "")
        if "@" in parts.netloc:
            raise ValueError(
                "CLAIMS_DIRECTORY_URL must not hold a login: use CLAIMS_DIRECTORY_TOKEN"
            )
        host = parts.hostname or ""
        if self.directory_token and parts.scheme == "http" and not _is_loopback(host):
            raise ValueError(
                f"CLAIMS_DIRECTORY_URL would send the token readable to {host}: use https"
            )
        return self


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
        name = f"{PREFIX}{problem.field.partition('.')[0].upper()} " if problem.field else ""
        yield f"{name}{problem.text.removesuffix('.')}."

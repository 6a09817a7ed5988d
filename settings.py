"""All settings, in one place: each is an environment variable that begins with CLAIMS_."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from claims.facts import Country, problems
from setting_kinds import (
    ClaimPage,
    EditionName,
    Mailbox,
    Port,
    SigningKeys,
    Subdivisions,
    Token,
    WebAddress,
    ZoneName,
    Zones,
    existing_place,
)

PREFIX = "CLAIMS_"
LOOPBACK = "127.0.0.1"

TlsMode = Literal["none", "starttls", "tls"]
USUAL_PORTS: dict[TlsMode, int] = {"none": 25, "starttls": 587, "tls": 465}


class SettingsError(Exception):
    """Settings that cannot be used, with one sentence for each problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed over, and how."""

    host: str
    port: int
    tls: TlsMode = "none"
    user: str | None = None
    password: SecretStr | None = None
    timeout: float = 30.0


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    smtp_host: str | None = Field(
        default=None, description="Mail server. Unset: mails go to the local mailbox."
    )
    smtp_port: Port | None = Field(
        default=None, description="Port of it. Unset: 25, 587 with starttls, 465 with tls."
    )
    smtp_tls: TlsMode = Field(
        default="starttls",
        description="How the connection is encrypted: starttls (from the first command on), "
        "tls (from the first byte on) or none.",
    )
    smtp_user: str | None = Field(default=None, description="Name to log in with. Unset: no login.")
    smtp_password: SecretStr | None = Field(default=None, description="Password to log in with.")
    smtp_timeout: PositiveFloat = Field(
        default=30.0, description="Seconds to wait for each answer of the mail server."
    )
    sender: Mailbox = Field(
        default="CPOR Claims <claims@cpor.example>",
        description="Address that mails come from, with or without a name.",
    )
    reply_to: Mailbox = Field(
        default="no-thanks@cpor.example",
        description="Address that the customer may write to in order to say no.",
    )
    reviewers_email: Mailbox = Field(
        default="Reviewers <reviewers@cpor.example>", description="Address of the reviewers' queue."
    )
    lead_email: Mailbox = Field(
        default="Review lead <lead@cpor.example>",
        description="Address of the reviewers' lead, who hears of what is overdue.",
    )
    operators_email: Mailbox = Field(
        default="Operators <operators@cpor.example>",
        description="Address of whoever runs this system.",
    )
    mailbox_port: Port = Field(
        default=1025,
        description="Port of the local mailbox on the loopback interface; 0 for a free one.",
    )
    mailbox_folder: str = Field(
        default="var/mail", description="Folder where the local mailbox keeps mails as .eml files."
    )
    store_url: str = Field(
        default="var/store",
        description="Store of proof files and records: a folder, or s3://, az://, gs://, file://.",
    )
    outbox_folder: str = Field(
        default="var/outbox", description="Folder for hand-off events where no hand_off_url is set."
    )
    hand_off_url: WebAddress | None = Field(
        default=None, description="Address of the incentive engine. Unset: events are files."
    )
    hand_off_keys: SigningKeys | None = Field(
        default=None, description="Secret to sign hand-offs with, or two. Unset: not signed."
    )
    hand_off_timeout: PositiveFloat = Field(
        default=30.0, description="Seconds to wait for the incentive engine, or for the portal."
    )
    portal_events_url: WebAddress | None = Field(
        default=None, description="Where the vendor's portal takes events. Unset: none are sent."
    )
    portal_events_keys: SigningKeys | None = Field(
        default=None, description="Secret to sign these events with, or two. Unset: not signed."
    )
    directory_url: WebAddress | None = Field(
        default=None, description="The vendor's directory. Unset: claims are not checked there."
    )
    directory_token: Token | None = Field(
        default=None, description="Bearer token for the directory. Unset: none is sent."
    )
    directory_timeout: PositiveFloat = Field(
        default=5.0, description="Seconds to wait for the directory, each of three times at most."
    )
    event_source: str = Field(
        default="urn:cpor-claims", min_length=1, description="The source that events name."
    )
    default_edition: EditionName = Field(
        default="2020", description="Edition of the rules for claims that ask for none."
    )
    reviewers_country: Country = Field(
        default="US", description="Country whose working days are the reviewers'."
    )
    reviewers_subdivision: str | None = Field(
        default="WA", description="State or region of it. Unset with another country: all of it."
    )
    reviewers_zone: ZoneName | None = Field(
        default="America/Los_Angeles",
        description="Time zone in which the reviewers' days end. Unset with another country: its "
        "most populous one.",
    )
    subdivisions: Subdivisions = Field(
        default={},
        description="State or region for partners and customers of a country, as JSON: "
        '{"DE": "BY"}. Unset: each country as a whole.',
    )
    zones: Zones = Field(
        default={},
        description='Time zone for partners and customers of a country, as JSON: {"US": '
        '"America/Chicago"}. Unset: each country\'s most populous one.',
    )
    retention_days: PositiveInt = Field(
        default=90, description="Days for which the embedded engine remembers a claim that is over."
    )
    claim_page_url: ClaimPage | None = Field(
        default=None, description="Page of a claim, with {claim_id} in it. Unset: no link in mails."
    )
    program_guide_url: WebAddress | None = Field(
        default=None, description="The program guide. Unset: no link in mails."
    )
    earnings_report_url: WebAddress | None = Field(
        default=None, description="The earnings report. Unset: no link in mails."
    )
    support_url: WebAddress | None = Field(
        default=None, description="Where to get help. Unset: no link in mails."
    )
    evidence_guidelines_url: WebAddress | None = Field(
        default=None, description="What proof must show. Unset: no link in mails."
    )
    getting_started_url: WebAddress | None = Field(
        default=None, description="How claims work. Unset: no link in mails."
    )
    cache: str | None = Field(
        default=None, description="Folder for the embedded engine. Unset: the user's cache folder."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged."
    )

    @classmethod
    def load(cls) -> Self:
        """The settings of this process, or `SettingsError` with all that is wrong."""
        found = list(_misspelt(cls))
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
        """The one that is set, else the local mailbox."""
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
    def _elsewhere_has_its_own(cls, given: Mapping[str, object]) -> Mapping[str, object]:
        if given.get("reviewers_country", "US") == "US":
            return given
        return {"reviewers_subdivision": None, "reviewers_zone": None, **given}

    @model_validator(mode="after")
    def _reviewers_are_somewhere(self) -> Self:
        if self.model_fields_set & {"reviewers_country", "reviewers_subdivision"}:
            try:
                existing_place(self.reviewers_country, self.reviewers_subdivision)
            except ValueError as error:
                raise ValueError(
                    f"CLAIMS_REVIEWERS_COUNTRY with CLAIMS_REVIEWERS_SUBDIVISION {error}"
                ) from None
        return self

    @model_validator(mode="after")
    def _secrets_have_an_address(self) -> Self:
        for secret in ("directory_token", "hand_off_keys", "portal_events_keys"):
            url = f"{secret.rpartition('_')[0]}_url"
            if getattr(self, secret) is not None and getattr(self, url) is None:
                missing = f"{PREFIX}{secret.upper()} needs {PREFIX}{url.upper()}"
                raise ValueError(f"{missing}, which is not set")
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
        elif self.smtp_user and self.smtp_tls == "none" and not _is_loopback(self.smtp_host):
            raise ValueError(
                f"CLAIMS_SMTP_TLS=none would send the password readable to {self.smtp_host}: "
                "use starttls or tls"
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


def _misspelt(settings: type[Settings]) -> Iterator[str]:
    known = [PREFIX + name.upper() for name in settings.model_fields]
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = get_close_matches(name.upper(), known, n=1, cutoff=0.0)
            yield f"{name} is not a setting; the nearest is {near[0]}."


def _sentences(error: ValidationError) -> Iterator[str]:
    for problem in problems(error):
        name = f"{PREFIX}{problem.field.partition('.')[0].upper()} " if problem.field else ""
        yield f"{name}{problem.text.removesuffix('.')}."

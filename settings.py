"""All settings, in one place: each is an environment variable that begins with CLAIMS_."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Annotated, Any, Literal, Self, cast
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from claims import editions
from claims.facts import Email, problems

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


_email: TypeAdapter[str] = TypeAdapter(Email)


def _mailbox(value: str) -> str:
    name, address = parseaddr(value)
    try:
        _email.validate_python(address)
    except ValidationError:
        raise ValueError("must be an address such as Claims <claims@company.example>") from None
    if not address.isascii() or not name.isprintable():
        raise ValueError("must have an address in plain ASCII, on one line")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or not value.isprintable():
        raise ValueError("must be an address such as https://company.example/page")
    return value


def _claim_page(value: str) -> str:
    if "{claim_id}" not in value:
        raise ValueError("must have {claim_id} where the claim's id belongs")
    return _web_address(value)


def _known_edition(value: str) -> str:
    if value not in editions.names():
        raise ValueError(f"must be one of {', '.join(editions.names())}")
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    smtp_host: str | None = Field(
        default=None, description="Mail server. Unset: mails go to the local mailbox."
    )
    smtp_port: Port | None = Field(
        default=None,
        description="Port of the mail server. Unset: 25, 587 with starttls, 465 with tls.",
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
    hand_off_timeout: PositiveFloat = Field(
        default=30.0, description="Seconds to wait for the incentive engine."
    )
    event_source: str = Field(
        default="urn:cpor-claims", min_length=1, description="The source that hand-off events name."
    )
    default_edition: Annotated[str, AfterValidator(_known_edition)] = Field(
        default="2020", description="Edition of the rules for claims that ask for none."
    )
    retention_days: PositiveInt = Field(
        default=90, description="Days for which the embedded engine remembers a claim that is over."
    )
    claim_page_url: Annotated[str, AfterValidator(_claim_page)] | None = Field(
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
        default=None,
        description="Folder that keeps the embedded engine once it is there. "
        "Unset: the user's cache folder.",
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
    for problem, raw in zip(problems(error), error.errors(include_url=False), strict=True):
        place = ".".join(str(step) for step in cast("tuple[Any, ...]", raw["loc"])[:1])
        name = f"{PREFIX}{place.upper()} " if place else ""
        yield f"{name}{problem.text.removesuffix('.')}."

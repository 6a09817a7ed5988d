"""Each setting: name, type, default, description and an example."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from cpor.rules.facts import Country
from cpor.settings.value_types import (
    BuildId,
    ClaimPage,
    Days,
    EditionName,
    LinkSecrets,
    ListenAddress,
    Mailbox,
    Port,
    PublicAddress,
    ReviewerEmails,
    Seconds,
    SigningKeys,
    Subdivisions,
    TlsMode,
    Token,
    WebAddress,
    ZoneName,
    Zones,
)


class SettingsFields(BaseSettings):
    smtp_host: str | None = Field(
        default=None,
        description="Mail server. Unset: mails go to the local mailbox.",
        examples=["mail.company.example"],
    )
    smtp_port: Port | None = Field(
        default=None,
        description="Port of it. Unset: 25, 587 with starttls, 465 with tls.",
        examples=[587],
    )
    smtp_tls: TlsMode = Field(
        default="starttls",
        description="How the connection is encrypted: starttls (from the first command on), "
        "tls (from the first byte on) or none.",
        examples=["tls"],
    )
    smtp_plain_allowed: bool = Field(
        default=False,
        description="Whether CLAIMS_SMTP_TLS=none may reach a host that is not this machine.",
        examples=[True],
    )
    smtp_user: str | None = Field(
        default=None, description="Name to log in with. Unset: no login.", examples=["claims"]
    )
    smtp_password: SecretStr | None = Field(
        default=None, description="Password to log in with.", examples=["(from your secret store)"]
    )
    smtp_timeout: Seconds = Field(
        default=30.0,
        description="Seconds to wait for each answer of the mail server, 100 at most.",
        examples=[10],
    )
    sender: Mailbox = Field(
        default="CPOR Claims <claims@cpor.example>",
        description="Address that mails come from, with or without a name.",
        examples=["Claims <claims@company.example>"],
    )
    reply_to: Mailbox = Field(
        default="no-thanks@cpor.example",
        description="Address that the customer may write to in order to say no.",
        examples=["no-thanks@company.example"],
    )
    reviewers_email: Mailbox = Field(
        default="Reviewers <reviewers@cpor.example>",
        description="Address of the reviewers' queue.",
        examples=["Reviewers <reviewers@company.example>"],
    )
    reviewer_emails: ReviewerEmails = Field(
        default={},
        description="Addresses of single reviewers by their ids, as JSON: "
        '{"kim": "Kim <kim@company.example>"}. They get what the queue gets of claims they have.',
        examples=['{"kim": "Kim <kim@company.example>"}'],
    )
    lead_email: Mailbox = Field(
        default="Review lead <lead@cpor.example>",
        description="Address of the reviewers' lead, who hears of what is overdue.",
        examples=["Review lead <lead@company.example>"],
    )
    operators_email: Mailbox = Field(
        default="Operators <operators@cpor.example>",
        description="Address of whoever runs this system.",
        examples=["Operators <operators@company.example>"],
    )
    mailbox_port: Port = Field(
        default=1025,
        description="Port of the local mailbox on the loopback interface; 0 for a free one.",
        examples=[1025],
    )
    mailbox_folder: str = Field(
        default="var/mail",
        description="Folder where the local mailbox keeps mails as .eml files.",
        examples=["/var/lib/claims/mail"],
    )
    store_url: str = Field(
        default="var/store",
        description="Store of proof files and records: a folder, or s3://, az://, gs://, file://.",
        examples=["s3://claims/production"],
    )
    outbox_folder: str = Field(
        default="var/outbox",
        description="Folder for hand-off events where no hand_off_url is set.",
        examples=["/var/lib/claims/outbox"],
    )
    hand_off_url: WebAddress | None = Field(
        default=None,
        description="Address of the incentive engine. Unset: events are files.",
        examples=["https://incentives.company.example/claims"],
    )
    hand_off_keys: SigningKeys | None = Field(
        default=None,
        description="Secret to sign hand-offs with, or two. Unset: not signed.",
        examples=["(from your secret store)"],
    )
    hand_off_timeout: Seconds = Field(
        default=30.0,
        description="Seconds to wait for the incentive engine, or for the portal, 100 at most.",
        examples=[10],
    )
    portal_events_url: WebAddress | None = Field(
        default=None,
        description="Where the vendor's portal takes events. Unset: none are sent.",
        examples=["https://portal.company.example/events"],
    )
    portal_events_keys: SigningKeys | None = Field(
        default=None,
        description="Secret to sign these events with, or two. Unset: not signed.",
        examples=["(from your secret store)"],
    )
    directory_url: WebAddress | None = Field(
        default=None,
        description="The vendor's directory. Unset: claims are not checked there.",
        examples=["https://directory.company.example/ask"],
    )
    directory_token: Token | None = Field(
        default=None,
        description="Bearer token for the directory. Unset: none is sent.",
        examples=["(from your secret store)"],
    )
    directory_timeout: Seconds = Field(
        default=5.0,
        description="Seconds to wait for the directory, each of three times at most.",
        examples=[2],
    )
    event_source: str = Field(
        default="urn:cpor-claims",
        min_length=1,
        description="The source that events name.",
        examples=["urn:company:claims"],
    )
    default_edition: EditionName = Field(
        default="2020",
        description="Edition of the rules for claims that ask for none.",
        examples=["2023"],
    )
    reviewers_country: Country = Field(
        default="US", description="Country whose working days are the reviewers'.", examples=["DE"]
    )
    reviewers_subdivision: str | None = Field(
        default="WA",
        description="State or region of it. Unset with another country: all of it.",
        examples=["BY"],
    )
    reviewers_zone: ZoneName | None = Field(
        default="America/Los_Angeles",
        description="Time zone in which the reviewers' days end. Unset with another country: its "
        "most populous one.",
        examples=["Europe/Berlin"],
    )
    subdivisions: Subdivisions = Field(
        default={},
        description="State or region for partners and customers of a country, as JSON: "
        '{"DE": "BY"}. Unset: each country as a whole.',
        examples=['{"DE": "BY", "US": "WA"}'],
    )
    zones: Zones = Field(
        default={},
        description='Time zone for partners and customers of a country, as JSON: {"US": '
        '"America/Chicago"}. Unset: each country\'s most populous one.',
        examples=['{"US": "America/Chicago"}'],
    )
    decline_url: PublicAddress | None = Field(
        default=None,
        description="Public address of the customer's page. Unset: no links; customers write.",
        examples=["https://claims.company.example"],
    )
    decline_port: Port = Field(
        default=8300,
        description="Port on which serve-decline serves the customer's page.",
        examples=[8300],
    )
    link_secret: LinkSecrets | None = Field(
        default=None,
        description="Secret to sign the customer's links with, or two, newest first.",
        examples=["(from your secret store)"],
    )
    retention_days: Days = Field(
        default=90,
        description="Days for which the embedded engine remembers a claim that is over.",
        examples=[30],
    )
    claim_page_url: ClaimPage | None = Field(
        default=None,
        description="Page of a claim, with {claim_id} in it. Unset: no link in mails.",
        examples=["https://portal.company.example/claims/{claim_id}"],
    )
    program_guide_url: WebAddress | None = Field(
        default=None,
        description="The program guide. Unset: no link in mails.",
        examples=["https://company.example/guide"],
    )
    earnings_report_url: WebAddress | None = Field(
        default=None,
        description="The earnings report. Unset: no link in mails.",
        examples=["https://company.example/earnings"],
    )
    support_url: WebAddress | None = Field(
        default=None,
        description="Where to get help. Unset: no link in mails.",
        examples=["https://company.example/support"],
    )
    evidence_guidelines_url: WebAddress | None = Field(
        default=None,
        description="What proof must show. Unset: no link in mails.",
        examples=["https://company.example/proof"],
    )
    getting_started_url: WebAddress | None = Field(
        default=None,
        description="How claims work. Unset: no link in mails.",
        examples=["https://company.example/claims"],
    )
    cache: str | None = Field(
        default=None,
        description="Folder for the embedded engine. Unset: the user's cache folder.",
        examples=["/var/cache/claims"],
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged.", examples=["warning"]
    )
    secrets_folder: str | None = Field(
        default=None,
        description="Folder of secrets, each a file with a variable's name in lower case. "
        "Unset: /run/secrets, where there is one.",
        examples=["/var/run/claims-secrets"],
    )
    build_id: BuildId | None = Field(
        default=None,
        description="Version of this worker, to be made the current one. Unset: not versioned.",
        examples=["0.1.0"],
    )
    metrics_address: ListenAddress | None = Field(
        default=None,
        description="Where the worker shows metrics to Prometheus, at /metrics. Unset: nowhere.",
        examples=["127.0.0.1:9464"],
    )
    health_address: ListenAddress | None = Field(
        default=None,
        description="Where the worker says whether it is /live and /ready. Unset: nowhere.",
        examples=["127.0.0.1:8080"],
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="How the worker logs: lines for people, or a JSON object in each line.",
        examples=["json"],
    )

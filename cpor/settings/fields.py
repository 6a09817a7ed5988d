"""Each setting: name, type, default, description and an example."""

from __future__ import annotations

from typing import Final, Literal, TypeVar

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from cpor.rules.facts import Country
from cpor.rules.proof import ProofMode
from cpor.settings import value_types as types

T = TypeVar("T")

SECRET: Final = "(from your secret store)"


def setting(default: T, description: str, example: object) -> T:
    """A field of a model; `docs/settings.md` shows its description and its example."""
    return Field(default=default, description=description, examples=[example])


class SettingsFields(BaseSettings):
    smtp_host: str | None = setting(
        None, "Mail server. Unset: mails go to the local mailbox.", "mail.company.example"
    )
    smtp_port: types.Port | None = setting(
        None, "Port of it. Unset: 25, 587 with starttls, 465 with tls.", 587
    )
    smtp_tls: types.TlsMode = setting(
        "starttls",
        "How the connection is encrypted: starttls (from the first command on), tls (from the "
        "first byte on) or none.",
        "tls",
    )
    smtp_plain_allowed: bool = setting(
        False, "Whether CLAIMS_SMTP_TLS=none may reach a host that is not this machine.", True
    )
    smtp_user: str | None = setting(None, "Name to log in with. Unset: no login.", "claims")
    smtp_password: SecretStr | None = setting(None, "Password to log in with.", SECRET)
    smtp_timeout: types.Seconds = setting(
        30.0, "Seconds to wait for each answer of the mail server, 100 at most.", 10
    )
    smtp_ehlo: types.FullHostName | None = setting(
        None,
        "Name by which a worker greets the mail server (EHLO). Unset: this host's full name.",
        "claims.company.example",
    )
    sender: types.Mailbox = setting(
        "CPOR Claims <claims@cpor.example>",
        "Address that mails come from, with or without a name.",
        "Claims <claims@company.example>",
    )
    reply_to: types.Mailbox = setting(
        "no-thanks@cpor.example",
        "Address that the customer may write to in order to say no.",
        "no-thanks@company.example",
    )
    vendor_name: types.OneLine = setting(
        "Microsoft",
        "Company that sends the mails, by its full name.",
        "Microsoft Ireland Operations Limited",
    )
    vendor_address: types.OneLine | None = setting(
        None,
        "Its postal address. Unset: left out of mails and of the customer's page.",
        "South County Business Park, Dublin 18, Ireland",
    )
    vendor_check_url: types.WebAddress | None = setting(
        None,
        "Its page where customers can check that a mail about a claim is real. Unset: customers "
        "look up how to reach the company.",
        "https://company.example/is-this-real",
    )
    vendor_check_phone: types.OneLine | None = setting(
        None, "Its phone number for the same question.", "+353 1 555 0100"
    )
    vendor_logo: types.NonEmpty | None = setting(
        None,
        "File with its logo for mails and the customer's page: PNG or JPEG, 100 KB at most, shown "
        "40 pixels high. Read when worker or page starts. Unset: its name.",
        "/etc/claims/logo.png",
    )
    vendor_privacy_url: types.WebAddress | None = setting(
        None,
        "What it does with personal data. Unset: no link in mails and on the customer's page.",
        "https://company.example/privacy",
    )
    vendor_imprint_url: types.WebAddress | None = setting(
        None,
        "Its legal notice. Unset: no link in mails and on the customer's page.",
        "https://company.example/imprint",
    )
    reviewers_email: types.Mailbox = setting(
        "Reviewers <reviewers@cpor.example>",
        "Address of the reviewers' queue.",
        "Reviewers <reviewers@company.example>",
    )
    reviewer_emails: types.ReviewerEmails = setting(
        {},
        'Addresses of single reviewers by their ids, as JSON: {"kim": "Kim '
        '<kim@company.example>"}. They get what the queue gets of claims they have.',
        '{"kim": "Kim <kim@company.example>"}',
    )
    lead_email: types.Mailbox = setting(
        "Review lead <lead@cpor.example>",
        "Address of the reviewers' lead, who hears of what is overdue.",
        "Review lead <lead@company.example>",
    )
    operators_email: types.Mailbox = setting(
        "Operators <operators@cpor.example>",
        "Address of the operators, who run this system.",
        "Operators <operators@company.example>",
    )
    mailbox_port: types.Port = setting(
        1025, "Port of the local mailbox on the loopback interface; 0 for a free one.", 1025
    )
    mailbox_folder: str = setting(
        "var/mail",
        "Folder where the local mailbox keeps mails as .eml files.",
        "/var/lib/claims/mail",
    )
    store_url: str = setting(
        "var/store",
        "Store of proof files and records: a folder, or s3://, az://, gs://, file://.",
        "s3://claims/production",
    )
    outbox_folder: str = setting(
        "var/outbox",
        "Folder for hand-off events where no hand_off_url is set.",
        "/var/lib/claims/outbox",
    )
    hand_off_url: types.WebAddress | None = setting(
        None,
        "Address of the incentive engine. Unset: events are files.",
        "https://incentives.company.example/claims",
    )
    hand_off_keys: types.SigningKeys | None = setting(
        None, "Secret to sign hand-offs with, or two. Unset: not signed.", SECRET
    )
    hand_off_timeout: types.Seconds = setting(
        30.0, "Seconds to wait for the incentive engine, or for the portal, 100 at most.", 10
    )
    result_days: types.DaysOrNever = setting(
        5,
        "Business days without a result after which the incentive engine is asked again; 0: never.",
        10,
    )
    portal_events_url: types.WebAddress | None = setting(
        None,
        "Where the vendor's portal takes events. Unset: none are sent.",
        "https://portal.company.example/events",
    )
    portal_events_keys: types.SigningKeys | None = setting(
        None, "Secret to sign these events with, or two. Unset: not signed.", SECRET
    )
    one_holder: bool = setting(
        True,
        "Whether a workload or subscription of a tenant has one official partner at most. It holds "
        "for claims that are submitted from then on.",
        False,
    )
    look_into_proof: bool = setting(
        True,
        "Whether workers look into proof files. It holds for claims that are submitted from then "
        "on.",
        False,
    )
    directory_url: types.WebAddress | None = setting(
        None,
        "The vendor's directory. Unset: claims are not checked there.",
        "https://directory.company.example/ask",
    )
    directory_token: types.Token | None = setting(
        None, "Bearer token for the directory. Unset: none is sent.", SECRET
    )
    directory_timeout: types.Seconds = setting(
        5.0, "Seconds to wait for the directory, each of three times at most.", 2
    )
    answer_timeout: types.Seconds = setting(
        10.0,
        "Seconds that commands and the customer's page wait for a worker's answer, 100 at most.",
        30,
    )
    event_source: types.NonEmpty = setting(
        "urn:cpor-claims", "The source that events name.", "urn:company:claims"
    )
    default_edition: types.EditionName = setting(
        "2020", "Edition of the rules for claims that ask for none.", "2023"
    )
    reviewers_country: Country = setting(
        "US", "Country whose working days are the reviewers'.", "DE"
    )
    reviewers_subdivision: str | None = setting(
        "WA", "State or region of it. Unset with another country: all of it.", "BY"
    )
    reviewers_zone: types.ZoneName | None = setting(
        "America/Los_Angeles",
        "Time zone in which the reviewers' days end. Unset with another country: its most "
        "populous one.",
        "Europe/Berlin",
    )
    reviewers_closures: types.NonEmpty | None = setting(
        None,
        "File of days off for the reviewers beside public holidays: a line each, such as "
        "2026-12-24 Closed. Read when the worker starts.",
        "/etc/claims/closures.txt",
    )
    subdivisions: types.Subdivisions = setting(
        {},
        'State or region for partners and customers of a country, as JSON: {"DE": "BY"}. Unset:'
        " each country as a whole.",
        '{"DE": "BY", "US": "WA"}',
    )
    zones: types.Zones = setting(
        {},
        'Time zone for partners and customers of a country, as JSON: {"US": "America/Chicago"}.'
        " Unset: each country's most populous one.",
        '{"US": "America/Chicago"}',
    )
    decline_url: types.PublicAddress | None = setting(
        None,
        "Public address of the customer's page. Unset: no links; customers write.",
        "https://claims.company.example",
    )
    decline_port: types.Port = setting(
        8300, "Port on which serve-decline serves the customer's page.", 8300
    )
    decline_metrics_address: types.ListenAddress | None = setting(
        None,
        "Where serve-decline shows metrics to Prometheus, at /metrics. Unset: nowhere.",
        "127.0.0.1:9465",
    )
    decline_health_address: types.ListenAddress | None = setting(
        None,
        "Where serve-decline says whether it is /live and /ready. Unset: nowhere.",
        "127.0.0.1:8081",
    )
    bounces_sendgrid_key: types.EcdsaKey | None = setting(
        None,
        "SendGrid's key that verifies its event webhook, which serve-decline takes at "
        "/bounces/sendgrid. Unset: it does not.",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
    )
    bounces_ses_topic: types.SnsTopic | None = setting(
        None,
        "Topic of Amazon SNS by which SES tells of bounces; serve-decline takes them at "
        "/bounces/ses. Unset: it does not.",
        "arn:aws:sns:eu-west-1:123456789012:claims-bounces",
    )
    bounces_signing_key: str | None = setting(
        None,
        "File with the private key that signs what claims are told of bounces. Unset: "
        "CLAIMS_SIGNING_KEY.",
        "/run/keys/mail.key.json",
    )
    link_secret: types.LinkSecrets | None = setting(
        None, "Secret to sign the customer's links with, or two, newest first.", SECRET
    )
    proofs: ProofMode = setting(
        "off",
        "Whether new claims ask who speaks to prove it: off, warn (what is unsigned is taken and "
        "marked) or require (it is refused). Each claim keeps what it was opened under.",
        "require",
    )
    trusted_keys: types.KeySet | None = setting(
        None,
        "Whose signatures workers believe, and for what: a file or an https address with a JSON "
        "Web Key Set. Unset: nobody's.",
        "/etc/claims/trusted-keys.json",
    )
    signing_key: str | None = setting(
        None,
        "File with the private key that commands and the customer's page sign with. Unset: they "
        "do not sign.",
        "/run/keys/page.key.json",
    )
    worker_keys: types.WorkerKeys | None = setting(
        None,
        "Secrets by which workers recognise each other's work, newest first; the same for all. "
        "Unset: one is made and kept in var/worker.key.",
        SECRET,
    )
    retention_days: types.Days = setting(
        90, "Days for which the embedded engine remembers a claim that is over.", 30
    )
    claim_page_url: types.ClaimPage | None = setting(
        None,
        "Page of a claim, with {claim_id} in it. Unset: no link in mails.",
        "https://portal.company.example/claims/{claim_id}",
    )
    program_guide_url: types.WebAddress | None = setting(
        None, "The program guide. Unset: no link in mails.", "https://company.example/guide"
    )
    earnings_report_url: types.WebAddress | None = setting(
        None, "The earnings report. Unset: no link in mails.", "https://company.example/earnings"
    )
    support_url: types.WebAddress | None = setting(
        None, "Where to get help. Unset: no link in mails.", "https://company.example/support"
    )
    evidence_guidelines_url: types.WebAddress | None = setting(
        None, "What proof must show. Unset: no link in mails.", "https://company.example/proof"
    )
    getting_started_url: types.WebAddress | None = setting(
        None, "How claims work. Unset: no link in mails.", "https://company.example/claims"
    )
    cache: str | None = setting(
        None, "Folder for the embedded engine. Unset: the user's cache folder.", "/var/cache/claims"
    )
    log_level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "How much is logged.", "warning"
    )
    secrets_folder: str | None = setting(
        None,
        "Folder of secrets, each a file with a variable's name in lower case. Unset: "
        "/run/secrets, where there is one.",
        "/var/run/claims-secrets",
    )
    after_restore: types.InstantInUtc | None = setting(
        None,
        "Time of the backup, in UTC, after the engine's database was restored: a worker sends "
        "nothing before it has compared the claims with the store. Unset: nothing was restored.",
        "2026-11-28T06:00:00Z",
    )
    build_id: types.BuildId | None = setting(
        None, "Version of this worker, to be made the current one. Unset: not versioned.", "0.1.0"
    )
    metrics_address: types.ListenAddress | None = setting(
        None,
        "Where the worker shows metrics to Prometheus, at /metrics. Unset: nowhere.",
        "127.0.0.1:9464",
    )
    health_address: types.ListenAddress | None = setting(
        None,
        "Where the worker says whether it is /live and /ready. Unset: nowhere.",
        "127.0.0.1:8080",
    )
    log_format: Literal["text", "json"] = setting(
        "text", "How the worker logs: lines for people, or a JSON object in each line.", "json"
    )

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
        None,
        "Host of the mail server. Unset: mails go to the local mailbox.",
        "mail.company.example",
    )
    smtp_port: types.Port | None = setting(
        None, "Port of the mail server. Unset: 587 with starttls, 465 with tls, 25 with none.", 587
    )
    smtp_tls: types.TlsMode = setting(
        "starttls",
        "How the connection is encrypted: starttls (begins plain, encrypted before login and "
        "mail), tls (encrypted from the first byte) or none.",
        "tls",
    )
    smtp_plain_allowed: bool = setting(
        False, "Whether CLAIMS_SMTP_TLS=none is allowed for a host other than this machine.", True
    )
    smtp_user: str | None = setting(
        None, "User name for the mail server. Unset: no login.", "claims"
    )
    smtp_password: SecretStr | None = setting(None, "Password for the mail server.", SECRET)
    smtp_timeout: types.Seconds = setting(
        30.0, "Seconds to wait for each answer of the mail server; at most 100.", 10
    )
    smtp_ehlo: types.FullHostName | None = setting(
        None,
        "Name by which a worker greets the mail server (EHLO). Unset: this host's full name.",
        "claims.company.example",
    )
    sender: types.Mailbox = setting(
        "CPOR Claims <claims@cpor.example>",
        "Address in the From line of mails, with or without a name. Delivery reports go there.",
        "Claims <claims@company.example>",
    )
    reply_to: types.Mailbox = setting(
        "no-thanks@cpor.example",
        "Address to which customers can write to say no. It is the Reply-To of their mails.",
        "no-thanks@company.example",
    )
    vendor_name: types.OneLine = setting(
        "Microsoft",
        "Full name of the company that sends the mails.",
        "Microsoft Ireland Operations Limited",
    )
    vendor_address: types.OneLine | None = setting(
        None,
        "The company's postal address. Unset: left out of mails and of the customer's page.",
        "South County Business Park, Dublin 18, Ireland",
    )
    vendor_check_url: types.WebAddress | None = setting(
        None,
        "Web page of the company where customers can check that a mail is real. Unset: mails tell "
        "customers to look up the company's contact details themselves.",
        "https://company.example/is-this-real",
    )
    vendor_check_phone: types.OneLine | None = setting(
        None,
        "The company's phone number for the same question. Unset: no number is given.",
        "+353 1 555 0100",
    )
    vendor_logo: types.NonEmpty | None = setting(
        None,
        "File with the company's logo for mails and the customer's page: PNG or JPEG, at most "
        "100 KB, shown 40 pixels high. Read when worker or page starts. Unset: the name is shown.",
        "/etc/claims/logo.png",
    )
    vendor_privacy_url: types.WebAddress | None = setting(
        None,
        "The company's privacy notice. Unset: no link in mails and on the customer's page.",
        "https://company.example/privacy",
    )
    vendor_imprint_url: types.WebAddress | None = setting(
        None,
        "The company's legal notice. Unset: no link in mails and on the customer's page.",
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
        '<kim@company.example>"}. They get the mails about the claims assigned to them, beside the '
        "queue.",
        '{"kim": "Kim <kim@company.example>"}',
    )
    lead_email: types.Mailbox = setting(
        "Review lead <lead@cpor.example>",
        "Address of the reviewers' lead, who is told what is overdue.",
        "Review lead <lead@company.example>",
    )
    operators_email: types.Mailbox = setting(
        "Operators <operators@cpor.example>",
        "Address of the operators, who run this system.",
        "Operators <operators@company.example>",
    )
    mailbox_port: types.Port = setting(
        1025, "Port of the local mailbox, on loopback; 0 chooses a free one.", 1025
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
        "Folder for hand-off events. Used only if CLAIMS_HAND_OFF_URL is unset.",
        "/var/lib/claims/outbox",
    )
    hand_off_url: types.WebAddress | None = setting(
        None,
        "Web address of the incentive engine. Unset: hand-off events are written to files.",
        "https://incentives.company.example/claims",
    )
    hand_off_keys: types.SigningKeys | None = setting(
        None, "Secret that signs hand-offs, or two. Unset: they are not signed.", SECRET
    )
    hand_off_timeout: types.Seconds = setting(
        30.0, "Seconds to wait for the incentive engine, or for the portal; at most 100.", 10
    )
    result_days: types.DaysOrNever = setting(
        5,
        "The incentive engine is asked again after so many business days without a result; 0: "
        "never.",
        10,
    )
    portal_events_url: types.WebAddress | None = setting(
        None,
        "Web address at which the vendor's portal receives events. Unset: none are sent.",
        "https://portal.company.example/events",
    )
    portal_events_keys: types.SigningKeys | None = setting(
        None, "Secret that signs the portal's events, or two. Unset: they are not signed.", SECRET
    )
    one_holder: bool = setting(
        True,
        "Whether a workload or subscription of a tenant has at most one official partner. A change "
        "holds for claims submitted from then on.",
        False,
    )
    look_into_proof: bool = setting(
        True,
        "Whether workers look into proof files. It holds for claims that are submitted from then "
        "on.",
        False,
    )
    clamd: types.HostOrSocket | None = setting(
        None,
        "Where clamd listens, the daemon of the virus scanner ClamAV: a host and a port, or the "
        "path of a socket. Unset: proof files are not scanned for viruses.",
        "127.0.0.1:3310",
    )
    directory_url: types.WebAddress | None = setting(
        None,
        "Web address of the vendor's directory. Unset: claims are not checked there.",
        "https://directory.company.example/ask",
    )
    directory_token: types.Token | None = setting(
        None, "Bearer token for the directory. Unset: none is sent.", SECRET
    )
    directory_timeout: types.Seconds = setting(
        5.0,
        "Seconds to wait for each answer of the directory, which is asked up to three times.",
        2,
    )
    answer_timeout: types.Seconds = setting(
        10.0,
        "Seconds that commands and the customer's page wait for a worker's answer; at most 100.",
        30,
    )
    event_source: types.NonEmpty = setting(
        "urn:cpor-claims", "The `source` of each event.", "urn:company:claims"
    )
    default_edition: types.EditionName = setting(
        "2020", "Edition of the rules for claims that name none.", "2023"
    )
    reviewers_country: Country = setting(
        "US", "Country whose working days are the reviewers'.", "DE"
    )
    reviewers_subdivision: str | None = setting(
        "WA",
        "State or region of the reviewers. Unset, with another country than the US: all of it.",
        "BY",
    )
    reviewers_zone: types.ZoneName | None = setting(
        "America/Los_Angeles",
        "Time zone in which the reviewers' days end. Unset, with another country than the US: the "
        "country's most populous one.",
        "Europe/Berlin",
    )
    reviewers_closures: types.NonEmpty | None = setting(
        None,
        "File of the reviewers' days off beside public holidays, a line for each, such as "
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
        "Public address of the customer's page. Unset: mails have no link, and customers write to "
        "say no.",
        "https://claims.company.example",
    )
    decline_port: types.Port = setting(
        8300, "Port on which serve-decline serves the customer's page.", 8300
    )
    decline_metrics_address: types.ListenAddress | None = setting(
        None,
        "Address at which serve-decline serves /metrics for Prometheus. Unset: none.",
        "127.0.0.1:9465",
    )
    decline_health_address: types.ListenAddress | None = setting(
        None,
        "Address at which serve-decline serves /live and /ready. Unset: none.",
        "127.0.0.1:8081",
    )
    bounces_sendgrid_key: types.EcdsaKey | None = setting(
        None,
        "SendGrid's key for verifying its event webhook, which serve-decline accepts at "
        "/bounces/sendgrid. Unset: not accepted.",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
    )
    bounces_ses_topic: types.SnsTopic | None = setting(
        None,
        "Topic of Amazon SNS by which SES reports bounces; serve-decline accepts them at "
        "/bounces/ses. Unset: not accepted.",
        "arn:aws:sns:eu-west-1:123456789012:claims-bounces",
    )
    bounces_signing_key: str | None = setting(
        None,
        "File with the private key that signs reports of bounces to claims. Unset: the key of "
        "CLAIMS_SIGNING_KEY.",
        "/run/keys/mail.key.json",
    )
    link_secret: types.LinkSecrets | None = setting(
        None, "Secret that signs the customers' links, or two, the newest first.", SECRET
    )
    proofs: ProofMode = setting(
        "off",
        "Whether senders must prove who they are by a signature: off, warn (unsigned messages are "
        "accepted and marked) or require (they are refused). Each claim keeps the value it was "
        "opened under.",
        "require",
    )
    trusted_keys: types.KeySet | None = setting(
        None,
        "Keys whose signatures workers believe, and for what: a file or an https address with a "
        "JSON Web Key Set. Unset: none.",
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
        "Secrets by which workers recognise each other's work, the newest first; the same for all "
        "workers. Unset: a worker makes one and keeps it in var/worker.key.",
        SECRET,
    )
    retention_days: types.Days = setting(
        90, "Days for which the embedded engine keeps a claim that is over.", 30
    )
    claim_page_url: types.ClaimPage | None = setting(
        None,
        "Web page of a claim, with {claim_id} in the address. Unset: no link in mails.",
        "https://portal.company.example/claims/{claim_id}",
    )
    program_guide_url: types.WebAddress | None = setting(
        None,
        "Web page of the program guide. Unset: no link in mails.",
        "https://company.example/guide",
    )
    earnings_report_url: types.WebAddress | None = setting(
        None,
        "Web page of the earnings report. Unset: no link in mails.",
        "https://company.example/earnings",
    )
    support_url: types.WebAddress | None = setting(
        None,
        "Web page where partners get help. Unset: no link in mails.",
        "https://company.example/support",
    )
    evidence_guidelines_url: types.WebAddress | None = setting(
        None,
        "Web page about what proof must show. Unset: no link in mails.",
        "https://company.example/proof",
    )
    getting_started_url: types.WebAddress | None = setting(
        None,
        "Web page about how claims work. Unset: no link in mails.",
        "https://company.example/claims",
    )
    cached_claims: types.CachedClaims = setting(
        1000,
        "So many claims a worker keeps in memory. Any other is read from its history first.",
        "200",
    )
    cache: str | None = setting(
        None, "Folder for the embedded engine. Unset: the user's cache folder.", "/var/cache/claims"
    )
    log_level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "The least important messages that are logged.", "warning"
    )
    secrets_folder: str | None = setting(
        None,
        "Folder of secrets, each in a file named like its variable in lower case. Unset: "
        "/run/secrets, if it exists.",
        "/var/run/claims-secrets",
    )
    after_restore: types.InstantInUtc | None = setting(
        None,
        "Set it after Temporal's database was restored, to the time of the backup in UTC: a worker "
        "then sends nothing before it has compared all claims with the store. Unset: nothing was "
        "restored.",
        "2026-11-28T06:00:00Z",
    )
    build_id: types.BuildId | None = setting(
        None,
        "Version of this worker, see docs/upgrading.md. Unset: workers have no versions.",
        "0.1.0",
    )
    metrics_address: types.ListenAddress | None = setting(
        None,
        "Address at which the worker serves /metrics for Prometheus. Unset: none.",
        "127.0.0.1:9464",
    )
    health_address: types.ListenAddress | None = setting(
        None,
        "Address at which the worker serves /live and /ready. Unset: none.",
        "127.0.0.1:8080",
    )
    log_format: Literal["text", "json"] = setting(
        "text", "How the worker logs: lines for people, or a JSON object in each line.", "json"
    )

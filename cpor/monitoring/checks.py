"""`worker.py --check`: tries everything that the settings name, and says what to do.

It starts nothing and sends nothing: no mail, no event, no request to the directory.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from cpor import engine, http_server
from cpor.client.errors import PortalError
from cpor.contract import search_attributes
from cpor.engine.environment import new_enough
from cpor.engine.find import candidates
from cpor.engine.ports import next_free_port
from cpor.links import Invitation, SignedLinks
from cpor.local_temporal import Where, connect
from cpor.monitoring import Unusable
from cpor.settings import MailServer, Settings, SettingsError
from cpor.store import Store, StoreError

LIMIT = 30.0
"""Seconds for each check; they run at the same time."""
STORE_LIMIT = 30.0
"""Seconds for the store to answer at the start of a worker."""

TryMailServer = Callable[[MailServer], Awaitable[str]]
"""Connects and logs in; raises `ApplicationError`."""
TryVirusScanner = Callable[[str], Awaitable[str]]
"""Asks which version it is; raises `ApplicationError`."""


@dataclass(frozen=True)
class Finding:
    what: str
    found: str
    remedy: str = ""
    """What to do; empty if nothing is wrong."""

    @property
    def result(self) -> str:
        return "failed" if self.remedy else "ok"


class Failed(Exception):
    def __init__(self, found: object, remedy: str) -> None:
        super().__init__(str(found))
        self.remedy = remedy


async def run(
    try_mail_server: TryMailServer, try_virus_scanner: TryVirusScanner
) -> Sequence[Finding]:
    """The findings, in the order in which one would fix them."""
    try:
        settings = Settings.load()
    except SettingsError as error:
        return [Finding("settings", problem, "see docs/settings.md") for problem in error.problems]
    engine_or_none = asyncio.create_task(_temporal())
    others = await asyncio.gather(
        _one("mail server", lambda: _mail(settings, try_mail_server)),
        _one("vendor", lambda: _vendor(settings)),
        _one("store", lambda: _store(settings.store_url, "CLAIMS_STORE_URL")),
        _one("virus scanner", lambda: _virus_scanner(settings.clamd, try_virus_scanner)),
        _one("hand-off", lambda: _hand_off(settings)),
        _one("portal's events", lambda: _receiver(settings.portal_events_url, "PORTAL_EVENTS")),
        _one("directory", lambda: _receiver(settings.directory_url, "DIRECTORY")),
        _one("link secret", lambda: _links(settings)),
        _one("metrics", lambda: _port(settings.metrics_address, "METRICS", "/metrics")),
        _one("health", lambda: _port(settings.health_address, "HEALTH", "/live")),
    )
    return [Finding("settings", "all can be read"), *await engine_or_none, *others]


async def require_store(url: str) -> None:
    """Before a worker starts: it must not take work that it could not finish."""
    try:
        async with asyncio.timeout(STORE_LIMIT):
            store = await asyncio.to_thread(Store.open, url)
            await store.read_record("of-no-claim")
    except TimeoutError:
        raise Unusable(
            f"The store {url} has not answered within {STORE_LIMIT:.0f} s. See that it does, or "
            "set CLAIMS_STORE_URL to another."
        ) from None


async def _one(what: str, check: Callable[[], Awaitable[str]]) -> Finding:
    try:
        async with asyncio.timeout(LIMIT):
            return Finding(what, await check())
    except Failed as failed:
        return Finding(what, str(failed), failed.remedy)
    except TimeoutError:
        return Finding(what, f"no answer within {LIMIT:.0f} s", "see that it answers sooner")


async def _temporal() -> Sequence[Finding]:
    try:
        options = engine.configured()
    except engine.NotConfigured as error:
        return [Finding("Temporal", str(error), "mend TEMPORAL_… or temporal.toml")]
    if options is None:
        return [await _one("Temporal", _embedded)]
    reached: list[Client] = []
    first = await _one("Temporal", lambda: _reach(Where(options), reached))
    if not reached:
        return [first]
    more: list[Finding] = []
    return [first, await _one("namespace", lambda: _registered(reached[0], more)), *more]


async def _reach(place: Where, reached: list[Client]) -> str:
    try:
        client = await connect(place)
        version = await new_enough(client)
    except PortalError as error:
        raise Failed(error, "start it, or set TEMPORAL_ADDRESS to where it is") from None
    except engine.EngineUnfit as error:
        raise Failed(error, "update the server, or its answers to this client") from None
    reached.append(client)
    return f"server {version} at {place.address}"


async def _registered(client: Client, more: list[Finding]) -> str:
    try:
        problems = await engine.missing_attributes(client, search_attributes.ALL)
    except engine.NamespaceMissing as error:
        found, _, command = str(error).partition(": ")
        raise Failed(found, command) from None
    except engine.EngineError as error:
        raise Failed(error, "see that this client may read them") from None
    for each in problems:
        more.append(Finding("search attribute", str(each).partition(": ")[0], each.command))
    if not problems:
        more.append(Finding("search attributes", f"all {len(search_attributes.ALL)}"))
    return f"{client.namespace} is there"


async def _embedded() -> str:
    first = await anext(candidates())
    start = "none is configured: the worker starts an engine of its own"
    return f"{start}, {first.origin if first.is_here else 'and fetches or builds it first'}"


async def _mail(settings: Settings, try_mail_server: TryMailServer) -> str:
    if settings.smtp_host is None:
        port = next_free_port(settings.mailbox_port)
        return f"none is set: mails are kept in {settings.mailbox_folder}, port {port} is free"
    server = settings.mail_server
    try:
        name = await try_mail_server(server)
    except ApplicationError as error:
        raise Failed(error.message, _MAIL_REMEDIES.get(error.type or "", _REACH)) from None
    who = f"logged in as {server.user}" if server.user else "no login"
    called = name if "." in name else f"the bare name {name}, {_BARE}"
    return f"{server.host}:{server.port} greets, {server.tls}, {who}; we are {called}"


_BARE = "which many servers refuse: set CLAIMS_SMTP_EHLO"


_REACH = "see that CLAIMS_SMTP_HOST, CLAIMS_SMTP_PORT and CLAIMS_SMTP_TLS are its own, and it runs"
_MAIL_REMEDIES = {
    "MailServerLogin": "set CLAIMS_SMTP_USER and CLAIMS_SMTP_PASSWORD to a login it takes",
    "MailServerBusy": "try again later",
}


async def _vendor(settings: Settings) -> str:
    """Customers read who asks them, and where they can check it, before mails leave for real."""
    vendor = settings.vendor
    try:
        settings.read_logo()
    except SettingsError as error:
        raise Failed(error, "mend the file, or name another") from None
    if settings.smtp_host is not None:
        if vendor.address is None:
            raise Failed(
                f"customers are not told the postal address of {vendor.name}",
                "set CLAIMS_VENDOR_ADDRESS",
            )
        if not vendor.can_be_asked:
            raise Failed(
                "customers are not told where to check that a mail is real",
                "set CLAIMS_VENDOR_CHECK_URL or CLAIMS_VENDOR_CHECK_PHONE",
            )
    return f"customers read that {vendor.in_full} writes to them"


async def _store(place: str, setting: str) -> str:
    try:
        await (await asyncio.to_thread(Store.open, place)).try_out()
    except StoreError as error:
        raise Failed(error, f"mend it or its rights, or set {setting} to another") from None
    return f"{place}: written, read, deleted"


async def _virus_scanner(address: str | None, try_virus_scanner: TryVirusScanner) -> str:
    if address is None:
        return "none is set: proof files are not scanned for viruses"
    try:
        return f"{await try_virus_scanner(address)} at {address}"
    except ApplicationError as error:
        raise Failed(error.message, "start it, or set CLAIMS_CLAMD to where it is") from None


async def _hand_off(settings: Settings) -> str:
    if settings.hand_off_url is not None:
        return await _receiver(settings.hand_off_url, "HAND_OFF")
    return await _store(settings.outbox_folder, "CLAIMS_OUTBOX_FOLDER")


async def _receiver(url: str | None, name: str) -> str:
    """The address accepts connections, with a certificate that fits. Nothing is sent."""
    setting = f"CLAIMS_{name}_URL"
    if url is None:
        return f"{setting} is not set: nobody is asked or told"
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    trust = httpx.create_ssl_context() if secure else None
    try:
        _, writer = await asyncio.open_connection(host, port, ssl=trust)
    except ssl.SSLError as error:
        raise Failed(
            f"{host}:{port} does not prove who it is ({error.reason or type(error).__name__})",
            "see to its certificate",
        ) from None
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise Failed(
            f"{host}:{port} cannot be reached ({why})", f"start it, or set {setting} to where it is"
        ) from None
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return f"{host}:{port} takes connections" + (", and proves who it is" if secure else "")


async def _port(address: str | None, name: str, path: str) -> str:
    """The port is free, or a worker listens on it."""
    setting = f"CLAIMS_{name}_ADDRESS"
    if address is None:
        return f"{setting} is not set: shown nowhere"
    host, _, port = address.rpartition(":")
    try:
        http_server.listen(host.strip("[]"), int(port)).close()
    except OSError as error:
        if await _a_worker_answers(f"http://{address}{path}"):
            return f"{address} is in use by a worker"
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        raise Failed(
            f"nobody can listen at {address} ({why})",
            f"end what listens there, or set another {setting}",
        ) from None
    return f"{address} is free"


async def _a_worker_answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            said = (await client.get(url)).text
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return "The worker lives." in said or "temporal_" in said


async def _links(settings: Settings) -> str:
    signed = SignedLinks.of(settings)
    if signed is None:
        return "none is set: mails hold no links, customers write"
    invitation = Invitation("CPOR-CHECK", 1, "contact")
    if signed.read("CPOR-CHECK", signed.key(invitation)) != invitation:
        raise Failed("a link it signs cannot be read", "set another CLAIMS_LINK_SECRET")
    return f"signs links to {signed.address}"

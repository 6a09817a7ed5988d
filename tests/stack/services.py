"""Each service of docker-compose.yml as a process, and how it says that it is up."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import httpx
import yaml
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cpor.engine.ports import LOOPBACK, is_free
from cpor.engine.processes import Process
from deployment import make_keys, make_secrets
from tests.stack import compose
from tests.stack.browsing import browser
from tests.stack.compose import ROOT, Native
from tests.stack.parts import NotUp
from tests.stack.programs import Programs

DATABASE, SCHEMA, TEMPORAL = "postgresql", "temporal-schema", "temporal"
STORE, MAIL, PAGE, RECEIVER = "store", "mailpit", "page", "receiver"
OPERATORS = "operators"
WORKERS: Final = ("worker", "worker-2")
SUPERUSER: Final = "postgres"
"""PostgreSQL never runs as root; its package makes this user."""
HAND_OFF_KEY: Final = "whsec_" + b64encode(b"a key of the stack, for nobody else").decode()
SERVERS_OWN: Final = tuple(
    f"{service}_{port}"
    for service in ("FRONTEND", "HISTORY", "MATCHING", "WORKER")
    for port in ("GRPC_PORT", "MEMBERSHIP_PORT", "HTTP_PORT")
)
"""In a container these are its own; here they must be free ones."""
Question = Callable[[], Awaitable[bool]]


@dataclass
class Services:
    """All of them, in one folder, on ports that were free when this was made."""

    folder: Path
    programs: Programs
    settings: dict[str, str] = field(default_factory=dict[str, str])
    """Of the workers, over what the compose file says."""
    dynamic: dict[str, object] = field(default_factory=dict[str, object])
    """Of Temporal, over what the compose file says."""

    def __post_init__(self) -> None:
        names = (*compose.PORTS, RECEIVER, *SERVERS_OWN, *self._twice)
        self.ports = dict(zip(names, _low_ports(len(names)), strict=True))
        self.ports["FRONTEND_GRPC_PORT"] = self.ports[compose.TEMPORAL]

    _twice = (f"{WORKERS[1]} {compose.METRICS}", f"{WORKERS[1]} {compose.HEALTH}")

    def native(self, service: str) -> Native:
        """A second worker is as the first, on other ports."""
        own = {
            port: self.ports.get(f"{service} {port}", self.ports[port]) for port in compose.PORTS
        }
        return Native(WORKERS[0] if service in WORKERS else service, self.folder, own)

    def url(self, port: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[port]}"

    def prepare(self) -> None:
        """Secrets, keys, configuration and an empty database, where they are not there yet."""
        make_secrets.make(self.folder / "secrets")
        make_keys.make(self.folder / "keys")
        for service in (DATABASE, SCHEMA, TEMPORAL, STORE, WORKERS[0], PAGE):
            self.native(service).hand_secrets()
        dynamic = yaml.safe_load((ROOT / "deployment/temporal-dynamic.yaml").read_text("utf-8"))
        more = {"frontend.WorkflowTimeSkippingEnabled": True, **self.dynamic}
        dynamic |= {name: [{"value": value}] for name, value in more.items()}
        (self.folder / "dynamic.yaml").write_text(yaml.safe_dump(dynamic))
        (self.folder / "mailbox").mkdir(exist_ok=True)
        self._make_database()

    def _make_database(self) -> None:
        """As the image does at its first start."""
        native = self.native(DATABASE)
        data, password = self.database, self.folder / "database.password"
        if data.exists():
            return
        data.mkdir(mode=0o700)
        shutil.copyfile(native.environment["POSTGRES_PASSWORD_FILE"], password)
        if os.geteuid() == 0:
            for each in (data, password):
                shutil.chown(each, SUPERUSER)
        user = native.environment["POSTGRES_USER"]
        options = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8")
        self.run(
            *(*_no_root(), "initdb", f"--pgdata={data}", *options),
            *(f"--username={user}", f"--pwfile={password}"),
        )
        password.unlink()

    @property
    def database(self) -> Path:
        return self.native(DATABASE).volume("/var/lib/postgresql/data")

    def make_schema(self) -> None:
        schema = self.native(SCHEMA)
        self.run(*schema.command, **schema.environment)

    def of_database(self, program: str, *words: str) -> str:
        """What `psql`, `pg_dump` or `pg_restore` says."""
        user = self.native(DATABASE).environment["POSTGRES_USER"]
        secret = (self.folder / "secrets/postgres_password").read_text().strip()
        where = ("--host", LOOPBACK, "--port", str(self.ports[compose.POSTGRESQL]))
        return self.run(program, *where, "--username", user, *words, PGPASSWORD=secret)

    def typed_by_operators(self, *words: str) -> str:
        """What `docker compose run operators` says to these words of a command."""
        native = self.native(OPERATORS)
        native.hand_secrets()
        secrets = {"CLAIMS_SECRETS_FOLDER": str(native.secrets)}
        python, script = native.command
        assert python == "python"
        command = (sys.executable, str(ROOT / script), *words)
        return self.run(*command, **native.environment, **secrets)

    def run(self, *command: str, **environment: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self._environment(), **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode:
            raise NotUp(f"{' '.join(command)} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def process(self, name: str) -> Process:
        if name == RECEIVER:
            return self._made(name, self._receiver(), {})
        native = self.native(name)
        more = {"CLAIMS_SECRETS_FOLDER": str(native.secrets)}
        match name:
            case "postgresql":
                command = self._postgres()
            case "temporal":
                # Its image's entry point looks for the container's address, and starts it.
                script = native.command[-1].replace("/etc/temporal/entrypoint.sh", "$0 start")
                command = (*native.command[:-1], script, "temporal-server")
                more = {each: str(self.ports[each]) for each in SERVERS_OWN}
            case "mailpit":
                command = ("mailpit",)
                more = {
                    "MP_UI_BIND_ADDR": f"{LOOPBACK}:{self.ports[compose.MAILBOX_UI]}",
                    "MP_SMTP_BIND_ADDR": f"{LOOPBACK}:{self.ports[compose.SMTP]}",
                }
            case "store":
                command, more = native.command, {}
            case "page":
                _, script, *words = native.command
                command = (sys.executable, str(ROOT / script), *words)
            case _:
                # What the image runs by itself.
                command = (sys.executable, str(ROOT / "worker.py"))
                more |= {
                    "CLAIMS_HAND_OFF_URL": self.url(RECEIVER),
                    "CLAIMS_HAND_OFF_KEYS": HAND_OFF_KEY,
                    **self.settings,
                }
        return self._made(name, command, {**native.environment, **more})

    def _made(self, name: str, command: Sequence[str], more: Mapping[str, str]) -> Process:
        found = {**self._environment(), **more}
        return Process(
            name, [_found(command[0], found["PATH"]), *command[1:]], str(self.folder), found
        )

    def _postgres(self) -> Sequence[str]:
        port = str(self.ports[compose.POSTGRESQL])
        command = ("postgres", "-D", str(self.database), "-h", LOOPBACK, "-p", port)
        return (*_no_root(), *command, "-c", "unix_socket_directories=")

    def _receiver(self) -> Sequence[str]:
        words = [sys.executable, str(ROOT / "examples/eligibility_engine.py")]
        words += ["--port", str(self.ports[RECEIVER]), "--keys", HAND_OFF_KEY]
        return [*words, "--ledger", str(self.folder / "ledger.jsonl")]

    def _environment(self) -> dict[str, str]:
        """Without what whoever started this has for a Temporal and claims of theirs."""
        foreign = ("TEMPORAL_", "CLAIMS_", "AWS_", "MP_", "PG")
        own = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        return {**own, "PATH": self.programs.path(own["PATH"]), "PYTHONUNBUFFERED": "1"}

    def answers(self, name: str) -> Question:
        """Whether it is up, asked in the way of its health check."""
        match name:
            case "postgresql":
                return self._database_answers
            case "temporal":
                return self._temporal_answers
            case "store":
                return lambda: _says_yes(f"{self.url(compose.STORE)}/health")
            case "mailpit":
                return lambda: _says_yes(f"{self.url(compose.MAILBOX_UI)}/readyz")
            case "page":
                return lambda: _says_yes(f"{self.url(compose.PAGE)}/about")
            case "receiver":
                return self._receiver_answers
            case _:
                health = self.native(name).environment["CLAIMS_HEALTH_ADDRESS"]
                return lambda: _says_yes(f"http://{health}/ready")

    async def _database_answers(self) -> bool:
        try:
            await asyncio.to_thread(self.of_database, "pg_isready")
        except NotUp:
            return False
        return True

    async def _temporal_answers(self) -> bool:
        try:
            client = await Client.connect(f"{LOOPBACK}:{self.ports[compose.TEMPORAL]}")
            await client.workflow_service.get_system_info(GetSystemInfoRequest())
        except (RPCError, RuntimeError, OSError):
            return False
        return True

    async def _receiver_answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self.ports[RECEIVER])
        except OSError:
            return False
        writer.close()
        return True


def _low_ports(count: int) -> list[int]:
    """Temporal writes the ports of its services into PostgreSQL as small integers."""
    tried = random.sample(range(10_000, 32_000), 1_000)
    found = list(islice(filter(is_free, tried), count))
    assert len(found) == count, "no ports are free"
    return found


def _no_root() -> Sequence[str]:
    if os.geteuid() != 0:
        return ()
    user = (f"--reuid={SUPERUSER}", f"--regid={SUPERUSER}", "--clear-groups")
    # It replaces itself by the program, which so stays a child of its supervisor.
    return ("setpriv", *user, "--pdeathsig=KILL")


def _found(program: str, path: str) -> str:
    found = shutil.which(program, path=path)
    assert found, f"{program} is not on the PATH"
    return found


async def _says_yes(url: str) -> bool:
    try:
        async with browser(10) as tab:
            return (await tab.get(url)).status_code == 200
    except httpx.HTTPError:
        return False

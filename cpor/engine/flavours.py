"""The two shapes an engine comes in, and how each is run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from cpor.engine.ports import LOOPBACK, free_ports
from cpor.engine.processes import Process

DYNAMIC_CONFIG: Final[Mapping[str, bool | int | str]] = {
    "frontend.WorkflowTimeSkippingEnabled": True,
    # A search attribute just registered counts at once. The price is a read of the database per
    # request, for which the limits below make room, as the vendor's dev server does.
    "system.forceSearchAttributesCacheRefreshOnRead": True,
    "frontend.persistenceMaxQPS": 10_000,
    "history.persistenceMaxQPS": 45_000,
    # The default of 10 lists and counts a second is for clusters that many share.
    "frontend.namespaceRPS.visibility": 100,
    # A timer that is due at once, as one that was skipped to, fires at once. The default of a
    # second allows for clocks that differ between the hosts of a cluster.
    "history.timerProcessorMaxTimeShift": "1ms",
    # The default of 20 looks for due timers and tasks a second is for each of many shards; here
    # is one.
    "history.timerProcessorMaxPollRPS": 1_000,
    "history.transferProcessorMaxPollRPS": 1_000,
}
SQLITE_PRAGMAS: Final[Mapping[str, str]] = {
    # Nothing acknowledged is lost, not even when the power goes.
    "journal_mode": "wal",
    "synchronous": "2",
}
SERVICES: Final = ("frontend", "history", "matching", "worker")


@dataclass(frozen=True)
class Seat:
    """Where an engine is to sit: its ports, its data, a folder for what it needs meanwhile."""

    port: int
    ui_port: int | None
    data: Path | None
    folder: Path

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui(self) -> str | None:
        return f"http://{LOOPBACK}:{self.ui_port}" if self.ui_port else None

    @property
    def home(self) -> Path:
        """Processes run beside their data and know it by its bare name: a path would have to be
        quoted, and each shape of engine quotes differently."""
        return self.data.parent if self.data else self.folder


class Flavour(Protocol):
    def processes(self, seat: Seat) -> Sequence[Process]: ...


@dataclass(frozen=True)
class DevServer:
    """The vendor's `temporal`, server and UI in one binary."""

    binary: Path

    def processes(self, seat: Seat) -> Sequence[Process]:
        command = [str(self.binary), "server", "start-dev", "--ip", LOOPBACK]
        command += ["--port", str(seat.port)]
        if seat.ui_port:
            command += ["--ui-ip", LOOPBACK, "--ui-port", str(seat.ui_port)]
        else:
            command += ["--headless"]
        if seat.data:
            command += ["--db-filename", seat.data.name]
            for name, value in SQLITE_PRAGMAS.items():
                command += ["--sqlite-pragma", f"{name}={value}"]
        for name, value in DYNAMIC_CONFIG.items():
            command += ["--dynamic-config-value", f"{name}={json.dumps(value)}"]
        return [Process("server", command, str(seat.home), plain_environment())]


@dataclass(frozen=True)
class ServerAndUi:
    """The server as clusters run it, and the UI beside it."""

    server: Path
    ui_server: Path

    def processes(self, seat: Seat) -> Sequence[Process]:
        config, dynamic = seat.folder / "server.yaml", seat.folder / "dynamic.yaml"
        write(dynamic, {name: [{"value": value}] for name, value in DYNAMIC_CONFIG.items()})
        write(config, server_config(seat, dynamic))
        command = [str(self.server), "--config-file", str(config), "--allow-no-auth", "start"]
        processes = [Process("server", command, str(seat.home), plain_environment())]
        if seat.ui_port:
            # The UI takes its configuration's folder as relative to where it runs, always.
            write(seat.folder / "ui.yaml", ui_config(seat))
            command = [str(self.ui_server), "--root", ".", "--config", ".", "--env", "ui", "start"]
            processes += [Process("ui", command, str(seat.folder), plain_environment())]
        return processes


def server_config(seat: Seat, dynamic: Path) -> Mapping[str, object]:
    # Ports for the other services' gRPC, then one for each service's membership.
    spare = iter(free_ports(2 * len(SERVICES) - 1))
    rpc = {
        service: {
            "rpc": {
                "grpcPort": seat.port if service == "frontend" else next(spare),
                "membershipPort": next(spare),
                "bindOnLocalHost": True,
            }
        }
        for service in SERVICES
    }
    sql = {
        "pluginName": "sqlite",
        "databaseName": seat.data.name if seat.data else "engine",
        # Nobody connects anywhere, but the server insists.
        "connectAddr": "localhost",
        "connectProtocol": "tcp",
        "connectAttributes": (
            {"mode": "rwc", "setup": "true", **SQLITE_PRAGMAS}
            if seat.data
            else {"mode": "memory", "cache": "private"}
        ),
    }
    return {
        "log": {"stdout": True, "level": "warn"},
        "persistence": {
            "defaultStore": "store",
            "visibilityStore": "visibility",
            "numHistoryShards": 1,
            "datastores": {"store": {"sql": sql}, "visibility": {"sql": sql}},
        },
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": LOOPBACK}},
        "services": rpc,
        "clusterMetadata": {
            "enableGlobalNamespace": False,
            "failoverVersionIncrement": 10,
            "masterClusterName": "active",
            "currentClusterName": "active",
            "clusterInformation": {
                "active": {
                    "enabled": True,
                    "initialFailoverVersion": 1,
                    "rpcName": "frontend",
                    "rpcAddress": seat.address,
                }
            },
        },
        "dcRedirectionPolicy": {"policy": "noop"},
        "publicClient": {"hostPort": seat.address},
        "dynamicConfigClient": {"filepath": str(dynamic), "pollInterval": "60s"},
    }


def ui_config(seat: Seat) -> Mapping[str, object]:
    return {
        "temporalGrpcAddress": seat.address,
        "host": LOOPBACK,
        "port": seat.ui_port,
        "enableUi": True,
        "disableNewsFetch": True,
        "hideLogs": True,
        "cors": {"cookieInsecure": True},
    }


def write(path: Path, config: Mapping[str, object]) -> None:
    # JSON is YAML.
    path.write_text(json.dumps(config, indent=2) + "\n")


def plain_environment() -> dict[str, str]:
    """Servers read settings of their own from TEMPORAL_…, meant for others here."""
    return {k: v for k, v in os.environ.items() if not k.startswith("TEMPORAL_")}

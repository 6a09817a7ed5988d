"""The two kinds of servers, and how each is run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from cpor.engine.front_door import Address
from cpor.engine.ports import LOOPBACK, free_ports
from cpor.engine.processes import Process

MOST_OF_UPDATES: Final = 1024 * 1024
"""Bytes of all updates that a claim has not answered yet."""
DYNAMIC_CONFIG: Final[Mapping[str, bool | int | str]] = {
    "frontend.WorkflowTimeSkippingEnabled": True,
    # A new search attribute can be used at once. This costs a database read per request, so the
    # limits below are higher, as in the vendor's dev server.
    "system.forceSearchAttributesCacheRefreshOnRead": True,
    "frontend.persistenceMaxQPS": 10_000,
    "history.persistenceMaxQPS": 45_000,
    # A refused update is repeated in its refusal. One that makes that larger than 2 MiB would have
    # the engine terminate the claim, so it is refused before the claim hears of it.
    "history.maxInFlightUpdatePayloads": MOST_OF_UPDATES,
    # Several partitions spread a task queue over several hosts. Here there is one.
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    # The default of 10 lists and counts a second is meant for shared clusters.
    "frontend.namespaceRPS.visibility": 100,
    # A timer that is already due, as after skipping time, fires without delay. The default delay
    # of a second allows for hosts whose clocks differ.
    "history.timerProcessorMaxTimeShift": "1ms",
    # The default of 20 reads a second is meant for each of many shards. Here there is one.
    "history.timerProcessorMaxPollRPS": 1_000,
    "history.transferProcessorMaxPollRPS": 1_000,
}
SQLITE_PRAGMAS: Final[Mapping[str, str]] = {
    # Acknowledged writes survive a power cut.
    "journal_mode": "wal",
    "synchronous": "2",
}
SERVICES: Final = ("frontend", "history", "matching", "worker")


@dataclass(frozen=True)
class Place:
    """Where an engine runs: its port and its UI's, data file, and folder for temporary files."""

    port: int
    ui: Address | None
    data: Path | None
    folder: Path

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def home(self) -> Path:
        """Processes run in the folder of their data and get only its name: a path would have to be
        quoted, and each kind of server quotes differently."""
        return self.data.parent if self.data else self.folder


class Server(Protocol):
    def processes(self, place: Place) -> Sequence[Process]: ...


@dataclass(frozen=True)
class DevServer:
    """The vendor's `temporal`, server and UI in one binary."""

    binary: Path

    def processes(self, place: Place) -> Sequence[Process]:
        command = [str(self.binary), "server", "start-dev", "--ip", LOOPBACK]
        command += ["--port", str(place.port)]
        if place.ui:
            command += ["--ui-ip", place.ui.host, "--ui-port", str(place.ui.port)]
        else:
            command += ["--headless"]
        if place.data:
            command += ["--db-filename", place.data.name]
            for name, value in SQLITE_PRAGMAS.items():
                command += ["--sqlite-pragma", f"{name}={value}"]
        for name, value in DYNAMIC_CONFIG.items():
            command += ["--dynamic-config-value", f"{name}={json.dumps(value)}"]
        return [Process("server", command, str(place.home), plain_environment())]


@dataclass(frozen=True)
class ServerAndUi:
    """The server as clusters run it, and the UI as a process of its own."""

    server: Path
    ui_server: Path

    def processes(self, place: Place) -> Sequence[Process]:
        config, dynamic = place.folder / "server.yaml", place.folder / "dynamic.yaml"
        write(dynamic, {name: [{"value": value}] for name, value in DYNAMIC_CONFIG.items()})
        write(config, server_config(place, dynamic))
        command = [str(self.server), "--config-file", str(config), "--allow-no-auth", "start"]
        processes = [Process("server", command, str(place.home), plain_environment())]
        if place.ui:
            # The UI takes its configuration's folder as relative to where it runs, always.
            write(place.folder / "ui.yaml", ui_config(place.address, place.ui))
            command = [str(self.ui_server), "--root", ".", "--config", ".", "--env", "ui", "start"]
            processes += [Process("ui", command, str(place.folder), plain_environment())]
        return processes


def server_config(place: Place, dynamic: Path) -> Mapping[str, object]:
    # Ports for the other services' gRPC, then one for each service's membership.
    spare = iter(free_ports(2 * len(SERVICES) - 1))
    rpc = {
        service: {
            "rpc": {
                "grpcPort": place.port if service == "frontend" else next(spare),
                "membershipPort": next(spare),
                "bindOnLocalHost": True,
            }
        }
        for service in SERVICES
    }
    sql = {
        "pluginName": "sqlite",
        "databaseName": place.data.name if place.data else "engine",
        # Unused, but required by the server.
        "connectAddr": "localhost",
        "connectProtocol": "tcp",
        "connectAttributes": (
            {"mode": "rwc", "setup": "true", **SQLITE_PRAGMAS}
            if place.data
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
                    "rpcAddress": place.address,
                }
            },
        },
        "dcRedirectionPolicy": {"policy": "noop"},
        "publicClient": {"hostPort": place.address},
        "dynamicConfigClient": {"filepath": str(dynamic), "pollInterval": "60s"},
    }


def ui_config(engine: str, ui: Address) -> Mapping[str, object]:
    return {
        "temporalGrpcAddress": engine,
        "host": ui.host,
        "port": ui.port,
        "enableUi": True,
        "disableNewsFetch": True,
        "hideLogs": True,
        "cors": {"cookieInsecure": True},
    }


def write(path: Path, config: Mapping[str, object]) -> None:
    # JSON is YAML.
    path.write_text(json.dumps(config, indent=2) + "\n")


def plain_environment() -> dict[str, str]:
    """Without TEMPORAL_…: servers would read these as settings of their own."""
    return {k: v for k, v in os.environ.items() if not k.startswith("TEMPORAL_")}

"""docker-compose.yml, read for processes on loopback in place of containers.

What it says of environments, commands, secrets, volumes and ports is taken from it as it stands.
Names of services become loopback, ports inside become free ones, and folders inside become folders
of the stack's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from cpor.engine.ports import LOOPBACK

ROOT: Final = Path(__file__).resolve().parents[2]
COMPOSE: Final[Mapping[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: Final[Mapping[str, Mapping[str, Any]]] = COMPOSE["services"]
SECRETS: Final = "/run/secrets"
POSTGRESQL, SMTP, MAILBOX_UI, STORE, TEMPORAL = "5432", "1025", "8025", "7070", "7233"
PAGE, METRICS, PAGE_METRICS, HEALTH = "8300", "9464", "9465", "8080"
PORTS: Final = (
    *(POSTGRESQL, SMTP, MAILBOX_UI, STORE, TEMPORAL),
    *(PAGE, METRICS, PAGE_METRICS, HEALTH),
)
"""As the services know them."""


def version(service: str) -> str:
    """The number in the tag of its image."""
    found = re.search(r":v?(\d+(\.\d+)+)", SERVICES[service]["image"])
    assert found, f"the image of {service} names no version"
    return found[1]


def retention_days() -> int:
    (script,) = SERVICES["temporal-setup"]["command"]
    found = re.search(r"--retention (\d+)d", script)
    assert found, "temporal-setup names no retention"
    return int(found[1])


def namespace() -> str:
    return SERVICES["temporal-setup"]["environment"]["TEMPORAL_NAMESPACE"]


@dataclass(frozen=True)
class Native:
    """A service as it is on this machine, with these ports for those it knows."""

    name: str
    folder: Path
    """Of the whole stack: volumes, secrets and keys lie in it."""
    ports: Mapping[str, int]

    @property
    def environment(self) -> dict[str, str]:
        found = SERVICES[self.name].get("environment", {})
        return {name: self._value(name, str(value)) for name, value in found.items()}

    @property
    def command(self) -> Sequence[str]:
        """What its container runs, its entrypoint first."""
        service = SERVICES[self.name]
        entrypoint: Sequence[str] = service.get("entrypoint", ())
        return [self._here(word) for word in (*entrypoint, *service.get("command", ()))]

    @property
    def secrets(self) -> Path:
        """A folder with those that it is handed, and no others."""
        return self.folder / "handed" / self.name

    def hand_secrets(self) -> None:
        self.secrets.mkdir(parents=True, exist_ok=True)
        for name in SERVICES[self.name].get("secrets", ()):
            place = self.secrets / name
            place.write_bytes(self._outside(COMPOSE["secrets"][name]["file"]).read_bytes())

    def volume(self, inside: str) -> Path:
        """Where the folder lies that it knows as `inside`."""
        return Path(self._places[inside])

    @property
    def _places(self) -> Mapping[str, str]:
        service = SERVICES[self.name]
        places = {SECRETS: str(self.secrets)}
        for volume in service.get("volumes", ()):
            outside, inside, *_ = volume.split(":")
            places[inside] = str(self._outside(outside))
        for config in service.get("configs", ()):
            places[config["target"]] = str(self.folder / Path(config["target"]).name)
        return places

    def _outside(self, place: str) -> Path:
        """Named volumes, and what the compose file has below `var`."""
        return self.folder / place.removeprefix("./").removeprefix("var/")

    def _value(self, name: str, value: str) -> str:
        if value in SERVICES and name.endswith(("_HOST", "_SEEDS")):
            return LOOPBACK
        return self._here(value)

    def _here(self, text: str) -> str:
        places = self._places
        text = text.replace("$$", "$").replace("0.0.0.0", LOOPBACK)
        text = re.sub(rf"\b({'|'.join(SERVICES)})(?=:\d)", LOOPBACK, text)
        text = re.sub(r"(?<= ):(?=\d)", f"{LOOPBACK}:", text)
        text = re.sub(
            rf"(?<![\d.])({'|'.join(PORTS)})(?!\d)", lambda at: str(self.ports[at[1]]), text
        )
        inside = "|".join(map(re.escape, sorted(places, key=len, reverse=True)))
        return re.sub(rf"(?<![\w/])({inside})(?=$|[/\s\"')])", lambda at: places[at[1]], text)

"""A health check as a command: exits with 0 if the worker on this machine is ready, else with 1.

It runs every few seconds, so it must start fast: standard library only, without `cpor.settings`.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path

SETTING = "CLAIMS_HEALTH_ADDRESS"
FOLDER, USUAL = "CLAIMS_SECRETS_FOLDER", "/run/secrets"
LIMIT = 10.0
"""Seconds; the worker asks Temporal before it answers."""


def obstacle(address: str) -> str:
    """Why it is not ready; empty if it is."""
    if not address:
        return f"{SETTING} is not set, so the worker cannot be asked."
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        return f"{SETTING} must be an IP address and a port such as 127.0.0.1:8080."
    connection = HTTPConnection(host.strip("[]"), int(port), timeout=LIMIT)
    try:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        return "" if answer.status == 200 else answer.read().decode("utf-8", "replace").strip()
    except (OSError, HTTPException, UnicodeError) as error:
        return f"No worker answers at {address} ({type(error).__name__})."
    finally:
        connection.close()


def address() -> str:
    """From the environment variable, else from the secret file, as in the worker."""
    if found := os.environ.get(SETTING):
        return found
    file = Path(os.environ.get(FOLDER) or USUAL, SETTING.lower())
    try:
        return file.read_text("utf-8").rstrip("\r\n") if file.is_file() else ""
    except (OSError, UnicodeError):
        return ""


if __name__ == "__main__":
    sys.exit(obstacle(address()) or 0)

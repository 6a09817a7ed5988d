"""Whether the worker of this machine is ready, for whom only a command can ask: 0, else 1."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException

SETTING = "CLAIMS_HEALTH_ADDRESS"
LIMIT = 10.0
"""Seconds; the worker asks Temporal before it answers."""


def obstacle(address: str) -> str:
    """Why it is not ready; nothing where it is."""
    if not address:
        return f"{SETTING} is not set, so the worker cannot be asked."
    host, _, port = address.rpartition(":")
    connection = HTTPConnection(host.strip("[]"), int(port), timeout=LIMIT)
    try:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        return "" if answer.status == 200 else answer.read().decode().strip()
    except (OSError, HTTPException) as error:
        return f"No worker answers at {address} ({type(error).__name__})."
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(obstacle(os.environ.get(SETTING, "")) or 0)

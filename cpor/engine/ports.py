"""Free ports on loopback."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"
LAST_PORT = 65535


def free_ports(count: int) -> list[int]:
    """All are held until the last is chosen, so they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def next_free_port(wanted: int) -> int:
    """The wanted port, or the first free one after it; 0 is any."""
    if wanted == 0:
        return free_ports(1)[0]
    for port in range(wanted, LAST_PORT + 1):
        if is_free(port):
            return port
    return free_ports(1)[0]


def is_free(port: int) -> bool:
    # Some systems let one bind to loopback beside a listener on all addresses: knock first.
    with socket.socket() as knock:
        knock.settimeout(1)
        if knock.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True

from __future__ import annotations

import socket

from cpor.engine.ports import LOOPBACK, free_ports, is_free, next_free_port


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20


def test_a_wanted_port_that_is_free_is_taken() -> None:
    (port,) = free_ports(1)
    assert next_free_port(port) == port


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    for address in (LOOPBACK, ""):
        with socket.create_server((address, 0)) as listener:
            port = listener.getsockname()[1]
            assert not is_free(port)
            assert next_free_port(port) != port

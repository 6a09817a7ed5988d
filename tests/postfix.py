"""A real Postfix that takes mails only from hosts that greet it by a full name."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest

from cpor.engine.ports import free_ports
from cpor.settings import LOOPBACK

POSTFIX = shutil.which("postfix")
NEEDED = [
    pytest.mark.skipif(POSTFIX is None, reason="Postfix is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Postfix is started by root only"),
]

MAIN = """
    compatibility_level = 3.6
    queue_directory = {folder}/spool
    data_directory = {folder}/data
    maillog_file = {folder}/log
    maillog_file_prefixes = {folder}
    myhostname = mx.company.example
    mydestination = company.example
    inet_interfaces = 127.0.0.1
    inet_protocols = ipv4
    local_recipient_maps =
    local_transport = {transport}
    default_transport = {transport}
    smtpd_helo_required = yes
    smtpd_helo_restrictions = reject_non_fqdn_helo_hostname
    smtpd_recipient_restrictions = permit_mynetworks, reject
    smtpd_peername_lookup = no
"""
MASTER = """
    {port} inet n - n - - smtpd
    cleanup unix n - n - 0 cleanup
    qmgr unix n - n 300 1 qmgr
    rewrite unix - - n - - trivial-rewrite
    bounce unix - - n - 0 bounce
    defer unix - - n - 0 bounce
    trace unix - - n - 0 bounce
    proxymap unix - - n - - proxymap
    discard unix - - n - - discard
    smtp unix - - n - - smtp
    error unix - - n - - error
    retry unix - - n - - error
    anvil unix - - n - 1 anvil
    postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(transport: str = "discard:") -> Generator[int]:
    """Its port. What it takes is thrown away, unless another transport is named."""
    with TemporaryDirectory() as temporary:
        folder, (port,) = Path(temporary), free_ports(1)
        folder.chmod(0o755)
        for name in ("spool", "data", "etc"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        for name, text in (("main.cf", MAIN), ("master.cf", MASTER)):
            here = {"folder": folder, "port": f"{LOOPBACK}:{port}", "transport": transport}
            (folder / "etc" / name).write_text(dedent(text).format(**here))
        run = [str(POSTFIX), "-c", str(folder / "etc")]
        subprocess.run([*run, "start"], check=True, capture_output=True, timeout=60)
        try:
            yield port
        finally:
            subprocess.run([*run, "stop"], check=False, capture_output=True, timeout=60)

"""The customer's page as an operator runs it: beside a worker, until it is told to end."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import httpx
import pytest

from cpor.links import Invitation, SignedLinks
from cpor.settings import LOOPBACK
from tests.examples import REVIEWER
from tests.forked import Running
from tests.shell import LIMIT, ROOT, Shell, write_claim

SECRET = "a-secret-of-the-tests-long-enough-"


def free_port() -> int:
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        return found.getsockname()[1]


def settings(port: int) -> dict[str, str]:
    return {"CLAIMS_DECLINE_URL": f"http://{LOOPBACK}:{port}", "CLAIMS_LINK_SECRET": SECRET}


@contextmanager
def serving(shell: Shell, port: int, **more: str) -> Generator[Running]:
    its_own = {**shell.environment, **settings(port), **more}
    words = ("serve-decline", "--port", str(port))
    process = Running(ROOT / "starter.py", words, shell.folder, its_own)
    try:
        assert process.stdout.readline().startswith("The customer's page is served on 127.0.0.1")
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(LIMIT)


def test_a_customer_says_no_by_a_page_of_its_own_process(shell: Shell) -> None:
    port = free_port()
    shell.worker(**settings(port))
    assert shell.starter("start", str(write_claim(shell.folder))).returncode == 0
    shell.json("send", "CPOR-7Q2M4X", "approve", json.dumps({"by": REVIEWER}))
    shell.until(lambda: shell.json("show", "CPOR-7Q2M4X", "--json")["notice_accepted_at"])
    links = SignedLinks(settings(port)["CLAIMS_DECLINE_URL"], [SECRET])
    lars = Invitation("CPOR-7Q2M4X", 1, "contact")
    link = links.decline(lars)
    assert link in _mail(shell.folder)
    metrics = f"{LOOPBACK}:{free_port()}"
    health = f"{LOOPBACK}:{free_port()}"
    shown_at = {
        "CLAIMS_DECLINE_METRICS_ADDRESS": metrics,
        "CLAIMS_DECLINE_HEALTH_ADDRESS": health,
    }
    with serving(shell, port, **shown_at) as process:
        with socket.create_connection((LOOPBACK, port)) as noisy:
            noisy.sendall(b"no HTTP\r\n\r\n")
            assert noisy.recv(12) == b"HTTP/1.1 400"
        assert httpx.get(f"{link}x", trust_env=False).status_code == 404
        shown = httpx.get(f"http://{metrics}/metrics", trust_env=False).text
        assert re.search(r'claims_page_turned_away_total\{reason="wrong_link"[^}]*\} 1\n', shown)
        assert re.search(r'claims_page_turned_away_total\{reason="malformed"[^}]*\} 1\n', shown)
        assert re.search(r'claims_page_turned_away_total\{reason="no_room"[^}]*\} 0\n', shown)
        assert httpx.get(link, trust_env=False).status_code == 200
        answer = httpx.post(
            link, data={"confirmation": links.confirmation(lars)}, trust_env=False, timeout=LIMIT
        )
        assert answer.status_code == 200
        assert shell.json("show", "CPOR-7Q2M4X", "--json")["consent"] == "declined"
        shown = httpx.get(f"http://{metrics}/metrics", trust_env=False).text
        assert re.search(r'claims_page_noes_total\{outcome="answered"[^}]*\} 1\n', shown)
        assert re.search(r'claims_page_noes_total\{outcome="may_be_lost"[^}]*\} 0\n', shown)
        ready = httpx.get(f"http://{health}/ready", trust_env=False)
        assert (ready.status_code, ready.text) == (200, "Ready.\n")

        process.send_signal(signal.SIGTERM)
        said, logged = process.communicate(timeout=LIMIT)
        assert (process.returncode, said) == (0, "Finishing what is being answered.\n")
        assert link.rpartition("-")[2] not in logged


@pytest.mark.thorough
def test_an_operator_enters_a_no_that_came_as_a_reply_to_the_mail(shell: Shell) -> None:
    shell.worker()
    assert shell.starter("start", str(write_claim(shell.folder))).returncode == 0
    shell.json("send", "CPOR-7Q2M4X", "approve", json.dumps({"by": REVIEWER}))
    shell.until(lambda: shell.json("show", "CPOR-7Q2M4X", "--json")["notice_accepted_at"])
    (link,) = re.findall(r"http://127\.0\.0\.1:\d+/CPOR-7Q2M4X/[\w-]+", _plain(shell.folder))
    assert httpx.get(link, trust_env=False).status_code == 200, "the worker serves the page"
    words = ("decline", "CPOR-7Q2M4X", "--by", "olga")
    assert shell.starter(*words).returncode == 2, "it must be said how it came"
    done = shell.starter(*words, "--came-by", "reply to the mail")
    assert done.returncode == 0, done.stderr
    (entry,) = [
        each
        for each in shell.json("history", "CPOR-7Q2M4X", "--side", "partner", "--json")
        if each["what"] == "decline"
    ]
    assert (entry["by"]["role"], entry["by"]["id"]) == ("operator", "olga")
    assert entry["text"] == "declined, as the contact said (reply to the mail)"


def test_a_taken_port_is_told_in_a_sentence(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = shell.starter("serve-decline", "--port", str(port), **settings(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"The customer's page cannot listen on 127.0.0.1, port {port}: Address already in use. "
        "Choose another with --host and --port.\n"
    )


def test_without_its_settings_it_says_which_are_needed(shell: Shell) -> None:
    done = shell.starter("serve-decline")
    assert done.returncode == 1
    assert "CLAIMS_DECLINE_URL" in done.stderr
    assert "CLAIMS_LINK_SECRET" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_an_engine_it_says_so(shell: Shell) -> None:
    done = shell.starter(
        "serve-decline", "--port", "0", TEMPORAL_ADDRESS=f"{LOOPBACK}:{free_port()}", **settings(1)
    )
    assert done.returncode == 4
    assert done.stderr.startswith("No Temporal answers at")


def _plain(folder: Path) -> str:
    (mail,) = (folder / "var/mail").glob("*.consent.1.contact.eml")
    body = message_from_bytes(mail.read_bytes(), policy=default).get_body(("plain",))
    return body.get_content() if body else ""


def _mail(folder: Path) -> str:
    (mail,) = (folder / "var/mail").glob("*.consent.1.contact.eml")
    return mail.read_text("utf-8").replace("=\n", "").replace("=3D", "=")

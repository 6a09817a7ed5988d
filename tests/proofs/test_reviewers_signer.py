"""The example that signs for reviewers: it believes the company's login, and nobody else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from cpor.http_server import listen
from cpor.proofs import Signer, keys
from cpor.proofs.verify import judge
from cpor.rules.proof import Verdict, question
from examples.reviewers_signer import Login, service
from tests.proofs.keys import MPN_ID, OWN, now, trust

LOGIN = keys.new("login-1")
EXAMPLE = str(Path(__file__).parents[2] / "examples/reviewers_signer.py")
ISSUER = "https://login.company.example"


class LoginsKeys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"keys": [keys.public(LOGIN)]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), LoginsKeys) as login:
        place = f"http://127.0.0.1:{login.server_port}/keys"
        known = Login(ISSUER, "claims", "claims-reviewers", jwt.PyJWKClient(place))
        handler = service(known, Signer(OWN["reviewers"]))
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as signing:
            for server in (login, signing):
                threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{signing.server_port}/sign"
            signing.shutdown()
            login.shutdown()


def token(jwk: Mapping[str, Any] = LOGIN, **changes: Any) -> str:
    claims = {
        "iss": ISSUER,
        "aud": "claims",
        "sub": "kim",
        "groups": ["claims-reviewers"],
        "iat": now(),
        "exp": now() + timedelta(minutes=5),
        **changes,
    }
    return jwt.encode(claims, jwt.PyJWK(dict(jwk)).key, "EdDSA", {"kid": jwk["kid"]})


def asked(address: str, bearer: str, **changes: Any) -> httpx.Response:
    question = {"claim": "CPOR-7Q2M4X", "name": "approve", "message": {"note": "All there."}}
    headers = {"Authorization": f"Bearer {bearer}"}
    return httpx.post(address, json={**question, **changes}, headers=headers)


def test_a_reviewer_who_is_logged_in_gets_a_message_that_is_believed(address: str) -> None:
    answer = asked(address, token())
    assert answer.status_code == 200
    found = question("CPOR-7Q2M4X", MPN_ID, "approve", [answer.json()], now())
    assert found is not None
    assert judge(found, trust()) == Verdict(key="reviewers")
    assert answer.json()["by"]["id"] == "kim"


def test_nobody_signs_in_anothers_name(address: str) -> None:
    message = {"by": {"role": "operator", "id": "olga"}}
    answer = asked(address, token(), message=message)
    assert answer.json()["by"] | {"proof": None} == {
        "role": "reviewer",
        "id": "kim",
        "proof": None,
    }


@pytest.mark.parametrize(
    ("bearer", "status"),
    [
        (lambda: token(aud="other"), 401),
        (lambda: token(iss="https://evil.example"), 401),
        (lambda: token(exp=now() - timedelta(seconds=1)), 401),
        (lambda: token(groups=["everybody"]), 403),
        (lambda: token(groups="no-claims-reviewers"), 403),
        (lambda: token(groups=None), 403),
        (lambda: token(groups={"claims-reviewers": False}), 403),
        (lambda: token({**keys.new("x"), "kid": "login-1"}), 401),
        (lambda: token(keys.new("x")), 401),
        (lambda: jwt.encode({"sub": "kim"}, "", "none", {"kid": "login-1"}), 401),
        (lambda: "nonsense", 401),
    ],
)
def test_a_token_that_is_not_right_in_everything_is_refused(
    address: str, bearer: Callable[[], str], status: int
) -> None:
    """Made when it is used: it is good for five minutes only."""
    assert asked(address, bearer()).status_code == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "decline"}, 403),
        ({"name": "eligibility_result"}, 403),
        ({"message": {"seen": -1}}, 422),
        ({"message": 3}, 400),
        ({"claim": None, "message": {"id": 5}}, 422),
    ],
)
def test_what_no_reviewer_may_say_is_not_signed(
    address: str, changes: dict[str, Any], status: int
) -> None:
    assert asked(address, token(), **changes).status_code == status


def test_it_runs_by_the_command_that_its_text_names(tmp_path: Path) -> None:
    command = [sys.executable, EXAMPLE, "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def command(key: str, port: int = 0) -> list[str]:
    login = ["--issuer", ISSUER, "--keys", f"{ISSUER}/keys"]
    whom = ["--audience", "claims", "--group", "claims-reviewers"]
    return [sys.executable, EXAMPLE, "--key", key, *login, *whom, "--port", str(port)]


@pytest.fixture
def key(tmp_path: Path) -> str:
    keys.save_private(OWN["reviewers"], tmp_path / "reviewers.key.json")
    return str(tmp_path / "reviewers.key.json")


def test_a_key_or_a_port_that_cannot_be_used_is_said_in_one_line(tmp_path: Path, key: str) -> None:
    with listen("127.0.0.1", 0) as taken:
        for wrong, why in (
            (command("gone.key.json"), "gone.key.json cannot be read as a JSON Web Key"),
            (command(key, taken.getsockname()[1]), "Address already in use"),
            (command(key, 65536), "port must be 0-65535"),
        ):
            done = subprocess.run(wrong, cwd=tmp_path, capture_output=True, text=True, timeout=60)
            assert (done.returncode, "Traceback" in done.stderr) == (2, False)
            assert why in done.stderr.splitlines()[-1]


@pytest.fixture
def heard() -> Iterator[None]:
    """Ctrl-C is, by what is started here, also where a shell runs the tests in its background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_it_ends_with_ctrl_c_and_says_nothing(key: str) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(command(key), stdout=pipe, stderr=pipe, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("Signing at http://127.0.0.1:")
        running.send_signal(signal.SIGINT)
        try:
            assert running.communicate(timeout=60)[1] == ""
        finally:
            running.kill()
    assert running.returncode == 0

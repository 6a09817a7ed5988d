"""The example that signs for reviewers: it believes the company's login, and nobody else."""

from __future__ import annotations

import json
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

from cpor.proofs import Signer, keys
from cpor.proofs.verify import judge
from cpor.rules.proof import Verdict, question
from examples.reviewers_signer import Login, service
from tests.proofs.keys import MPN_ID, OWN, now, trust

LOGIN = keys.new("login-1")
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
    example = Path(__file__).parents[2] / "examples/reviewers_signer.py"
    command = [sys.executable, str(example), "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
